"""Constant folding: an op on constants becomes the constant that the interpreter computes.

Nothing is folded into more than `MOST_ELEMENTS` elements, nor into more than its operands hold, so
that a program never grows; the sizes are found by the shape rules before anything is computed. An
op that fails on its constants is left to fail when the program runs.
"""

import math

from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.ops.table import OPS
from lltheano_ir.rewrite.patterns import constant
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.shapes import known_integer

__all__ = ["FOLDING_RULES", "MOST_ELEMENTS"]

MOST_ELEMENTS = 64
"""A result of as many elements is folded, however few its operands have."""

_FOLDABLE = tuple(
    op.name for op in OPS.values() if op.reference is not None and op.arity and not op.measures
)


@rule("fold", "an op on constants -> the constant that it gives", *_FOLDABLE)
def fold_constants(value: Value, context: RuleContext) -> Value | None:
    if any(not operand.is_constant for operand in value.operands):
        return None
    if len(value.types) != 1:
        return None  # What one algorithm gives together is not taken from two.
    if not value.operands or not _stays_small(value, context):
        return None
    try:
        (found,) = evaluate((value,))
    except ExecutionError:
        return None
    return constant(found, value.type.broadcast)


def _stays_small(value: Value, context: RuleContext) -> bool:
    if all(operand.rank == 0 for operand in value.operands) and value.rank == 0:
        return True
    sizes = [known_integer(size) for size in context.sizes.sizes(value)]
    count = math.prod(-1 if size is None else size for size in sizes)
    held = sum(math.prod(operand.attributes[0].shape) for operand in value.operands)
    return not any(size is None or size < 0 for size in sizes) and count <= max(MOST_ELEMENTS, held)


FOLDING_RULES = (fold_constants,)
