"""Indexing expressions in the IR: strided slices, gathers and scatters, and reordered axes between
them.

A part is read in steps: masks become index arrays; slices; then the axes that index arrays replace
are brought side by side, in front when they were not neighbours (as NumPy has it), and gathered;
new axes last. Writing goes the same way back.
"""

from collections.abc import Sequence

import numpy as np

from lltheano.tensor.elementwise.stretching import stretched, stretched_together
from lltheano.tensor.indexing.masks import checked_mask, without_masks
from lltheano.tensor.indexing.slicing import Integers, slice_bounds
from lltheano.tensor.indexing.template import ARRAY, FULL, NEW, Given, Mask, Part, Point, Template
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["read_part", "write_part"]

Number = int | Value

_VALUE = "what is written to a part"


@record(frozen=True)
class _Plan:
    """A template with its variables filled in: what happens to each axis of the operand."""

    slices: dict[int, tuple[Number, Number, Number]]
    points: dict[int, Number]
    arrays: dict[int, Value]


def _plan(builder: Builder, template: Template, x: Value, values: Sequence[Value]) -> _Plan:
    integers = Integers(builder)
    rest = iter(values)
    plan = _Plan({}, {}, {})

    def number(bound: int | Given | None) -> Number | None:
        return integers.known(next(rest)) if isinstance(bound, Given) else bound

    for entry, axis in zip(template.entries, template.axes(), strict=True):
        if axis is None:
            continue
        if entry == ARRAY:
            plan.arrays[axis] = next(rest)
        elif isinstance(entry, Point):
            index = number(entry.index)
            assert index is not None
            plan.points[axis] = index
        elif isinstance(entry, Part) and not entry.is_full:
            start, stop, step = (number(one) for one in (entry.start, entry.stop, entry.step))
            size = integers.known(builder.dim(x, axis))
            stride = 1 if step is None else _not_zero(builder, step)
            first, count = slice_bounds(integers, size, start, stop, stride)
            plan.slices[axis] = (first, count, stride)
    return plan


def _not_zero(builder: Builder, step: Number) -> Number:
    if isinstance(step, int):
        return step
    condition = builder.elementwise("ne", step, builder.integer(0))
    message = "the step of a slice cannot be 0"
    return builder.require(step, condition, message, kind="value")


def _operands(
    builder: Builder, slices: dict[int, tuple[Number, Number, Number]]
) -> tuple[list[int], list[list[Value]]]:
    """The axes of slices, and their starts, sizes and steps as values."""
    integers = Integers(builder)
    axes = sorted(slices)
    columns = [[integers.value(slices[axis][part]) for axis in axes] for part in range(3)]
    return axes, columns


def _sliced(builder: Builder, x: Value, plan: _Plan) -> Value:
    if not plan.slices:
        return x
    axes, (starts, sizes, steps) = _operands(builder, plan.slices)
    return builder.slice(x, axes, starts, sizes, steps)


def _index_arrays(builder: Builder, plan: _Plan) -> dict[int, Value]:
    """The index arrays, points among them, with equally many axes."""
    integers = Integers(builder)
    arrays = dict(plan.arrays)
    arrays.update({axis: integers.value(index) for axis, index in plan.points.items()})
    rank = max(array.rank for array in arrays.values())
    padded = [
        builder.dimshuffle(one, [None] * (rank - one.rank) + list(range(one.rank)))
        for _, one in sorted(arrays.items())
    ]
    return dict(
        zip(sorted(arrays), stretched_together(builder, padded, "the indices"), strict=True)
    )


def _side_by_side(template: Template, rank: int, axes: Sequence[int]) -> list[int]:
    """The order of axes in which those that arrays index are neighbours."""
    if template.arrays_together:
        return list(range(rank))
    return [*axes, *(axis for axis in range(rank) if axis not in axes)]


