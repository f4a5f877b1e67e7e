"""sinh, cosh and tanh.

sinh and cosh: with ``|x| = n ln 2 + r``, ``2 sinh |x| = (2**n - 2**-n) cosh r + (2**n + 2**-n)
sinh r`` and likewise for cosh. cosh r and sinh r are the even and the odd part of exp's series, so
no division is needed and nothing cancels; all is computed at half size, so that only a result that
is too large overflows.

tanh in f64: ``tanh |x| = -t / (2 + t)`` with ``t = expm1(-2 |x|)``, which never overflows; t and
the quotient are carried to about twice the precision, so one division and one formula serve from
subnormal numbers to infinity. In f32 a series of our own up to 0.6 and ``1 - 2 / (1 + exp(2 |x|))``
above it are half the work.
"""

from __future__ import annotations

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient
from lltheano_ir.emit.math.exp import TABLES, half_expm1, reduce
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Real, fma, horner, select
from lltheano_ir.records import record

TANH_SERIES = (
    -0.3333330452442169,
    0.13331995904445648,
    -0.05378261208534241,
    0.02077435329556465,
    -0.005855098832398653,
)
# In f32, tanh rounds to 1 from here on.
TANH_IS_ONE = 9.1
# Where sinh and cosh are infinite, and from where on exp(-x) is lost beside exp(x).
OVERFLOW = {F32: 89.6, F64: 710.6}
ONE_SIDED = {F32: 20.0, F64: 40.0}


@record(frozen=True)
class Halves:
    """What sinh and cosh are made of, for ``|x| = n ln 2 + r + tail``.

    ``difference`` and ``sum`` are ``(2**n -+ 2**-n) / 4``; ``even`` is ``cosh(r) - 1`` and ``odd``
    is ``sinh(r + tail) - r``.
    """

    difference: Pair
    sum: Pair
    r: Real
    even: Real
    odd: Real


def _halves(size: Real) -> Halves:
    """The parts of sinh and cosh of ``size >= 0``."""
    inside = size.at_most(OVERFLOW[size.format])
    parts = reduce(inside)
    growing = parts.power.lowered(2)
    falling = parts.power.inverse_quartered()
    falling = select(inside > ONE_SIDED[size.format], 0.0, falling)
    r = parts.r
    z = r * r
    series = TABLES[size.format].series
    odd = fma(r * z, horner(z, series[1::2]), parts.tail)
    difference, total = fast_two_sum(growing, -falling), fast_two_sum(growing, falling)
    return Halves(difference, total, r, z * horner(z, series[0::2]), odd)


def sinh(x: Real) -> Real:
    """The hyperbolic sine; where that rounds to x it is x."""
    h = _halves(abs(x))
    high = fma(h.sum.high, h.r, h.difference.high)
    error = fma(h.sum.high, h.r, h.difference.high - high)
    bend = fma(h.difference.high, h.even, h.sum.high * h.odd)
    rest = fma(h.sum.low, h.r, h.difference.low)
    half = high + (bend + (error + rest))
    tiny = abs(x) < 2.0 ** -(x.format.mantissa_bits // 2 + 2)
    return select(tiny, x, (half + half).with_sign_of(x))


def cosh(x: Real) -> Real:
    """The hyperbolic cosine."""
    h = _halves(abs(x))
    high = fma(h.difference.high, h.r, h.sum.high)
    error = fma(h.difference.high, h.r, h.sum.high - high)
    bend = fma(h.sum.high, h.even, h.difference.high * h.odd)
    rest = fma(h.difference.low, h.r, h.sum.low)
    half = high + (bend + (error + rest))
    return half + half


def tanh(x: Real) -> Real:
    """The hyperbolic tangent."""
    return _tanh_by_halves(x) if x.format is F32 else _tanh_by_expm1(x)


def _tanh_by_expm1(x: Real) -> Real:
    """Give tanh by one formula."""
    argument = (-2.0 * abs(x)).at_least(2.0 * TABLES[x.format].minus_one)
    half = half_expm1(argument)
    denominator = fast_two_sum(x.constant(1.0), half.high)
    ratio = quotient(half, Pair(denominator.high, denominator.low + half.low))
    return ratio.high.with_sign_of(x)


def _tanh_by_halves(x: Real) -> Real:
    """Give tanh by a series up to 0.6, and by exp above, where the quotient is the small part."""
    size = abs(x)
    parts = reduce(-2.0 * size.at_most(TANH_IS_ONE))
    r = parts.r
    half_e = parts.power.lowered(1) * (1.0 + fma(r * r, horner(r, TABLES[x.format].series), r))
    large = 1.0 - half_e / fma(half_e, 0.5, 0.25)
    z = x * x
    return select(size < 0.6, fma(x * z, horner(z, TANH_SERIES), x), large).with_sign_of(x)


FUNCTIONS = (
    MathFunction("sinh", 1, sinh, 1.0, 1.0, "odd and even part of one exp series"),
    MathFunction("cosh", 1, cosh, 1.0, 1.0, "odd and even part of one exp series"),
    MathFunction("tanh", 1, tanh, 1.5, 1.0, "expm1 of -2 |x|; f32: a series, then exp"),
)
