"""Who waits for which cell, and who leases it: finding waits that could never end.

Only leases are held while their thread waits for something else; calls hold nothing between two
attempts. So a deadlock is a cycle of threads in which each leases the cell that the one before it
waits for. The thread that would close such a cycle gets the error instead.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from lltheano.runtime.errors import DeadlockError

__all__ = ["Leasable", "forget_other_threads", "waiting_for"]


class Leasable(Protocol):
    """What this module needs to know of a cell."""

    lease_holder: int

    @property
    def label(self) -> str:
        """The cell in an error message."""
        ...


_lock = threading.Lock()
_waits: dict[int, Leasable] = {}


@contextmanager
def waiting_for(cell: Leasable) -> Iterator[None]:
    """Announce that this thread waits for the cell while the block runs.

    Raises
    ------
    DeadlockError
        The cell is leased by a thread that waits, directly or through others, for a cell that
        this thread leases.
    """
    thread = threading.get_ident()
    with _lock:
        if _closes_cycle(thread, cell):
            raise DeadlockError(
                f"waiting for {cell.label} would never end: the thread that leases it waits for a "
                "shared variable that this thread leases. Lease shared variables in the same order "
                "everywhere, or end one lease before the next"
            )
        _waits[thread] = cell
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


def _closes_cycle(thread: int, cell: Leasable) -> bool:
    seen: set[int] = set()
    while (holder := cell.lease_holder) and holder not in seen:
        if holder == thread:
            return True
        seen.add(holder)
        if holder not in _waits:
            return False
        cell = _waits[holder]
    return False
