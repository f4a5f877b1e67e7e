"""log, log2, log10 and log1p.

The angle is atan2 of the parts. The real part is half the logarithm of the squared modulus, which
is formed to twice the precision: its low half enters the kernel of `log` as a correction, so that
near the unit circle, where the logarithm of a rounded modulus would be noise, it is as exact as
elsewhere.
"""

from __future__ import annotations

import math

from lltheano_ir.emit.complex_math.lanes import Complex, is_infinite, real, scale_of
from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, two_product, two_sum
from lltheano_ir.emit.math.lanes import Real, fma, select
from lltheano_ir.emit.math.log import TABLES, log_of_split, split
from lltheano_ir.records import record

__all__ = ["LogSquare", "log", "log1p", "log2", "log10", "log_size", "log_square"]


@record(frozen=True, eq=False)
class LogSquare:
    """``log(|z|**2) == k ln 2 + log(m) + low``."""

    k: Real
    m: Real
    low: Real


def log_square(x: Pair, y: Real, narrow: bool) -> LogSquare:
    """The logarithm of ``x**2 + y**2``, for numbers that are not both zero and are finite."""
    scale = scale_of(Complex(x.high, y, narrow))
    high, low, other = (part * scale.factor for part in (x.high, x.low, y))
    square, beside = two_product(high, high), two_product(other, other)
    total = two_sum(square.high, beside.high)
    rest = total.low + ((square.low + beside.low) + 2.0 * high * low)
    whole = fast_two_sum(total.high, rest)
    k, m = split(whole.high)
    return LogSquare(k + 2.0 * scale.doublings, m, whole.low / whole.high)


def at_the_edges(x: Real, y: Real, result: Real) -> Real:
    """`result`, a logarithm of the modulus: -inf at 0, inf where a part is, else NaN for NaN."""
    result = select(x.is_unordered(y), math.nan, result)
    result = select(x.equals(0.0) & y.equals(0.0), -math.inf, result)
    return select(is_infinite(x) | is_infinite(y), math.inf, result)


def log_size(x: Pair, y: Real, narrow: bool, doublings: float = 0.0) -> Real:
    """``log |x + i y| + doublings * ln 2``, with a real part of twice the precision."""
    found = log_square(x, y, narrow)
    result = 0.5 * log_of_split(found.k + 2.0 * doublings, found.m, found.low)
    return at_the_edges(x.high, y, result)


def _single(x: Real) -> Pair:
    return Pair(x, x.constant(0.0))


def _angle(z: Complex) -> Real:
    return real("atan2", z.im, z.re)


def log(z: Complex) -> Complex:
    """The natural logarithm, cut along the negative reals."""
    return Complex(log_size(_single(z.re), z.im, z.narrow), _angle(z))


def _times(x: Real, unit: tuple[float, float]) -> Real:
    """`x` times a constant in two parts."""
    return fma(x, unit[0], x * unit[1])


def _of_base(z: Complex, unit: tuple[float, float], of_two: tuple[float, float]) -> Complex:
    """`unit` is the logarithm of e to the base, and `of_two` that of 2."""
    found = log_square(_single(z.re), z.im, z.narrow)
    part = _times(log_of_split(found.k.constant(0.0), found.m, found.low), unit)
    size = 0.5 * fma(found.k, of_two[0], fma(found.k, of_two[1], part))
    return Complex(at_the_edges(z.re, z.im, size), _times(_angle(z), unit))


def log2(z: Complex) -> Complex:
    """The logarithm to base 2."""
    return _of_base(z, TABLES[z.re.format].log2_e, (1.0, 0.0))


def log10(z: Complex) -> Complex:
    """The logarithm to base 10."""
    table = TABLES[z.re.format]
    return _of_base(z, table.log10_e, table.log10_2)


def log1p(z: Complex) -> Complex:
    """``log(1 + z)``, the rounding error of ``1 + x`` taken along."""
    above = two_sum(z.re.constant(1.0), z.re)
    low = select(is_infinite(z.re), 0.0, above.low)
    size = log_size(Pair(above.high, low), z.im, z.narrow)
    return Complex(size, real("atan2", z.im, above.high))
