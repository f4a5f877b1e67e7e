"""Exact identities of reductions."""

from lltheano_ir.nodes import Value, make
from lltheano_ir.ops.summation import is_rounded
from lltheano_ir.rewrite.patterns import dropped_axes, matches
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["REDUCTION_RULES"]


@rule("reduce-nothing", "reduce over no axes -> x", "reduce")
def reduce_nothing(value: Value, context: RuleContext) -> Value | None:
    return None if value.attributes[1] else value.operands[0]


@rule("reduce-ones", "reduce over static-1 axes -> dimshuffle that drops them", "reduce")
def reduce_ones(value: Value, context: RuleContext) -> Value | None:
    """Other axes are kept as they are: leaving some out would change the order of a sum."""
    (x,), (_, axes) = value.operands, value.attributes
    if not all(x.type.broadcast[axis] for axis in axes):
        return None
    return dropped_axes(x, axes)


@rule(
    "reduce-reduce", "max(max(x)) -> max(x) over both axes; any kind that rounds nothing", "reduce"
)
def reduce_reduce(value: Value, context: RuleContext) -> Value | None:
    (inner,), (kind, axes) = value.operands, value.attributes
    if not matches(inner, "reduce", kind):
        return None
    if is_rounded(kind, value.type.dtype):
        return None
    x = inner.operands[0]
    kept = [axis for axis in range(x.rank) if axis not in inner.attributes[1]]
    merged = sorted((*inner.attributes[1], *(kept[axis] for axis in axes)))
    return make("reduce", (x,), (kind, tuple(merged)))


REDUCTION_RULES = (reduce_nothing, reduce_ones, reduce_reduce)
