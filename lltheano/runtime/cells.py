"""Shared arrays: storage in the pool behind a reader/writer lock.

Invariants: a cell always holds a complete C-contiguous array of its dtype and rank; each method is
one atomic step; a thread waits without the GIL and serves signals meanwhile; memory shown to
Python stays valid for as long as a view of it lives, whatever happens to the cell.
"""

import ctypes
import itertools
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lltheano.runtime import fork, pool
from lltheano.runtime.box import box, box_view
from lltheano.runtime.errors import DeadlockError, TornCellError
from lltheano.runtime.native_code import (
    BUSY,
    DONE,
    NO_MEMORY,
    OWN_LEASE,
    SLICE_MICROSECONDS,
    native_code,
)
from lltheano.runtime.waiting import waiting_for
from lltheano_ir.shapes import MAX_SIZE

__all__ = ["Lease", "SharedCell", "native_dtype", "require_known_sizes"]

# Fields of %Cell in native/abi.ll, in words.
_STATE, _WAITING, _OWNER, _DATA, _BYTES, _VERSION, _RANK, _ITEMSIZE, _SIZES = range(9)

_READ, _WRITE = 0, 1
_TORN_STATE = -2
_CACHE_LINE = 64

_LONG_COPY = 1 << 16
"""From this many bytes on, copying releases the GIL."""

_creation = itertools.count(1)

_Native = Callable[[int, Any, int], int]


