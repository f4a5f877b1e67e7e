"""Ops that go through elements in order: `nonzero`, `sort` and `argsort`, each a call of a routine
on row-major memory, and `cumulate`, which is a sequential loop.
"""

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number, number_of
from lltheano_ir.loops.nodes import Buffer, Call, For, Operand, Scalar, Store
from lltheano_ir.lowering.checks import check_value
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.ops.ordering import CUMULATIONS

__all__ = ["lower_cumulate", "lower_nonzero", "lower_sort"]

Indices = tuple[Operand, ...]


def _row_major(state: Lowering, value: Value) -> Buffer:
    """The value in memory without gaps, its last axis contiguous."""
    buffer = state.buffer(value)
    if buffer.strides is None:
        return buffer
    plain = state.context.alloc(buffer.dtype, buffer.sizes)
    state.context.copy(buffer, plain)
    return plain


def lower_nonzero(state: Lowering, value: Value) -> None:
    """The mask is made in memory; the number of places is known before."""
    check_value(state, value)
    mask = _row_major(state, value.operands[0])
    target = state.context.alloc(value.type.dtype, state.sizes(value))
    state.context.emit(Call("nonzero", (target,), (mask,)))
    state.buffers[value] = target


def lower_sort(state: Lowering, value: Value) -> None:
    """Row by row, into memory of its own."""
    source = _row_major(state, value.operands[0])
    target = state.context.alloc(value.type.dtype, source.sizes)
    state.context.emit(Call(value.op.name, (target,), (source,)))
    state.buffers[value] = target


def lower_cumulate(state: Lowering, value: Value) -> None:
    """The first place of the axis as it is, each other one from the place before.

    Where nothing lies behind the axis what was combined so far is kept in a single element, which
    becomes a register. Otherwise whole rows are combined, in any number of lanes.
    """
    (axis,) = value.attributes[1:]
    state.prepare(value.operands[0])
    sizes = state.sizes(value)
    target = state.context.alloc(value.type.dtype, sizes)
    alone = all(number_of(size) == 1 for size in sizes[axis + 1 :])
    with state.context.loops(sizes[:axis]) as before, state.scope():
        if alone:
            _cumulate_elements(state, value, target, before)
        else:
            _cumulate_rows(state, value, target, before)
    state.buffers[value] = target


def _cumulate_elements(state: Lowering, value: Value, target: Buffer, before: Indices) -> None:
    kind, axis = value.attributes
    (operand,) = value.operands
    context = state.context
    total = context.alloc(target.dtype, ())
    after = (number(0),) * (len(target.sizes) - axis - 1)
    size = target.sizes[axis]
    only_first = (context.index_op("minimum", size, number(1)),)
    with context.loops(only_first, sequential=True) as first, state.scope():
        element = state.element(operand, (*before, *first, *after))
        context.emit(Store(total, (), element))
        context.emit(Store(target, (*before, *first, *after), element))
    index = Scalar(context.fresh("i"), i64)
    with context.block() as body, state.scope():
        place = (*before, context.index_op("add", index, number(1)), *after)
        so_far = context.load(total, ())
        element = state.element(operand, place)
        combined = context.let(CUMULATIONS[kind], target.dtype, so_far, element)
        context.emit(Store(total, (), combined))
        context.emit(Store(target, place, combined))
    context.emit(For(index, _others(state, size), tuple(body), sequential=True))


def _cumulate_rows(state: Lowering, value: Value, target: Buffer, before: Indices) -> None:
    kind, axis = value.attributes
    (operand,) = value.operands
    context = state.context
    rest = target.sizes[axis + 1 :]
    size = target.sizes[axis]
    only_first = (context.index_op("minimum", size, number(1)), *rest)
    with context.loops(only_first) as first, state.scope():
        element = state.element(operand, (*before, *first))
        context.emit(Store(target, (*before, *first), element))
    index = Scalar(context.fresh("i"), i64)
    with context.block() as body:
        following = context.index_op("add", index, number(1))
        with context.loops(rest) as after, state.scope():
            so_far = context.load(target, (*before, index, *after))
            element = state.element(operand, (*before, following, *after))
            combined = context.let(CUMULATIONS[kind], target.dtype, so_far, element)
            context.emit(Store(target, (*before, following, *after), combined))
    context.emit(For(index, _others(state, size), tuple(body), sequential=True))


def _others(state: Lowering, size: Operand) -> Operand:
    """The number of places after the first."""
    context = state.context
    return context.index_op("maximum", context.index_op("sub", size, number(1)), number(0))
