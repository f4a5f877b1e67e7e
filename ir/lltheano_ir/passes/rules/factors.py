"""Products and quotients taken as factors, above and below the line: what cancels, and what an
exponential meets.

Gradients are full of these. That of log(p) is g / p, and p's own gradient multiplies by p; where p
underflows to 0 the product is 0 / 0, though only g is left of it.
"""

from collections.abc import Callable

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.ops.traits import Sign
from lltheano_ir.passes.rules.shared import from_one_plus, negated, reordered, stretched
from lltheano_ir.records import record
from lltheano_ir.rewrite.patterns import (
    constant_like,
    is_one_of,
    matches,
    number_of,
    operand_of,
)
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.signs import sign_of

__all__ = ["CANCELLING_RULES", "FACTOR_RULES"]

_MOST = 12
"""Longer products than this are left alone."""


@record(slots=True)
class _Factors:
    """A value as a product of `above`, divided by each of `below`, and negated or not."""

    above: list[Value]
    below: list[Value]
    negative: bool

    def product(self, value: Value, context: RuleContext) -> Value:
        """The value again, of the type and the sizes of `value`."""
        result = _multiplied(self.above)
        if self.below:
            over = result if result is not None else constant_like(1.0, value.type)
            divisor = _multiplied(self.below)
            assert divisor is not None
            result = make("div", (over, divisor))
        result = constant_like(1.0, value.type) if result is None else result
        if self.negative:
            result = make("neg", (result,))
        return stretched(result, value, context.sizes)


def _multiplied(factors: list[Value]) -> Value | None:
    if not factors:
        return None
    product = factors[0]
    for one in factors[1:]:
        product = make("mul", (product, one))
    return product


def _factors(value: Value) -> _Factors | None:
    """The factors of a float value, in the order in which they are written; None for too many."""
    if not value.type.dtype.is_float:
        return None
    found = _Factors([], [], False)
    pending = [(value, True)]
    while pending:
        if len(pending) + len(found.above) + len(found.below) > _MOST:
            return None
        one, is_above = pending.pop(0)
        one = _inside_out(one)
        if matches(one, "mul"):
            pending[:0] = [(operand, is_above) for operand in one.operands]
        elif matches(one, "div"):
            pending[:0] = [(one.operands[0], is_above), (one.operands[1], not is_above)]
        elif matches(one, "neg"):
            found.negative = not found.negative
            pending.insert(0, (one.operands[0], is_above))
        else:
            (found.above if is_above else found.below).append(one)
    return found


def _inside_out(value: Value) -> Value:
    """An op on reordered operands, in place of reordered axes of the op."""
    if not matches(value, "dimshuffle"):
        return value
    (inner,), (order,) = value.operands, value.attributes
    keeps_all = sum(axis is not None for axis in order) == inner.rank
    if not is_one_of(inner, "mul", "div", "neg") or not keeps_all:
        return value
    return rebuilt(inner, tuple(reordered(one, order) for one in inner.operands))


@rule("cancel-factors", "(a * p) / (b * p) -> a / b where p cannot be 0, infinite or NaN",
      "mul", "div", changes_results=True)  # fmt: skip
def cancel_factors(value: Value, context: RuleContext) -> Value | None:
    """Only factors that are positive whatever numbers they are computed from, in exact arithmetic:
    exponentials and what is made of them, constants.
    """
    return _cancelled(value, context, lambda factor: sign_of(factor) is Sign.POSITIVE)


@rule("cancel-any-factor", "(a * p) / (b * p) -> a / b, also where p is 0", "mul", "div",
      changes_results=True)  # fmt: skip
def cancel_any_factor(value: Value, context: RuleContext) -> Value | None:
    """As Theano does; NumPy gives NaN where p is 0, infinite or NaN."""
    return _cancelled(value, context, lambda factor: True)


