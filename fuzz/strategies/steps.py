"""How a program grows by one op of each kind: functions from what there is to a new value."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.host import EVERY_OTHER, PICKY, SAME_AND_LAST
from fuzz.strategies.arrays import arrays
from fuzz.strategies.growth import MAX_RANK, Growth, Step, dtypes, types
from lltheano_ir.dtypes import DType, bool_, f32, f64, i64
from lltheano_ir.nodes import Value, result
from lltheano_ir.ops.control import ASSERT_KINDS
from lltheano_ir.ops.convolution import FORMS
from lltheano_ir.ops.definition import Op, TypeRuleError
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.types import INDEX, ValueType

__all__ = ["PLAIN_STEPS"]

SELECT_ARITY = 3

_INDICES = ValueType(i64, (False,))


def grow_elementwise(growth: Growth) -> Value | None:
    first = growth.pick(lambda value: True)
    assert first is not None
    op = growth.draw(st.sampled_from(_ops_on(first.type.dtype)))
    if op.name == "cast":
        return growth.builder.cast(first, growth.draw(dtypes()))
    operands = [first] if op.arity < SELECT_ARITY else []
    if op.arity == SELECT_ARITY:
        condition = growth.pick(lambda v: v.type.dtype is bool_ and v.rank == first.rank)
        operands = [condition, first] if condition is not None else []
    while len(operands) < op.arity:
        other = growth.pick(lambda v: _agrees(growth, v, first))
        if other is None or not operands:
            return None
        operands.append(other)
    return growth.builder.elementwise(op.name, *operands)


@cache
def _ops_on(dtype: DType) -> Sequence[Op]:
    """The ops that are defined on elements of a dtype."""
    return [op for op in ELEMENTWISE if _takes(op, ValueType(dtype, ()))]


def _takes(op: Op, one: ValueType) -> bool:
    types = [one] * op.arity
    if op.arity == SELECT_ARITY:
        types[0] = one.with_dtype(bool_)
    try:
        op.result_types(types, (one.dtype,) if op.name == "cast" else ())
    except TypeRuleError:
        return False
    return True


def _agrees(growth: Growth, value: Value, first: Value) -> bool:
    return value.type.dtype is first.type.dtype and value.rank == first.rank


def grow_constant(growth: Growth) -> Value:
    one = growth.draw(types())
    return growth.builder.constant(growth.draw(arrays(one.dtype, (1,) * one.rank)))


def grow_reduce(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axes = growth.draw(st.sets(st.integers(0, value.rank - 1), min_size=1))
    kind = growth.draw(st.sampled_from(("add", "mul", "max", "min", "and", "or")))
    return growth.builder.reduce(kind, value, tuple(axes))


def grow_argreduce(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    return growth.builder.argreduce(growth.draw(st.sampled_from(("max", "min"))), value, axis)


def grow_dimshuffle(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: True)
    assert value is not None
    kept = [
        a for a in range(value.rank) if not value.type.broadcast[a] or growth.draw(st.booleans())
    ]
    order: list[int | None] = list(growth.draw(st.permutations(kept)))
    while len(order) < MAX_RANK and growth.draw(st.booleans()):
        order.insert(growth.draw(st.integers(0, len(order))), None)
    return growth.builder.dimshuffle(value, order)


def grow_broadcast(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: any(v.type.broadcast))
    if value is None:
        return None
    sizes = [growth.integer(-1, 6) if one else None for one in value.type.broadcast]
    return growth.builder.broadcast(value, sizes)


def grow_reshape(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: True)
    assert value is not None
    shape = growth.arrays[value].shape
    flat = int(np.prod(shape, dtype=np.int64))
    wanted = growth.draw(st.sampled_from([(flat,), (1, flat), (flat, 1), shape[::-1], (2, 3)]))
    pattern = [size == 1 and growth.draw(st.booleans()) for size in wanted]
    return growth.builder.reshape(value, [growth.number(s) for s in wanted], pattern)


def grow_rebroadcast(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    pattern = [growth.draw(st.booleans()) for _ in value.type.broadcast]
    return growth.builder.rebroadcast(value, pattern)


def _part(growth: Growth, value: Value) -> tuple[list[int], list[Value], list[Value], list[Value]]:
    """Axes, starts, sizes and steps of a part that mostly lies inside."""
    axes = sorted(growth.draw(st.sets(st.integers(0, value.rank - 1), min_size=1)))
    starts, sizes, steps = [], [], []
    for axis in axes:
        extent = growth.arrays[value].shape[axis]
        picked = range(extent)[growth.draw(st.slices(extent))]
        starts.append(growth.number(picked.start if len(picked) else 0))
        sizes.append(growth.number(len(picked)))
        steps.append(growth.number(picked.step))
    return axes, starts, sizes, steps


def grow_slice(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.slice(value, *_part(growth, value))


def grow_windows(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: 0 < v.rank < 4)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    length, count = growth.integer(0, 3), growth.integer(0, 3)
    return growth.builder.windows(
        value, axis, length, count, growth.integer(0, 2), growth.integer(0, 2)
    )


def grow_slice_update(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    new = growth.pick(lambda v: v.type.dtype is value.type.dtype and v.rank == value.rank)
    mode = growth.draw(st.sampled_from(("set", "add")))
    if new is None:
        return None
    return growth.builder.slice_update(value, new, *_part(growth, value), mode)


def grow_index(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    extent = growth.arrays[value].shape[axis]
    return growth.builder.index(value, growth.integer(-extent, extent - 1), axis)


def _indices(growth: Growth, value: Value) -> tuple[list[Value], tuple[int, ...]]:
    first = growth.draw(st.integers(0, value.rank - 1))
    last = growth.draw(st.integers(first, min(first + 1, value.rank - 1)))
    count = growth.draw(st.integers(1, 4))
    axes = tuple(range(first, last + 1))
    return [_index_tensor(growth, growth.arrays[value].shape[a], count) for a in axes], axes


def _index_tensor(growth: Growth, extent: int, count: int) -> Value:
    """Indices into an axis: drawn, or what there is of that type; seldom out of range."""
    chosen = growth.pick(lambda v: v.type == _INDICES and _inside(growth.arrays[v], extent))
    if chosen is not None and growth.draw(st.booleans()):
        return chosen
    wide = int(growth.draw(st.integers(0, 19)) == 0)
    inside = st.integers(-extent - wide, max(extent - 1 + wide, -extent))
    drawn = growth.draw(st.lists(inside, min_size=count, max_size=count))
    return growth.builder.constant(np.array(drawn, np.int64), [False])


def _inside(indices: NDArray[Any], extent: int) -> bool:
    return bool(((indices >= -extent) & (indices < extent)).all())


def grow_gather(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.gather(value, *_indices(growth, value))


def grow_scatter(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    indices, axes = _indices(growth, value)
    rank = value.rank - len(axes) + 1
    new = growth.pick(lambda v: v.type.dtype is value.type.dtype and v.rank == rank)
    if new is None:
        return None
    mode = growth.draw(st.sampled_from(("set", "add")))
    return growth.builder.scatter(value, new, indices, axes, mode)


def grow_iota(growth: Growth) -> Value:
    return growth.builder.iota(growth.integer(0, 9))


def grow_dim(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.dim(value, growth.draw(st.integers(0, value.rank - 1)))


def grow_concatenate(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    other = growth.pick(lambda v: v.type.dtype is value.type.dtype and v.rank == value.rank)
    assert other is not None
    return growth.builder.concatenate([value, other], growth.draw(st.integers(0, value.rank - 1)))


def grow_nonzero(growth: Growth) -> Value | None:
    mask = growth.pick(lambda v: v.type.dtype is bool_ and v.rank == 1)
    if mask is None:
        return None
    count = growth.draw(st.sampled_from((None, 0, 3, 9)))
    return growth.builder.nonzero(mask, None if count is None else growth.number(count))


def grow_sort(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.sort(value)


def grow_argsort(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    return None if value is None else growth.builder.argsort(value)


def grow_cumulate(growth: Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    kind = growth.draw(st.sampled_from(("add", "mul", "max", "min")))
    return growth.builder.cumulate(kind, value, axis)


def grow_dot(growth: Growth) -> Value | None:
    x = growth.pick(lambda v: v.rank > 0)
    y = growth.pick(lambda v: v.rank > 0 and x is not None and v.type.dtype is x.type.dtype)
    return None if x is None or y is None else growth.builder.dot(x, y)


def _convolution(growth: Growth, name: str) -> Value | None:
    """Of tensors as they come; what else there is is drawn."""
    x = growth.pick(lambda v: v.rank > 2)
    y = growth.pick(lambda v: x is not None and v.rank == x.rank and v.type.dtype is x.type.dtype)
    if x is None or y is None:
        return None
    axes = range(x.rank - 2)
    sizes, before = ([growth.integer(0, most) for _ in axes] for most in (4, 2))
    dilations, steps = ([growth.integer(1, 2) for _ in axes] for _ in range(2))
    return growth.builder.convolution(
        name,
        (x, y),
        sizes,
        before,
        dilations,
        steps,
        groups=growth.draw(st.integers(1, 2)),
        filters=growth.draw(st.sampled_from(FORMS)),
    )


def grow_convolve(growth: Growth) -> Value | None:
    return _convolution(growth, "convolve")


def grow_convolve_images(growth: Growth) -> Value | None:
    return _convolution(growth, "convolve_images")


def grow_convolve_filters(growth: Growth) -> Value | None:
    return _convolution(growth, "convolve_filters")


def _windows_numbers(growth: Growth, axes: range) -> list[list[Value]]:
    """Lengths, what lies before, and steps."""
    return [[growth.integer(*ends) for _ in axes] for ends in ((0, 3), (0, 1), (1, 3))]


def grow_spread(growth: Growth) -> Value | None:
    g = growth.pick(lambda v: v.rank > 2)
    if g is None:
        return None
    axes = range(g.rank - 2)
    sizes = [growth.integer(0, 5) for _ in axes]
    return growth.builder.spread(g, sizes, *_windows_numbers(growth, axes))


def grow_spread_max(growth: Growth) -> Value | None:
    """What windows give is what they are compared with, so that sizes go together."""
    x = growth.pick(lambda v: v.rank > 2)
    y = growth.pick(lambda v: x is not None and v.rank == x.rank and v.type.dtype is x.type.dtype)
    if x is None or y is None:
        return None
    return growth.builder.spread_max((x, y, y), *_windows_numbers(growth, range(x.rank - 2)))


def grow_csr_dot(growth: Growth) -> Value | None:
    """The entries are what there is of the other operand's dtype."""
    found = _sparse_operands(growth)
    if found is None:
        return None
    data, other = found
    structure = _structure(growth, data, growth.arrays[other].shape[0])
    return growth.builder.csr_dot(data, other, *structure)


