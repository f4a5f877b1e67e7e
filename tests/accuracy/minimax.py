"""Minimax polynomials for the kernels of ``lltheano_ir.emit.math``, computed with mpmath.

``python -m tests.accuracy.minimax NAME`` printed the tables in the kernels; nothing here runs when
a program is compiled. Every fit is Remez's exchange in 60-digit arithmetic on the weighted error;
coefficients are then rounded to the format, and the error printed is that of the rounded
polynomial.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

# mpmath ships no types, and its functions may give complex numbers as far as a checker can tell.
Number = Any
Function = Callable[[Number], Number]
DIGITS = 60
GRID = 300


@dataclass(frozen=True)
class Fit:
    """A target on an interval, the powers used, and what the error is measured against."""

    target: Function
    weight: Function
    low: float
    high: float
    powers: Sequence[int]
    bits: int
    fixed: Sequence[float] = ()
    first_in_two_parts: bool = False


def round_to(value: Number, bits: int) -> Number:
    """Round to `bits` bits of significand (24 for f32, 53 for f64)."""
    return mpf(float(np.float32(float(value)))) if bits == 24 else mpf(float(value))


def chebyshev_points(low: Number, high: Number, count: int) -> list[Number]:
    """`count` extrema of a Chebyshev polynomial moved to ``[low, high]``, in rising order."""
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle - half * mpmath.cos(mpmath.pi * k / (count - 1)) for k in range(count)]


def polynomial(powers: Sequence[int], coefficients: Sequence[Number], x: Number) -> Number:
    """Value of the sum of ``c * x**p``."""
    return mpmath.fsum(c * x**p for p, c in zip(powers, coefficients, strict=True))


def solve(
    points: list[Number], powers: Sequence[int], target: Function, weight: Function
) -> list[Number]:
    """Coefficients, and the levelled error last, that alternate on `points`."""
    rows = [[x**p for p in powers] + [(-1) ** k / weight(x)] for k, x in enumerate(points)]
    solution = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([target(x) for x in points]))
    return list(solution)


def extrema(error: Function, low: Number, high: Number, count: int) -> list[Number]:
    """The `count` alternating extrema of `error` with the greatest magnitudes."""
    xs = chebyshev_points(low, high, GRID)
    es = [error(x) for x in xs]
    runs: list[tuple[Number, Number]] = []
    for x, e in zip(xs, es, strict=True):
        if runs and (runs[-1][1] > 0) == (e > 0):
            if abs(e) > abs(runs[-1][1]):
                runs[-1] = (x, e)
        else:
            runs.append((x, e))
    while len(runs) > count:
        runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
    return [x for x, _ in runs]


def exchange(
    target: Function, weight: Function, low: Number, high: Number, powers: Sequence[int]
) -> list[Number]:
    """Coefficients by Remez's exchange; the interval's middle is never a point."""
    points = chebyshev_points(low, high * mpf("1.0003"), len(powers) + 1)
    coefficients: list[Number] = []
    for _ in range(12):
        *coefficients, level = solve(points, powers, target, weight)

        def error(x: Number, coefficients: list[Number] = coefficients) -> Number:
            return weight(x) * (target(x) - polynomial(powers, coefficients, x))

        found = extrema(error, low, high, len(powers) + 1)
        worst = max(abs(error(x)) for x in found)
        if len(found) < len(points) or worst < abs(level) * mpf("1.001"):
            break
        points = found
    return coefficients


def refit(job: Fit, known: Sequence[Number], low: Number, high: Number) -> list[Number]:
    """Best coefficients after those `known`.

    The problem is divided by the lowest free power: ``x, x**2, ...`` alone all vanish at zero, so
    on an interval round zero they have no unique best fit, and ``1, x, ...`` have.
    """
    count = len(known)
    first = job.powers[count]

    def target(x: Number) -> Number:
        return (job.target(x) - polynomial(job.powers[:count], known, x)) / x**first

    def weight(x: Number) -> Number:
        return job.weight(x) * abs(x) ** first

    return exchange(target, weight, low, high, [p - first for p in job.powers[count:]])


def fit(make: Callable[[], Fit]) -> tuple[list[float], float]:
    """Rounded coefficients, one for each power, and log2 of the greatest weighted error.

    A first coefficient in two parts is printed as two numbers. The job is made here, since its
    interval has to have all digits too.
    """
    with mpmath.workdps(DIGITS):
        return _fit(make())


def _fit(job: Fit) -> tuple[list[float], float]:
    low, high = mpf(job.low), mpf(job.high)
    fixed = [mpf(c) for c in job.fixed]
    free = refit(job, fixed, low, high)
    done = fixed + [round_to(c, job.bits) for c in free]
    rest = round_to(free[0] - done[0], job.bits) if job.first_in_two_parts else mpf(0)
    done[0] += rest
    points = chebyshev_points(low, high, 4 * GRID)
    worst = max(
        abs(job.weight(x) * (job.target(x) - polynomial(job.powers, done, x))) for x in points
    )
    parts = [done[0] - rest, rest] if job.first_in_two_parts else [done[0]]
    return [float(c) for c in parts + done[1:]], float(mpmath.log(worst, 2))


def away_from_zero(function: Function, limit: float) -> Function:
    """`function` with its removable singularity at zero filled with `limit`."""
    return lambda x: mpf(limit) if abs(x) < mpf("1e-18") else function(x)


def exp_fit(count: int, bits: int) -> Fit:
    """``(exp(r) - 1 - r) / r**2``, error relative to ``exp(r) - 1``."""
    half = float(mpmath.log(2) / 2) * 1.002
    target = away_from_zero(lambda r: (mpmath.expm1(r) - r) / r**2, 0.5)
    weight = away_from_zero(lambda r: abs(r**2 / mpmath.expm1(r)), 1e-18)
    return Fit(target, weight, -half, half, range(count), bits, fixed=[0.5])


def exp2_fit(count: int, bits: int) -> Fit:
    """``(2**r - 1) / r``, error relative to ``2**r``."""
    target = away_from_zero(lambda r: (mpf(2) ** r - 1) / r, float(mpmath.log(2)))
    weight = away_from_zero(lambda r: abs(r) / mpf(2) ** r, 1e-18)
    return Fit(target, weight, -0.501, 0.501, range(count), bits)


def log_fit(count: int, bits: int) -> Fit:
    """``(2 atanh(s) - 2 s) / s`` in powers of ``z = s**2`` from 1, error relative to ``2 s``."""
    high = float(((mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)) ** 2) * 1.001
    target = away_from_zero(lambda z: 2 * mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 2, 0.0)
    return Fit(target, lambda z: mpf("0.5"), 1e-12, high, range(1, count + 1), bits)


def sin_fit(count: int, bits: int) -> Fit:
    """``(sin(r) - r) / r**3`` in powers of ``z = r**2``, error relative to ``r``."""
    high = float(mpmath.pi / 4) ** 2 * (1.02 if bits == 24 else 1.0001)
    root = mpmath.sqrt
    target = away_from_zero(lambda z: (mpmath.sin(root(z)) - root(z)) / root(z) ** 3, -1 / 6)
    return Fit(target, lambda z: z, 1e-10, high, range(count), bits)


def cos_fit(count: int, bits: int) -> Fit:
    """``(cos(r) - 1 + r**2 / 2) / r**4`` in powers of ``z = r**2``, absolute error."""
    high = float(mpmath.pi / 4) ** 2 * (1.02 if bits == 24 else 1.0001)
    target = away_from_zero(lambda z: (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2, 1 / 24)
    return Fit(target, lambda z: z**2, 1e-10, high, range(count), bits)


def pow_log_fit(count: int, bits: int) -> Fit:
    """``(2 atanh(s) / s - 2 - 2 z / 3) / z**2`` in powers of ``z = s**2``, error relative to 2."""
    high = float(((mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)) ** 2) * 1.001

    def target(z: Number) -> Number:
        s = mpmath.sqrt(z)
        return (2 * mpmath.atanh(s) / s - 2 - 2 * z / 3) / z**2

    return Fit(target, lambda z: z**2 / 2, 1e-10, high, range(count), bits)


def inverse_root_fit(count: int, bits: int) -> Fit:
    """``((1 - e)**(-1/3) - 1) / e``: the step from a rough inverse cube root to a fine one."""
    target = away_from_zero(lambda e: (mpmath.cbrt(1 / (1 - e)) - 1) / e, 1 / 3)
    return Fit(target, away_from_zero(abs, 1e-18), -0.11, 0.12, range(count), bits)


def asin_fit(count: int, bits: int) -> Fit:
    """``(asin(s) / s - 1) / z`` in powers of ``z = s**2``, error relative to s."""
    target = away_from_zero(lambda z: (mpmath.asin(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z, 1 / 6)
    return Fit(target, lambda z: z, 1e-10, 0.2501, range(count), bits)


def atan_fit(count: int, bits: int) -> Fit:
    """``(atan(t) / t - 1) / z`` in powers of ``z = t**2``, error relative to t."""
    high = float(mpmath.sqrt(2) - 1) ** 2 * 1.0001
    root = mpmath.sqrt
    target = away_from_zero(lambda z: (mpmath.atan(root(z)) / root(z) - 1) / z, -1 / 3)
    return Fit(target, lambda z: z, 1e-10, high, range(count), bits)


def erf_fit(count: int, bits: int) -> Fit:
    """``erf(s) / s - 1`` in powers of ``z = s**2``, error relative to s, up to 1."""
    limit = float(2 / mpmath.sqrt(mpmath.pi) - 1)
    target = away_from_zero(lambda z: mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1, limit)
    return Fit(target, lambda z: mpf(1), 1e-10, 1.0001, range(count), bits)


def log_erfc_fit(count: int, bits: int) -> Fit:
    """``log(erfc(x))`` from 1 to where erf rounds to 1, error that of erf."""
    high = 4.0 if bits == 24 else 6.0
    return Fit(lambda x: mpmath.log(mpmath.erfc(x)), mpmath.erfc, 0.9999, high, range(count), bits)


def tanh_fit(count: int, bits: int) -> Fit:
    """``(tanh(s) / s - 1) / z`` in powers of ``z = s**2``, error relative to s, up to 0.6."""
    root = mpmath.sqrt
    target = away_from_zero(lambda z: (mpmath.tanh(root(z)) / root(z) - 1) / z, -1 / 3)
    return Fit(target, lambda z: z, 1e-10, 0.3601, range(count), bits)


def erfc_fit(count: int, bits: int) -> Fit:
    """``(1 + 2 x) exp(x**2) erfc(x)`` in ``t = (x - k) / (x + k)``, k 5/2 (f32) or 4 (f64)."""
    k, last = (2.5, 10.2) if bits == 24 else (4.0, 27.5)

    def target(t: Number) -> Number:
        x = k * (1 + t) / (1 - t)
        return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)

    first = 0.4999
    low, high = (first - k) / (first + k), (last - k) / (last + k)
    return Fit(target, lambda t: 1 / target(t), low, high, range(count), bits, (), True)


def erfcx_fit(count: int, bits: int) -> Fit:
    """``(erfcx(x) - 1) / x`` from -1/2 to 1/2, error relative to erfcx."""

    def scaled(x: Number) -> Number:
        return mpmath.exp(x * x) * mpmath.erfc(x)

    target = away_from_zero(lambda x: (scaled(x) - 1) / x, float(-2 / mpmath.sqrt(mpmath.pi)))
    weight = away_from_zero(lambda x: abs(x) / scaled(x), 1e-18)
    return Fit(target, weight, -0.5001, 0.5001, range(count), bits)


def _erfinv_of(w: Number) -> Number:
    """``erfinv(x)`` for ``w = -log(1 - x**2)``."""
    return mpmath.erfinv(mpmath.sqrt(-mpmath.expm1(-w)))


def erfinv_fit(count: int, bits: int) -> Fit:
    """``erfinv(x) / x`` in ``t = w - 5/2``, for ``w = -log(1 - x**2)`` up to 5."""

    def target(t: Number) -> Number:
        x = mpmath.sqrt(-mpmath.expm1(-(t + mpf("2.5"))))
        return mpmath.erfinv(x) / x

    return Fit(target, lambda t: 1 / target(t), -2.4999, 2.501, range(count), bits, (), True)


def erfinv_tail_fit(low: float, high: float, centre: float, count: int) -> Fit:
    """``erfinv(x)`` in ``t = sqrt(w) - centre``, for sqrt(w) from `low` to `high`."""

    def target(t: Number) -> Number:
        return _erfinv_of((t + mpf(centre)) ** 2)

    return Fit(
        target,
        lambda t: 1 / target(t),
        low - centre,
        high - centre,
        range(count),
        53,
        (),
        True,
    )


def bessel_near_fit(order: int, count: int) -> Fit:
    """``(I0(x) - 1) / z`` or ``(2 I1(x) / x - 1) / z`` in ``z = (x / 2)**2``, for x up to 8."""

    def series(z: Number) -> Number:
        x = 2 * mpmath.sqrt(z)
        return mpmath.besseli(order, x) * (2 / x if order else 1)

    target = away_from_zero(lambda z: (series(z) - 1) / z, 1.0 if order == 0 else 0.5)
    weight = away_from_zero(lambda z: z / series(z), 1e-18)
    return Fit(target, weight, 1e-10, 16.001, range(count), 53)


def bessel_far_fit(order: int, count: int) -> Fit:
    """``sqrt(x) exp(-x) I(x)`` in ``t = 16 / x - 1``, for x from 8."""

    def target(t: Number) -> Number:
        if t < mpf("-1") + mpf("1e-12"):
            return 1 / mpmath.sqrt(2 * mpmath.pi)
        x = 16 / (t + 1)
        return mpmath.sqrt(x) * mpmath.exp(-x) * mpmath.besseli(order, x)

    return Fit(target, lambda t: 1 / target(t), -1.0, 1.0001, range(count), 53, (), True)


FITS: dict[str, Callable[[], Fit]] = {
    "exp.f32": lambda: exp_fit(6, 24),
    "exp.f64": lambda: exp_fit(11, 53),
    "exp2.f32": lambda: exp2_fit(6, 24),
    "exp2.f64": lambda: exp2_fit(12, 53),
    "log.f32": lambda: log_fit(3, 24),
    "log.f64": lambda: log_fit(7, 53),
    "short_log.f64": lambda: log_fit(4, 53),
    "sin.f32": lambda: sin_fit(3, 24),
    "sin.f64": lambda: sin_fit(6, 53),
    "cos.f32": lambda: cos_fit(3, 24),
    "cos.f64": lambda: cos_fit(6, 53),
    "pow_log.f64": lambda: pow_log_fit(8, 53),
    "inverse_root.f64": lambda: inverse_root_fit(6, 53),
    "asin.f32": lambda: asin_fit(5, 24),
    "asin.f64": lambda: asin_fit(13, 53),
    "atan.f32": lambda: atan_fit(5, 24),
    "atan.f64": lambda: atan_fit(12, 53),
    "erf.f32": lambda: erf_fit(7, 24),
    "erf.f64": lambda: erf_fit(14, 53),
    "log_erfc.f32": lambda: log_erfc_fit(9, 24),
    "log_erfc.f64": lambda: log_erfc_fit(22, 53),
    "tanh.f32": lambda: tanh_fit(5, 24),
    "erfc.f32": lambda: erfc_fit(11, 24),
    "erfc.f64": lambda: erfc_fit(23, 53),
    "i0_near.f64": lambda: bessel_near_fit(0, 18),
    "i1_near.f64": lambda: bessel_near_fit(1, 18),
    "i0_far.f64": lambda: bessel_far_fit(0, 26),
    "i1_far.f64": lambda: bessel_far_fit(1, 26),
    "erfcx.f64": lambda: erfcx_fit(20, 53),
    "erfinv.f64": lambda: erfinv_fit(23, 53),
    "erfinv_middle.f64": lambda: erfinv_tail_fit(2.2359, 4.001, 3.125, 21),
    "erfinv_far.f64": lambda: erfinv_tail_fit(3.999, 6.01, 5.0, 18),
}


def main(names: Sequence[str]) -> None:
    """Print the rounded coefficients of the named fits (all without names)."""
    for name in names or FITS:
        coefficients, bits = fit(FITS[name])
        print(f"{name}: error 2**{bits:.2f}")
        for c in coefficients:
            print(f"    {c!r},")


if __name__ == "__main__":
    main(sys.argv[1:])