def _cancelled(value: Value, context: RuleContext, may: Callable[[Value], bool]) -> Value | None:
    found = _factors(value)
    if found is None or not found.below:
        return None
    before = len(found.below)
    for one in list(found.below):
        if one in found.above and may(one):
            found.above.remove(one)
            found.below.remove(one)
    return found.product(value, context) if len(found.below) < before else None


@rule("over-one-plus-exp", "y / (exp(x) + 1) -> y * sigmoid(-x)", "mul", "div",
      changes_results=True)  # fmt: skip
def over_one_plus_exp(value: Value, context: RuleContext) -> Value | None:
    """The exponential may overflow; what it divides may be an exponential that does too."""
    found = _factors(value)
    if found is None:
        return None
    chosen = [one for one in found.below if _exponent_beside_one(one) is not None]
    for one in chosen:
        x = _exponent_beside_one(one)
        assert x is not None
        found.below.remove(one)
        found.above.append(make("sigmoid", (negated(x),)))
    return found.product(value, context) if chosen else None


def _exponent_beside_one(value: Value) -> Value | None:
    """X of exp(x) + 1."""
    inner = from_one_plus(value)
    x = operand_of(inner, "exp") if inner is not None else None
    return x if x is not None and x.type == value.type else None


@rule("exp-times-sigmoid", "exp(x) * sigmoid(-x) -> sigmoid(x)", "mul", "div",
      changes_results=True)  # fmt: skip
def exp_times_sigmoid(value: Value, context: RuleContext) -> Value | None:
    found = _factors(value)
    if found is None:
        return None
    for power in found.above:
        x = operand_of(power, "exp")
        if x is not None:
            other = make("sigmoid", (negated(x),))
            if other in found.above:
                found.above.remove(power)
                found.above[found.above.index(other)] = make("sigmoid", (x,))
                return found.product(value, context)
    return None


@rule("gauss-over-erfc", "exp(-x * x) / erfc(x) -> 1 / erfcx(x)", "mul", "div",
      changes_results=True)  # fmt: skip
def gauss_over_erfc(value: Value, context: RuleContext) -> Value | None:
    """The gradient of log(erfc(x)), where both underflow."""
    found = _factors(value)
    if found is None:
        return None
    for tail in found.below:
        x = operand_of(tail, "erfc")
        gauss = make("exp", (make("neg", (make("mul", (x, x)),)),)) if x is not None else None
        if x is not None and gauss in found.above:
            found.above.remove(gauss)
            found.below[found.below.index(tail)] = make("erfcx", (x,))
            return found.product(value, context)
    return None


@rule("exp-times-erfc", "exp(x * x) * erfc(x) -> erfcx(x)", "mul", "div",
      changes_results=True)  # fmt: skip
def exp_times_erfc(value: Value, context: RuleContext) -> Value | None:
    """Written out it is infinity times zero where it is some 1 / x."""
    found = _factors(value)
    if found is None:
        return None
    for tail in found.above:
        x = operand_of(tail, "erfc")
        growth = make("exp", (make("mul", (x, x)),)) if x is not None else None
        if x is not None and growth in found.above:
            found.above.remove(growth)
            found.above[found.above.index(tail)] = make("erfcx", (x,))
            return found.product(value, context)
    return None


@rule("abs-of-constant-factor", "abs(x * c) -> abs(x) * abs(c)", "abs", changes_results=True)
def abs_of_constant_factor(value: Value, context: RuleContext) -> Value | None:
    """So that what is left can cancel."""
    (product,) = value.operands
    number = number_of(product.operands[1]) if matches(product, "mul") else None
    if number is None or not value.type.dtype.is_float or product.operands[0].type != value.type:
        return None
    size = make("abs", (product.operands[0],))
    return make("mul", (size, constant_like(float(abs(number)), product.operands[1].type)))


CANCELLING_RULES = (abs_of_constant_factor, cancel_any_factor)
"""Of the pass `cancel`, which runs where it is asked for."""

FACTOR_RULES = (
    cancel_factors,
    over_one_plus_exp,
    exp_times_sigmoid,
    gauss_over_erfc,
    exp_times_erfc,
)
