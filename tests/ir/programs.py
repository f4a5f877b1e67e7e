"""Small random programs that run, for tests of the passes; the fuzzer's generator is in `fuzz`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import bool_, dtype_of, f32, f64, i32, i64
from lltheano_ir.nodes import Region, Value, argument, make
from lltheano_ir.ops.table import OPS
from lltheano_ir.program import Program
from lltheano_ir.types import TensorType

__all__ = ["programs"]

SIZES = (0, 1, 2, 3)
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, np.inf, -np.inf, np.nan)
INTEGERS = (0, 1, -1, 2, 3, 64, -(2**31))
ELEMENTWISE = [op.name for op in OPS.values() if op.is_elementwise and op.name != "cast"]
Shape = tuple[int, ...]


@dataclass
class Growing:
    """A program in the making: its values with the shapes that they have for `inputs`."""

    draw: Any
    builder: Builder = field(default_factory=lambda: Builder("random"))
    values: list[tuple[Value, Shape]] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)

    def pick(self, *, rank: int | None = None, wide: bool = False) -> tuple[Value, Shape]:
        """A value made before, of a rank if given."""
        found = [
            one
            for one in self.values
            if (rank is None or one[0].rank == rank) and (not wide or one[0].rank > 0)
        ]
        chosen: tuple[Value, Shape] = self.draw(st.sampled_from(found or self.values))
        return chosen

    def add(self, value: Value, shape: Shape) -> None:
        self.values.append((value, shape))


def elements(draw: Any, dtype: Any, shape: Shape) -> np.ndarray:
    numbers = SPECIAL if dtype.is_float else (0, 1) if dtype.is_bool else INTEGERS
    count = int(np.prod(shape, dtype=int))
    chosen = [draw(st.sampled_from(numbers)) for _ in range(count)]
    return (
        np.array(chosen, np.float64 if dtype.is_float else np.int64)
        .reshape(shape)
        .astype(dtype.numpy)
    )


def add_parameter(g: Growing, dims: Sequence[int]) -> None:
    dtype = g.draw(st.sampled_from((f64, f64, f32, i64, i32, bool_)))
    rank = g.draw(st.integers(0, 2))
    pattern = tuple(g.draw(st.booleans()) for _ in range(rank))
    shape = tuple(1 if one else dims[axis] for axis, one in enumerate(pattern))
    value = g.builder.parameter(f"p{len(g.inputs)}", TensorType(dtype, pattern), shared=True)
    g.inputs.append(elements(g.draw, dtype, shape))
    g.add(value, shape)


def add_constant(g: Growing) -> None:
    dtype = g.draw(st.sampled_from((f64, f64, f32, i64, i32, bool_)))
    rank = g.draw(st.integers(0, 2))
    array = elements(g.draw, dtype, (1,) * rank)
    g.add(g.builder.constant(array), array.shape)


def add_elementwise(g: Growing) -> None:
    x, shape = g.pick()
    name = g.draw(st.sampled_from(ELEMENTWISE))
    operands, shapes = [x], [shape]
    while len(operands) < OPS[name].arity:
        fitting = [
            (other, size)
            for other, size in g.values
            if other.type.dtype is x.type.dtype
            and other.rank == x.rank
            and all(
                one or wide or a == b
                for one, wide, a, b in zip(
                    other.type.broadcast, x.type.broadcast, size, shape, strict=True
                )
            )
            and agrees(other, size, operands, shapes)
        ]
        other, size = g.draw(st.sampled_from(fitting))
        operands.append(other)
        shapes.append(size)
    if name == "select":
        conditions = [
            one for one in g.values if one[0].type.dtype is bool_ and one[0].rank == x.rank
        ]
        conditions = [one for one in conditions if agrees(*one, operands[1:], shapes[1:])]
        if not conditions:
            return
        operands[0], shapes[0] = g.draw(st.sampled_from(conditions))
    if not takes(name, *operands):
        return
    g.add(g.builder.elementwise(name, *operands), np.broadcast_shapes(*shapes))


def agrees(other: Value, size: Shape, operands: Sequence[Value], shapes: Sequence[Shape]) -> bool:
    """Whether sizes of `?` axes are those of the operands so far."""
    return all(
        one or wide or a == b
        for operand, shape in zip(operands, shapes, strict=True)
        for one, wide, a, b in zip(
            other.type.broadcast, operand.type.broadcast, size, shape, strict=True
        )
    )


def takes(name: str, *operands: Value) -> bool:
    infer = OPS[name].infer
    assert infer is not None
    try:
        infer([one.type for one in operands] * (OPS[name].arity // len(operands)), ())
    except TypeError:
        return False
    return True


def add_cast(g: Growing) -> None:
    x, shape = g.pick()
    dtype = g.draw(st.sampled_from((f64, f32, i64, i32, bool_)))
    g.add(g.builder.cast(x, dtype), shape)


def add_dimshuffle(g: Growing) -> None:
    x, shape = g.pick()
    axes = g.draw(st.permutations(range(x.rank)))
    order: list[int | None] = [
        axis for axis in axes if not x.type.broadcast[axis] or g.draw(st.booleans())
    ]
    if len(order) < 3:
        order.insert(g.draw(st.integers(0, len(order))), None)
    sizes = tuple(1 if axis is None else shape[axis] for axis in order)
    g.add(g.builder.dimshuffle(x, order), sizes)


def add_broadcast(g: Growing) -> None:
    x, shape = g.pick(wide=True)
    like, like_shape = g.pick(rank=x.rank)
    if like.rank != x.rank:
        return
    sizes: list[Value | None] = [None] * x.rank
    found = list(shape)
    for axis in range(x.rank):
        if x.type.broadcast[axis] and g.draw(st.booleans()):
            sizes[axis], found[axis] = g.builder.dim(like, axis), like_shape[axis]
    g.add(g.builder.broadcast(x, sizes), tuple(found))


def add_reshape(g: Growing) -> None:
    x, shape = g.pick(wide=True)
    if not x.rank:
        return
    sizes = [g.builder.dim(x, axis) for axis in range(x.rank)]
    total = sizes[0]
    for size in sizes[1:]:
        total = g.builder.elementwise("mul", total, size)
    if g.draw(st.booleans()):
        g.add(g.builder.reshape(x, [total], [False]), (int(np.prod(shape)),))
    else:
        g.add(g.builder.reshape(x, sizes, x.type.broadcast), shape)


def add_slice(g: Growing) -> None:
    x, shape = g.pick(wide=True)
    axis = g.draw(st.integers(0, x.rank - 1)) if x.rank else 0
    if not x.rank:
        return
    b = g.builder
    if g.draw(st.booleans()):
        numbers = (b.integer(0), b.dim(x, axis), b.integer(1))
        size = shape[axis]
    else:
        start = g.draw(st.integers(0, shape[axis]))
        size = shape[axis] - start
        numbers = (b.integer(start), b.integer(size), b.integer(1))
    value = b.slice(x, [axis], [numbers[0]], [numbers[1]], [numbers[2]])
    g.add(value, (*shape[:axis], size, *shape[axis + 1 :]))


def add_gather(g: Growing) -> None:
    x, shape = g.pick(wide=True)
    if not x.rank or not shape[0]:
        return
    index = np.array([g.draw(st.integers(-shape[0], shape[0] - 1)) for _ in range(2)])
    g.add(g.builder.gather(x, [g.builder.constant(index)], [0]), (2, *shape[1:]))


def add_reduce(g: Growing) -> None:
    x, shape = g.pick(wide=True)
    if not x.rank:
        return
    axes = [axis for axis in range(x.rank) if g.draw(st.booleans())]
    kind = g.draw(st.sampled_from(("add", "mul", "max", "min", "and", "or")))
    kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    if kind in ("max", "min") and any(shape[axis] == 0 for axis in axes):
        return
    try:
        g.add(g.builder.reduce(kind, x, axes), kept)
    except TypeError:
        return


def add_dot(g: Growing) -> None:
    x, shape = g.pick(rank=2)
    if x.rank != 2 or not x.type.dtype.is_integer:
        return
    other = g.builder.dimshuffle(x, [1, 0])
    g.add(g.builder.dot(x, other), (shape[0], shape[0]))


def add_if(g: Growing) -> None:
    x, shape = g.pick()
    y, _ = g.pick()
    conditions = [one for one, _ in g.values if one.type.dtype is bool_ and one.rank == 0]
    if not conditions:
        return
    inner = argument(0, x.type), argument(1, y.type)
    doubled = make("maximum", (inner[0], inner[0])) if takes("maximum", x) else inner[0]
    then = Region((x.type, y.type), (inner[0], inner[1]))
    other = Region((x.type, y.type), (doubled, inner[1]))
    condition = g.draw(st.sampled_from(conditions))
    results = g.builder.if_(condition, [x, y], then, other)
    g.add(results[0], shape)


def add_loop(g: Growing) -> None:
    x, shape = g.pick()
    if not takes("maximum", x):
        return
    i, carried, kept = argument(0, i64_type()), argument(1, x.type), argument(2, x.type)
    step = make("maximum", (carried, kept))
    index = make("add", (i, i))
    body = Region((i.type, x.type, x.type), (step, kept, step, index))
    count = g.draw(st.integers(0, 3))
    results = g.builder.loop(g.builder.integer(count), [x, x], [], body)
    for result, size in zip(results, (shape, shape, (count, *shape), (count,)), strict=True):
        if g.draw(st.booleans()):
            g.add(result, size)


def i64_type() -> TensorType:
    return TensorType(dtype_of("int64"), ())


STEPS = (
    *(add_elementwise,) * 8,
    *(add_cast, add_dimshuffle, add_broadcast, add_reshape, add_slice, add_gather),
    *(add_reduce, add_reduce, add_dot, add_if, add_loop, add_constant, add_constant),
)


@st.composite
def programs(draw: Any, most_steps: int = 14) -> tuple[Program, list[Any]]:
    """A program, and inputs for which it runs."""
    g = Growing(draw)
    dims = [draw(st.sampled_from(SIZES)) for _ in range(2)]
    for _ in range(draw(st.integers(1, 4))):
        add_parameter(g, dims)
    add_constant(g)
    for _ in range(draw(st.integers(1, most_steps))):
        draw(st.sampled_from(STEPS))(g)
    chosen = draw(st.lists(st.sampled_from(g.values), min_size=1, max_size=3))
    for number, (value, _) in enumerate(chosen):
        g.builder.output(value, f"y{number}")
    return g.builder.program(), g.inputs
