"""One array in the many forms in which callers hold arrays."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["exotic", "strided"]

Array: TypeAlias = NDArray[Any]


def strided(array: Array, number: int) -> Array:
    """The same elements under other strides, aligned and in native byte order."""
    return _STRIDED[number % len(_STRIDED)](array)


def exotic(array: Array, number: int) -> Array:
    """The same elements in a form that compiled code may not be given as it is."""
    return _EXOTIC[number % len(_EXOTIC)](array)


def _backwards(array: Array) -> Array:
    flipped = (slice(None, None, -1),) * array.ndim
    return np.asarray(np.array(array[flipped]).reshape(array.shape)[flipped])


def _spread(array: Array) -> Array:
    wide = np.zeros(tuple(2 * size for size in array.shape), array.dtype)
    every_other = (slice(None, None, 2),) * array.ndim
    wide[every_other] = array
    return np.asarray(wide[every_other])


def _transposed(array: Array) -> Array:
    return np.array(array.T, order="C").T


def _read_only(array: Array) -> Array:
    kept = array.copy()
    kept.flags.writeable = False
    return kept


def _unaligned(array: Array) -> Array:
    raw = np.zeros(array.nbytes + 1, np.uint8)
    moved = raw[1:].view(array.dtype)[: array.size].reshape(array.shape)
    moved[...] = array
    return moved


def _swapped(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("S"))


_STRIDED = (_backwards, _spread, _transposed, _read_only)
_EXOTIC = (*_STRIDED, _unaligned, _swapped)
