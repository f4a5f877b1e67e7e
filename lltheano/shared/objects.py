"""Storage for Python objects that shared variables hold.

Such storage takes part in the atomic step of a call as shared arrays do: a call holds all cells of
objects that it touches, in the order of `number`, before it locks any array, so that no two calls
wait for each other; reading and assigning `value` meanwhile cannot fail. A wait that could never
end, because a lease is in the way, is a DeadlockError as it is for arrays.

A call that updates arrays too commits in native code, once. So that nothing can come between that
and the objects, a Ctrl-C least of all, the call announces beforehand what a cell will hold
(`prepare`), with the question whether the commit has happened; from then on the answer decides what
the cell holds.

An interrupt (Ctrl-C, or any signal handler that raises) may come between any two steps of Python
code, but not inside one call of C code. Where a lock is taken and noted, and where all that were
noted are released, is therefore one such call each: no lock is ever left behind.
"""

import copy
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import methodcaller
from typing import Any, TypeVar

from lltheano.runtime import fork
from lltheano.runtime.errors import TornCellError
from lltheano.runtime.waiting import waiting_for

__all__ = ["ObjectCell", "holding", "private_copy"]

T = TypeVar("T")

_numbers = itertools.count(1)
_SLICE_SECONDS = 0.05
_BEFORE_ARRAYS = 1 << 62
_RELEASE = methodcaller("release")
_exhaust = deque[None](maxlen=0).extend


class ObjectCell:
    """One object, and the right to use it.

    The right is reentrant: a thread that leases the variable may call functions that use it.

    Attributes
    ----------
    value
        The object. Assign it only while the cell is held.
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

    __slots__ = (
        "__weakref__",
        "_lock",
        "_pending",
        "_torn",
        "_value",
        "lease_holder",
        "name",
        "number",
        "release",
    )

    def __init__(self, value: Any, name: str = "") -> None:
        self._value = value
        self._pending: tuple[Any, Callable[[], bool]] | None = None
        self.name = name
        self.number = next(_numbers)
        self.lease_holder = 0
        self._lock = threading.RLock()
        self.release = self._lock.release
        self._torn = False
        fork.guard(self)

    @property
    def value(self) -> Any:
        """The object."""
        pending = self._pending
        if pending is not None and pending[1]():
            return pending[0]
        return self._value

    @value.setter
    def value(self, new: Any) -> None:
        self._settle()
        self._value = new

    def prepare(self, new: Any, committed: Callable[[], bool]) -> None:
        """Hold `new` from the moment at which `committed()` becomes true.

        The cell must be held. Preparing it again, or assigning the value, decides what has become
        of this: nobody may make `committed()` true after that.

        >>> done = []
        >>> cell = ObjectCell("old")
        >>> cell.prepare("new", lambda: bool(done))
        >>> before = cell.value
        >>> done.append(1)
        >>> before, cell.value
        ('old', 'new')
        """
        self._settle()
        self._pending = (new, committed)

    def _settle(self) -> None:
        """Decide what the cell holds. An interrupt in the middle leaves it to be done again."""
        self._value = self.value
        self._pending = None

    @property
    def label(self) -> str:
        """The cell in an error message."""
        return f"shared object {self.name or f'#{self.number}'!r}"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other threads out while the block runs; DeadlockError if they never let go.

        An interrupt just before the block may keep the cell held for as long as the exception is
        kept; `holding` has no such moment.
        """
        taken: list[ObjectCell] = []
        release = map(_RELEASE, taken)
        holder = self.lease_holder
        try:
            self.take(taken)
            yield
        finally:
            try:
                self.lease_holder = holder
            finally:
                _exhaust(release)

    @property
    def order(self) -> int:
        """Place among all cells when they are locked: objects come before arrays."""
        return self.number - _BEFORE_ARRAYS

    def hold_for_fork(self, seconds: float) -> bool:
        """Take the cell, waiting so many seconds at most; whether that succeeded."""
        return self._lock.acquire(timeout=max(seconds, 0))

    def release_after_fork(self) -> None:
        """Undo `hold_for_fork`."""
        self._lock.release()

    def inherit(self, held: bool) -> None:
        """In a forked child: only this thread's hold is left; an object in use is torn."""
        if held:
            self._lock.release()
            return
        self._lock = threading.RLock()
        self.release = self._lock.release
        self.lease_holder = 0
        self._torn = True

    def take(self, taken: "list[ObjectCell]") -> None:
        """Take the cell and append it to `taken`; DeadlockError if others never let go."""
        if self._torn:
            raise TornCellError(
                f"another thread was using {self.label} when this process was forked, so it may be"
                " incomplete here; fork while no function runs, or use the spawn method"
            )
        count = len(taken)
        taken.extend(itertools.compress((self,), map(self._lock.acquire, (False,))))
        while len(taken) == count:
            # Look again and again whether the holder waits for this thread.
            with waiting_for(self):
                acquired = map(self._lock.acquire, (True,), (_SLICE_SECONDS,))
                taken.extend(itertools.compress((self,), acquired))
        self.lease_holder = threading.get_ident()


def holding(cells: Sequence[ObjectCell], action: Callable[[], T]) -> T:
    """Return what `action` returns, called while this thread holds all cells.

    The cells are in the order of their numbers. Raises what `action` raises; DeadlockError if
    another thread never lets go of a cell.

    >>> cell = ObjectCell([1])
    >>> holding([cell], lambda: cell.value + [2])
    [1, 2]
    """
    taken: list[ObjectCell] = []
    release = map(_RELEASE, taken)  # made now, so that releasing is one call
    holders = [one.lease_holder for one in cells]
    try:
        for one in cells:
            one.take(taken)
        return action()
    finally:
        try:
            for one, holder in zip(taken, holders, strict=False):
                one.lease_holder = holder
        finally:
            _exhaust(release)


def private_copy(value: Any) -> Any:
    """Return a deep copy; TypeError that says what to do when the object cannot be copied."""
    try:
        return copy.deepcopy(value)
    except (TypeError, copy.Error) as error:
        raise TypeError(
            f"a {type(value).__name__} cannot be copied ({error}); pass borrow=True to share the"
            " object itself"
        ) from error