def grow_csc_dot(growth: Growth) -> Value | None:
    """One column for each row of the other operand."""
    found = _sparse_operands(growth)
    if found is None:
        return None
    data, other = found
    rows = growth.draw(st.integers(1, 5))
    columns = growth.arrays[other].shape[0]
    structure = _structure(growth, data, rows, columns)
    return growth.builder.csc_dot(data, other, *structure, growth.number(rows))


def grow_csr_sampled_dot(growth: Growth) -> Value | None:
    """Entries for each row of the first matrix."""
    x = growth.pick(lambda v: v.rank == 2)
    if x is None:
        return None
    y = growth.pick(lambda v: _agrees(growth, v, x))
    assert y is not None
    rows, columns = growth.arrays[x].shape[0], growth.arrays[y].shape[0]
    return growth.builder.csr_sampled_dot(x, y, *_structure(growth, None, columns, rows))


def _sparse_operands(growth: Growth) -> tuple[Value, Value] | None:
    data = growth.pick(lambda v: v.rank == 1)
    if data is None:
        return None
    other = growth.pick(lambda v: v.rank in (1, 2) and v.type.dtype is data.type.dtype)
    assert other is not None
    return data, other


def _structure(
    growth: Growth, data: Value | None, below: int, rows: int | None = None
) -> tuple[Value, Value]:
    """Where entries are, as many as `data` has; seldom out of range."""
    count = growth.draw(st.integers(0, 5)) if data is None else growth.arrays[data].size
    wide = int(growth.draw(st.integers(0, 19)) == 0)
    inside = st.integers(-wide, max(below - 1 + wide, -wide))
    indices = growth.draw(st.lists(inside, min_size=count, max_size=count))
    lines = growth.draw(st.integers(0, 5)) if rows is None else rows
    ends = sorted(growth.draw(st.lists(st.integers(0, count), min_size=lines, max_size=lines)))
    starts = [0, *ends[:-1], count][: lines + 1]
    dtype = growth.draw(st.sampled_from((np.int32, np.int64)))
    constant = growth.builder.constant
    return constant(np.array(indices, dtype), [False]), constant(np.array(starts, dtype), [False])


