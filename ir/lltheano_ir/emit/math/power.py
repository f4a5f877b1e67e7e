"""pow and cbrt.

pow: ``exp(y log |x|)`` with the logarithm in double-double: ``log m = 2 s + s z (2/3 + z q(z))``,
``s = (m - 1) / (m + 1)``, ``z = s**2``, in which only the polynomial q (our own fit) is a single
number. f32 goes through f64, where shorter series and one rounding of each step are enough. The
cases of C's standard (zeros, infinities, negative bases, NaN to the power 0) are put in by selects.

cbrt: a third of the exponent, taken on the encoding, gives ``x**(-1/3)`` to 4 %; a minimax step
refines it to 30 bits without division, enough for f32; a cubic step and one Newton step on the root
with an exact residual give f64.
"""

from __future__ import annotations

import math

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient, two_product
from lltheano_ir.emit.math.exp import TABLES, reduce, reduce_pair
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, Real, fma, horner, intrinsic, select
from lltheano_ir.emit.math.log import split, split_any

LN2 = (float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))
TWO_THIRDS = (float.fromhex("0x1.5555555555555p-1"), float.fromhex("0x1.5555555555555p-55"))
LOG_SERIES = (
    0.39999999999999997,
    0.2857142857143294,
    0.2222222222034418,
    0.18181818547769638,
    0.15384577314133815,
    0.13335589998580086,
    0.11688442541416319,
    0.11884438473824151,
)
SHORT_LOG_SERIES = (
    0.6666666575308994,
    0.40000340164339154,
    0.2853596479516794,
    0.2361916193562932,
)
INVERSE_ROOT_SERIES = (
    0.3333333549710654,
    0.22222247266006842,
    0.17282518728728175,
    0.14395369036069686,
    0.12709122198063386,
    0.11719096184124105,
)
# High word of the encoding of x**(-1/3) plus a third of that of x, chosen for the least error.
ROOT_GUESS = 0x553EE800


def _log_doubled(x: Real) -> Pair:
    """log(x) for a positive finite x in f64, with some 66 good bits."""
    k, m = split_any(x)
    f = m - 1.0
    s = quotient(Pair(f, f.constant(0.0)), fast_two_sum(f.constant(2.0), f))
    z = s * s
    curve = fast_two_sum(z.high.constant(TWO_THIRDS[0]), z.high * horner(z.high, LOG_SERIES))
    curve = Pair(curve.high, curve.low + TWO_THIRDS[1])
    bend = s * (z * curve)
    log_m = fast_two_sum(2.0 * s.high, bend.high)
    low = log_m.low + (2.0 * s.low + bend.low)
    whole = two_product(k, k.constant(LN2[0]))
    total = fast_two_sum(whole.high, log_m.high)
    return fast_two_sum(total.high, total.low + (fma(k, LN2[1], whole.low) + low))


def _exp_doubled(x: Pair) -> Real:
    """``e**(x.high + x.low)`` in f64."""
    table = TABLES[x.high.format]
    inside = x.high.clamp(table.underflow, table.overflow)
    low = select(inside.equals(x.high), x.low, 0.0)
    parts = reduce_pair(Pair(inside, low))
    return parts.power.scale(1.0 + (parts.r + parts.curve()))


def _times(y: Real, log: Pair) -> Pair:
    """``y * log``."""
    product = two_product(y, log.high)
    return Pair(product.high, fma(y, log.low, product.low))


def _to_integer(x: Real) -> Real:
    """`x` rounded to an integer."""
    return Real(x.builder, intrinsic(x.builder, "rint", x.value))


def _by_the_standard(x: Real, y: Real, core: Real) -> Real:
    """C's special cases round ``core = exp(y log |x|)``."""
    size = abs(x)
    to_extreme = size.equals(0.0) | size.equals(math.inf) | abs(y).equals(math.inf)
    grows = ~((size > 1.0) ^ (y > 0.0))
    result = select(to_extreme, select(grows, core.constant(math.inf), 0.0), core)
    result = select(size.equals(1.0), 1.0, result)
    half = 0.5 * y
    whole = _to_integer(y).equals(y)
    odd = whole & ~_to_integer(half).equals(half)
    result = select(odd, result.with_sign_of(x), result)
    without_root = (x < 0.0) & (size < math.inf) & ~whole
    result = select(without_root, math.nan, result)
    result = select(x.is_unordered(y), x + y, result)
    return select(x.equals(1.0) | y.equals(0.0), 1.0, result)


def _log_for_f32(x: Real) -> Real:
    """log(x) for a positive normal x in f64, with some 36 good bits."""
    k, m = split(x)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    return fma(k, LN2[0], fma(s * z, horner(z, SHORT_LOG_SERIES), s + s))


def _exp_for_f32(x: Real) -> Real:
    """``e**x`` in f64, with some 30 good bits, for a result in the range of f32."""
    table = TABLES[F32]
    parts = reduce(x.clamp(table.underflow, table.overflow))
    r = parts.r
    return parts.power.lowered(0) * (1.0 + fma(r * r, horner(r, table.series), r))


def pow_(x: Real, y: Real) -> Real:
    """``x**y`` by the rules of C's pow."""
    if x.format is F32:
        core = _exp_for_f32(y.widened() * _log_for_f32(abs(x).widened())).narrowed()
    else:
        core = _exp_doubled(_times(y, _log_doubled(abs(x))))
    return _by_the_standard(x, y, core)


def _rough_inverse_root(x: Real) -> Real:
    """``x**(-1/3)`` of a positive normal f64 to 30 bits."""
    third = (x.bits() >> 32) * 0x55555556 >> 32
    guess = ((x.bits().constant(ROOT_GUESS) - third) << 32).as_real()
    error = fma(-(x * guess), guess * guess, 1.0)
    return fma(guess * error, horner(error, INVERSE_ROOT_SERIES), guess)


def _inverse_root(x: Real) -> Real:
    """``x**(-1/3)`` of a positive normal f64 to 50 bits."""
    rough = _rough_inverse_root(x)
    error = fma(-(x * rough), rough * rough, 1.0)
    return fma(rough * error, fma(error, 2.0 / 9.0, 1.0 / 3.0), rough)


def _cbrt_f64(x: Real) -> Real:
    """The cube root in f64; x is brought out of the subnormal and the huge range."""
    size = abs(x)
    small, large = size < 2.0**-900, size > 2.0**900
    up, down = size.constant(2.0**300), size.constant(2.0**-300)
    scaled = size * select(small, up, select(large, down, 1.0))
    inverse = _inverse_root(scaled)
    square = inverse * inverse
    root = scaled * square
    root_square = two_product(root, root)
    residual = fma(-root, root_square.low, fma(-root, root_square.high, scaled))
    root = fma(residual, square * (1.0 / 3.0), root)
    up, down = size.constant(2.0**100), size.constant(2.0**-100)
    root = root * select(small, down, select(large, up, 1.0))
    return root.with_sign_of(x)


def cbrt(x: Real) -> Real:
    """The cube root, negative for negative x."""
    if x.format is F32:
        size = abs(x).widened()
        inverse = _rough_inverse_root(size)
        root = (size * (inverse * inverse)).narrowed().with_sign_of(x)
    else:
        root = _cbrt_f64(x)
    regular = (abs(x) > 0.0) & (abs(x) < math.inf)
    return select(regular, root, x + x)


FUNCTIONS = (
    MathFunction("pow", 2, pow_, 1.0, 1.5, "log and exp in double-double; C's rules"),
    MathFunction("cbrt", 1, cbrt, 1.0, 1.0, "root of 1/x by a minimax step, then Newton"),
)
