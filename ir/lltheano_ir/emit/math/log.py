"""log, log2, log10, log1p and softplus.

Algorithm: ``x = 2**k m`` with m between sqrt(1/2) and sqrt(2), ``f = m - 1``, ``s = f / (2 + f)``
and ``log(1 + f) = f - f**2 / 2 + s (f**2 / 2 + R(s**2))`` (the arrangement of fdlibm, in which
only f, which is exact, meets the result undamped), with our own minimax R
(``tests/accuracy/minimax.py``). k comes from integer operations that need no arithmetic shift and
no conversion. Subnormal arguments are scaled up first. log2 and log10 carry log(m) to twice the
precision through the change of base, so that powers of the base come out exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, pair, two_product, two_sum
from lltheano_ir.emit.math.exp import exp_pair
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Real, fma, horner, select
from lltheano_ir.records import record


@record(frozen=True)
class LogTable:
    """Constants of one format."""

    sqrt_half_bits: int
    ln2_high: float
    ln2_low: float
    log2_e: tuple[float, float]
    log10_e: tuple[float, float]
    log10_2: tuple[float, float]
    series: Sequence[float]


TABLES = {
    F32: LogTable(
        sqrt_half_bits=0x3F3504F3,
        ln2_high=float.fromhex("0x1.62e43p-1"),
        ln2_low=float.fromhex("-0x1.05c61p-29"),
        log2_e=(float.fromhex("0x1.715476p+0"), float.fromhex("0x1.4ae0cp-26")),
        log10_e=(float.fromhex("0x1.bcb7b2p-2"), float.fromhex("-0x1.5b235ep-27")),
        log10_2=(float.fromhex("0x1.344136p-2"), float.fromhex("-0x1.ec10cp-27")),
        series=(0.6666677594184875, 0.3997601866722107, 0.299272745847702),
    ),
    F64: LogTable(
        sqrt_half_bits=0x3FE6A09E667F3BCD,
        ln2_high=float.fromhex("0x1.62e42fefa39efp-1"),
        ln2_low=float.fromhex("0x1.abc9e3b39803fp-56"),
        log2_e=(float.fromhex("0x1.71547652b82fep+0"), float.fromhex("0x1.777d0ffda0d24p-56")),
        log10_e=(float.fromhex("0x1.bcb7b1526e50ep-2"), float.fromhex("0x1.95355baaafad3p-57")),
        log10_2=(float.fromhex("0x1.34413509f79ffp-2"), float.fromhex("-0x1.9dc1da994fd21p-59")),
        series=(
            0.666666666666671,
            0.39999999999516295,
            0.2857142873025436,
            0.2222219897681093,
            0.18183578064510644,
            0.15312985371359303,
            0.14812408833080726,
        ),
    ),
}


def split(x: Real) -> tuple[Real, Real]:
    """``(k, m)`` with ``x == 2**k * m`` and m in ``[sqrt(1/2), sqrt(2))``, for a normal x > 0.

    Adding ``one - sqrt(1/2)``, both as encodings, makes the exponent field that of k, still
    biased; with the exponent of ``2**mantissa_bits`` put above it, it is a number.
    """
    format_ = x.format
    root = TABLES[format_].sqrt_half_bits
    moved = x.bits() + (format_.one_bits - root)
    m = ((moved & format_.mantissa_mask) + root).as_real()
    magnitude = 2.0**format_.mantissa_bits
    biased = (moved >> format_.mantissa_bits) | x.constant(magnitude).bits()
    return biased.as_real() - (magnitude + format_.exponent_bias), m


def split_any(x: Real) -> tuple[Real, Real]:
    """`split` for subnormal x too."""
    up = x.format.mantissa_bits + 1
    small = x < x.format.smallest_normal
    k, m = split(select(small, x * 2.0**up, x))
    return k - select(small, x.constant(float(up)), 0.0), m


def log_of_split(k: Real, m: Real, correction: Real | float = 0.0) -> Real:
    """``k ln 2 + log(m) + correction``, the correction being small beside m."""
    table = TABLES[m.format]
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    half_square = 0.5 * f * f
    rest = fma(z, horner(z, table.series), half_square)
    bent = half_square - fma(s, rest, fma(k, table.ln2_low, correction))
    return fma(k, table.ln2_high, f - bent)


def at_the_edges(x: Real, result: Real, zero: float) -> Real:
    """`result`, but -inf where x is `zero`, NaN below it, and x where x is inf or NaN."""
    result = select(x < math.inf, result, x + x)
    result = select(x < zero, math.nan, result)
    return select(x.equals(zero), -math.inf, result)


def log(x: Real) -> Real:
    """The natural logarithm."""
    k, m = split_any(x)
    return at_the_edges(x, log_of_split(k, m), 0.0)


def log_pair(m: Real) -> Pair:
    """log(m) for m between sqrt(1/2) and sqrt(2), with ``f - f**2 / 2`` to twice the precision."""
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    half = 0.5 * f
    half_square = two_product(half, f)
    base = fast_two_sum(f, -half_square.high)
    bend = s * fma(z, horner(z, TABLES[m.format].series), half_square.high)
    return fast_two_sum(base.high, (base.low - half_square.low) + bend)


def _log_of_base(x: Real, scale: tuple[float, float], unit: tuple[float, float]) -> Real:
    """``k * unit + log(m) * scale`` for the split of x."""
    k, m = split_any(x)
    part = log_pair(m) * pair(m, *scale)
    whole = two_product(k, k.constant(unit[0]))
    total = fast_two_sum(whole.high, part.high)
    low = fma(k, unit[1], whole.low + part.low)
    return at_the_edges(x, total.high + (total.low + low), 0.0)


def log2(x: Real) -> Real:
    """The logarithm to base 2, exact at powers of two."""
    return _log_of_base(x, TABLES[x.format].log2_e, (1.0, 0.0))


def log10(x: Real) -> Real:
    """The logarithm to base 10, exact at powers of ten."""
    table = TABLES[x.format]
    return _log_of_base(x, table.log10_e, table.log10_2)


def log1p_of(x: Pair, doublings: Real | None = None) -> Real:
    """``log(1 + x.high + x.low)`` for a finite sum above -1, and log 2 more for each doubling.

    ``1 + x`` is split into the rounded sum u and its error, which enters as ``error / u``; where u
    is 1 that error is x itself, so small arguments need no branch.
    """
    u = two_sum(x.high.constant(1.0), x.high)
    k, m = split(u.high)
    k = k if doublings is None else k + doublings
    return log_of_split(k, m, (u.low + x.low) / u.high)


def log1p(x: Real) -> Real:
    """``log(1 + x)`` without cancellation; where that rounds to x it is x."""
    result = log1p_of(Pair(x, x.constant(0.0)))
    tiny = abs(x) < 2.0 ** -(x.format.mantissa_bits + 2)
    return at_the_edges(x, select(tiny, x, result), -1.0)


def softplus(x: Real) -> Real:
    """``log(1 + e**x)`` as ``max(x, 0) + log1p(e**-abs(x))``."""
    e = exp_pair(-abs(x))
    return select(x > 0.0, x, 0.0) + log1p_of(e)


FUNCTIONS = (
    MathFunction("log", 1, log, 1.0, 1.0, "atanh series; -inf at 0, NaN below"),
    MathFunction("log2", 1, log2, 1.0, 1.0, "log in double-double; exact at powers of 2"),
    MathFunction("log10", 1, log10, 1.0, 1.0, "log in double-double; exact at powers of 10"),
    MathFunction("log1p", 1, log1p, 1.0, 1.0, "log of 1 + x with its error put back"),
    MathFunction("softplus", 1, softplus, 1.5, 1.5, "max(x, 0) + log1p(exp(-|x|))"),
)
