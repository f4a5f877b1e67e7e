"""What fusion asks of values: what computes, what only looks at elements, what is cheap."""

from lltheano_ir.nodes import Value
from lltheano_ir.ops.traits import Cost
from lltheano_ir.rewrite.patterns import number_of

__all__ = [
    "is_by_index",
    "is_cheap",
    "is_computed",
    "is_reduction",
    "is_small_constant",
    "reads_repeatedly",
    "reduced_axes",
]


def is_computed(value: Value) -> bool:
    """Whether a value is elementwise with axes; single values are left to scalar code."""
    return value.op.is_elementwise and value.rank > 0


def is_reduction(value: Value) -> bool:
    """Whether a value is a reduction; it can only be a result of a group."""
    return value.op.reduction is not None


def is_by_index(value: Value) -> bool:
    """Whether each element is one of the first operand's, or an index, found from its index."""
    return value.op.is_by_index


def is_small_constant(value: Value) -> bool:
    """Whether a value is a constant of one element, which each group has for itself."""
    if not value.is_constant:
        return False
    literal = value.attributes[0]
    return len(literal.data) == value.type.dtype.itemsize


def reduced_axes(value: Value) -> tuple[int, ...]:
    """The axes of a reduction."""
    assert value.op.reduction is not None
    return value.op.reduction(value.attributes).axes


def is_cheap(value: Value) -> bool:
    """Whether an elementwise op costs no more than loading its operands."""
    return value.op.cost_on(value.operands[-1].type.dtype) is Cost.CHEAP


def reads_repeatedly(value: Value, index: int) -> bool:
    """Whether computing `value` element by element reads elements of an operand several times."""
    operand = value.operands[index]
    if value.op.is_elementwise:
        pairs = zip(operand.type.broadcast, value.type.broadcast, strict=True)
        return any(one and not wide for one, wide in pairs)
    if index:
        return operand.rank < value.rank
    view = value.op.view
    if view is None or view.repeats is None:
        return False
    ranks = [one.rank for one in value.operands]
    return view.repeats(value.attributes, ranks, [_integer(one) for one in value.operands[1:]])


def _integer(value: Value) -> int | None:
    number = number_of(value)
    return None if number is None else int(number)
