"""NumPy arrays over blocks of the pool.

Invariants: an array takes over one reference to its block and gives it back when it dies, so the
memory of an array is valid for as long as anything refers to it. Boxing is native where NumPy's
arrays have the layout that it knows; the plain way through `__array_interface__` gives the same
arrays and serves elsewhere.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.runtime.native_code import native_code

__all__ = ["box", "box_plainly", "box_view"]


def box(record: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A new array that owns a block.

    Parameters
    ----------
    record
        Words: the address of the block, then the size of each dimension. The block's elements are
        C-contiguous, and the caller's reference to it goes over to the array.
    dtype
        Of the elements.

    Returns
    -------
    A C-contiguous, aligned, writable array. A scalar is copied out of its block.
    """
    native = native_code()
    if not native.boxes_natively:
        return box_plainly(record, dtype)
    boxed: NDArray[Any] = native.box(record, len(record) - 1, dtype.num, dtype.itemsize)
    return boxed


def box_view(record: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Like `box`, but a scalar too shows the block itself."""
    native = native_code()
    if not native.boxes_natively:
        return box_plainly(record, dtype)
    boxed: NDArray[Any] = native.box_view(record, len(record) - 1, dtype.num, dtype.itemsize)
    return boxed


def box_plainly(record: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """What `box_view` does, without relying on the layout of NumPy's objects."""
    address, *sizes = (int(word) for word in record)
    return np.asarray(_Block(address, tuple(sizes), dtype, native_code().pool_free))


class _Block:
    """The owner of one reference to a block, and what NumPy needs to show it as an array."""

    __slots__ = ("__array_interface__", "_address", "_free")

    def __init__(
        self,
        address: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        free: Callable[[int], None],
    ) -> None:
        self._address = address
        self._free = free
        self.__array_interface__ = {
            "version": 3,
            "data": (address, False),
            "shape": shape,
            "typestr": dtype.str,
        }

    def __del__(self) -> None:
        self._free(self._address)
