"""What fusion knows of the ops: what computes, what only moves elements, what is cheap."""

from collections.abc import Callable, Mapping

from lltheano_ir.nodes import Value
from lltheano_ir.rewrite.patterns import number_of

__all__ = [
    "is_cheap",
    "is_computed",
    "is_mover",
    "is_reduction",
    "is_small_constant",
    "reads_repeatedly",
    "reduced_axes",
]

_MOVERS = frozenset(("dimshuffle", "broadcast", "slice", "index", "rebroadcast", "gather", "iota"))

_CHEAP = frozenset(
    (
        *("add", "sub", "mul", "neg", "abs", "floor", "ceil", "trunc", "rint"),
        *("maximum", "minimum", "and", "or", "xor", "not", "shl", "shr", "bit_length"),
        *("eq", "ne", "lt", "le", "gt", "ge", "isnan", "isinf", "select", "cast"),
    )
)


def is_computed(value: Value) -> bool:
    """Whether a value is elementwise with axes; single values are left to scalar code."""
    return value.op.is_elementwise and value.rank > 0


def is_reduction(value: Value) -> bool:
    """Whether a value is a reduction; it can only be a result of a group."""
    return value.op.name in ("reduce", "argreduce")


def is_mover(value: Value) -> bool:
    """Whether a value is made of elements of its first operand, or of indices alone."""
    return value.op.name in _MOVERS


def is_small_constant(value: Value) -> bool:
    """Whether a value is a constant of one element, which each group has for itself."""
    if value.op.name != "constant":
        return False
    literal = value.attributes[0]
    return len(literal.data) == value.type.dtype.itemsize


def reduced_axes(value: Value) -> tuple[int, ...]:
    """The axes of a reduction."""
    axes = value.attributes[1]
    return axes if isinstance(axes, tuple) else (axes,)


def is_cheap(value: Value) -> bool:
    """Whether an elementwise op costs no more than loading its operands."""
    return value.op.name in _CHEAP


def reads_repeatedly(value: Value, index: int) -> bool:
    """Whether computing `value` element by element reads elements of an operand several times."""
    operand = value.operands[index]
    if value.op.is_elementwise:
        pairs = zip(operand.type.broadcast, value.type.broadcast, strict=True)
        return any(one and not wide for one, wide in pairs)
    if index:
        return operand.rank < value.rank
    return value.op.name in _REPEATING and _REPEATING[value.op.name](value)


def _gathers_repeatedly(value: Value) -> bool:
    """A gather along more axes than it makes, such as p[arange(n), y], picks a few elements."""
    indices = value.operands[1]
    return indices.rank >= len(value.attributes[0])


def _slices_repeatedly(value: Value) -> bool:
    """A step of 0 reads one element all the time."""
    count = len(value.attributes[0])
    return not all(number_of(step) for step in value.operands[1 + 2 * count :])


_REPEATING: Mapping[str, Callable[[Value], bool]] = {
    "broadcast": lambda value: True,
    "gather": _gathers_repeatedly,
    "slice": _slices_repeatedly,
}
