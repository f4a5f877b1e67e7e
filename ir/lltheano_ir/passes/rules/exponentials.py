"""The logarithm of a sum of exponentials, shifted so that none of them overflows."""

import numpy as np

from lltheano_ir.nodes import Region, Value, argument, make
from lltheano_ir.rewrite.patterns import constant, operand_of, permuted
from lltheano_ir.rewrite.rules import Context, rule
from lltheano_ir.shapes import integer, known_integer
from lltheano_ir.types import TensorType

__all__ = ["EXPONENTIAL_RULES", "exponential_sum"]


def exponential_sum(value: Value) -> Value | None:
    """X of sum(exp(x)), unless x is shifted by its maximum already."""
    if value.op.name != "reduce" or value.attributes[0] != "add":
        return None
    x = operand_of(value.operands[0], "exp")
    return x if x is not None and not _is_shifted(x) else None


def _is_shifted(x: Value) -> bool:
    if x.op.name != "sub":
        return False
    shift = x.operands[1]
    while shift.op.name in ("dimshuffle", "broadcast", "select", "reshape", "rebroadcast"):
        shift = shift.operands[1 if shift.op.name == "select" else 0]
    return shift.op.name == "reduce" and shift.attributes[0] == "max"


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
