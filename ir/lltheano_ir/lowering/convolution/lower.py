"""Convolutions and their gradients: checks, filters turned around, and a call."""

from collections.abc import Mapping, Sequence

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Contiguous, Operand, Store
from lltheano_ir.lowering.checks import require_equal, require_sizes
from lltheano_ir.lowering.convolution.functions import kernel, turning_function
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.ops.convolution import FARTHEST, FORMS, spatial_axes
from lltheano_ir.shapes import integer

__all__ = ["lower_convolution", "require_near", "row_major"]

_OPERANDS: Mapping[str, tuple[str, str]] = {
    "convolve": ("images", "filters"),
    "convolve_images": ("filters", "outputs"),
    "convolve_filters": ("images", "outputs"),
}


def lower_convolution(state: Lowering, value: Value) -> None:
    """Fill memory of the result's own."""
    context = state.context
    groups, form = value.attributes
    axes = spatial_axes(len(value.operands))
    names = _OPERANDS[value.op.name]
    given = dict(zip(names, value.operands, strict=False))
    numbers = value.operands[2:]
    _check(state, value, given)
    buffers = {name: row_major(state, one) for name, one in given.items()}
    target = context.alloc(value.type.dtype, state.sizes(value))
    outputs = buffers.get("outputs", target).sizes[2:]
    geometry = context.alloc(i64, (number(4 * axes + 1),))
    told = [*outputs, *(state.scalar(one) for one in numbers[axes:]), number(groups)]
    for place, one in enumerate(told):
        context.emit(Store(geometry, (number(place),), one))
    turned = form == FORMS[1]
    if turned and "filters" in buffers:
        buffers["filters"] = _turned(state, buffers["filters"])
    made = kernel(value.op.name, axes, target.dtype, context.entry)
    context.functions.update(made.called)
    context.call(made.function, (target,), (*(buffers[name] for name in names), geometry))
    turned_back = turned and "filters" not in buffers
    state.buffers[value] = _turned(state, target) if turned_back else target


def row_major(state: Lowering, value: Value) -> Buffer:
    """The value in memory, row by row: where it is, if it is so, or in a copy."""
    buffer = state.buffer(value)
    if buffer.strides is None:
        return buffer
    plain = Buffer(state.context.fresh("b"), buffer.dtype, buffer.sizes)
    state.context.emit(Contiguous(plain, buffer))
    return plain


def _turned(state: Lowering, filters: Buffer) -> Buffer:
    """Filters from their last place to the first."""
    target = state.context.alloc(filters.dtype, filters.sizes)
    function = turning_function(len(filters.sizes) - 2, filters.dtype)
    state.context.call(function, (target,), (filters,))
    return target


def _check(state: Lowering, value: Value, given: Mapping[str, Value]) -> None:
    groups, _ = value.attributes
    axes = spatial_axes(len(value.operands))
    numbers = value.operands[2:]
    images, filters, outputs = (given.get(name) for name in ("images", "filters", "outputs"))
    if images is not None and filters is not None:
        seen = state.shapes.apply("mul", state.shapes.size(filters, 1), integer(groups))
        require_equal(state, value, state.shapes.size(images, 1), seen, "channels")
    if filters is not None and outputs is not None:
        counts = state.shapes.size(outputs, 1), state.shapes.size(filters, 0)
        require_equal(state, value, *counts, "filters")
    if images is not None and outputs is not None:
        counts = state.shapes.size(images, 0), state.shapes.size(outputs, 0)
        require_equal(state, value, *counts, "numbers of images")
    if filters is None and images is not None and outputs is not None:
        _require_divided(state, value, "channels", state.shapes.size(images, 1))
        _require_divided(state, value, "filters", state.shapes.size(outputs, 1))
    elif filters is not None:
        _require_divided(state, value, "filters", state.shapes.size(filters, 0))
    require_sizes(state, value, numbers[:axes])
    for part, least in enumerate((0, 1, 1), start=1):
        require_near(state, value, numbers[part * axes : (part + 1) * axes], least)


def _require_divided(state: Lowering, value: Value, what: str, size: Value) -> None:
    groups, _ = value.attributes
    context, count = state.context, state.scalar(size)
    rest = context.index_op("mod", count, number(groups)) if groups > 1 else number(0)
    condition = context.let("eq", bool_, rest, number(0))
    message = f"{value.op.name}: {groups} groups do not divide {{0}} {what}"
    context.check(condition, "sizes", message, state.location(value), count)


def require_near(state: Lowering, value: Value, numbers: Sequence[Value], least: int) -> None:
    """Frames, dilations, steps, windows must be small enough for index arithmetic."""
    context = state.context
    for one in numbers:
        x: Operand = state.scalar(one)
        low = context.let("ge", bool_, x, number(least))
        condition = context.let("and", bool_, low, context.let("le", bool_, x, number(FARTHEST)))
        message = (
            f"{value.op.name}: a frame, dilation, step or window must lie from {least} to"
            f" {FARTHEST}, got {{0}}"
        )
        context.check(condition, "value", message, state.location(value), x)
