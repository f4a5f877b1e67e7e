"""Exact results to measure against, and arguments that are worth measuring at.

f32 kernels are compared with NumPy's functions in f64, whose error is below ``2**-28`` of an f32
unit. f64 kernels are compared with NumPy's in x87 extended precision (an error of some ``2**-11``
units) where the machine has it, and with mpmath, which is exact, on fewer points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray
from scipy import special

from lltheano_ir.ops.elementwise.special import hurwitz_zeta, inverse_erf, modified_bessel

Array = NDArray[np.floating]
EXTENDED = np.finfo(np.longdouble).nmant >= 63


def _sigmoid(x: Array) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def _softplus(x: Array) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _exact_softplus(x: Any) -> Any:
    return max(x, mpmath.mpf(0)) + mpmath.log1p(mpmath.exp(-abs(x)))


def _exact_sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _exact_cbrt(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def _exact_erfcx(x: Any) -> Any:
    """The product, or the asymptotic series where erfc is too small for mpmath to be quick."""
    if x < 50:
        return mpmath.exp(x * x) * mpmath.erfc(x)
    v = -1 / (2 * x * x)
    terms = [mpmath.fac2(2 * k - 1) * v**k for k in range(20)]
    return mpmath.fsum(terms) / (x * mpmath.sqrt(mpmath.pi))


def _exact_zeta(s: Any, q: Any) -> Any:
    """Euler and Maclaurin's sum, far out: mpmath's own loses digits where q is large."""
    w = q + 100
    term = s * w ** (-s - 1)
    total = mpmath.fsum((q + k) ** -s for k in range(100)) + w ** (1 - s) / (s - 1) + w**-s / 2
    for j in range(1, 40):
        total += mpmath.bernoulli(2 * j) / mpmath.factorial(2 * j) * term
        term *= (s + 2 * j - 1) * (s + 2 * j) / w**2
    return total


@dataclass(frozen=True)
class Reference:
    """A function in NumPy and in mpmath, and between which f64 arguments it is worth a look."""

    numpy: Callable[..., Any]
    exact: Callable[..., Any]
    low: float
    high: float
    in_extended: bool = True


REFERENCES: dict[str, Reference] = {
    "exp": Reference(np.exp, mpmath.exp, -746.0, 710.0),
    "exp2": Reference(np.exp2, lambda x: mpmath.power(2, x), -1076.0, 1025.0),
    "expm1": Reference(np.expm1, mpmath.expm1, -40.0, 710.0),
    "sigmoid": Reference(_sigmoid, _exact_sigmoid, -746.0, 40.0),
    "log": Reference(np.log, mpmath.log, 0.0, np.inf),
    "log2": Reference(np.log2, lambda x: mpmath.log(x, 2), 0.0, np.inf),
    "log10": Reference(np.log10, mpmath.log10, 0.0, np.inf),
    "log1p": Reference(np.log1p, mpmath.log1p, -1.0, np.inf),
    "softplus": Reference(_softplus, _exact_softplus, -746.0, np.inf),
    "sinh": Reference(np.sinh, mpmath.sinh, -711.0, 711.0),
    "cosh": Reference(np.cosh, mpmath.cosh, -711.0, 711.0),
    "tanh": Reference(np.tanh, mpmath.tanh, -20.0, 20.0),
    "sin": Reference(np.sin, mpmath.sin, -np.inf, np.inf),
    "cos": Reference(np.cos, mpmath.cos, -np.inf, np.inf),
    "tan": Reference(np.tan, mpmath.tan, -np.inf, np.inf),
    "asin": Reference(np.arcsin, mpmath.asin, -1.0, 1.0),
    "acos": Reference(np.arccos, mpmath.acos, -1.0, 1.0),
    "atan": Reference(np.arctan, mpmath.atan, -np.inf, np.inf),
    "atan2": Reference(np.arctan2, mpmath.atan2, -np.inf, np.inf),
    "asinh": Reference(np.arcsinh, mpmath.asinh, -np.inf, np.inf),
    "acosh": Reference(np.arccosh, mpmath.acosh, 1.0, np.inf),
    "atanh": Reference(np.arctanh, mpmath.atanh, -1.0, 1.0),
    "pow": Reference(np.power, mpmath.power, 0.0, np.inf),
    "cbrt": Reference(np.cbrt, _exact_cbrt, -np.inf, np.inf),
    "zeta": Reference(hurwitz_zeta, _exact_zeta, 1.0, 60.0, in_extended=False),
    "i0": Reference(
        modified_bessel(0), lambda x: mpmath.besseli(0, x), -714.0, 714.0, in_extended=False
    ),
    "i1": Reference(
        modified_bessel(1), lambda x: mpmath.besseli(1, x), -714.0, 714.0, in_extended=False
    ),
    "erfcx": Reference(special.erfcx, _exact_erfcx, -26.7, np.inf, in_extended=False),
    "erfinv": Reference(inverse_erf, mpmath.erfinv, -1.0, 1.0, in_extended=False),
    "erf": Reference(special.erf, mpmath.erf, -6.5, 6.5, in_extended=False),
    "erfc": Reference(special.erfc, mpmath.erfc, -6.5, 27.5, in_extended=False),
}


def arguments(name: str, rng: np.random.Generator, count: int) -> list[Array]:
    """About `count` f64 arguments for each parameter, finite and in the function's domain."""
    if name == "pow":
        return _pow_arguments(rng, count)
    if name == "zeta":
        return _zeta_arguments(rng, count)
    if name == "atan2":
        y, x = (_anywhere(-np.inf, np.inf, rng, count) for _ in range(2))
        size = min(y.size, x.size)
        return [y[:size], x[:size]]
    reference = REFERENCES[name]
    return [_anywhere(reference.low, reference.high, rng, count)]