def read_part(builder: Builder, template: Template, x: Value, values: Sequence[Value]) -> Value:
    """Return the part of `x` that the template names.

    `values` are those of its variables: i64 ones of indices, bool ones of masks.
    """
    plain = without_masks(builder, template, x, values)
    return _read(builder, plain.template, plain.x, plain.given)


def _read(builder: Builder, template: Template, x: Value, values: Sequence[Value]) -> Value:
    plan = _plan(builder, template, x, values)
    part = _sliced(builder, x, plan)
    index_rank = 0
    if plan.arrays:
        indices = _index_arrays(builder, plan)
        index_rank = next(iter(indices.values())).rank
        order = _side_by_side(template, x.rank, list(indices))
        part = builder.dimshuffle(part, order)
        first = order.index(next(iter(indices)))
        part = builder.gather(part, list(indices.values()), range(first, first + len(indices)))
    else:
        integers = Integers(builder)
        for axis in sorted(plan.points, reverse=True):
            part = builder.index(part, integers.value(plan.points[axis]), axis)
    return builder.dimshuffle(part, _with_new_axes(template, index_rank))


def _with_new_axes(template: Template, index_rank: int) -> list[int | None]:
    """For each axis of the result its place in the gathered part; None for a new axis."""
    indices = iter(range(len(template.entries) + index_rank))
    order: list[int | None] = []
    if template.has_arrays and not template.arrays_together:
        order = [next(indices) for _ in range(index_rank)]
    advanced = template.advanced
    for position, entry in enumerate(template.entries):
        if entry == NEW:
            order.append(None)
        elif isinstance(entry, Part):
            order.append(next(indices))
        elif template.arrays_together and position == advanced[0]:
            order.extend(next(indices) for _ in range(index_rank))
    return order


def write_part(
    builder: Builder, template: Template, x: Value, value: Value, values: Sequence[Value], mode: str
) -> Value:
    """Return `x` with the part that the template names set to, or increased by, `value`.

    `value` has as many axes as the part, and those of size 1 are repeated.
    """
    if x.type.dtype.is_bool and mode == "add":
        return _with_any(builder, template, x, value, values)
    if _is_mask(template) and value.type.broadcast[_mask_axis(template)]:
        return _selected(builder, template, x, value, values[0], mode)
    plain = without_masks(builder, template, x, values)
    written = _written(builder, plain.template, plain.x, value, plain.given, mode)
    return plain.restored(builder, written)


def _with_any(
    builder: Builder, template: Template, x: Value, value: Value, values: Sequence[Value]
) -> Value:
    """Bools with others added: true where the sum is not 0, as often as an index is repeated."""
    count, added = (builder.cast(one, dtype_of("int64")) for one in (x, value))
    total = write_part(builder, template, count, added, values, "add")
    return builder.cast(total, dtype_of("bool"))


def _is_mask(template: Template) -> bool:
    """Whether the template is one mask with axes, and all of the other axes."""
    others = [entry for entry in template.entries if entry != FULL]
    return len(others) == 1 and isinstance(others[0], Mask) and others[0].ndim > 0


def _mask_axis(template: Template) -> int:
    return next(i for i, entry in enumerate(template.entries) if isinstance(entry, Mask))


def _selected(
    builder: Builder, template: Template, x: Value, value: Value, mask: Value, mode: str
) -> Value:
    """One value for all that a mask names: a choice for each element, with no list of places."""
    first = _mask_axis(template)
    covered = range(first, first + mask.rank)
    mask = checked_mask(builder, mask, x, first)
    mask = builder.rebroadcast(mask, [x.type.broadcast[axis] for axis in covered])
    after = x.rank - covered.stop
    order = [*range(first), *[None] * mask.rank, *range(first + 1, first + 1 + after)]
    value = _narrowed(builder, builder.dimshuffle(value, order), x, set())
    sizes = [builder.dim(x, axis) for axis in range(x.rank)]
    value = stretched(builder, value, sizes, _VALUE)
    where: list[int | None] = [None] * x.rank
    where[covered.start : covered.stop] = range(mask.rank)
    if mode == "add":
        value = builder.elementwise("add", x, value)
    return builder.elementwise("select", builder.dimshuffle(mask, where), value, x)


