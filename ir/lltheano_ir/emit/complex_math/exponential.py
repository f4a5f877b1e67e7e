"""exp, exp2, expm1, sinh, cosh, tanh, sin, cos and tan.

``e**(x + iy) = e**x (cos y + i sin y)``. Where ``e**x`` is out of range its product with a small
cosine or sine need not be: the exponential is kept as a number near 1 and a power of two, by which
the product is multiplied last. sin, cos and tan are sinh, cosh and tanh of the number with its
parts exchanged. ``tanh = (sinh x cosh x + i sin y cos y) / (sinh(x)**2 + cos(y)**2)``, of which
both sums have terms of one sign (Abramowitz and Stegun 4.5.51).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from lltheano_ir.emit.complex_math.lanes import (
    Complex,
    is_finite,
    is_infinite,
    one_where_nan,
    real,
    zero_like,
)
from lltheano_ir.emit.math.doubled import Pair, two_product
from lltheano_ir.emit.math.exp import TABLES, PowerOfTwo, nearest_integer, reduce, reduce_pair
from lltheano_ir.emit.math.lanes import Mask, Real, fma, horner, select
from lltheano_ir.records import record

__all__ = ["cos", "cosh", "exp", "exp2", "exp_of_pairs", "expm1", "sin", "sinh", "tan", "tanh"]

# ``2**x`` and ``e**x`` times the least number overflow only from here on.
EXP2_TOP, EXP_TOP = 2100.0, 1456.0
# The sine and cosine are made larger by so many doublings, so that their products are normal.
ROOM = 64
# Beyond it an angle ``y ln 2`` has no place after the point in twice the precision.
EXACT_ANGLE = 2.0**53
# From here on 1 and ``e**-2x`` are lost beside ``e**x``.
ONE_SIDED = 40.0
TANH_IS_ONE = 22.0
LN2 = (float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))


@record(frozen=True, eq=False)
class Grown:
    """``value * 2**n``, where the power of two may be out of range."""

    value: Real
    power: PowerOfTwo

    def times(self, x: Real) -> Real:
        """The product with a sine or cosine, rounded twice if it is normal."""
        return self.times_roomy(x * 2.0**ROOM)

    def times_roomy(self, x: Real) -> Real:
        """The product with ``x * 2**-ROOM``."""
        lowered = PowerOfTwo(self.power.bits - ROOM, self.power.bias, self.power.mantissa_bits)
        return lowered.scale(self.value * x)

    def halved(self) -> Grown:
        """Half of it."""
        power = PowerOfTwo(self.power.bits - 1, self.power.bias, self.power.mantissa_bits)
        return Grown(self.value, power)


def _grown_exp(x: Real) -> Grown:
    """``e**x``."""
    table = TABLES[x.format]
    parts = reduce(x.clamp(table.underflow, EXP_TOP))
    r = parts.r
    return Grown(1.0 + fma(r * r, horner(r, table.series), r), parts.power)


def _grown_exp2(x: Real) -> Grown:
    """``2**x``."""
    table = TABLES[x.format]
    inside = x.clamp(table.exp2_underflow, EXP2_TOP)
    n, power = nearest_integer(inside, 1.0)
    r = inside - n
    return Grown(fma(r, horner(r, table.exp2_series), 1.0), power)


def _at_infinity(z: Complex, result: Complex) -> Complex:
    """The parts of an exponential where those of `z` are not finite.

    An angle of zero keeps the imaginary part zero; where ``e**x`` is infinite so are the parts
    whose sine or cosine has a sign; where it is zero both parts are.
    """
    grows, falls = z.re.equals(math.inf), z.re.equals(-math.inf)
    nowhere = ~is_finite(z.im)
    infinity = z.re.constant(math.inf)
    re = select(grows, infinity.with_sign_of(select(nowhere, 1.0, result.re)), result.re)
    im = select(grows & ~nowhere, infinity.with_sign_of(result.im), result.im)
    im = select(z.im.equals(0.0), z.im, im)
    return Complex(select(falls & nowhere, 0.0, re), select(falls & nowhere, zero_like(z.im), im))


def exp(z: Complex) -> Complex:
    """``e**z``."""
    return _exp_of(z, real("cos", z.im), real("sin", z.im))


def _exp_of(z: Complex, cos: Real, sin: Real) -> Complex:
    grown = _grown_exp(z.re)
    return _at_infinity(z, Complex(grown.times(cos), grown.times(sin)))


def exp2(z: Complex) -> Complex:
    """``2**z``, the angle ``y ln 2`` taken to twice the precision up to `EXACT_ANGLE`."""
    product = two_product(z.im, z.im.constant(LN2[0]))
    low = select(abs(z.im) < EXACT_ANGLE, fma(z.im, LN2[1], product.low), 0.0)
    cos, sin = (real(name, product.high) for name in ("cos", "sin"))
    low_cos, low_sin = (real(name, low) for name in ("cos", "sin"))
    grown = _grown_exp2(z.re)
    sine = fma(sin, low_cos, cos * low_sin) * 2.0**ROOM
    # The product with a subnormal angle is taken after it has been made normal.
    tiny = abs(z.im) < 2.0**-900
    sine = select(tiny, z.im * 2.0**ROOM * LN2[0], sine)
    re = grown.times(fma(cos, low_cos, -(sin * low_sin)))
    return _at_infinity(z, Complex(re, grown.times_roomy(sine)))


def exp_of_pairs(size: Pair, angle: Pair) -> Complex:
    """``e**(size + i angle)`` of numbers of twice the precision."""
    table = TABLES[size.high.format]
    inside = size.high.clamp(table.underflow, EXP_TOP)
    parts = reduce_pair(Pair(inside, select(inside.equals(size.high), size.low, 0.0)))
    grown = Grown(1.0 + (parts.r + parts.curve()), parts.power)
    cos, sin = (real(name, angle.high) for name in ("cos", "sin"))
    low_cos, low_sin = _of_small_angle(select(abs(angle.high) < EXACT_ANGLE, angle.low, 0.0))
    result = Complex(
        grown.times(fma(cos, low_cos, -(sin * low_sin))),
        grown.times(fma(sin, low_cos, cos * low_sin)),
    )
    return _at_infinity(Complex(size.high, angle.high), result)


def _of_small_angle(angle: Real) -> tuple[Real, Real]:
    """Cosine and sine of the rounding error of an angle: three terms, since it is large beside 1
    only where the angle has no digits to lose.
    """
    square = angle * angle
    return fma(square, fma(square, 1.0 / 24.0, -0.5), 1.0), angle * fma(square, -1.0 / 6.0, 1.0)


def expm1(z: Complex) -> Complex:
    """``e**z - 1``; the real part is ``expm1(x) cos y - (1 - cos y)``."""
    cos, sin = real("cos", z.im), real("sin", z.im)
    whole = _exp_of(z, cos, sin)
    bend = select(cos > 0.0, sin * sin / (1.0 + cos), 1.0 - cos)
    grown = real("expm1", z.re)
    near = (abs(z.re) < ONE_SIDED) & is_finite(z.im)
    re = select(near, fma(grown, cos, -bend), whole.re - 1.0)
    return Complex(select(z.im.equals(0.0), grown, re), whole.im)


@record(frozen=True, eq=False)
class _Hyperbolic:
    """The factors of sinh and cosh: those of the real part, and of the angle; `far` where
    ``|x|`` is so large that ``sinh |x|`` and ``cosh x`` are ``grown``, half of its exponential.
    """

    sinh: Real
    cosh: Real
    cos: Real
    sin: Real
    far: Mask
    grown: Grown


def _hyperbolic(z: Complex) -> _Hyperbolic:
    size = abs(z.re)
    return _Hyperbolic(
        real("sinh", z.re),
        real("cosh", z.re),
        real("cos", z.im),
        real("sin", z.im),
        size > ONE_SIDED,
        _grown_exp(size).halved(),
    )


def _signed(x: Real, by: Real) -> Real:
    """`x`, negated where `by` has its sign bit set."""
    return (x.bits() ^ (by.bits() & by.format.sign_mask)).as_real()


def _beyond(z: Complex, value: Complex, zero: Real) -> Complex:
    """What sinh and cosh are where x is infinite, and where y is zero, as their imaginary part is:
    it is `zero`.
    """
    far = is_infinite(z.re)
    nowhere = ~is_finite(z.im)
    infinity = z.re.constant(math.inf)
    re = select(far, infinity.with_sign_of(select(nowhere, 1.0, value.re)), value.re)
    im = select(far & ~nowhere, infinity.with_sign_of(value.im), value.im)
    return Complex(re, select(z.im.equals(0.0), zero, im))


def sinh(z: Complex) -> Complex:
    """``sinh x cos y + i cosh x sin y``."""
    parts = _hyperbolic(z)
    far_re = _signed(parts.grown.times(parts.cos), z.re)
    re = select(parts.far, far_re, parts.sinh * parts.cos)
    im = select(parts.far, parts.grown.times(parts.sin), parts.cosh * parts.sin)
    result = _beyond(z, Complex(re, im), z.im)
    still = z.re.equals(0.0) & ~is_finite(z.im)
    return Complex(select(still, z.re, result.re), result.im)


def cosh(z: Complex) -> Complex:
    """``cosh x cos y + i sinh x sin y``."""
    parts = _hyperbolic(z)
    far_im = _signed(parts.grown.times(parts.sin), z.re)
    re = select(parts.far, parts.grown.times(parts.cos), parts.cosh * parts.cos)
    im = select(parts.far, far_im, parts.sinh * parts.sin)
    result = _beyond(z, Complex(re, im), _signed(z.im, one_where_nan(z.re)))
    still = z.re.equals(0.0) & ~is_finite(z.im)
    return Complex(result.re, select(still, 0.0, result.im))


def tanh(z: Complex) -> Complex:
    """The hyperbolic tangent; from `TANH_IS_ONE` on its real part is 1."""
    size = abs(z.re).at_most(400.0)
    sinh_size, cosh_size = real("sinh", size), real("cosh", size)
    cos, sin = real("cos", z.im), real("sin", z.im)
    far = size > TANH_IS_ONE
    turn = sin * cos
    divisor = fma(sinh_size, sinh_size, cos * cos)
    im = select(far, turn / sinh_size / sinh_size, turn / divisor)
    re = select(far, 1.0, sinh_size * cosh_size / divisor).with_sign_of(one_where_nan(z.re))
    re = select(z.re.is_nan(), z.re, re)
    # Where y has no angle the result has, if x is infinite; and x is kept if it is zero.
    nowhere = ~is_finite(z.im)
    im = select(is_infinite(z.re) & nowhere, zero_like(z.im), im)
    re = select(is_finite(z.re) & nowhere, math.nan, re)
    re = select(z.re.equals(0.0), z.re, re)
    return Complex(re, select(z.im.equals(0.0), z.im, im))


def _of_swapped(function: Callable[[Complex], Complex]) -> Callable[[Complex], Complex]:
    return lambda z: function(z.swapped()).swapped()


sin = _of_swapped(sinh)
tan = _of_swapped(tanh)


def cos(z: Complex) -> Complex:
    """``cosh(-y + ix)``."""
    return cosh(Complex(-z.im, z.re, z.narrow))
