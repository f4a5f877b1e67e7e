"""Who waits for which cell, and who leases it: finding waits that could never end.

Two things are held while their thread waits for something else: leases, and the locks of a call
that is in a Python function which compiled code called. So a deadlock is a cycle of threads in
which each holds the cell that the one before it waits for; a reader waits for writers only. The
thread that would close such a cycle gets the error instead.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from lltheano.runtime.errors import DeadlockError

__all__ = ["Leasable", "forget_other_threads", "holding", "waiting_for"]


class Leasable(Protocol):
    """What this module needs to know of a cell."""

    lease_holder: int

    @property
    def label(self) -> str:
        """The cell in an error message."""
        ...


_lock = threading.Lock()
_waits: dict[int, tuple[Leasable, bool]] = {}
_held: dict[int, list[tuple[Leasable, bool]]] = {}


@contextmanager
def holding(locks: Sequence[tuple[Leasable, bool]]) -> Iterator[None]:
    """Announce that this thread's call holds these cells, those with True for writing, while the
    block runs Python code that may wait for others.
    """
    thread = threading.get_ident()
    with _lock:
        mine = _held.setdefault(thread, [])
        count = len(mine)
        mine.extend(locks)
    try:
        yield
    finally:
        with _lock:
            del mine[count:]
            if not mine:
                _held.pop(thread, None)


@contextmanager
def waiting_for(cell: Leasable, writes: bool = True) -> Iterator[None]:
    """Announce that this thread waits for the cell while the block runs, to write or to read it.

    Raises
    ------
    DeadlockError
        The cell is held by this thread, or by one that waits, directly or through others, for a
        cell that this thread holds.
    """
    thread = threading.get_ident()
    with _lock:
        if _closes_cycle(thread, cell, writes):
            raise DeadlockError(_explanation(thread, cell))
        _waits[thread] = (cell, writes)
    try:
        yield
    finally:
        with _lock:
            _waits.pop(thread, None)


def forget_other_threads() -> None:
    """After a fork, in the child: only the forking thread is left."""
    global _lock  # noqa: PLW0603 - the old lock may be held by a thread that is gone
    _lock = threading.Lock()
    _waits.clear()
    own = threading.get_ident()
    for thread in [one for one in _held if one != own]:
        del _held[thread]


def _explanation(thread: int, cell: Leasable) -> str:
    if any(one is cell for one, _ in _held.get(thread, ())):
        return (
            f"waiting for {cell.label} would never end: this thread is in a Python function that a "
            "compiled function calls, and that compiled function uses the variable. Return what is "
            "to be written as a result, and make it an update"
        )
    return (
        f"waiting for {cell.label} would never end: the thread that holds it waits for a shared "
        "variable that this thread holds. Lease shared variables in the same order everywhere, or "
        "end one lease before the next"
    )


def _holders(cell: Leasable, writes: bool) -> set[int]:
    """The threads for which one waits that wants to write, or only to read, the cell."""
    found = {cell.lease_holder} - {0}
    for thread, locks in _held.items():
        if any(one is cell and (writes or written) for one, written in locks):
            found.add(thread)
    return found


def _closes_cycle(thread: int, cell: Leasable, writes: bool) -> bool:
    seen: set[int] = set()
    wanted = [(cell, writes)]
    while wanted:
        for holder in _holders(*wanted.pop()) - seen:
            if holder == thread:
                return True
            seen.add(holder)
            if holder in _waits:
                wanted.append(_waits[holder])
    return False
