"""Storage for Python objects that shared variables hold.

Such storage takes part in the atomic step of a call as shared arrays do: a call holds all cells of
objects that it touches, in the order of `number`, before it locks any array, so that no two calls
wait for each other; reading and assigning `value` meanwhile cannot fail. A wait that could never
end, because a lease is in the way, is a DeadlockError as it is for arrays.

A call that updates arrays too commits in native code, once. So that nothing can come between that
and the objects, a Ctrl-C least of all, the call announces beforehand what a cell will hold
(`prepare`), with the question whether the commit has happened; from then on the answer decides what
the cell holds.
"""

import copy
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lltheano.runtime.waiting import waiting_for

__all__ = ["ObjectCell", "private_copy"]

_numbers = itertools.count(1)
_SLICE_SECONDS = 0.05


class ObjectCell:
    """One object, and the right to use it.

    The right is reentrant: a thread that leases the variable may call functions that use it.

    Attributes
    ----------
    value
        The object. Read and assign it only inside `hold`.
    number
        Place in the order of creation.
    lease_holder
        The thread that holds the cell, 0 for none.

    >>> cell = ObjectCell({"step": 1})
    >>> with cell.hold():
    ...     cell.value = {"step": 2}
    >>> cell.value
    {'step': 2}
    """

    __slots__ = ("_lock", "_pending", "_value", "lease_holder", "name", "number")

    def __init__(self, value: Any, name: str = "") -> None:
        self._value = value
        self._pending: tuple[Any, Callable[[], bool]] | None = None
        self.name = name
        self.number = next(_numbers)
        self.lease_holder = 0
        self._lock = threading.RLock()

    @property
    def value(self) -> Any:
        """The object."""
        self._settle()
        return self._value

    @value.setter
    def value(self, new: Any) -> None:
        self._settle()
        self._value = new

    def prepare(self, new: Any, committed: Callable[[], bool]) -> None:
        """Hold `new` from the moment at which `committed()` becomes true.

        The next call of `prepare` decides what has become of this one, and so does each look at
        the value: nobody else may make `committed()` true after that.

        >>> done = []
        >>> cell = ObjectCell("old")
        >>> cell.prepare("new", lambda: bool(done))
        >>> before = cell.value
        >>> cell.prepare("new", lambda: bool(done))
        >>> done.append(1)
        >>> before, cell.value
        ('old', 'new')
        """
        self._settle()
        self._pending = (new, committed)

    def _settle(self) -> None:
        """Decide what the cell holds. An interrupt in the middle leaves it to be done again."""
        if self._pending is not None:
            new, committed = self._pending
            if committed():
                self._value = new
            self._pending = None

    @property
    def label(self) -> str:
        """The cell in an error message."""
        return f"shared object {self.name or f'#{self.number}'!r}"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other threads out while the block runs; DeadlockError if they never let go."""
        if not self._lock.acquire(blocking=False):
            self._wait()
        before, self.lease_holder = self.lease_holder, threading.get_ident()
        try:
            yield
        finally:
            self.lease_holder = before
            self._lock.release()

    def _wait(self) -> None:
        """Take the lock, looking again and again whether its holder waits for this thread."""
        taken = False
        while not taken:
            with waiting_for(self):
                taken = self._lock.acquire(timeout=_SLICE_SECONDS)


def private_copy(value: Any) -> Any:
    """Return a deep copy; TypeError that says what to do when the object cannot be copied."""
    try:
        return copy.deepcopy(value)
    except (TypeError, copy.Error) as error:
        raise TypeError(
            f"a {type(value).__name__} cannot be copied ({error}); pass borrow=True to share the"
            " object itself"
        ) from error
