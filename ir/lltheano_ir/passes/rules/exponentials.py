"""The logarithm of a sum of exponentials, shifted so that none of them overflows."""

import numpy as np

from lltheano_ir.nodes import Region, Value, argument, make, rebuilt
from lltheano_ir.rewrite.patterns import constant, operand_of, permuted
from lltheano_ir.rewrite.rules import Context, rule
from lltheano_ir.shapes import integer, known_integer
from lltheano_ir.types import TensorType

__all__ = ["EXPONENTIAL_RULES", "exponential_sum"]


def exponential_sum(value: Value) -> Value | None:
    """X of sum(exp(x)), unless x is shifted by its maximum already.

    A sum over several axes is one of a reshaped operand; x is then reshaped.
    """
    if value.op.name != "reduce" or value.attributes[0] != "add":
        return None
    (summed,) = value.operands
    outer = summed if summed.op.name == "reshape" else None
    x = operand_of(summed if outer is None else outer.operands[0], "exp")
    if x is None or _is_shifted(x):
        return None
    return x if outer is None else rebuilt(outer, (x, *outer.operands[1:]))


def _is_shifted(x: Value) -> bool:
    return x.op.name == "sub" and _is_maximum(x.operands[1])


def _is_maximum(x: Value) -> bool:
    """Whether `x` is a maximum, or one that is replaced where it is not finite."""
    while x.op.name in ("dimshuffle", "broadcast", "reshape", "rebroadcast"):
        x = x.operands[0]
    if x.op.name == "select":
        return any(_is_maximum(one) for one in x.operands[1:])
    return x.op.name == "reduce" and x.attributes[0] == "max"


@rule("log-sum-exp", "log(sum(exp(x))) -> log(sum(exp(x - m))) + m with m = max(x)", "log",
      changes_results=True)  # fmt: skip
def log_sum_exp(value: Value, context: Context) -> Value | None:
    """There is no maximum of no elements; where there may be none, a branch gives -inf."""
    (total,) = value.operands
    x = exponential_sum(total)
    if x is None or x.type.dtype.is_complex:
        return None
    axes = total.attributes[1]
    sizes = [context.sizes.sizes(x)[axis] for axis in axes]
    unknown = [size for size in sizes if not known_integer(size)]
    if not unknown:
        return _shifted(x, axes)
    inner = argument(0, x.type)
    there_is = Region((x.type,), (_shifted(inner, axes),))
    there_is_none = Region((x.type,), (make("log", (make("reduce", (inner,), ("add", axes)),)),))
    return make("if", (_all_positive(unknown), x), (), (there_is, there_is_none))


def _all_positive(sizes: list[Value]) -> Value:
    condition = make("gt", (sizes[0], integer(0)))
    for size in sizes[1:]:
        condition = make("and", (condition, make("gt", (size, integer(0)))))
    return condition


def _shifted(x: Value, axes: tuple[int, ...]) -> Value:
    highest = make("reduce", (x,), ("max", axes))
    shift = _finite(highest)
    kept = iter(range(highest.rank))
    order = [None if axis in axes else next(kept) for axis in range(x.rank)]
    shifted = make("exp", (make("sub", (x, permuted(shift, order))),))
    total = make("reduce", (shifted,), ("add", axes))
    return make("add", (make("log", (total,)), shift))


def _finite(x: Value) -> Value:
    """`x`, or 0 where it is infinite or NaN: then there is nothing to shift."""
    zero, infinity = (_alike(number, x.type) for number in (0.0, np.inf))
    return make("select", (make("lt", (make("abs", (x,)), infinity)), x, zero))


def _alike(number: float, type_: TensorType) -> Value:
    """A constant that broadcasts with values of a type."""
    return constant(np.full((1,) * type_.rank, number, type_.dtype.numpy))


EXPONENTIAL_RULES = (log_sum_exp,)
