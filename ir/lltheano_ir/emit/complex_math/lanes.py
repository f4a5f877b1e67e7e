"""Complex numbers in one or many lanes, and the real kernels that functions of them are made of."""

from __future__ import annotations

import math

from lltheano_ir.emit.math import call_math
from lltheano_ir.emit.math.lanes import Mask, Real, select, splat
from lltheano_ir.records import record

__all__ = [
    "Complex",
    "Scale",
    "greater",
    "is_finite",
    "is_infinite",
    "one_where_nan",
    "real",
    "scale_of",
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


@record(frozen=True, eq=False)
class Scale:
    """A power of two by which the parts of a number become such that they can be squared.

    It is 1, or ``2**600`` where the number is `tiny`, or its inverse where it is `huge`.
    """

    huge: Mask
    tiny: Mask
    model: Real

    def _choose(self, where_huge: float, where_tiny: float, otherwise: float) -> Real:
        one = self.model.constant(otherwise)
        return select(self.huge, where_huge, select(self.tiny, where_tiny, one))

    @property
    def factor(self) -> Real:
        """The scale."""
        return self._choose(2.0**-STEP, 2.0**STEP, 1.0)

    @property
    def inverse(self) -> Real:
        """What undoes it."""
        return self._choose(2.0**STEP, 2.0**-STEP, 1.0)

    @property
    def root_of_inverse(self) -> Real:
        """What undoes it in a square root."""
        return self._choose(2.0 ** (STEP // 2), 2.0 ** (-STEP // 2), 1.0)

    @property
    def before(self) -> Real:
        """The scale where it is above 1, else 1."""
        return self._choose(1.0, 2.0**STEP, 1.0)

    @property
    def after(self) -> Real:
        """The scale where it is below 1, else 1."""
        return self._choose(2.0**-STEP, 1.0, 1.0)

    @property
    def doublings(self) -> Real:
        """The logarithm to base 2 of the inverse."""
        return self._choose(float(STEP), float(-STEP), 0.0)


def scale_of(z: Complex) -> Scale:
    """The scale for `z`; 1 if it is narrow."""
    great = greater(abs(z.re), abs(z.im))
    if z.narrow:
        nowhere = Mask(great.builder, splat((great > HUGE).type, 0))
        return Scale(nowhere, nowhere, great)
    return Scale(great > HUGE, great < TINY, great)
