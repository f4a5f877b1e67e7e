"""asin, acos, atan, atan2, asinh, acosh and atanh.

asin and acos: a minimax series up to 1/2; above, ``asin x = pi/2 - 2 asin sqrt((1 - x) / 2)``.
atan and atan2: with tan(pi/8) and its inverse as borders, the addition theorem turns ``y / x`` into
a quotient of at most tan(pi/8), formed once to twice the precision, then a minimax series. The
inverse hyperbolic functions are log1p of an argument that does not cancel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient, two_sum
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Mask, Real, fma, horner, select
from lltheano_ir.emit.math.log import log1p_of
from lltheano_ir.records import record


@record(frozen=True)
class InverseTable:
    """Constants of one format; pi / 2 and pi / 4 in two parts."""

    half_pi: tuple[float, float]
    asin_series: Sequence[float]
    atan_series: Sequence[float]


TABLES = {
    F32: InverseTable(
        half_pi=(float.fromhex("0x1.921fb6p+0"), float.fromhex("-0x1.777a5cp-25")),
        asin_series=(
            0.16666731238365173,
            0.07495653629302979,
            0.045467834919691086,
            0.024045361205935478,
            0.042574889957904816,
        ),
        atan_series=(
            -0.33333319425582886,
            0.1999853104352951,
            -0.14242926239967346,
            0.10581130534410477,
            -0.0603230856359005,
        ),
    ),
    F64: InverseTable(
        half_pi=(float.fromhex("0x1.921fb54442d18p+0"), float.fromhex("0x1.1a62633145c07p-54")),
        asin_series=(
            0.16666666666666702,
            0.0749999999998436,
            0.04464285716382506,
            0.03038194313367084,
            0.022372205284955746,
            0.01735174961224915,
            0.013979562345408224,
            0.011406355562828471,
            0.010752789072889098,
            0.0037620074814701185,
            0.021677144731578918,
            -0.02108968790886363,
            0.032760540283319116,
        ),
        atan_series=(
            -0.3333333333333333,
            0.19999999999998536,
            -0.14285714285468357,
            0.11111111091819134,
            -0.0909090823714957,
            0.0769228415615866,
            -0.066662391348814,
            0.058770775404907216,
            -0.052184196682428144,
            0.045024655133070364,
            -0.03342721425119726,
            0.015128650863356168,
        ),
    ),
}
TAN_EIGHTH_PI = math.sqrt(2.0) - 1.0


def _asin_parts(x: Real) -> tuple[Mask, Real, Real]:
    """``(large, s, bend)``: ``asin(s) = s + bend`` for s, |x| itself or ``sqrt((1 - |x|) / 2)``."""
    size = abs(x)
    large = size > 0.5
    rest = fma(size, -0.5, 0.5)
    s = select(large, rest.sqrt(), size)
    z = select(large, rest, size * size)
    return large, s, s * z * horner(z, TABLES[x.format].asin_series)


def asin(x: Real) -> Real:
    """The angle in ``[-pi/2, pi/2]`` with sine x; NaN outside ``[-1, 1]``."""
    high, low = TABLES[x.format].half_pi
    large, s, bend = _asin_parts(x)
    folded = high - 2.0 * s
    error = (high - folded) - 2.0 * s
    result = select(large, folded + (error + fma(bend, -2.0, low)), s + bend)
    return result.with_sign_of(x)


def acos(x: Real) -> Real:
    """The angle in ``[0, pi]`` with cosine x; NaN outside ``[-1, 1]``."""
    high, low = TABLES[x.format].half_pi
    large, s, bend = _asin_parts(x)
    # pi/2 - asin x, 2 asin s, or pi - 2 asin s: a multiple of pi/2 and one of s + bend.
    negative = x < 0.0
    base = select(large, select(negative, x.constant(2.0), 0.0), 1.0)
    factor = select(large, x.constant(2.0), 1.0)
    factor = select(large ^ negative, factor, -factor)
    factor = select(large & negative, -abs(factor), factor)
    start = fast_two_sum(base * high, factor * s)
    return start.high + (start.low + fma(factor, bend, base * low))


def _atan_of_ratio(y: Real, x: Real) -> Pair:
    """``atan(y / x)`` for y, x >= 0, finite, not both zero, in two parts."""
    table = TABLES[x.format]
    low_part, high_part = y <= TAN_EIGHTH_PI * x, TAN_EIGHTH_PI * y > x
    difference, total = two_sum(y, -x), two_sum(y, x)
    zero = x.constant(0.0)
    numerator = Pair(
        select(low_part, y, select(high_part, -x, difference.high)),
        select(low_part | high_part, zero, difference.low),
    )
    denominator = Pair(
        select(low_part, x, select(high_part, y, total.high)),
        select(low_part | high_part, zero, total.low),
    )
    t = quotient(numerator, denominator)
    z = t.high * t.high
    bend = fma(t.high * z, horner(z, table.atan_series), t.low)
    share = select(low_part, zero, select(high_part, x.constant(1.0), 0.5))
    start = fast_two_sum(share * table.half_pi[0], t.high)
    return Pair(start.high, start.low + fma(share, table.half_pi[1], bend))


def atan(x: Real) -> Real:
    """The angle in ``[-pi/2, pi/2]`` with tangent x."""
    size = abs(x).at_most(2.0 ** (2 * x.format.mantissa_bits))
    return _atan_of_ratio(size, x.constant(1.0)).total().with_sign_of(x)


def atan2(y: Real, x: Real) -> Real:
    """The angle in ``[-pi, pi]`` of the point (x, y), by the rules of C's atan2."""
    angle = _unsigned_angle(y, x)
    return select(x.is_unordered(y), x + y, angle.total().with_sign_of(y))


