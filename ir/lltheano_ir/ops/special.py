"""The meanings of special functions, and the names of those whose code is SciPy's.

For these compiled code calls, element by element, the functions that
`scipy.special.cython_special` publishes for other extensions; the reference meaning is the function
of the same name in `scipy.special`. Both compute in f64, and the result is rounded once to the
dtype of the operands. How exact SciPy is, which is not a few units everywhere (near the zeros of
`j0`, say), is measured in `docs/accuracy.md`. Sources for the functions: the NIST Digital Library
of Mathematical Functions (DLMF), chapters 5, 7, 8, 10 and 25.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCIPY_FUNCTIONS", "hurwitz_zeta", "inverse_erf", "scipy_function"]

Array = NDArray[Any]

SCIPY_FUNCTIONS: tuple[tuple[str, int, str], ...] = (
    ("gamma", 1, "the gamma function; NaN at negative integers"),
    ("gammaln", 1, "log(abs(gamma(x))) without overflow"),
    ("psi", 1, "the digamma function, the derivative of log(gamma(x))"),
    ("gammainc", 2, "the lower incomplete gamma function P(x, y), which rises from 0 to 1 in y"),
    ("gammaincc", 2, "1 - P(x, y) without cancellation"),
    ("erfcinv", 1, "the inverse of erfc"),
    ("j0", 1, "the Bessel function of the first kind of order 0"),
    ("j1", 1, "the Bessel function of the first kind of order 1"),
    ("jv", 2, "the Bessel function of the first kind of order x, at y"),
    ("i0", 1, "the modified Bessel function of the first kind of order 0"),
    ("i1", 1, "the modified Bessel function of the first kind of order 1"),
    ("iv", 2, "the modified Bessel function of the first kind of order x, at y"),
)
"""Name (SciPy's), number of operands, and summary of each."""


def scipy_function(name: str) -> Callable[..., Array]:
    """The meaning of the op `name`: SciPy's function of that name, in f64, rounded once."""
    return partial(_in_f64, name)


def _in_f64(name: str, *arrays: Array) -> Array:
    from scipy import special  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    result = getattr(special, name)(*(one.astype(np.float64) for one in arrays))
    return np.asarray(result).astype(arrays[0].dtype)


def inverse_erf(x: Array) -> Array:
    """The inverse of erf; it keeps the sign of zero, which SciPy's loses."""
    return np.copysign(_in_f64("erfinv", x), x)


def hurwitz_zeta(s: Array, q: Array) -> Array:
    """The sum of ``(q + k)**-s`` over k = 0, 1, ... (DLMF 25.11.1), for q > 0 and s > 1.

    Infinite at s = 1, NaN for lesser s and for q <= 0. (SciPy's goes on to negative q for whole s,
    in time that grows with -q, and is NaN where s is so great that only the first term is left.)

    >>> float(hurwitz_zeta(np.array(2.0), np.array(1.0)).round(6))
    1.644934
    """
    result = _in_f64("zeta", s, np.where(q > 0, q, q.dtype.type(1)))
    result = np.where(np.isnan(result) & (s >= 1), np.power(q, -s), result)
    return np.where(q > 0, result, s.dtype.type(np.nan))