def grow_fft(growth: Growth) -> Sequence[Value] | None:
    real = growth.pick(lambda v: v.rank == 2 and v.type.dtype in (f32, f64))
    if real is None:
        return None
    imaginary = growth.pick(lambda v: _agrees(growth, v, real))
    assert imaginary is not None
    made = growth.builder.make("fft", (real, imaginary))
    return [result(made, number) for number in range(2)]


def grow_assert(growth: Growth) -> Value | None:
    condition = growth.pick(lambda v: v.type == ValueType(bool_, ()))
    value = growth.pick(lambda v: True)
    if condition is None or value is None:
        return None
    number = growth.pick(lambda v: v.type == INDEX)
    values = () if number is None else (number,)
    message = "got {0}, }}" if values else "{{}} holds"
    kind = growth.draw(st.sampled_from(ASSERT_KINDS))
    return growth.builder.require(value, condition, message, values, kind)


def grow_callback(growth: Growth) -> Sequence[Value] | None:
    first, last = (growth.pick(lambda v: True) for _ in range(2))
    assert first is not None
    assert last is not None
    function = growth.draw(st.sampled_from((EVERY_OTHER, SAME_AND_LAST, PICKY)))
    # A token cannot leave the region that it was made in.
    ordered = growth.depth == 0 and function != PICKY and growth.draw(st.booleans())
    call = growth.builder.callback
    if function == EVERY_OTHER:
        return call(function, [first], [ValueType(first.type.dtype, (False,))], ordered=ordered)
    said = [growth.builder.dim(first, axis) for axis in range(first.rank)]
    known = said if growth.draw(st.booleans()) else None
    if function == PICKY:
        return call(function, [first], [first.type], [known])
    types_ = [first.type, last.type]
    return call(function, [first, last], types_, [known, None], ordered=ordered)


PLAIN_STEPS: Sequence[Step] = (
    *(grow_elementwise,) * 10,
    *(grow_reduce, grow_dimshuffle, grow_slice) * 2,
    grow_constant,
    grow_argreduce,
    grow_broadcast,
    grow_reshape,
    grow_rebroadcast,
    grow_slice_update,
    grow_windows,
    grow_index,
    grow_gather,
    grow_scatter,
    grow_iota,
    grow_dim,
    grow_concatenate,
    grow_nonzero,
    grow_sort,
    grow_argsort,
    grow_cumulate,
    grow_dot,
    grow_convolve,
    grow_convolve_images,
    grow_convolve_filters,
    grow_spread,
    grow_spread_max,
    grow_csr_dot,
    grow_csc_dot,
    grow_csr_sampled_dot,
    grow_fft,
    grow_assert,
    grow_callback,
)
"""The steps without regions, each named after its op; the common ones several times."""
