"""Storages in the pool of the host, each behind a reader/writer lock.

Invariants: a storage always holds a complete C-contiguous array of its dtype and rank; each method
is one atomic step; a thread waits without the GIL and serves signals meanwhile; memory shown to
Python stays valid for as long as a view of it lives, whatever happens to the storage.
"""

import ctypes
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lltheano.runtime import fork, pool
from lltheano.runtime.assembly import SLICE_MICROSECONDS
from lltheano.runtime.box import box_plainly
from lltheano.runtime.native_code import native_code, new_record
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages.lease import Lease
from lltheano.runtime.storages.storage import MemorySpace, Preparation, Storage, require_known_sizes
from lltheano.runtime.structures import STORAGE
from lltheano.runtime.waiting import waiting_for
from lltheano_ir.abi import Status

__all__ = ["HOST", "HostPool", "PoolStorage"]

_READ, _WRITE = 0, 1
_TORN_STATE = -2
_CACHE_LINE = 64

_LONG_COPY = 1 << 16
"""From this many bytes on, copying releases the GIL."""

_Native = Callable[[int, Any, int], int]


class PoolStorage(Storage):
    """One array in the pool. It starts as zeros: a scalar 0, or an array with every size 0.

    >>> storage = PoolStorage("float64", 1, "weights")
    >>> storage.write([1.0, 2.0, 3.0])
    >>> with storage.lease() as weights:
    ...     weights *= 2
    >>> storage.read_copy()
    array([2., 4., 6.])
    """

    def __init__(self, dtype: DTypeLike, rank: int, name: str = "") -> None:
        super().__init__(dtype, rank, name)
        self._native = native_code()
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
            self.release()

    @property
    def space(self) -> "HostPool":
        """The pool of this process."""
        return HOST

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
        """Return a copy of the contents, as a block of the pool or, for a number, NumPy's memory.

        >>> PoolStorage("int32", 0).read_copy()
        array(0, dtype=int32)
        """
        return self._fetch(view=False, size=self._fields.bytes)

    def write(self, value: ArrayLike) -> None:
        """Replace the contents by a copy of the value, which may have other sizes.

        The block is kept where the new contents fit and no view shows it; so earlier views keep
        what they showed.
        """
        array = self._conform(value)
        record = self._new_record()
        record[0] = array.__array_interface__["data"][0]
        record[1:] = array.shape
        native = self._native
        self._perform(native.storage_write, native.storage_write_released, record, array.nbytes)

    def view(self) -> NDArray[Any]:
        """Return the contents themselves, without a lock: the opt-out from atomicity.

        The view is writable. Calls that update in place show in it, and may be half done when it
        is looked at; calls that replace the contents leave it with the old ones. The memory stays
        valid for as long as the view lives.
        """
        return self._fetch(view=True, size=0)

    def lease(self) -> "Lease":
        """Return a context manager that locks the storage for writing and gives its contents as an
        array.

        Calls of this thread may read the storage meanwhile but not write it.
        """
        return Lease(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """The present sizes."""
        return self.view().shape

    def allocate(self, shape: tuple[int, ...]) -> Preparation:
        """Draw a block of the pool for contents of that shape."""
        require_known_sizes(self.label, shape)
        words, native = self._new_record(), self._native
        words[1:] = shape
        size = math.prod(shape) * self.dtype.itemsize
        if native.boxes_natively:
            memory = native.storage_allocate(self.address, words, self.dtype.num)
        else:
            words[0] = native.pool_alloc(size) or 0
            memory = box_plainly(words, self.dtype) if words[0] else None
        if memory is None:
            raise pool.out_of_memory(size)
        return Preparation(self, memory)

    def prepare(self, value: ArrayLike) -> Preparation:
        """Copy the value into a block of the pool."""
        array = self._conform(value)
        preparation = self.allocate(array.shape)
        np.copyto(preparation.memory, array)
        return preparation

    def commit(self, preparation: Preparation) -> None:
        """Swap the blocks; the old one goes back to the pool with the last view of it.

        >>> storage = PoolStorage("int64", 0)
        >>> storage.commit(storage.prepare(3))
        >>> storage.read_copy()
        array(3)
        """
        HOST.commit_together([preparation], Receipt(), None)

    def abandon(self, preparation: Preparation) -> None:
        """Return the block to the pool."""
        preparation.memory = None

    def release(self) -> None:
        """Return the block of the contents to the pool."""
        self._native.storage_release(self.address)

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
        step = native.storage_view_released if view else native.storage_read_released
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


class HostPool(MemorySpace):
    """The pool of aligned memory in this process."""

    name = "cpu"
    is_host = True

    def storage(self, dtype: DTypeLike, rank: int, name: str = "") -> PoolStorage:
        """Return a new storage in the pool.

        >>> HOST.storage("float32", 2).shape
        (0, 0)
        """
        return PoolStorage(dtype, rank, name)

    def commit_together(
        self, preparations: Sequence[Preparation], receipt: Receipt, outcome: Any
    ) -> None:
        """Swap all blocks in one native step."""
        table = new_record(2 * len(preparations))
        described = []
        for number, one in enumerate(preparations):
            address = one.memory.__array_interface__["data"][0]
            described.append(np.array([address, *one.memory.shape], np.int64))
            table[2 * number] = one.storage.address
            table[2 * number + 1] = described[-1].ctypes.data
        receipt.commit(outcome, native_code().storage_commit_all, (table, len(preparations)))


HOST = HostPool()
"""Where compiled programs compute."""
