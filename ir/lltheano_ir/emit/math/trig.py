"""sin, cos and tan.

Algorithm: Cody and Waite's reduction modulo pi / 2 in three parts with fused multiply-adds, of
which the first step is exact and f64 carries the error of the rest; arguments beyond `limit` go to
`payne_hanek`. Then minimax polynomials of our own (``tests/accuracy/minimax.py``) for both sin and
cos of the angle, and the quadrant chooses one and its sign, or which divides the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient, two_sum
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Bits, Real, fma, horner, select
from lltheano_ir.emit.math.payne_hanek import patch_huge, reduce_huge
from lltheano_ir.records import record


@record(frozen=True)
class TrigTable:
    """Constants of one format; below `limit` the three parts of pi / 2 are enough."""

    limit: float
    two_over_pi: float
    half_pi: tuple[float, float, float]
    sin_series: Sequence[float]
    cos_series: Sequence[float]


TABLES = {
    F32: TrigTable(
        limit=2.0**16,
        two_over_pi=float.fromhex("0x1.45f306p-1"),
        half_pi=(
            float.fromhex("0x1.921fb6p+0"),
            float.fromhex("-0x1.777a5cp-25"),
            float.fromhex("-0x1.ee59dap-50"),
        ),
        sin_series=(-0.16666653752326965, 0.008332050405442715, -0.00019497168250381947),
        cos_series=(0.041666653007268906, -0.001388760400004685, 2.445702557452023e-05),
    ),
    F64: TrigTable(
        limit=2.0**27,
        two_over_pi=float.fromhex("0x1.45f306dc9c883p-1"),
        half_pi=(
            float.fromhex("0x1.921fb54442d18p+0"),
            float.fromhex("0x1.1a62633145c07p-54"),
            float.fromhex("-0x1.f1976b7ed8fbcp-110"),
        ),
        sin_series=(
            -0.1666666666666664,
            0.008333333333323652,
            -0.00019841269830135508,
            2.7557313648517607e-06,
            -2.505073402331599e-08,
            1.589467787789861e-10,
        ),
        cos_series=(
            0.04166666666666665,
            -0.0013888888888882833,
            2.4801587294622448e-05,
            -2.755731573652631e-07,
            2.0875897395967556e-09,
            -1.1367961418470052e-11,
        ),
    ),
}


def reduce(x: Real, exact: bool) -> tuple[Bits, Pair]:
    """``(quadrant, angle)`` with ``x == quadrant * pi / 2 + angle``, for ``|x|`` below `limit`.

    Only the low two bits of the quadrant count; infinity gives NaN.
    The angle has an error of half a unit in its high part unless it is to be `exact`.
    """
    table = TABLES[x.format]
    shifted = fma(x, table.two_over_pi, x.format.shifter)
    n = shifted - x.format.shifter
    first, second, third = table.half_pi
    rough = fma(-n, first, x)
    if exact:
        angle = _exact_remainder(rough, n, second, third)
    else:
        angle = Pair(fma(-n, second, rough), -n * third)
    return shifted.bits(), angle


def _exact_remainder(rough: Real, n: Real, second: float, third: float) -> Pair:
    """``rough - n (second + third)`` with the rounding errors in the low part."""
    product = n * second
    product_error = fma(n, second, -product)
    total = two_sum(rough, -product)
    return Pair(total.high, fma(-n, third, total.low - product_error))


def sin_of_angle(angle: Pair) -> tuple[Real, Real]:
    """Two parts of sin on ``[-pi/4, pi/4]``."""
    r, z = angle.high, angle.high * angle.high
    bend = fma(r * z, horner(z, TABLES[r.format].sin_series), angle.low * fma(z, -0.5, 1.0))
    return r, bend


def cos_of_angle(angle: Pair) -> tuple[Real, Real]:
    """Two parts of cos on ``[-pi/4, pi/4]``, the error of ``1 - r**2 / 2`` in the second."""
    r, z = angle.high, angle.high * angle.high
    half = 0.5 * z
    base = 1.0 - half
    error = (1.0 - base) - half
    bend = fma(z * z, horner(z, TABLES[r.format].cos_series), fma(-r, angle.low, error))
    return base, bend


def _of_quadrant(quadrant: Bits, angle: Pair) -> Real:
    """The sine of ``quadrant * pi / 2 + angle``."""
    (sin_high, sin_low), (cos_high, cos_low) = sin_of_angle(angle), cos_of_angle(angle)
    odd = quadrant.is_set(0)
    value = select(odd, cos_high, sin_high) + select(odd, cos_low, sin_low)
    sign = (quadrant << (value.format.width - 2)) & value.format.sign_mask
    return (value.bits() ^ sign).as_real()


def _patched(name: str, x: Real, usual: Real, of_parts: Callable[[Bits, Pair], Real]) -> Real:
    """`usual` with the lanes put right where `x` is huge."""
    limit = TABLES[x.format].limit
    return patch_huge(name, x, limit, usual, lambda huge: of_parts(*reduce_huge(huge)))


def sin(x: Real) -> Real:
    """The sine of an angle in radians."""
    usual = _of_quadrant(*reduce(x, exact=x.format is F64))
    return _patched("sin", x, select(x.equals(0.0), x, usual), _of_quadrant)


def _cos_of_quadrant(quadrant: Bits, angle: Pair) -> Real:
    """The cosine of ``quadrant * pi / 2 + angle``."""
    return _of_quadrant(quadrant + 1, angle)


def cos(x: Real) -> Real:
    """The cosine of an angle in radians."""
    usual = _cos_of_quadrant(*reduce(x, exact=x.format is F64))
    return _patched("cos", x, usual, _cos_of_quadrant)


def _tan_of_quadrant(quadrant: Bits, angle: Pair) -> Real:
    """The tangent: ``sin / cos`` of the angle, or ``-cos / sin`` in odd quadrants."""
    sine, cosine = fast_two_sum(*sin_of_angle(angle)), fast_two_sum(*cos_of_angle(angle))
    odd = quadrant.is_set(0)
    numerator = Pair(select(odd, -cosine.high, sine.high), select(odd, -cosine.low, sine.low))
    denominator = Pair(select(odd, sine.high, cosine.high), select(odd, sine.low, cosine.low))
    return quotient(numerator, denominator).high


def tan(x: Real) -> Real:
    """The tangent of an angle in radians."""
    usual = _tan_of_quadrant(*reduce(x, exact=True))
    return _patched("tan", x, select(x.equals(0.0), x, usual), _tan_of_quadrant)


FUNCTIONS = (
    MathFunction("sin", 1, sin, 2.0, 1.0, "Cody-Waite, Payne-Hanek when huge; NaN at inf"),
    MathFunction("cos", 1, cos, 2.0, 1.0, "Cody-Waite, Payne-Hanek when huge; NaN at inf"),
    MathFunction("tan", 1, tan, 1.5, 1.5, "sin / cos in double-double, refined division"),
)
