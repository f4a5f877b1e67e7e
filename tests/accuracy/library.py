"""How exact the functions are that compiled code takes from SciPy, or makes of SciPy's: measured
against mpmath.

They promise no bound, and near a zero of the function an error in units has none; the samples say
for which arguments the figures hold. f32 and f16 results are those in f64, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from lltheano_ir.ops.elementwise.special import gammainc_slope, scipy_function
from tests.accuracy.measure import MPMATH_BITS, Worst, error_in_units
from tests.accuracy.reference import Array

__all__ = ["LIBRARY", "measure_library"]

Sampler = Callable[[np.random.Generator, int], Array]


def evenly(low: float, high: float) -> Sampler:
    """Arguments spread evenly."""
    return lambda rng, count: rng.uniform(low, high, count)


def by_magnitude(low: float, high: float) -> Sampler:
    """Positive arguments, every magnitude alike."""
    return lambda rng, count: np.exp(rng.uniform(np.log(low), np.log(high), count))


@dataclass(frozen=True)
class LibraryFunction:
    """A function in mpmath, how to sample its arguments, and what the samples are in words."""

    exact: Callable[..., Any]
    samplers: tuple[Sampler, ...]
    where: str


def _gamma_slope(k: Any, x: Any) -> Any:
    """By differences of the part of the integral that is not nearly 1."""
    with mpmath.workdps(60):
        above = x > k
        ends = (x, mpmath.inf) if above else (0, x)
        slope = mpmath.diff(
            lambda one: mpmath.gammainc(one, *ends, regularized=True), k, h=mpmath.mpf(10) ** -20
        )
        return -slope if above else slope


def _log_gamma(x: Any) -> Any:
    return mpmath.re(mpmath.loggamma(x))


LIBRARY: dict[str, LibraryFunction] = {
    "gamma": LibraryFunction(mpmath.gamma, (evenly(-20, 171),), "-20 to 171"),
    "gammaln": LibraryFunction(_log_gamma, (by_magnitude(3, 1e12),), "3 to 1e12"),
    "psi": LibraryFunction(mpmath.digamma, (by_magnitude(2, 1e12),), "2 to 1e12"),
    "gammainc": LibraryFunction(
        lambda k, x: mpmath.gammainc(k, 0, x, regularized=True),
        (by_magnitude(0.1, 50), by_magnitude(0.1, 50)),
        "both 0.1 to 50",
    ),
    "gammaincc": LibraryFunction(
        lambda k, x: mpmath.gammainc(k, x, mpmath.inf, regularized=True),
        (by_magnitude(0.1, 50), by_magnitude(0.1, 50)),
        "both 0.1 to 50",
    ),
    "gammainc_slope": LibraryFunction(
        _gamma_slope, (by_magnitude(0.1, 50), by_magnitude(0.1, 50)), "both 0.1 to 50"
    ),
    "erfcinv": LibraryFunction(
        lambda x: mpmath.erfinv(1 - x), (by_magnitude(1e-30, 0.9),), "1e-30 to 0.9"
    ),
    "j0": LibraryFunction(lambda x: mpmath.besselj(0, x), (evenly(0, 2.3),), "0 to 2.3"),
    "j1": LibraryFunction(lambda x: mpmath.besselj(1, x), (evenly(0, 3.7),), "0 to 3.7"),
    "jv": LibraryFunction(
        mpmath.besselj, (evenly(0, 20), evenly(0, 2)), "order 0 to 20, argument 0 to 2"
    ),
    "iv": LibraryFunction(
        mpmath.besseli, (evenly(0, 20), evenly(0, 50)), "order 0 to 20, argument 0 to 50"
    ),
}
"""The functions, and arguments away from the zeros of those that have any."""


def measure_library(name: str, count: int, seed: int) -> Worst:
    """SciPy's function on a sample, in f64, against mpmath."""
    function = LIBRARY[name]
    rng = np.random.default_rng(seed)
    args = [sampler(rng, count) for sampler in function.samplers]
    reference = gammainc_slope if name == "gammainc_slope" else scipy_function(name)
    got = reference(*args)
    with mpmath.workprec(MPMATH_BITS):
        errors = [
            error_in_units(function.exact(*map(mpmath.mpf, point)), float(y))
            for y, *point in zip(got, *(one.tolist() for one in args), strict=True)
        ]
    worst = Worst()
    worst.take(np.array(errors), np.zeros(count, bool), args)
    return worst
