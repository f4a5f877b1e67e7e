"""arcsin, arccos, arctan, arcsinh, arccosh and arctanh.

W. Kahan, Branch cuts for complex elementary functions (1987): with ``a + ib = sqrt(1 - z)`` and
``c + id = sqrt(1 + z)``, of which b and d have opposite signs, no sum below cancels; y enters with
its sign, zero too, so each side of a cut has its own values. Beyond `FAR` the functions are
logarithms of ``2 z``, and below `NEAR` arcsin is z. arctanh is the logarithm of the ratio of
``1 + z`` and ``1 - z`` by way of log1p; beyond `FAR` it is a right angle and ``1 / z``.
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
)
from lltheano_ir.emit.complex_math.logarithm import log_size
from lltheano_ir.emit.complex_math.modulus import absolute, sqrt
from lltheano_ir.emit.math.doubled import Pair
from lltheano_ir.emit.math.lanes import Mask, Real, fma, select
from lltheano_ir.records import record

__all__ = ["acos", "acosh", "asin", "asinh", "atan", "atanh"]

FAR, NEAR = 2.0**30, 2.0**-28
HALF_PI = float.fromhex("0x1.921fb54442d18p+0")
LN2 = float.fromhex("0x1.62e42fefa39efp-1")


@record(frozen=True, eq=False)
class _Roots:
    """``minus`` is ``sqrt(1 - z)`` and ``plus`` is ``sqrt(1 + z)``."""

    minus: Complex
    plus: Complex


def _roots(z: Complex) -> _Roots:
    return _Roots(
        sqrt(Complex(1.0 - z.re, -z.im, z.narrow)), sqrt(Complex(1.0 + z.re, z.im, z.narrow))
    )


def _is_far(z: Complex) -> Mask:
    return (abs(z.re) > FAR) | (abs(z.im) > FAR)


def _is_near(z: Complex) -> Mask:
    return (abs(z.re) < NEAR) & (abs(z.im) < NEAR)


def _log_of_double(z: Complex) -> Real:
    """``log(2 |z|)``."""
    return log_size(Pair(z.re, z.re.constant(0.0)), z.im, z.narrow, doublings=1.0)


def asin(z: Complex) -> Complex:
    """The inverse sine, cut along the reals beyond -1 and 1."""
    roots = _roots(z)
    (a, b), (c, d) = (roots.minus.re, roots.minus.im), (roots.plus.re, roots.plus.im)
    far, near = _is_far(z), _is_near(z)
    re = real("atan2", z.re, select(far, abs(z.im), fma(a, c, -(b * d))))
    im = real("asinh", fma(a, d, -(b * c)))
    im = select(far, _log_of_double(z).with_sign_of(one_where_nan(z.im)), im)
    im = select(near, z.im, select(far, im, im.with_sign_of(z.im)))
    re = select(near | (z.re.equals(0.0) & z.im.is_nan()), z.re, re)
    return Complex(re, im)


def acos(z: Complex) -> Complex:
    """The inverse cosine, cut as arcsin is."""
    roots = _roots(z)
    (a, b), (c, d) = (roots.minus.re, roots.minus.im), (roots.plus.re, roots.plus.im)
    far, near = _is_far(z), _is_near(z)
    angle = real("atan2", select(far, abs(z.im), a), select(far, z.re, c))
    re = select(far, angle, angle + angle)
    im = real("asinh", fma(c, b, -(d * a)))
    im = select(far, _log_of_double(z).with_sign_of(-one_where_nan(z.im)), im)
    im = select(near, -z.im, select(far, im, im.with_sign_of(-z.im)))
    return Complex(select(z.re.equals(0.0) & z.im.is_nan(), HALF_PI, re), im)


def acosh(z: Complex) -> Complex:
    """Arccos turned by a right angle, to where the real part is not negative."""
    turned = acos(z)
    return Complex(abs(turned.im), turned.re.with_sign_of(one_where_nan(z.im)))


def atanh(z: Complex) -> Complex:
    """The inverse hyperbolic tangent, cut along the reals beyond -1 and 1."""
    far = _is_far(z)
    x, y = select(far, 0.0, abs(z.re)), select(far, 0.0, z.im)
    beside = x - 1.0
    at_pole = beside.equals(0.0) & (abs(y) < NEAR)
    argument = 4.0 * x / fma(beside, beside, y * y)
    # Beside the pole y**2 underflows: there it is log(2 / |y|) / 2.
    close = 0.5 * (LN2 - real("log", abs(y)))
    size = select(at_pole, close, 0.25 * real("log1p", argument))
    angle = 0.5 * real("atan2", y + y, fma(1.0 - x, 1.0 + x, -(y * y)))
    beyond = _reciprocal_sizes(z)
    re = select(far, beyond.re, size).with_sign_of(one_where_nan(z.re))
    im = select(far, HALF_PI - beyond.im, angle).with_sign_of(one_where_nan(z.im))
    lost = z.re.is_unordered(z.im)
    infinite = is_infinite(z.re) | is_infinite(z.im)
    re = select(lost & ~infinite, math.nan, re)
    im = select(lost & ~is_infinite(z.im), math.nan, im)
    return Complex(select(z.re.equals(0.0) & z.im.is_nan(), z.re, re), im)


def _reciprocal_sizes(z: Complex) -> Complex:
    """The sizes of the parts of ``1 / z`` for a large z; 0 where a part of z is infinite."""
    x, y = 0.25 * z.re, 0.25 * z.im
    size = absolute(Complex(x, y, z.narrow))
    finite = is_finite(z.re) & is_finite(z.im)
    re, im = (select(finite, 0.25 * (abs(part) / size / size), 0.0) for part in (x, y))
    return Complex(re, im)


def _of_swapped(function: Callable[[Complex], Complex]) -> Callable[[Complex], Complex]:
    return lambda z: function(z.swapped()).swapped()


asinh = _of_swapped(asin)
atan = _of_swapped(atanh)
