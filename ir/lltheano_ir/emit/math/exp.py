"""exp, exp2, expm1 and sigmoid.

Algorithm: Cody and Waite's reduction ``x = n ln 2 + r``, ``|r| <= ln 2 / 2``, with ln 2 in two
parts and fused multiply-adds (the first step is exact), then a minimax polynomial of our own
(``tests/accuracy/minimax.py``) for ``(exp(r) - 1 - r) / r**2``. The integer n is read from the low
mantissa bits of ``x / ln 2 + shifter``, so that no conversion between integers and numbers is
needed and NaN needs no care. The result is multiplied by ``2**n`` in two steps, of which only the
last can round: subnormal results are as good as others, and overflow gives infinity.
"""

from __future__ import annotations

from collections.abc import Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Bits, Real, fma, horner, select
from lltheano_ir.records import record


@record(frozen=True)
class ExpTable:
    """Constants of one format: limits beyond which the result is inf, 0 or -1, and the fits."""

    overflow: float
    underflow: float
    minus_one: float
    exp2_overflow: float
    exp2_underflow: float
    log2_e: float
    ln2_high: float
    ln2_low: float
    series: Sequence[float]
    exp2_series: Sequence[float]


TABLES = {
    F32: ExpTable(
        overflow=88.9,
        underflow=-105.0,
        minus_one=-18.0,
        exp2_overflow=129.0,
        exp2_underflow=-151.0,
        log2_e=float.fromhex("0x1.715476p+0"),
        ln2_high=float.fromhex("0x1.62e43p-1"),
        ln2_low=float.fromhex("-0x1.05c61p-29"),
        series=(
            0.5,
            0.1666666567325592,
            0.041666481643915176,
            0.008333420380949974,
            0.0013933422742411494,
            0.00019824122136924416,
        ),
        exp2_series=(
            0.6931472420692444,
            0.24022650718688965,
            0.055502962321043015,
            0.009618028067052364,
            0.0013410309329628944,
            0.00015470557264052331,
        ),
    ),
    F64: ExpTable(
        overflow=709.9,
        underflow=-746.0,
        minus_one=-38.0,
        exp2_overflow=1025.0,
        exp2_underflow=-1076.0,
        log2_e=float.fromhex("0x1.71547652b82fep+0"),
        ln2_high=float.fromhex("0x1.62e42fefa39efp-1"),
        ln2_low=float.fromhex("0x1.abc9e3b39803fp-56"),
        series=(
            0.5,
            0.16666666666666674,
            0.04166666666666667,
            0.008333333333322023,
            0.0013888888888879856,
            0.00019841269887152624,
            2.4801587336777628e-05,
            2.7557241702678567e-06,
            2.755726143561672e-07,
            2.5110288379319708e-08,
            2.09191464208325e-09,
        ),
        exp2_series=(
            0.6931471805599453,
            0.24022650695910072,
            0.05550410866482178,
            0.009618129107628489,
            0.0013333558146373374,
            0.00015403530393351842,
            1.5252733871829992e-05,
            1.321548682568736e-06,
            1.0178044973183127e-07,
            7.054890582676961e-09,
            4.4575807379835237e-10,
            2.5739032506533034e-11,
        ),
    ),
}


@record(frozen=True)
class PowerOfTwo:
    """``2**n`` for an integer n that may lie outside the format's exponents."""

    bits: Bits
    bias: int
    mantissa_bits: int

    def lowered(self, steps: int) -> Real:
        """``2**(n - steps)``, for an n at which that is a normal number."""
        return ((self.bits - (self.bias + steps)) << self.mantissa_bits).as_real()

    def inverse_quartered(self) -> Real:
        """``2**(-n - 2)``, for an n at which that is a normal number."""
        top = self.bits.constant(3 * self.bias - 2)
        return ((top - self.bits) << self.mantissa_bits).as_real()

    def scale(self, x: Real) -> Real:
        """``x * 2**n``, rounded once."""
        first, second = self.factors()
        return (x * first) * second

    def factors(self) -> tuple[Real, Real]:
        """Two normal numbers with the product ``2**n``, for ``-3 bias < n < 3 bias``."""
        half = self.bits >> 1
        return (
            (half << self.mantissa_bits).as_real(),
            ((self.bits - half) << self.mantissa_bits).as_real(),
        )