def _written(
    builder: Builder, template: Template, x: Value, value: Value, values: Sequence[Value], mode: str
) -> Value:
    plan = _plan(builder, template, x, values)
    if plan.arrays:
        return _scattered(builder, template, x, value, plan, mode)
    value = _without_new_axes(builder, template, value, 0)
    value = builder.dimshuffle(value, _with_points(x.rank, plan))
    value = _narrowed(builder, value, x, {*plan.slices, *plan.points})
    fitting = [builder.dim(x, axis) for axis in range(x.rank)]
    if not plan.slices and not plan.points:
        return _whole(builder, x, stretched(builder, value, fitting, _VALUE), mode)
    integers = Integers(builder)
    boxes = dict(plan.slices)
    for axis, index in plan.points.items():
        size = integers.known(builder.dim(x, axis))
        boxes[axis] = (integers.from_end(index, size), 1, 1)
    axes, (starts, sizes, steps) = _operands(builder, boxes)
    for axis, size in zip(axes, sizes, strict=True):
        fitting[axis] = size
    value = stretched(builder, value, fitting, _VALUE)
    return builder.slice_update(x, value, axes, starts, sizes, steps, mode)


def _without_new_axes(builder: Builder, template: Template, value: Value, index_rank: int) -> Value:
    """Drop from a value the axes that the template adds; they must have size 1."""
    indices = _with_new_axes(template, index_rank)
    pattern = [
        broad or index is None for broad, index in zip(value.type.broadcast, indices, strict=True)
    ]
    kept = [axis for axis, index in enumerate(indices) if index is not None]
    return builder.dimshuffle(builder.rebroadcast(value, pattern), kept)


def _with_points(rank: int, plan: _Plan) -> list[int | None]:
    """Give the value an axis of size 1 for each point."""
    indices = iter(range(rank))
    return [None if axis in plan.points else next(indices) for axis in range(rank)]


def _narrowed(builder: Builder, value: Value, part: Value, free: set[int]) -> Value:
    """Declare size 1, checked when it runs, where the part has it, `free` axes excepted."""
    pattern = [
        broad or (part.type.broadcast[axis] and axis not in free)
        for axis, broad in enumerate(value.type.broadcast)
    ]
    return builder.rebroadcast(value, pattern)


def _whole(builder: Builder, x: Value, value: Value, mode: str) -> Value:
    if mode == "add":
        return builder.elementwise("add", x, value)
    condition = builder.constant(np.ones((1,) * x.rank, dtype=bool))
    return builder.elementwise("select", condition, value, x)


def _scattered(
    builder: Builder, template: Template, x: Value, value: Value, plan: _Plan, mode: str
) -> Value:
    part = _sliced(builder, x, plan)
    indices = _index_arrays(builder, plan)
    index_rank = next(iter(indices.values())).rank
    order = _side_by_side(template, x.rank, list(indices))
    turned = builder.dimshuffle(part, order)
    first = order.index(next(iter(indices)))
    value = _without_new_axes(builder, template, value, index_rank)
    chosen = builder.gather(turned, list(indices.values()), range(first, first + len(indices)))
    value = _narrowed(builder, value, chosen, set())
    sizes = [builder.dim(chosen, axis) for axis in range(chosen.rank)]
    value = stretched(builder, value, sizes, _VALUE)
    axes = range(first, first + len(indices))
    turned = builder.scatter(turned, value, list(indices.values()), axes, mode)
    back = builder.dimshuffle(turned, [order.index(axis) for axis in range(x.rank)])
    if not plan.slices:
        return back
    axes_, (starts, sizes, steps) = _operands(builder, plan.slices)
    return builder.slice_update(x, back, axes_, starts, sizes, steps, "set")
