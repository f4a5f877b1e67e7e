"""Sizes: what the shape rules know replaces what would be measured, and sums are shortened."""

from lltheano_ir.nodes import Value
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.rewrite.sizes import ARITHMETIC
from lltheano_ir.types import INDEX

__all__ = ["SIZE_RULES"]

_LOOKED_AT = 64
"""Integer expressions with more leaves are left as they are: nobody writes one by hand."""


@rule("dim", "dim of a computed value -> what its op's shape rule says", "dim")
def dim(value: Value, context: RuleContext) -> Value | None:
    return context.sizes.normal(value)


@rule("normal-integer", "(a + b) - a -> b and the like: the normal form", *ARITHMETIC)
def normal_integer(value: Value, context: RuleContext) -> Value | None:
    """A normal form is final: the other rules would bring it to theirs, and not come to an end."""
    if value.types != (INDEX,):
        return None
    before = _leaves(value)
    if before > _LOOKED_AT:
        return None
    normal = context.sizes.normal(value)
    return normal if _leaves(normal) <= before else None


def _leaves(value: Value) -> int:
    """The number of places where an expression reaches what is not i64[] arithmetic itself."""
    counts: dict[Value, int] = {}
    stack = [value]
    while stack:
        one = stack[-1]
        if one in counts:
            stack.pop()
        elif not one.op.laws.of_sizes:
            counts[one] = 1
        else:
            missing = [operand for operand in one.operands if operand not in counts]
            if missing:
                stack.extend(missing)
            else:
                counts[one] = sum(counts[operand] for operand in one.operands)
    return counts[value]


SIZE_RULES = (dim, normal_integer)
