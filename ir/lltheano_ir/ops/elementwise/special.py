"""The reference semantics of special functions, and the names of those whose code is SciPy's.

For these compiled code calls, element by element, the functions that
`scipy.special.cython_special` publishes for other extensions; the reference is the function
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

__all__ = [
    "GAMMA_SLOPE_LARGEST",
    "SCIPY_FUNCTIONS",
    "gammainc_slope",
    "hurwitz_zeta",
    "inverse_erf",
    "modified_bessel",
    "scipy_function",
]

Array = NDArray[Any]

GAMMA_SLOPE_LARGEST = 1e7
"""The greatest k for which the derivative of P(k, x) in k is computed everywhere."""

_ENOUGH = 2.0**-54
"""Terms below this part of their sum are left out."""

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
    ("iv", 2, "the modified Bessel function of the first kind of order x, at y"),
)
"""Name (SciPy's), number of operands, and summary of each."""


def scipy_function(name: str) -> Callable[..., Array]:
    """The reference of the op `name`: SciPy's function of that name, in f64, rounded once."""
    return partial(_in_f64, name)


def _in_f64(name: str, *arrays: Array) -> Array:
    from scipy import special  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    result = getattr(special, name)(*(one.astype(np.float64) for one in arrays))
    return np.asarray(result).astype(arrays[0].dtype)


def inverse_erf(x: Array) -> Array:
    """The inverse of erf; it keeps the sign of zero, which SciPy's loses."""
    return np.copysign(_in_f64("erfinv", x), x)


def modified_bessel(order: int) -> Callable[[Array], Array]:
    """The reference of `i0` or `i1`: SciPy's `i0e` or `i1e`, without the exponential in them.

    So it is finite up to where the result overflows, infinite at infinity, and keeps the sign of
    zero; SciPy's `i0` and `i1` are not.
    """
    return partial(_unscaled, order)


def _unscaled(order: int, x: Array) -> Array:
    wide = x.astype(np.float64)
    half = np.exp(np.abs(wide) / 2)
    result = _in_f64(f"i{order}e", wide) * half * half
    result = np.where(np.isinf(wide), np.inf, np.abs(result))
    return np.asarray(np.copysign(result, wide) if order else result).astype(x.dtype)


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


def gammainc_slope(k: Array, x: Array) -> Array:
    """The derivative of P(k, x) in k (AS 187; formulas: `lltheano_ir.emit.scalars.gamma_slope`).

    NaN for k <= 0 and x < 0, and where k is above `GAMMA_SLOPE_LARGEST` and x near it.

    >>> float(gammainc_slope(np.array(2.0), np.array(1.0)).round(6))
    -0.276196
    """
    narrow, wide = k.dtype, np.broadcast_arrays(k, x)
    shape = wide[0].shape
    k, x = (np.ravel(one.astype(np.float64)) for one in wide)
    result = np.full(k.shape, np.nan)
    far = (k > GAMMA_SLOPE_LARGEST) & (np.abs(x - k) > 40 * np.sqrt(k)) & (x > 0)
    result[(k > 0) & ((x == 0) | (x == np.inf) | far)] = 0
    regular = (k > 0) & (k <= GAMMA_SLOPE_LARGEST) & (x > 0) & (x < np.inf)
    for part, formula in ((x < k + 1, _slope_by_series), (x >= k + 1, _slope_by_fraction)):
        chosen = regular & part
        if chosen.any():
            result[chosen] = formula(k[chosen], x[chosen])
    return result.reshape(shape).astype(narrow)


def _slope_by_series(k: Array, x: Array) -> Array:
    term, total = np.ones_like(k), np.ones_like(k)
    harmonic, weighted = np.zeros_like(k), np.zeros_like(k)
    more, n = np.ones(k.shape, bool), 0
    while more.any():
        n += 1
        term = term * (x / (k + n))
        harmonic = harmonic + 1 / (k + n)
        total, weighted = total + term, weighted + term * harmonic
        more = (term > _ENOUGH * total) | (term * harmonic > _ENOUGH * weighted)
    inner = np.log(x) - _in_f64("psi", k + 1) - weighted / total
    return np.asarray(_in_f64("gammainc", k, x) * inner)


def _slope_by_fraction(k: Array, x: Array) -> Array:
    b = x + 1 - k
    c, dc = np.full_like(k, np.inf), np.zeros_like(k)
    d, dd = 1 / b, 1 / (b * b)
    h, dh = d, dd
    more, i = np.ones(k.shape, bool), 0
    most = 100 + 30 * np.sqrt(k)
    while more.any():
        i, b = i + 1, b + 2
        a = -i * (i - k)
        dd = i * d + a * dd - 1
        d = 1 / (a * d + b)
        dd = -dd * d * d
        dc = (i - a * dc / c) / c - 1
        c = b + a / c
        factor, change = c * d, dc * d + c * dd
        h, dh = h * factor, dh * factor + h * change
        settled = (np.abs(factor - 1) <= 8 * _ENOUGH) & (np.abs(h * change) <= 64 * _ENOUGH * dh)
        more = ~settled & (i < most)
    inner = np.log(x) - _in_f64("psi", k) + dh / h
    return np.asarray(-_in_f64("gammaincc", k, x) * inner)
