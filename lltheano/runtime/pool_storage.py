"""Shared arrays: storage in the pool behind a reader/writer lock.

Invariants: a storage always holds a complete C-contiguous array of its dtype and rank; each method
is one atomic step; a thread waits without the GIL and serves signals meanwhile; memory shown to
Python stays valid for as long as a view of it lives, whatever happens to the storage.
"""

import ctypes
import itertools
import threading
from collections.abc import Callable, Sequence
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lltheano.runtime import fork, pool
from lltheano.runtime.assembly import SLICE_MICROSECONDS
from lltheano.runtime.box import box_plainly
from lltheano.runtime.errors import DeadlockError, TornStorageError
from lltheano.runtime.native_code import native_code, new_record
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.structures import STORAGE
from lltheano.runtime.waiting import waiting_for
from lltheano_ir.abi import Status
from lltheano_ir.shapes import MAX_SIZE

__all__ = ["Lease", "PoolStorage", "Side", "assign_together", "native_dtype", "require_known_sizes"]

_READ, _WRITE = 0, 1
_TORN_STATE = -2
_CACHE_LINE = 64

_LONG_COPY = 1 << 16
"""From this many bytes on, copying releases the GIL."""

_creation = itertools.count(1)

_Native = Callable[[int, Any, int], int]


