"""abs, sign and sqrt.

abs: the square of the modulus is formed to twice the precision from parts that are scaled by a
power of two, and one Newton step on its root uses the exact residual (C. F. Borges, An improved
algorithm for hypot(a, b), 2019). sqrt: with ``t = sqrt((|x| + |z|) / 2)`` the parts are t and
``y / (2 t)``, in the order that the sign of x says, so nothing cancels.
"""

from __future__ import annotations

import math

from lltheano_ir.emit.complex_math.lanes import (
    Complex,
    greater,
    is_infinite,
    one_where_nan,
    scale_of,
)
from lltheano_ir.emit.math.doubled import fast_two_sum, two_product
from lltheano_ir.emit.math.lanes import Real, fma, select

__all__ = ["absolute", "sign", "sqrt"]


def _modulus(x: Real, y: Real, narrow: bool) -> Real:
    """``sqrt(x**2 + y**2)`` of numbers that can be squared."""
    if narrow:
        return fma(x, x, y * y).sqrt()
    a, b = abs(x), abs(y)
    square, other = two_product(greater(a, b), greater(a, b)), two_product(*_lesser_twice(a, b))
    total = fast_two_sum(square.high, other.high)
    root = total.high.sqrt()
    residual = fma(-root, root, total.high) + (total.low + (square.low + other.low))
    return select(root > 0.0, root + 0.5 * residual / root, root)


def _lesser_twice(a: Real, b: Real) -> tuple[Real, Real]:
    lesser = select(a < b, a, b)
    return lesser, lesser


def absolute(z: Complex) -> Real:
    """``|z|``; infinite where a part is, even if the other is NaN."""
    scale = scale_of(z)
    size = _modulus(z.re * scale.factor, z.im * scale.factor, z.narrow) * scale.inverse
    return select(is_infinite(z.re) | is_infinite(z.im), math.inf, size)


def sign(z: Complex) -> Complex:
    """``z / |z|``, 0 for 0; of one infinite part the direction of its axis, NaN of two."""
    scale = scale_of(z)
    size = _modulus(z.re * scale.factor, z.im * scale.factor, z.narrow)
    nothing = size.equals(0.0)
    re, im = (
        select(nothing, 0.0, part * scale.before / size * scale.after) for part in (z.re, z.im)
    )
    right, up = is_infinite(z.re), is_infinite(z.im)
    one, nan = z.re.constant(1.0), z.re.constant(math.nan)
    ahead = select(right, one.with_sign_of(z.re), 0.0)
    aside = select(up, one.with_sign_of(z.im), 0.0)
    re, im = select(right | up, ahead, re), select(right | up, aside, im)
    lost = (right & up) | (z.re.is_unordered(z.im) & ~(right | up))
    return Complex(select(lost, nan, re), select(lost, nan, im))


def sqrt(z: Complex) -> Complex:
    """The square root with a real part that is not negative, cut along the negative reals."""
    scale = scale_of(z)
    a, b = abs(z.re * scale.factor), abs(z.im * scale.factor)
    major = (0.5 * (a + _modulus(a, b, z.narrow))).sqrt() * scale.root_of_inverse
    minor = select(major.equals(0.0), 0.0, abs(z.im) / (major + major))
    left = z.re.bits().is_set(z.re.format.width - 1)
    re, im = select(left, minor, major), select(left, major, minor)
    # An infinite part rules, and a part that is NaN stays one beside it.
    far = is_infinite(z.re)
    other = select(z.im.is_nan(), z.im, 0.0)
    re = select(far, select(left, other, math.inf), re)
    im = select(far, select(left, z.re.constant(math.inf), other), im)
    im = select(im.is_nan(), im, im.with_sign_of(one_where_nan(z.im)))
    up = is_infinite(z.im)
    return Complex(select(up, math.inf, re), select(up, z.im, im))
