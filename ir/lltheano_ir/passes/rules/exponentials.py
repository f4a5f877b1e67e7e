"""The logarithm of a sum of exponentials, shifted so that none of them overflows."""

import numpy as np

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.passes.rules.shared import branch
from lltheano_ir.rewrite.patterns import constant_like, matches, operand_of, permuted
from lltheano_ir.rewrite.rules import Context, rule
from lltheano_ir.shapes import integer, known_integer

__all__ = [
    "EXPONENTIAL_RULES",
    "exponential_sum",
    "finite_or_zero",
    "is_shifted",
    "there_is_an_element",
]


def exponential_sum(value: Value) -> Value | None:
    """X of sum(exp(x)), unless x is shifted by its maximum already.

    A sum over several axes is one of a reshaped operand; x is then reshaped.
    """
    if not matches(value, "reduce", "add"):
        return None
    (summed,) = value.operands
    outer = summed if matches(summed, "reshape") else None
    x = operand_of(summed if outer is None else outer.operands[0], "exp")
    if x is None or is_shifted(x):
        return None
    return x if outer is None else rebuilt(outer, (x, *outer.operands[1:]))


def is_shifted(x: Value) -> bool:
    """Whether a maximum is taken off already."""
    return matches(x, "sub") and _is_maximum(x.operands[1])


def _is_maximum(x: Value) -> bool:
    """Whether `x` is a maximum, or one that is replaced where it is not finite."""
    while x.op.view is not None and x.op.view.whole:
        x = x.operands[0]
    if x.regions and x.form.condition is not None:
        return any(_is_maximum(one) for one in x.regions[0].results)
    if x.op.laws.chooses:
        return any(_is_maximum(one) for one in x.operands[1:])
    return matches(x, "reduce", "max") or matches(x, "reduce", "sup")


@rule("log-sum-exp", "log(sum(exp(x))) -> log(sum(exp(x - m))) + m with m = max(x)", "log",
      changes_results=True)  # fmt: skip
def log_sum_exp(value: Value, context: Context) -> Value | None:
    """There is no maximum of no elements; where there may be none, a branch gives -inf."""
    (total,) = value.operands
    x = exponential_sum(total)
    if x is None or x.type.dtype.is_complex:
        return None
    axes = total.attributes[1]
    condition = there_is_an_element(x, axes, context)
    if condition is None:
        return _shifted(x, axes)
    return branch(
        condition,
        (x,),
        lambda inside: _shifted(inside[0], axes),
        lambda inside: make("log", (make("reduce", inside, ("add", axes)),)),
    )


def there_is_an_element(x: Value, axes: tuple[int, ...], context: Context) -> Value | None:
    """Whether `x` has elements along `axes`; None when that is certain."""
    sizes = [context.sizes.sizes(x)[axis] for axis in axes]
    sizes = [size for size in sizes if not known_integer(size)]
    if not sizes:
        return None
    condition = make("gt", (sizes[0], integer(0)))
    for size in sizes[1:]:
        condition = make("and", (condition, make("gt", (size, integer(0)))))
    return condition


def _shifted(x: Value, axes: tuple[int, ...]) -> Value:
    highest = make("reduce", (x,), ("max", axes))
    shift = finite_or_zero(highest)
    kept = iter(range(highest.rank))
    order = [None if axis in axes else next(kept) for axis in range(x.rank)]
    shifted = make("exp", (make("sub", (x, permuted(shift, order))),))
    total = make("reduce", (shifted,), ("add", axes))
    return make("add", (make("log", (total,)), shift))


def finite_or_zero(x: Value) -> Value:
    """`x`, or 0 where it is infinite or NaN: then there is nothing to shift."""
    zero, infinity = (constant_like(number, x.type) for number in (0.0, np.inf))
    return make("select", (make("lt", (make("abs", (x,)), infinity)), x, zero))


EXPONENTIAL_RULES = (log_sum_exp,)