class PoolStorage:
    """One shared array. Starts as zeros: a scalar 0, or an array with every size 0.

    Parameters
    ----------
    dtype
        Of the elements; fixed. Byte order is the machine's.
    rank
        Number of dimensions; fixed. Sizes may change with every write.
    name
        Of the user's variable, for messages.

    Attributes
    ----------
    order
        Place in the order of creation, which is the order in which calls lock.
    FIRST
        Where the orders of this kind of storage start.

    >>> storage = PoolStorage("float64", 1, "weights")
    >>> storage.write([1.0, 2.0, 3.0])
    >>> with storage.lease() as weights:
    ...     weights *= 2
    >>> storage.read_copy()
    array([2., 4., 6.])
    """

    FIRST: ClassVar[int] = 0

    def __init__(self, dtype: DTypeLike, rank: int, name: str = "") -> None:
        self._native = native_code()
        self.dtype = native_dtype(dtype)
        self.rank = rank
        self.name = name
        self.order = self.FIRST + next(_creation)
        self._new_record: Callable[[], Any] = ctypes.c_int64 * (1 + rank)
        self._memory = (ctypes.c_char * (STORAGE.bytes + 8 * rank + _CACHE_LINE))()
        start = ctypes.addressof(self._memory)
        self.address = -(-start // _CACHE_LINE) * _CACHE_LINE
        self._fields = STORAGE.ctype.from_address(self.address)
        self._fields.rank, self._fields.itemsize = rank, self.dtype.itemsize
        self.write(np.zeros((0,) * rank, self.dtype))
        fork.guard(self)

    def __del__(self) -> None:
        if hasattr(self, "_fields"):
            self._native.storage_dissolve(self.address)

    def __repr__(self) -> str:
        return f"<PoolStorage {self.label} {self.dtype} rank {self.rank} version {self.version}>"

    @property
    def label(self) -> str:
        """The storage in an error message."""
        return f"shared variable {self.name!r}" if self.name else f"shared variable #{self.order}"

    @property
    def version(self) -> int:
        """How often the contents were written."""
        return int(self._fields.version)

    @property
    def lease_holder(self) -> int:
        """The thread that leases the storage, 0 for none."""
        return int(self._fields.holder)

    @property
    def data_address(self) -> int:
        """Where the elements are now; another thread's call may change it at any moment."""
        return int(self._fields.data)

    def read_copy(self) -> NDArray[Any]:
        """A copy of the contents, which belongs to the caller.

        Raises
        ------
        MemoryError
            There is no memory for the copy.

        >>> PoolStorage("int32", 0).read_copy()
        array(0, dtype=int32)
        """
        return self._fetch(view=False, size=self._fields.bytes)

    def write(self, value: ArrayLike) -> None:
        """Replace the contents by a copy of the value, which may have other sizes.

        The block is kept where the new contents fit and no view shows it; so earlier views keep
        what they showed.

        Raises
        ------
        TypeError, ValueError
            The value is not of the storage's dtype or rank.
        MemoryError
            There is no memory for the contents; the old ones stay.
        DeadlockError
            This thread leases the storage.
        """
        array = self._conform(value)
        require_known_sizes(self.label, array.shape)
        record = self._new_record()
        record[0] = array.__array_interface__["data"][0]
        record[1:] = array.shape
        native = self._native
        self._perform(native.storage_write, native.storage_write_released, record, array.nbytes)

    def borrow_view(self) -> NDArray[Any]:
        """The contents themselves, without a lock: the opt-out from atomicity.

        The view is writable. Calls that update in place show in it, and may be half done when it
        is looked at; calls that replace the contents leave it with the old ones. The memory stays
        valid for as long as the view lives.
        """
        return self._fetch(view=True, size=0)

    def lease(self) -> "Lease":
        """A context manager that locks the storage for writing and gives its contents as an array.

        Calls of this thread may read the storage meanwhile but not write it.
        """
        return Lease(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """The present sizes."""
        return self.borrow_view().shape

    def explain(self, status: int, wanted_bytes: int) -> Exception:
        """The exception for a native function's status that concerns this storage."""
        if status == Status.OWN_LEASE and self.lease_holder != threading.get_ident():
            return DeadlockError(
                f"a call of a compiled function that is under way in this thread writes"
                f" {self.label}, which nothing else can write before it ends; return what is to be"
                " written from the Python function that the call is in, and make it an update"
            )
        if status == Status.OWN_LEASE:
            return DeadlockError(
                f"this thread leases {self.label} and now wants to write it by other means, which "
                "would wait for ever; end the lease first, or write through the leased array"
            )
        if status == Status.NO_MEMORY:
            return pool.out_of_memory(wanted_bytes)
        return TornStorageError(
            f"another thread was writing {self.label} when this process was forked, so its "
            "contents are incomplete here; fork while no function runs, or use the spawn method"
        )

    def hold_for_fork(self, seconds: float) -> bool:
        """Lock for reading, waiting so many seconds at most; whether that succeeded."""
        status = self._native.storage_lock(self.address, _READ, 0)
        if status == Status.BUSY and seconds > 0:
            microseconds = int(seconds * 1e6)
            status = self._native.storage_lock_released(self.address, _READ, microseconds)
        return bool(status == Status.DONE)

    def release_after_fork(self) -> None:
        """Undo `hold_for_fork`."""
        self._native.storage_unlock(self.address, _READ)

    def inherit(self, held: bool) -> None:
        """In a forked child: only this thread's lease is left; contents not held are torn."""
        self._fields.waiting = 0
        if self.lease_holder == threading.get_ident():
            return
        self._fields.holder = 0
        self._fields.writer = 0
        self._fields.state = 0 if held else _TORN_STATE

    def _fetch(self, *, view: bool, size: int) -> NDArray[Any]:
        """A view of the contents, or a copy: each attempt is one native step, array and all."""
        if not self._native.boxes_natively:
            return self._fetch_plainly(view=view)
        fetch, number = self._native.storage_fetch, self.dtype.num
        patience = 0 if size < _LONG_COPY else SLICE_MICROSECONDS
        outcome: Any = fetch(self.address, number, view, patience)
        while type(outcome) is tuple:
            if outcome[0] != Status.BUSY:
                raise self.explain(outcome[0], outcome[1])
            with waiting_for(self, writes=False):
                outcome = fetch(self.address, number, view, SLICE_MICROSECONDS)
        array: NDArray[Any] = outcome
        return array

    def _fetch_plainly(self, *, view: bool) -> NDArray[Any]:
        """What `_fetch` does, in two steps, without relying on the layout of NumPy's objects."""
        native, record = self._native, self._new_record()
        step = native.storage_borrow_released if view else native.storage_read_released
        status = step(self.address, record, 0)
        while status == Status.BUSY:
            with waiting_for(self, writes=False):
                status = step(self.address, record, SLICE_MICROSECONDS)
        if status != Status.DONE:
            raise self.explain(status, int(record[0]))
        return box_plainly(record, self.dtype)

    def resolve_lease(self, status: int) -> None:
        """For a lease that has found the storage taken: wait for a while, or raise."""
        if status == Status.BUSY:
            with waiting_for(self):
                status = self._native.storage_await_released(self.address, SLICE_MICROSECONDS)
        if status not in {Status.DONE, Status.BUSY}:
            raise self.explain(status, 0)

    def _perform(self, held: _Native, released: _Native, record: Any, size: int) -> None:
        """Write in one native step: at once with the GIL, or waiting without it."""
        if size < _LONG_COPY:
            status = held(self.address, record, 0)
        else:
            status = released(self.address, record, SLICE_MICROSECONDS)
        while status == Status.BUSY:
            with waiting_for(self):
                status = released(self.address, record, SLICE_MICROSECONDS)
        if status != Status.DONE:
            raise self.explain(status, int(record[0]))

    def _conform(self, value: ArrayLike) -> NDArray[Any]:
        array = np.asarray(value)
        if array.dtype != self.dtype:
            raise TypeError(
                f"{self.label} holds {self.dtype}, got {array.dtype}; convert the value first"
            )
        if array.ndim != self.rank:
            raise ValueError(
                f"{self.label} has {self.rank} dimensions, got {array.ndim} (shape {array.shape})"
            )
        if array.flags.c_contiguous and array.flags.aligned:
            return array
        return np.require(array, self.dtype, ["C_CONTIGUOUS", "ALIGNED"])


class Side:
    """`__enter__` or `__exit__` of a lease.

    `with` looks both up before it calls the first, and so gets the built-ins themselves: there is
    no Python code, which could be interrupted, between the lock and the block. Code that looks them
    up in the class, such as `contextlib.ExitStack`, gets this object to call.
    """

    def __init__(self, attribute: str) -> None:
        self._built_in = attrgetter(attribute)

    def __get__(self, lease: Any, owner: type) -> Callable[..., Any]:
        found: Callable[..., Any] = self if lease is None else self._built_in(lease)
        return found

    def __call__(self, lease: Any, *error: object) -> Any:
        """Begin or end a lease, for code that found this in its class."""
        return self._built_in(lease)(*error)


class Lease:
    """Exclusive use of a storage's contents for the length of a `with` block.

    The array becomes read-only when the block ends. Views made from it stay valid memory; writing
    through one of those later is as unprotected as `PoolStorage.borrow_view`.

    The block may be left by any thread, and its end is one native step, which nothing interrupts. A
    lease that is dropped without having been ended, ends.
    """

    __slots__ = ("_begin", "_end", "_storage")

    def __init__(self, storage: PoolStorage) -> None:
        self._storage = storage
        native = storage._native
        if native.boxes_natively:
            sides = native.new_lease(storage.address, storage.dtype.num, storage.resolve_lease)
        else:
            sides = _plain_sides(storage)
        self._begin, self._end = sides

    if TYPE_CHECKING:

        def __enter__(self) -> NDArray[Any]: ...

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    else:
        __enter__ = Side("_begin")
        __exit__ = Side("_end")


def _plain_sides(storage: PoolStorage) -> tuple[Callable[[], NDArray[Any]], Callable[..., None]]:
    """The two sides of a lease, without relying on the layout of NumPy's objects."""
    native, shown = storage._native, list[NDArray[Any]]()

    def begin() -> NDArray[Any]:
        record = storage._new_record()
        while (status := native.storage_lease_released(storage.address, record, 0)) != Status.DONE:
            storage.resolve_lease(status)
        storage._fields.holder = threading.get_ident()
        shown.append(box_plainly(record, storage.dtype))
        return shown[-1]

    def end(*_: object) -> None:
        shown.pop().flags.writeable = False
        storage._fields.holder = 0
        native.storage_end_lease(storage.address)

    return begin, end


def assign_together(
    values: Sequence[tuple[PoolStorage, NDArray[Any]]], receipt: Receipt, outcome: Any
) -> None:
    """Replace the contents of several storages by copies, in one step: all of them, or none. In
    that step the outcome is noted in the receipt.

    The caller leases the storages, or nobody else uses them. The arrays are of their dtypes and
    ranks.

    Raises
    ------
    MemoryError
        There is no memory for the contents; the old ones stay.
    """
    native = native_code()
    arrays = [np.ascontiguousarray(value).reshape(value.shape) for _, value in values]
    records = []
    for array in arrays:
        words = new_record(1 + array.ndim)
        words[:] = (array.__array_interface__["data"][0], *array.shape)
        records.append(words)
    table = new_record(2 * len(records))
    for number, ((storage, _), words) in enumerate(zip(values, records, strict=True)):
        table[2 * number : 2 * number + 2] = (storage.address, ctypes.addressof(words))
    if not receipt.commit(outcome, native.assign_all, (table, len(records))):
        raise pool.out_of_memory(sum(array.nbytes for array in arrays))


def require_known_sizes(what: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError for a size beyond what the compiler assumes, and memory could hold."""
    for axis, size in enumerate(shape):
        if size > MAX_SIZE:
            raise ValueError(f"{what}: size {size} in dimension {axis} is more than {MAX_SIZE}")


def native_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """NumPy's own object for the dtype in the machine's byte order; equal dtypes give one object.

    >>> native_dtype(">i4") is np.dtype("int32")
    True
    """
    return np.dtype(np.dtype(dtype).newbyteorder("=").str)
