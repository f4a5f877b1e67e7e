"""Storage for Python objects that shared variables hold.

Such storage takes part in the atomic step of a call as shared arrays do: a call holds all storages
of objects that it touches, in the order of `number`, before it locks any array, so that no two
calls wait for each other; reading and assigning `value` meanwhile cannot fail. A wait that could
never end, because a lease is in the way, is a DeadlockError as it is for arrays.

A call that updates arrays too commits in native code, once. So that nothing can come between that
and the objects, a Ctrl-C least of all, the call announces beforehand what a storage will hold
(`prepare`), with the question whether the commit has happened; from then on the answer decides what
the storage holds.

The lock is the lease of an array that nobody sees. So what holds of those holds here: it is taken
and let go in one native step each, any thread may end it, and one that an interrupt has parted from
its block ends because nothing refers to it any more.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import repeat
from operator import methodcaller
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lltheano.errors import MethodNotDefined
from lltheano.graph import Type
from lltheano.runtime.storages.lease import Side
from lltheano.runtime.storages.pool_storage import PoolStorage

__all__ = ["ObjectLease", "ObjectStorage", "filtered", "holding", "private_copy"]

T = TypeVar("T")

_call = methodcaller("__call__")


class _Gate(PoolStorage):
    """The lock of an object storage: an array whose contents nobody looks at."""

    FIRST = -(1 << 62)  # calls lock objects before arrays

    @property
    def label(self) -> str:
        """The storage in an error message."""
        return f"shared object {self.name or f'#{self.order - self.FIRST}'!r}"


class ObjectStorage:
    """One object, and the right to use it.

    The right is reentrant: a thread that leases the variable may call functions that use it, under
    that lease. Whoever ends the lease ends the right of those too.

    Attributes
    ----------
    value
        The object. Assign it only while the storage is held.
    number
        Place in the order of creation.

    >>> storage = ObjectStorage({"step": 1})
    >>> with storage.lease():
    ...     storage.value = {"step": 2}
    >>> storage.value
    {'step': 2}
    """

    __slots__ = ("__weakref__", "_gate", "_pending", "_value", "number")

    def __init__(self, value: Any, name: str = "") -> None:
        self._value = value
        self._pending: tuple[Any, Callable[[], bool]] | None = None
        self._gate = _Gate("int8", 0, name)
        self.number = self._gate.order

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

        The storage must be held. Preparing it again, or assigning the value, decides what has
        become of this: nobody may make `committed()` true after that.

        >>> done = []
        >>> storage = ObjectStorage("old")
        >>> storage.prepare("new", lambda: bool(done))
        >>> before = storage.value
        >>> done.append(1)
        >>> before, storage.value
        ('old', 'new')
        """
        self._settle()
        self._pending = (new, committed)

    def _settle(self) -> None:
        """Decide what the storage holds. An interrupt in the middle leaves it to be done again."""
        self._value = self.value
        self._pending = None

    @property
    def lease_holder(self) -> int:
        """The thread that holds the storage, 0 for none."""
        return self._gate.lease_holder

    def lease(self) -> "ObjectLease":
        """A context manager that keeps other threads out and gives the object itself.

        Entering it raises DeadlockError if another thread never lets go, TornStorageError in a
        child that was forked while another thread held the storage.
        """
        return ObjectLease(self, self._gate)


class ObjectLease:
    """Exclusive use of an object for the length of a `with` block, which any thread may leave.

    A lease that is dropped without having been ended, ends.
    """

    __slots__ = ("_end", "_gate", "_storage")

    def __init__(self, storage: ObjectStorage, gate: PoolStorage) -> None:
        self._storage = storage
        self._gate = gate
        self._end: Callable[..., object] = _nothing

    @property
    def _begin(self) -> Callable[[], Any]:
        """What begins the lease and returns the object; `_end` is what ends it.

        `with` asks for this before it calls it. The lease is referred to by that one built-in, and
        by no frame, so that an exception in the middle drops it however long itself is kept.
        """
        storage = self._storage
        if self._gate.lease_holder == threading.get_ident():
            self._end = _nothing
            return lambda: storage.value
        lease = self._gate.lease()
        self._end = lease.__exit__

        def value(_: object) -> Any:
            return storage.value

        return partial(next, map(value, map(_call, repeat(lease.__enter__))))

    if TYPE_CHECKING:

        def __enter__(self) -> Any: ...

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    else:
        __enter__ = Side("_begin")
        __exit__ = Side("_end")


def _nothing(*_: object) -> None:
    """End a lease within another of the same thread, which goes on."""


class _Leasable(Protocol):
    def lease(self) -> AbstractContextManager[Any]: ...


def holding(storages: Sequence[_Leasable], action: Callable[[], T]) -> T:
    """Return what `action` returns, called while this thread holds all storages.

    The storages are in the order in which they are locked. Raises what `action` raises;
    DeadlockError if another thread never lets go of a storage.

    >>> storage = ObjectStorage([1])
    >>> holding([storage], lambda: storage.value + [2])
    [1, 2]
    """
    if not storages:
        return action()
    with storages[0].lease():
        return holding(storages[1:], action)


def filtered(type_: Type, value: Any, *rules: Any) -> Any:
    """Return what `Type.filter` makes of an object; types of programs may do without it."""
    try:
        return type_.filter(value, *rules)
    except MethodNotDefined:
        return value


_BORROW = "pass borrow=True to share the object itself"


def private_copy(value: Any, advice: str = _BORROW) -> Any:
    """Return a deep copy; TypeError with `advice` when the object cannot be copied."""
    try:
        return copy.deepcopy(value)
    except (TypeError, copy.Error) as error:
        raise TypeError(f"a {type(value).__name__} cannot be copied ({error}); {advice}") from error
