"""When two results count as the same.

Integers, booleans and exact float ops are compared bit for bit, but for the payload and sign of
NaNs. A float that went through an inexact op may differ by a tolerance (`fuzz.tolerance`); where
that is infinite, anything goes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["differences", "same_bits", "within"]


def same_bits(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Same dtype, shape and elements: 0.0 is not -0.0, any NaN is a NaN."""
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return not differences(first, second).any()


def differences(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two arrays of one dtype and shape differ."""
    if first.dtype.kind == "c":
        parts = (np.real, np.imag)
        real, imaginary = (differences(part(first), part(second)) for part in parts)
        return real | imaginary
    if first.dtype.kind != "f":
        return np.asarray(first != second)
    both_nan = np.isnan(first) & np.isnan(second)
    same = (first == second) & (np.signbit(first) == np.signbit(second))
    return np.asarray(~(both_nan | same))


def within(found: NDArray[Any], wanted: NDArray[Any], bound: NDArray[Any]) -> bool:
    """Same dtype and shape, and elements that differ by `bound` at most; a bound of 0 means bits.

    >>> within(np.array([1.0, 2.0]), np.array([1.0, 2.1]), np.array([0.0, 0.2]))
    True
    """
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return False
    differing = differences(found, wanted)
    if found.dtype.kind not in "fc":
        return not (differing & (bound == 0)).any()
    with np.errstate(all="ignore"):
        wide = np.complex128 if found.dtype.kind == "c" else np.float64
        distance = np.abs(found.astype(wide) - wanted.astype(wide))
        near = (distance <= bound) | np.isinf(bound)
    return not (differing & ~(near & (bound > 0))).any()
