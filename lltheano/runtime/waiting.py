"""Who waits for which storage, and who leases it: finding waits that could never end.

Two things are held while their thread waits for something else: leases, and the locks of a call
that is in a Python function which compiled code called. So a deadlock is a cycle of threads in
which each holds the storage that the one before it waits for; a reader waits for writers only. The
thread that would close such a cycle gets the error instead.

The books are kept without a lock. A finalizer or a signal handler may come in between any two lines
here, and may wait for a storage itself: with a lock it could wait for its own thread. So every
entry is one object, entered and struck by one operation on a dict, and gone at the latest with the
block that made it. A wait is entered before it is judged, and numbered: of threads that close a
cycle at the same time only the one that came last gets the error.
"""

import itertools
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from lltheano.runtime.errors import DeadlockError

__all__ = ["Leasable", "forget_other_threads", "holding", "waiting_for"]


class Leasable(Protocol):
    """What this module needs to know of a storage."""

    @property
    def lease_holder(self) -> int:
        """The thread that leases the storage, 0 for none."""
        ...

    @property
    def label(self) -> str:
        """The storage in an error message."""
        ...


class _Entry:
    """A thread holds storages, or waits for one; each storage with whether it is, or will be,
    written.
    """

    __slots__ = ("__weakref__", "number", "storages", "thread", "waits")

    def __init__(self, storages: Sequence[tuple[Leasable, bool]], *, waits: bool) -> None:
        self.thread = threading.get_ident()
        self.storages = storages
        self.waits = waits
        self.number = next(_numbers)
        _entries[self.number] = weakref.ref(self)

    def strike(self) -> None:
        _entries.pop(self.number, None)

    __del__ = strike


_numbers = itertools.count(1)
_entries: dict[int, "weakref.ref[_Entry]"] = {}


def _current() -> list[_Entry]:
    found = (reference() for reference in list(_entries.values()))
    return [entry for entry in found if entry is not None]


@contextmanager
def holding(locks: Sequence[tuple[Leasable, bool]]) -> Iterator[None]:
    """Announce that this thread's call holds these storages, those with True for writing, while the
    block runs Python code that may wait for others.
    """
    entry = _Entry(locks, waits=False)
    try:
        yield
    finally:
        entry.strike()


@contextmanager
def waiting_for(storage: Leasable, writes: bool = True) -> Iterator[None]:
    """Announce that this thread waits for the storage while the block runs, to write or to read it.

    Raises
    ------
    DeadlockError
        The storage is held by this thread, or by one that waits, directly or through others, for a
        storage that this thread holds.
    """
    entry = _Entry([(storage, writes)], waits=True)
    try:
        entries = _current()
        if storage.lease_holder not in (0, *sys._current_frames()):
            raise DeadlockError(
                f"waiting for {storage.label} may never end: the thread that leases it has ended,"
                " and the lease has not; end it, or close the generator that the `with` block is in"
            )
        if _closes_cycle(entry, entries):
            raise DeadlockError(_explanation(entry.thread, storage, entries))
        yield
    finally:
        entry.strike()


def forget_other_threads() -> None:
    """After a fork, in the child: only the forking thread is left."""
    own = threading.get_ident()
    for entry in _current():
        if entry.thread != own:
            entry.strike()


def _explanation(thread: int, storage: Leasable, entries: Sequence[_Entry]) -> str:
    if thread in _holders_in(entries, storage, writes=True):
        return (
            f"waiting for {storage.label} would never end: this thread is in a Python function that"
            " a compiled function calls, and that compiled function uses the variable. Return what"
            " is to be written as a result, and make it an update"
        )
    return (
        f"waiting for {storage.label} would never end: the thread that holds it waits for a shared "
        "variable that this thread holds. Lease shared variables in the same order everywhere, or "
        "end one lease before the next"
    )


def _holders_in(entries: Sequence[_Entry], storage: Leasable, writes: bool) -> set[int]:
    return {
        entry.thread
        for entry in entries
        if not entry.waits
        and any(one is storage and (writes or written) for one, written in entry.storages)
    }


def _closes_cycle(last: _Entry, entries: Sequence[_Entry]) -> bool:
    """Whether the wait that was entered last closes a cycle with waits entered before."""
    waits = {entry.thread: entry for entry in entries if entry.waits and entry.number < last.number}
    seen: set[int] = set()
    wanted = [last]
    while wanted:
        ((storage, writes),) = wanted.pop().storages
        # The threads for which one waits that wants to write, or only to read, the storage.
        holders = ({storage.lease_holder} - {0}) | _holders_in(entries, storage, writes)
        if last.thread in holders:
            return True
        wanted += [waits[one] for one in holders - seen if one in waits]
        seen |= holders
    return False
