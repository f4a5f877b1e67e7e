"""Replacing parts of a tensor: `slice_update` and `scatter`, on a copy of the operand."""

from lltheano_ir.loops.nodes import Buffer, Operand, Store, View
from lltheano_ir.lowering.checks import check_value, require_equal
from lltheano_ir.lowering.function_builder import projected
from lltheano_ir.lowering.state import Lowering, gathered
from lltheano_ir.lowering.views import part_of
from lltheano_ir.nodes import Value
from lltheano_ir.shapes import integer

__all__ = ["lower_scatter", "lower_slice_update"]


def _copied(state: Lowering, source: Value) -> Buffer:
    """The operand's elements in fresh memory, computed there if they are not in memory yet."""
    state.prepare(source)
    target = state.context.alloc(source.type.dtype, state.sizes(source))
    with state.context.loops(target.sizes) as indices, state.scope():
        state.context.emit(Store(target, indices, state.element(source, indices)))
    return target


def _write(
    state: Lowering, target: Buffer, places: tuple[Operand, ...], element: Operand, mode: str
) -> None:
    if mode == "add":
        old = state.context.load(target, places)
        element = state.context.let("add", target.dtype, old, element)
    state.context.emit(Store(target, places, element))


def lower_slice_update(state: Lowering, value: Value) -> None:
    """A copy, then the part written through a strided view."""
    source, new, *numbers = value.operands
    axes, mode = value.attributes
    check_value(state, value)
    count = len(axes)
    sizes = list(state.shapes.sizes(source))
    for position, axis in enumerate(axes):
        sizes[axis] = numbers[position + count]
    _require_value(state, value, new, sizes)
    state.prepare(new)
    target = _copied(state, source)
    part = _part(state, target, value, tuple(state.scalar(size) for size in sizes))
    with state.context.loops(part.sizes) as indices, state.scope():
        _write(state, part, indices, state.element(new, projected(new, indices)), mode)
    state.buffers[value] = target


def _require_value(state: Lowering, value: Value, new: Value, sizes: list[Value]) -> None:
    have = state.shapes.sizes(new)
    for axis, (one, size) in enumerate(zip(new.type.broadcast, sizes, strict=True)):
        if not one:
            require_equal(state, value, have[axis], size, f"sizes on axis {axis},")


def _part(state: Lowering, target: Buffer, value: Value, sizes: tuple[Operand, ...]) -> Buffer:
    axes, _ = value.attributes
    context = state.context
    offset, strides = part_of(state, target, axes, value.operands[2:])
    part = Buffer(context.fresh("b"), target.dtype, sizes, strides)
    context.emit(View(part, target, offset))
    return part


def lower_scatter(state: Lowering, value: Value) -> None:
    """A copy, then the elements written one after the other: indices may repeat."""
    source, new, *chosen = value.operands
    axes, mode = value.attributes
    check_value(state, value)
    sizes = _scatter_sizes(state, value)
    _require_value(state, value, new, sizes)
    state.prepare(new, *chosen)
    target = _copied(state, source)
    operands = tuple(state.scalar(size) for size in sizes)
    with state.context.loops(operands, sequential=True) as indices, state.scope():
        places = state.answered(gathered(state, source, chosen, axes, indices))
        _write(state, target, places, state.element(new, projected(new, indices)), mode)
    state.buffers[value] = target


def _scatter_sizes(state: Lowering, value: Value) -> list[Value]:
    source, _, *chosen = value.operands
    axes, _ = value.attributes
    own = state.shapes.sizes(source)
    inner = []
    for axis in range(chosen[0].rank):
        wide = [x for x in chosen if not x.type.broadcast[axis]]
        inner.append(state.shapes.sizes(wide[0])[axis] if wide else integer(1))
    return [*own[: axes[0]], *inner, *own[axes[-1] + 1 :]]
