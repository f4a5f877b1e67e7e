"""What several of the rules that change results look for and make."""

from collections.abc import Sequence

from lltheano_ir.nodes import Value, make
from lltheano_ir.rewrite.patterns import is_number, operand_of, permuted
from lltheano_ir.rewrite.sizes import SizeAlgebra

__all__ = ["from_one_plus", "negated", "reordered", "stretched"]


def from_one_plus(value: Value) -> Value | None:
    """X of x + 1."""
    if value.op.name == "add" and is_number(value.operands[1], 1):
        return value.operands[0]
    return None


def negated(x: Value) -> Value:
    """-x, or x of -x."""
    inner = operand_of(x, "neg")
    return inner if inner is not None else make("neg", (x,))


def reordered(x: Value, order: Sequence[int | None]) -> Value:
    """Axes of `x` in another order, as one op where `x` is itself reordered."""
    if x.op.name == "dimshuffle":
        (first,) = x.attributes
        merged = [None if axis is None else first[axis] for axis in order]
        return permuted(x.operands[0], merged)
    return permuted(x, order)


def stretched(x: Value, value: Value, sizes: SizeAlgebra) -> Value:
    """`x` repeated to the sizes of `value`, if it is narrower."""
    narrow = zip(x.type.broadcast, value.type.broadcast, strict=True)
    axes = tuple(axis for axis, (one, wide) in enumerate(narrow) if one and not wide)
    if not axes:
        return x
    wanted = sizes.sizes(value)
    return make("broadcast", (x, *(wanted[axis] for axis in axes)), (axes,))
