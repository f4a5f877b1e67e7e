"""Well-typed programs of the tensor IR, each with inputs on which to run it.

A program is grown value by value, and each value is computed at once by the reference interpreter,
so that operands can be chosen whose sizes agree. Mostly a step that fails is dropped; sometimes it
is kept, since a program must fail as cleanly as it succeeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.strategies.arrays import arrays, sizes_for
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f32, f64, i32, i64
from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import ExecutionError, TypeRuleError
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.program import Program
from lltheano_ir.types import TensorType

__all__ = ["Case", "cases"]

Array = NDArray[Any]

_RANK = 3
_SELECT_ARITY = 3


@dataclass(frozen=True)
class Case:
    """A program and one array for each of its parameters."""

    program: Program
    inputs: tuple[Array, ...]


@dataclass
class _Growth:
    """A program while it grows: its builder, inputs, and the values so far with their arrays."""

    builder: Builder
    draw: st.DrawFn
    inputs: list[Array] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    arrays: dict[Value, Array] = field(default_factory=dict)

    def add(self, value: Value) -> Value:
        """Compute a new value and keep it; ExecutionError when it has none."""
        if value not in self.arrays:
            (self.arrays[value],) = evaluate([value], self.inputs)
            self.values.append(value)
        return value

    def pick(self, wanted: Callable[[Value], bool]) -> Value | None:
        """One of the values that are `wanted`, if there is one."""
        found = [value for value in self.values if wanted(value)]
        return self.draw(st.sampled_from(found)) if found else None

    def integer(self, low: int, high: int) -> Value:
        """A constant index."""
        return self.builder.integer(self.draw(st.integers(low, max(low, high))))


def _dtypes() -> st.SearchStrategy[DType]:
    common = [f32, f64, i64, i32, bool_]
    return st.one_of(st.sampled_from(common), st.sampled_from(ALL_DTYPES))


@st.composite
def _types(draw: st.DrawFn) -> TensorType:
    rank = draw(st.sampled_from((0, 1, 1, 2, 2, _RANK)))
    pattern = tuple(draw(st.sampled_from((False, False, True))) for _ in range(rank))
    return TensorType(draw(_dtypes()), pattern)


@st.composite
def cases(draw: st.DrawFn, steps: int = 8) -> Case:
    """A program of up to `steps` ops with up to four parameters, and inputs for it."""
    growth = _Growth(Builder("fuzzed"), draw)
    known = [draw(st.sampled_from((2, 3, 5, 17)))]
    for number in range(draw(st.integers(1, 4))):
        one = draw(_types())
        shape = draw(sizes_for(one, known))
        known += [size for size in shape if size > 1]
        growth.inputs.append(draw(arrays(one.dtype, shape)))
        shared = draw(st.booleans())
        growth.parameters.append(growth.builder.parameter(f"p{number}", one, shared=shared))
    for parameter in growth.parameters:
        growth.add(parameter)
    for _ in range(draw(st.integers(1, steps))):
        _step(growth)
    _finish(growth)
    return Case(growth.builder.program(), tuple(growth.inputs))


def _step(growth: _Growth) -> None:
    grow = growth.draw(st.sampled_from(_STEPS))
    try:
        value = grow(growth)
    except TypeRuleError:
        return
    if value is None:
        return
    try:
        growth.add(value)
    except ExecutionError:
        if growth.draw(st.integers(0, 19)) == 0:
            growth.builder.output(value, f"failing{len(growth.values)}")


def _finish(growth: _Growth) -> None:
    builder, draw = growth.builder, growth.draw
    count = draw(st.integers(0, 2))
    chosen = draw(st.lists(st.sampled_from(growth.values), min_size=1, max_size=3))
    for number, value in enumerate([growth.values[-1], *chosen][: count + 1]):
        builder.output(value, f"out{number}")
    shared = [one.shared for one in builder.program().parameters]
    for parameter, is_shared in zip(growth.parameters, shared, strict=True):
        fitting = [value for value in growth.values if value.type == parameter.type]
        if is_shared and draw(st.booleans()):
            builder.update(parameter, draw(st.sampled_from(fitting)))


def _elementwise(growth: _Growth) -> Value | None:
    op = growth.draw(st.sampled_from(ELEMENTWISE))
    first = growth.pick(lambda value: True)
    assert first is not None
    if op.name == "cast":
        return growth.builder.cast(first, growth.draw(_dtypes()))
    operands = [first] if op.arity < _SELECT_ARITY else []
    if op.arity == _SELECT_ARITY:
        condition = growth.pick(lambda v: v.type.dtype is bool_ and v.rank == first.rank)
        operands = [condition, first] if condition is not None else []
    while len(operands) < op.arity:
        other = growth.pick(lambda v: _agrees(growth, v, first))
        if other is None or not operands:
            return None
        operands.append(other)
    return growth.builder.elementwise(op.name, *operands)


def _agrees(growth: _Growth, value: Value, first: Value) -> bool:
    return value.type.dtype is first.type.dtype and value.rank == first.rank


def _constant(growth: _Growth) -> Value:
    one = growth.draw(_types())
    return growth.builder.constant(growth.draw(arrays(one.dtype, (1,) * one.rank)))


def _reduce(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axes = growth.draw(st.sets(st.integers(0, value.rank - 1), min_size=1))
    kind = growth.draw(st.sampled_from(("add", "mul", "max", "min", "and", "or")))
    return growth.builder.reduce(kind, value, tuple(axes))


def _argreduce(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    return growth.builder.argreduce(growth.draw(st.sampled_from(("max", "min"))), value, axis)


def _dimshuffle(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: True)
    assert value is not None
    kept = [
        a for a in range(value.rank) if not value.type.broadcast[a] or growth.draw(st.booleans())
    ]
    order: list[int | None] = list(growth.draw(st.permutations(kept)))
    while len(order) < _RANK and growth.draw(st.booleans()):
        order.insert(growth.draw(st.integers(0, len(order))), None)
    return growth.builder.dimshuffle(value, order)


def _broadcast(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: any(v.type.broadcast))
    if value is None:
        return None
    sizes = [growth.integer(-1, 6) if one else None for one in value.type.broadcast]
    return growth.builder.broadcast(value, sizes)


def _reshape(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: True)
    assert value is not None
    shape = growth.arrays[value].shape
    flat = int(np.prod(shape, dtype=np.int64))
    wanted = growth.draw(st.sampled_from([(flat,), (1, flat), (flat, 1), shape[::-1], (2, 3)]))
    pattern = [size == 1 and growth.draw(st.booleans()) for size in wanted]
    return growth.builder.reshape(value, [growth.builder.integer(s) for s in wanted], pattern)


def _rebroadcast(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    pattern = [growth.draw(st.booleans()) for _ in value.type.broadcast]
    return growth.builder.rebroadcast(value, pattern)


def _part(growth: _Growth, value: Value) -> tuple[list[int], list[Value], list[Value], list[Value]]:
    """Axes, starts, sizes and steps of a part that mostly lies inside."""
    axes = sorted(growth.draw(st.sets(st.integers(0, value.rank - 1), min_size=1)))
    starts, sizes, steps = [], [], []
    for axis in axes:
        extent = growth.arrays[value].shape[axis]
        picked = range(extent)[growth.draw(st.slices(extent))]
        starts.append(growth.builder.integer(picked.start if len(picked) else 0))
        sizes.append(growth.builder.integer(len(picked)))
        steps.append(growth.builder.integer(picked.step))
    return axes, starts, sizes, steps


def _slice(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.slice(value, *_part(growth, value))


def _slice_update(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    new = growth.pick(lambda v: v.type.dtype is value.type.dtype and v.rank == value.rank)
    mode = growth.draw(st.sampled_from(("set", "add")))
    if new is None:
        return None
    return growth.builder.slice_update(value, new, *_part(growth, value), mode)


def _index(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    axis = growth.draw(st.integers(0, value.rank - 1))
    extent = growth.arrays[value].shape[axis]
    return growth.builder.index(value, growth.integer(-extent, extent - 1), axis)


def _indices(growth: _Growth, value: Value) -> tuple[list[Value], tuple[int, ...]]:
    first = growth.draw(st.integers(0, value.rank - 1))
    last = growth.draw(st.integers(first, min(first + 1, value.rank - 1)))
    count = growth.draw(st.integers(1, 4))
    found = []
    for axis in range(first, last + 1):
        extent = growth.arrays[value].shape[axis]
        inside = st.integers(-extent, max(extent - 1, -extent))
        drawn = growth.draw(st.lists(inside, min_size=count, max_size=count))
        found.append(growth.builder.constant(np.array(drawn, np.int64), [False]))
    return found, tuple(range(first, last + 1))


def _gather(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.gather(value, *_indices(growth, value))


def _scatter(growth: _Growth) -> Value | None:
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


def _iota(growth: _Growth) -> Value:
    return growth.builder.iota(growth.integer(0, 9))


def _dim(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    return growth.builder.dim(value, growth.draw(st.integers(0, value.rank - 1)))


def _concatenate(growth: _Growth) -> Value | None:
    value = growth.pick(lambda v: v.rank > 0)
    if value is None:
        return None
    other = growth.pick(lambda v: v.type.dtype is value.type.dtype and v.rank == value.rank)
    assert other is not None
    return growth.builder.concatenate([value, other], growth.draw(st.integers(0, value.rank - 1)))


def _dot(growth: _Growth) -> Value | None:
    x = growth.pick(lambda v: v.rank > 0)
    y = growth.pick(lambda v: v.rank > 0 and x is not None and v.type.dtype is x.type.dtype)
    return None if x is None or y is None else growth.builder.dot(x, y)


def _assert(growth: _Growth) -> Value | None:
    condition = growth.pick(lambda v: v.type == TensorType(bool_, ()))
    value = growth.pick(lambda v: True)
    if condition is None or value is None:
        return None
    return growth.builder.assert_(value, condition, "the condition must hold")


_STEPS: Sequence[Callable[[_Growth], Value | None]] = (
    *(_elementwise,) * 10,
    *(_reduce, _dimshuffle, _slice) * 2,
    _constant,
    _argreduce,
    _broadcast,
    _reshape,
    _rebroadcast,
    _slice_update,
    _index,
    _gather,
    _scatter,
    _iota,
    _dim,
    _concatenate,
    _dot,
    _assert,
)