def _anywhere(low: float, high: float, rng: np.random.Generator, count: int) -> Array:
    """Every magnitude alike, magnitudes near one, and evenly within the finite limits."""
    share = count // 4
    bits = rng.integers(0, 2**64, share, dtype=np.uint64).view(np.float64)
    near = np.ldexp(rng.uniform(1, 2, share), rng.integers(-30, 8, share))
    near *= rng.choice([-1.0, 1.0], share)
    narrow, even = (rng.uniform(max(low, -b), min(high, b), share) for b in (4.0, 1e4))
    quarters = rng.integers(-(10**6), 10**6, share // 8) * (np.pi / 2)
    x = np.concatenate([bits, near, narrow, even, quarters, _landmarks(low, high)])
    x = x[np.isfinite(x)]
    x = np.where((x < low) | (x > high), -x, x)
    kept: Array = x[(x >= low) & (x <= high)]
    return rng.permutation(kept)


def _landmarks(low: float, high: float) -> Array:
    """Numbers beside limits, small integers and halves, and the hardest argument of sin."""
    centres = [x for x in (low, high) if np.isfinite(x)]
    centres += [*np.arange(-20, 20.5, 0.5), 2.0**16, 2.0**27, 2.0**-1022, np.sqrt(0.5), np.sqrt(2)]
    centres += [np.ldexp(6381956970095103.0, 797), np.log(2) / 2, np.sqrt(2) - 1, np.sqrt(2) + 1]
    around = [np.array(centres)]
    for towards in (-np.inf, np.inf):
        x = around[0]
        for _ in range(5):
            x = np.nextafter(x, towards)
            around.append(x)
    return np.concatenate(around)


def _pow_arguments(rng: np.random.Generator, count: int) -> list[Array]:
    """Bases of every magnitude with exponents that keep the result in range, and all small ones."""
    share = count // 2
    base = np.exp(np.concatenate([rng.uniform(-708, 709, share), rng.normal(0, 1, share)]))
    limit = 745 / np.maximum(np.abs(np.log(base)), 1e-6)
    return [base, rng.uniform(-1, 1, base.size) * limit]


def _zeta_arguments(rng: np.random.Generator, count: int) -> list[Array]:
    """Whole and other s, near 1 too, with q of every magnitude that gives a finite result."""
    share = count // 4
    near, whole = 1 + np.exp(rng.uniform(-30, 4, share)), rng.integers(2, 40, share)
    s = np.concatenate([near, whole, rng.uniform(1, 60, 2 * share)])
    limit = np.minimum(700 / s, 30)
    return [s, np.exp(np.concatenate([rng.uniform(-1, 1, s.size) * limit]))]