def atan2_pair(y: Real, x: Real) -> Pair:
    """`atan2` in two parts, with some five bits more."""
    angle = _unsigned_angle(y, x)
    angle = fast_two_sum(angle.high, angle.low)
    below = y.bits().is_set(y.format.width - 1)
    low = select(below, -angle.low, angle.low)
    return Pair(select(x.is_unordered(y), x + y, angle.high.with_sign_of(y)), low)


def _unsigned_angle(y: Real, x: Real) -> Pair:
    """The angle of the point (x, |y|)."""
    high, low = (2.0 * part for part in TABLES[x.format].half_pi)
    size_y, size_x = _finite_ratio(abs(y), abs(x))
    angle = _atan_of_ratio(size_y, size_x)
    left = x.bits().is_set(x.format.width - 1)
    folded = fast_two_sum(x.constant(high), -angle.high)
    far = folded.low + (low - angle.low)
    return Pair(select(left, folded.high, angle.high), select(left, far, angle.low))


def _finite_ratio(y: Real, x: Real) -> tuple[Real, Real]:
    """Two finite numbers of y's and x's ratio, scaled so that neither sum nor product is lost."""
    y_infinite, x_infinite = y.equals(math.inf), x.equals(math.inf)
    either = y_infinite | x_infinite
    y, x = (
        select(either, select(mask, y.constant(1.0), 0.0), value)
        for mask, value in ((y_infinite, y), (x_infinite, x))
    )
    x = select(x.equals(0.0) & y.equals(0.0), 1.0, x)
    top = x.format.exponent_bias
    greatest = select(x > y, x, y)
    factor = select(greatest > 2.0 ** (top - 4), x.constant(2.0**-6), 1.0)
    factor = select(greatest < 2.0 ** (-top // 2), 2.0 ** (top // 2), factor)
    return y * factor, x * factor


def _log1p_doubling(x: Real, large: Mask) -> Real:
    """``log1p(x)``, and log 2 more where `large`."""
    return log1p_of(Pair(x, x.constant(0.0)), select(large, x.constant(1.0), 0.0))


def asinh(x: Real) -> Real:
    """``log1p(a + a**2 / (1 + sqrt(1 + a**2)))`` of ``a = |x|``, ``log(2 a)`` when a is large."""
    size = abs(x)
    large = size > 2.0 ** (x.format.exponent_bias // 2 - 2)
    square = select(large, 0.0, size * size)
    argument = size + square / (1.0 + (1.0 + square).sqrt())
    result = _log1p_doubling(argument, large)
    tiny = size < 2.0 ** -(x.format.mantissa_bits // 2 + 2)
    result = select(size < math.inf, result, size)
    return select(tiny, x, result.with_sign_of(x))


def acosh(x: Real) -> Real:
    """``log1p(t + sqrt(2 t + t**2))`` of ``t = x - 1``, ``log(2 x)`` when x is large."""
    large = x > 2.0 ** (x.format.exponent_bias // 2 - 2)
    t = x - 1.0
    argument = select(large, x, t + fma(t, t, 2.0 * t).sqrt())
    result = _log1p_doubling(argument, large)
    result = select(x < math.inf, result, x + x)
    return select(x < 1.0, math.nan, result)


def atanh(x: Real) -> Real:
    """``log1p(2 a / (1 - a)) / 2`` of ``a = |x|``; inf at 1 and NaN above."""
    size = abs(x)
    argument = (size + size) / (1.0 - size)
    result = 0.5 * log1p_of(Pair(argument, argument.constant(0.0)))
    tiny = size < 2.0 ** -(x.format.mantissa_bits // 2 + 2)
    result = select(size < 1.0, result, select(size > 1.0, x.constant(math.nan), math.inf))
    result = select(tiny, x, result.with_sign_of(x))
    return select(x.is_nan(), x, result)


FUNCTIONS = (
    MathFunction("asin", 1, asin, 1.5, 1.5, "series to 1/2, then pi/2 - 2 asin sqrt"),
    MathFunction("acos", 1, acos, 1.5, 1.5, "series to 1/2, then 2 asin sqrt"),
    MathFunction("atan", 1, atan, 1.0, 1.0, "addition theorem at pi/8, refined division"),
    MathFunction("atan2", 2, atan2, 1.5, 1.5, "as atan on y / x; C's rules at 0 and inf"),
    MathFunction("asinh", 1, asinh, 2.0, 2.0, "log1p; keeps the sign of zero"),
    MathFunction("acosh", 1, acosh, 2.5, 2.5, "log1p; NaN below 1"),
    MathFunction("atanh", 1, atanh, 2.5, 2.5, "log1p; inf at 1, NaN above"),
)