class SharedCell:
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
    lease_holder
        The thread that leases the cell, 0 for none.

    >>> cell = SharedCell("float64", 1, "weights")
    >>> cell.write([1.0, 2.0, 3.0])
    >>> with cell.lease() as weights:
    ...     weights *= 2
    >>> cell.read_copy()
    array([2., 4., 6.])
    """

    def __init__(self, dtype: DTypeLike, rank: int, name: str = "") -> None:
        self._native = native_code()
        self.dtype = native_dtype(dtype)
        self.rank = rank
        self.name = name
        self.order = next(_creation)
        self._new_record: Callable[[], Any] = ctypes.c_int64 * (1 + rank)
        self.lease_holder = 0
        self._memory = (ctypes.c_char * ((_SIZES + rank) * 8 + _CACHE_LINE))()
        start = ctypes.addressof(self._memory)
        self.address = -(-start // _CACHE_LINE) * _CACHE_LINE
        self._words = (ctypes.c_int64 * (_SIZES + rank)).from_address(self.address)
        self._words[_RANK], self._words[_ITEMSIZE] = rank, self.dtype.itemsize
        self.write(np.zeros((0,) * rank, self.dtype))
        fork.guard(self)

    def __del__(self) -> None:
        if hasattr(self, "_words"):
            self._native.cell_dissolve(self.address)

    def __repr__(self) -> str:
        return f"<SharedCell {self.label} {self.dtype} rank {self.rank} version {self.version}>"

    @property
    def label(self) -> str:
        """The cell in an error message."""
        return f"shared variable {self.name!r}" if self.name else f"shared variable #{self.order}"

    @property
    def version(self) -> int:
        """How often the contents were written."""
        return int(self._words[_VERSION])

    @property
    def data_address(self) -> int:
        """Where the elements are now; another thread's call may change it at any moment."""
        return int(self._words[_DATA])

    def read_copy(self) -> NDArray[Any]:
        """A copy of the contents, which belongs to the caller.

        Raises
        ------
        MemoryError
            There is no memory for the copy.

        >>> SharedCell("int32", 0).read_copy()
        array(0, dtype=int32)
        """
        record = self._new_record()
        native = self._native
        size = self._words[_BYTES]
        self._perform(native.cell_read, native.cell_read_released, record, size, writes=False)
        return box(record, self.dtype)

    def write(self, value: ArrayLike) -> None:
        """Replace the contents by a copy of the value, which may have other sizes.

        The block is kept where the new contents fit and no view shows it; so earlier views keep
        what they showed.

        Raises
        ------
        TypeError, ValueError
            The value is not of the cell's dtype or rank.
        MemoryError
            There is no memory for the contents; the old ones stay.
        DeadlockError
            This thread leases the cell.
        """
        array = self._conform(value)
        require_known_sizes(self.label, array.shape)
        record = self._new_record()
        record[0] = array.__array_interface__["data"][0]
        record[1:] = array.shape
        native = self._native
        self._perform(native.cell_write, native.cell_write_released, record, array.nbytes)

    def borrow_view(self) -> NDArray[Any]:
        """The contents themselves, without a lock: the opt-out from atomicity.

        The view is writable. Calls that update in place show in it, and may be half done when it
        is looked at; calls that replace the contents leave it with the old ones. The memory stays
        valid for as long as the view lives.
        """
        record = self._new_record()
        native = self._native
        self._perform(native.cell_borrow, native.cell_borrow_released, record, 0, writes=False)
        return box_view(record, self.dtype)

    def lease(self) -> "Lease":
        """A context manager that locks the cell for writing and gives its contents as an array.

        Calls of this thread may read the cell meanwhile but not write it.
        """
        return Lease(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """The present sizes."""
        return self.borrow_view().shape

    def explain(self, status: int, wanted_bytes: int) -> Exception:
        """The exception for a native function's status that concerns this cell."""
        if status == OWN_LEASE and self.lease_holder != threading.get_ident():
            return DeadlockError(
                f"a call of a compiled function that is under way in this thread writes"
                f" {self.label}, which nothing else can write before it ends; return what is to be"
                " written from the Python function that the call is in, and make it an update"
            )
        if status == OWN_LEASE:
            return DeadlockError(
                f"this thread leases {self.label} and now wants to write it by other means, which "
                "would wait for ever; end the lease first, or write through the leased array"
            )
        if status == NO_MEMORY:
            return pool.out_of_memory(wanted_bytes)
        return TornCellError(
            f"another thread was writing {self.label} when this process was forked, so its "
            "contents are incomplete here; fork while no function runs, or use the spawn method"
        )

    def hold_for_fork(self, seconds: float) -> bool:
        """Lock for reading, waiting so many seconds at most; whether that succeeded."""
        status = self._native.cell_lock(self.address, _READ, 0)
        if status == BUSY and seconds > 0:
            microseconds = int(seconds * 1e6)
            status = self._native.cell_lock_released(self.address, _READ, microseconds)
        return bool(status == DONE)

    def release_after_fork(self) -> None:
        """Undo `hold_for_fork`."""
        self._native.cell_unlock(self.address, _READ)

    def inherit(self, held: bool) -> None:
        """In a forked child: only this thread's lease is left; contents not held are torn."""
        self._words[_WAITING] = 0
        if self.lease_holder == threading.get_ident():
            return
        self.lease_holder = 0
        self._words[_OWNER] = 0
        self._words[_STATE] = 0 if held else _TORN_STATE

    def _perform(
        self, held: _Native, released: _Native, record: Any, size: int, *, writes: bool = True
    ) -> None:
        """Run a native step to its end: at once with the GIL, or waiting without it."""
        if size < _LONG_COPY:
            status = held(self.address, record, 0)
        else:
            status = released(self.address, record, SLICE_MICROSECONDS)
        while status == BUSY:
            with waiting_for(self, writes):
                status = released(self.address, record, SLICE_MICROSECONDS)
        if status != DONE:
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


class Lease:
    """Exclusive use of a cell's contents for the length of a `with` block.

    The array becomes read-only when the block ends. Views made from it stay valid memory; writing
    through one of those later is as unprotected as `SharedCell.borrow_view`.
    """

    def __init__(self, cell: SharedCell) -> None:
        self._cell = cell
        self._array: NDArray[Any] | None = None

    def __enter__(self) -> NDArray[Any]:
        cell, native = self._cell, self._cell._native
        record = cell._new_record()
        if cell.lease_holder == threading.get_ident():
            raise cell.explain(OWN_LEASE, 0)
        try:
            cell._perform(native.cell_lease, native.cell_lease_released, record, 0)
            cell.lease_holder = threading.get_ident()
            self._array = box_view(record, cell.dtype)
        except BaseException:
            self._end()
            raise
        return self._array

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._array is not None:
            self._array.flags.writeable = False
            self._array = None
        self._end()

    def _end(self) -> None:
        """Unlock if this thread has the lock, however far the beginning came."""
        if self._cell._words[_OWNER] == threading.get_ident():
            self._cell.lease_holder = 0
            self._cell._native.cell_end_lease(self._cell.address)


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
