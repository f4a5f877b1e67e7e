"""Complex numbers in one or many lanes, and the real kernels that functions of them are made of."""

from __future__ import annotations

import math

from lltheano_ir.emit.math import call_math
from lltheano_ir.emit.math.lanes import Mask, Real, select
from lltheano_ir.records import record

__all__ = [
    "Complex",
    "greater",
    "is_finite",
    "is_infinite",
    "one_where_nan",
    "real",
    "size_of_range",
    "zero_like",
]


@record(frozen=True, eq=False, slots=True)
class Complex:
    """The number ``re + i im``; `narrow` says that the parts are those of a c64, and so in range.

    In range means that neither the square of a part nor the sum of two can overflow or underflow.
    """

    re: Real
    im: Real
    narrow: bool = False

    def swapped(self) -> Complex:
        """The number with its parts exchanged."""
        return Complex(self.im, self.re, self.narrow)


def real(name: str, *args: Real) -> Real:
    """The kernel `name` of the real functions."""
    builder = args[0].builder
    values = [one.value for one in args]
    return Real(builder, call_math(builder.module, builder, name, values))


def greater(x: Real, y: Real) -> Real:
    """The greater of two; which it is of a number and a NaN is not said."""
    return select(x < y, y, x)


def is_infinite(x: Real) -> Mask:
    """Where this is infinite."""
    return abs(x).equals(math.inf)


def is_finite(x: Real) -> Mask:
    """Where this is neither infinite nor NaN."""
    return abs(x) < math.inf


def one_where_nan(x: Real) -> Real:
    """`x` to take a sign from: the sign bit of a NaN means nothing."""
    return select(x.is_nan(), 1.0, x)


def zero_like(x: Real) -> Real:
    """A zero with the sign of `x`, positive for a NaN."""
    return x.constant(0.0).with_sign_of(one_where_nan(x))


HUGE, TINY = 2.0**500, 2.0**-400
STEP = 600


def size_of_range(z: Complex) -> tuple[Real, Real]:
    """``(scale, doublings)``: z times ``scale == 2**-doublings`` has parts that can be squared.

    The scale is 1, or ``2**600`` or its inverse.
    """
    one = z.re.constant(1.0)
    zero = z.re.constant(0.0)
    if z.narrow:
        return one, zero
    great = greater(abs(z.re), abs(z.im))
    huge, tiny = great > HUGE, great < TINY
    scale = select(huge, 2.0**-STEP, select(tiny, one.constant(2.0**STEP), 1.0))
    return scale, select(huge, float(STEP), select(tiny, zero.constant(float(-STEP)), 0.0))