def nearest_integer(x: Real, factor: float) -> tuple[Real, PowerOfTwo]:
    """The integer n next to ``x * factor``, and ``2**n``.

    The low bits of the shifted number hold ``n + 2 bias``, positive so that halving it is a
    logical shift; what lies above them falls off when they move to the exponent's place.
    """
    bias = x.format.exponent_bias
    shifter = x.format.shifter + 2 * bias
    shifted = fma(x, factor, shifter)
    return shifted - shifter, PowerOfTwo(shifted.bits(), bias, x.format.mantissa_bits)


@record(frozen=True)
class Reduced:
    """``x = n ln 2 + r + tail``."""

    power: PowerOfTwo
    r: Real
    tail: Real

    def curve(self) -> Real:
        """``exp(r + tail) - 1 - r``."""
        return fma(self.r * self.r, horner(self.r, TABLES[self.r.format].series), self.tail)


def reduce(x: Real) -> Reduced:
    """Reduce an `x` that has been clamped to where the result is finite or only just not."""
    table = TABLES[x.format]
    n, power = nearest_integer(x, table.log2_e)
    rough = fma(-n, table.ln2_high, x)
    r = fma(-n, table.ln2_low, rough)
    tail = fma(-n, table.ln2_low, rough - r)
    return Reduced(power, r, tail)


def reduce_pair(x: Pair) -> Reduced:
    """`reduce` for a number of twice the precision."""
    table = TABLES[x.high.format]
    n, power = nearest_integer(x.high, table.log2_e)
    rough = fma(-n, table.ln2_high, x.high)
    rest = fma(-n, table.ln2_low, x.low)
    r = rough + rest
    return Reduced(power, r, (rough - r) + rest)


def exp(x: Real) -> Real:
    """``e**x``."""
    table = TABLES[x.format]
    parts = reduce(x.clamp(table.underflow, table.overflow))
    r = parts.r
    return parts.power.scale(1.0 + fma(r * r, horner(r, table.series), r))


def exp_pair(x: Real) -> Pair:
    """``e**x`` for ``x <= 0`` with twice the precision while the low part is normal."""
    parts = reduce(x.at_least(TABLES[x.format].underflow))
    above_one = fast_two_sum(x.constant(1.0), parts.r + parts.curve())
    first, second = parts.power.factors()
    return Pair((above_one.high * first) * second, (above_one.low * first) * second)


def exp2(x: Real) -> Real:
    """``2**x``: the reduction is exact."""
    table = TABLES[x.format]
    inside = x.clamp(table.exp2_underflow, table.exp2_overflow)
    n, power = nearest_integer(inside, 1.0)
    r = inside - n
    return power.scale(fma(r, horner(r, table.exp2_series), 1.0))


def half_expm1(x: Real) -> Pair:
    """``(e**x - 1) / 2`` to about twice the precision, for a clamped `x`.

    ``h r + (h - 1/2)`` with ``h = 2**(n-1)`` is taken with its rounding error, so that the seams
    at half integers of ``x / ln 2`` are as exact as the rest; half, so that h never overflows.
    ``h - 1/2`` itself rounds when h is tiny.
    """
    parts = reduce(x)
    h = parts.power.lowered(1)
    base = h - 0.5
    base_error = h - (base + 0.5)
    high = fma(h, parts.r, base)
    low = fma(h, parts.curve(), fma(h, parts.r, base - high) + base_error)
    return fast_two_sum(high, low)


def expm1(x: Real) -> Real:
    """``e**x - 1`` without cancellation; where that rounds to x it is x, of either sign of zero."""
    table = TABLES[x.format]
    half = half_expm1(x.clamp(table.minus_one, table.overflow)).high
    tiny = abs(x) < 2.0 ** -(x.format.mantissa_bits + 2)
    return select(tiny, x, half + half)


def sigmoid(x: Real) -> Real:
    """``1 / (1 + e**-x)``, as ``e**x / (1 + e**x)`` for negative x so that it never overflows."""
    e = exp_pair(-abs(x))
    denominator = fast_two_sum(x.constant(1.0), e.high)
    negative = x < 0.0
    numerator = Pair(select(negative, e.high, 1.0), select(negative, e.low, 0.0))
    ratio = quotient(numerator, Pair(denominator.high, denominator.low + e.low))
    return ratio.high


FUNCTIONS = (
    MathFunction("exp", 1, exp, 1.5, 1.5, "Cody-Waite; overflows to inf, underflows gradually"),
    MathFunction("exp2", 1, exp2, 1.5, 1.5, "exact reduction; exact at integers"),
    MathFunction("expm1", 1, expm1, 1.5, 1.5, "Cody-Waite; keeps the sign of zero"),
    MathFunction("sigmoid", 1, sigmoid, 1.5, 1.5, "exp of -|x|, one refined division"),
)
