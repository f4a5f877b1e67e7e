"""Double-double arithmetic: numbers held as an unevaluated sum of two, and the exact steps for it.

The sums and the product are Knuth's TwoSum, Dekker's Fast2Sum and the fused TwoProduct; they are
exact while nothing overflows or underflows. Invariant of a `Pair`: ``low`` is at most half a unit
in the last place of ``high``, but for the roundings that an operation's docstring allows.
"""

from __future__ import annotations

from lltheano_ir.emit.math.lanes import Real, fma
from lltheano_ir.records import record


@record(frozen=True, slots=True)
class Pair:
    """The number ``high + low``."""

    high: Real
    low: Real

    def __add__(self, other: Pair) -> Pair:
        """Sum with a relative error of some ``2**(3 - 2 p)`` unless the two nearly cancel."""
        total = two_sum(self.high, other.high)
        return fast_two_sum(total.high, total.low + (self.low + other.low))

    def __mul__(self, other: Pair) -> Pair:
        """Product with a relative error of some ``2**(3 - 2 p)``."""
        product = two_product(self.high, other.high)
        cross = fma(self.high, other.low, self.low * other.high)
        return fast_two_sum(product.high, product.low + cross)

    def total(self) -> Real:
        """The nearest single number."""
        return self.high + self.low


def pair(model: Real, high: float, low: float) -> Pair:
    """A constant of twice the precision, in the type of `model`."""
    return Pair(model.constant(high), model.constant(low))


def fast_two_sum(a: Real, b: Real) -> Pair:
    """``a + b`` exactly, where `a` is zero or not the smaller in magnitude (Dekker)."""
    high = a + b
    return Pair(high, b - (high - a))


def two_sum(a: Real, b: Real) -> Pair:
    """``a + b`` exactly, whichever is larger (Knuth)."""
    high = a + b
    b_part = high - a
    return Pair(high, (a - (high - b_part)) + (b - b_part))


def two_product(a: Real, b: Real) -> Pair:
    """``a * b`` exactly."""
    high = a * b
    return Pair(high, fma(a, b, -high))


def quotient(numerator: Pair, denominator: Pair) -> Pair:
    """``numerator / denominator`` by one division and one step of refinement.

    The relative error is some ``2**(2 - 2 p)``, if the quotient and its parts stay normal; a
    subnormal quotient of a tiny numerator by a denominator near one keeps half a unit.
    """
    inverse = 1.0 / denominator.high
    guess = numerator.high * inverse
    rest = fma(-guess, denominator.high, numerator.high)
    rest = rest + fma(-guess, denominator.low, numerator.low)
    return fast_two_sum(guess, rest * inverse)
