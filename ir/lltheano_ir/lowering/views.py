"""Values that are views: another value's memory with other strides.

Each rule is given a value that is not in memory yet and whose checks have been made, and returns a
buffer.
"""

from collections.abc import Callable, Sequence

from lltheano_ir.loops.builder import number, number_of
from lltheano_ir.loops.nodes import Buffer, Constant, Operand, View
from lltheano_ir.lowering.access import ValueAccess
from lltheano_ir.nodes import Value

__all__ = ["VIEWS", "part_of"]


def _view(
    state: ValueAccess,
    value: Value,
    base: Buffer,
    offset: Operand,
    strides: tuple[Operand, ...] | None,
) -> Buffer:
    buffer = Buffer(state.context.fresh("b"), base.dtype, state.sizes(value), strides)
    state.context.emit(View(buffer, base, offset))
    return buffer


def _constant(state: ValueAccess, value: Value) -> Buffer:
    literal = value.attributes[0]
    sizes = tuple(number(size) for size in literal.shape)
    buffer = Buffer(state.context.fresh("b"), value.type.dtype, sizes)
    state.context.emit(Constant(buffer, literal))
    return buffer


def _dimshuffle(state: ValueAccess, value: Value) -> Buffer:
    base = state.buffer(value.operands[0])
    (order,) = value.attributes
    strides = state.context.strides(base)
    moved = tuple(number(0) if axis is None else strides[axis] for axis in order)
    return _view(state, value, base, number(0), moved)


def _broadcast(state: ValueAccess, value: Value) -> Buffer:
    base = state.buffer(value.operands[0])
    (axes,) = value.attributes
    strides = list(state.context.strides(base))
    for axis in axes:
        strides[axis] = number(0)
    return _view(state, value, base, number(0), tuple(strides))


def _rebroadcast(state: ValueAccess, value: Value) -> Buffer:
    return state.buffer(value.operands[0])


def part_of(
    state: ValueAccess, base: Buffer, axes: Sequence[int], numbers: Sequence[Value]
) -> tuple[Operand, tuple[Operand, ...]]:
    """The offset and strides of a strided part; `numbers` are starts, sizes and steps by axis."""
    context = state.context
    strides = list(context.strides(base))
    offset: Operand = number(0)
    for position, axis in enumerate(axes):
        start = state.scalar(numbers[position])
        step = state.scalar(numbers[position + 2 * len(axes)])
        offset = context.index_op("add", offset, context.index_op("mul", start, strides[axis]))
        strides[axis] = context.index_op("mul", strides[axis], step)
    return offset, tuple(strides)


def _slice(state: ValueAccess, value: Value) -> Buffer:
    operand, *numbers = value.operands
    base = state.buffer(operand)
    (axes,) = value.attributes
    offset, strides = part_of(state, base, axes, numbers)
    whole_rows = axes in ((), (0,)) and all(
        number_of(state.scalar(step)) == 1 for step in numbers[2 * len(axes) :]
    )
    plain = base.strides is None and whole_rows
    return _view(state, value, base, offset, None if plain else strides)


def _windows(state: ValueAccess, value: Value) -> Buffer:
    operand, _, _, dilation, step = value.operands
    base = state.buffer(operand)
    (axis,) = value.attributes
    context = state.context
    strides = context.strides(base)
    both = (context.index_op("mul", strides[axis], state.scalar(one)) for one in (dilation, step))
    moved = (*strides[:axis], *both, *strides[axis + 1 :])
    return _view(state, value, base, number(0), moved)


def _index(state: ValueAccess, value: Value) -> Buffer:
    operand, index = value.operands
    base = state.buffer(operand)
    (axis,) = value.attributes
    context = state.context
    strides = context.strides(base)
    place = state.wrapped(state.scalar(index), operand, axis)
    offset = context.index_op("mul", place, strides[axis])
    rows_only = base.strides is None and axis == 0
    kept = None if rows_only else strides[:axis] + strides[axis + 1 :]
    return _view(state, value, base, offset, kept)


def _reshape(state: ValueAccess, value: Value) -> Buffer:
    base = state.buffer(value.operands[0])
    if base.strides is not None:
        plain = state.context.alloc(base.dtype, base.sizes)
        state.context.copy(base, plain)
        base = plain
    return _view(state, value, base, number(0), None)


VIEWS: dict[str, Callable[[ValueAccess, Value], Buffer]] = {
    "constant": _constant,
    "dimshuffle": _dimshuffle,
    "broadcast": _broadcast,
    "rebroadcast": _rebroadcast,
    "slice": _slice,
    "windows": _windows,
    "index": _index,
    "reshape": _reshape,
}
