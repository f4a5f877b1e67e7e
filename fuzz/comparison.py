"""When two results count as the same.

Integers, booleans and exact float ops are compared bit for bit, but for the payload and sign of
NaNs. A float that went through an inexact op (a transcendental, `dot`) may differ by a tolerance
that the caller derives from the op's published bound.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["differences", "same_bits"]


def same_bits(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Same dtype, shape and elements: 0.0 is not -0.0, any NaN is a NaN."""
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return not differences(first, second).any()


def differences(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two arrays of one dtype and shape differ."""
    if first.dtype.kind == "c":
        return differences(first.real, second.real) | differences(first.imag, second.imag)
    if first.dtype.kind != "f":
        return np.asarray(first != second)
    both_nan = np.isnan(first) & np.isnan(second)
    same = (first == second) & (np.signbit(first) == np.signbit(second))
    return np.asarray(~(both_nan | same))
