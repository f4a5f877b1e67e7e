"""The gradients of pooling: what windows give back to their elements, line by line.

Where windows do not overlap along the last axis, what a line of windows gives is spread over a line
of memory first, once for all lines of the image that these windows hold: a vector loop then goes
along each of those. Overlapping windows give one place after the other.
"""

from collections.abc import Sequence
from functools import cache

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, LoopFunction, Operand, Store
from lltheano_ir.lowering.checks import require_equal, require_extent
from lltheano_ir.lowering.convolution.lower import require_near, row_major
from lltheano_ir.lowering.convolution.places import (
    Places,
    between,
    fill,
    finished,
    geometry_of,
    part,
    tensor,
)
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.lowering.statements import choose
from lltheano_ir.nodes import Value
from lltheano_ir.ops.pooling import pooled_axes

__all__ = ["lower_spread", "lower_spread_max"]


@cache
def _spread_function(axes: int, dtype: DType, compares: bool) -> LoopFunction:
    spread = _Spread(axes, dtype, compares)
    spread.emit()
    name = "spread_max" if compares else "spread"
    read = [*spread.compared, spread.given, spread.lengths, spread.geometry]
    return finished(f"{name}{axes}.{dtype}", spread.context, [spread.target], read)


class _Spread:
    """The loops of one function: `compared` are images and greatest elements, or nothing."""

    def __init__(self, axes: int, dtype: DType, compares: bool) -> None:
        context = self.context = FunctionBuilder()
        self.dtype = dtype
        self.target = tensor(context, "target", dtype, 2 + axes)
        self.given = tensor(context, "given", dtype, 2 + axes)
        self.compared: list[Buffer] = []
        if compares:
            self.compared = [
                tensor(context, name, dtype, 2 + axes) for name in ("images", "greatest")
            ]
        self.lengths = Buffer("lengths", i64, (number(axes),))
        self.geometry = geometry_of(axes)
        self.places = Places(context, self.geometry, self.target)
        self.length = [context.load(self.lengths, (number(axis),)) for axis in range(axes)]

    def emit(self) -> None:
        """Zeros, then what each line of windows gives."""
        context, places = self.context, self.places
        fill(context, self.target)
        places.note_reaches(self.length[-1])
        apart = context.let("ge", bool_, places.step, self.length[-1])
        room = context.index_op("select", apart, self.target.sizes[-1], number(0))
        spread = [context.alloc(self.dtype, (room,)) for _ in range(len(self.compared[1:]) + 1)]
        choose(
            context,
            apart,
            lambda: self._lines(spread),
            lambda: choose(
                context,
                places.is_unit,
                lambda: self._lines(None, unit=True),
                lambda: self._lines(None),
            ),
        )

    def _lines(self, spread: Sequence[Buffer] | None, *, unit: bool = False) -> None:
        context, places = self.context, self.places
        sizes = (*self.given.sizes[:2], places.lines, places.width)
        sources = [part(context, one, number(0), sizes) for one in (*self.compared[1:], self.given)]
        with context.loops(sizes[:3], sequential=True) as line:
            if spread is not None:
                self._spread(sources, spread, line)
            with context.loops(tuple(self.length[:-1]), sequential=True) as outer:
                row, inside = places.row(line[2], outer)
                place = (*line[:2], *row)
                if spread is not None:
                    width = self.target.sizes[-1]
                    extent = context.index_op("select", inside, width, number(0))
                    with between(context, number(0), extent) as index:
                        self._add((*place, index), [(one, (index,)) for one in spread])
                else:
                    self._overlapping(sources, line, place, inside, unit=unit)

    def _spread(
        self, sources: Sequence[Buffer], spread: Sequence[Buffer], line: Sequence[Operand]
    ) -> None:
        """What windows give, at each of their elements; zeros between windows."""
        context, places = self.context, self.places
        for one in spread:
            fill(context, one)
        with context.loops((self.length[-1],), sequential=True) as (at,):
            reach = places.noted_reach(at)
            with between(context, reach.low, reach.high) as output:
                place = places.met(output, reach, unit=False)
                for source, target in zip(sources, spread, strict=True):
                    element = context.load(source, (*line, output))
                    context.emit(Store(target, (place,), element))

    def _overlapping(
        self,
        sources: Sequence[Buffer],
        line: Sequence[Operand],
        place: tuple[Operand, ...],
        inside: Operand,
        *,
        unit: bool,
    ) -> None:
        context, places = self.context, self.places
        with context.loops((self.length[-1],), sequential=True) as (at,):
            reach = places.noted_reach(at)
            high = context.index_op("select", inside, reach.high, reach.low)
            with between(context, reach.low, high) as output:
                met = (*place, places.met(output, reach, unit=unit))
                self._add(met, [(one, (*line, output)) for one in sources])

    def _add(
        self, place: tuple[Operand, ...], sources: Sequence[tuple[Buffer, tuple[Operand, ...]]]
    ) -> None:
        """Add what a window gives to an element of it."""
        context, dtype = self.context, self.dtype
        *compared, given = (context.load(buffer, indices) for buffer, indices in sources)
        for greatest in compared:
            element = context.load(self.compared[0], place)
            equal = context.let("eq", bool_, element, greatest)
            given = context.let("select", dtype, equal, given, number(0, dtype))
        total = context.let("add", dtype, context.load(self.target, place), given)
        context.emit(Store(self.target, place, total))


def lower_spread(state: Lowering, value: Value) -> None:
    """Fill memory of the result's own."""
    axes = pooled_axes(1, len(value.operands))
    given, *numbers = value.operands
    for one in numbers[:axes]:
        require_extent(state, value, state.scalar(one))
    _call(state, value, [], given, numbers[axes:])


def lower_spread_max(state: Lowering, value: Value) -> None:
    """Fill memory of the result's own."""
    images, greatest, given, *numbers = value.operands
    sizes = [state.shapes.sizes(one) for one in (images, greatest, given)]
    for axis in range(given.rank):
        require_equal(state, value, sizes[1][axis], sizes[2][axis], f"sizes on axis {axis},")
    for axis in range(2):
        require_equal(state, value, sizes[0][axis], sizes[1][axis], f"sizes on axis {axis},")
    _call(state, value, [images, greatest], given, numbers)


def _call(
    state: Lowering,
    value: Value,
    compared: Sequence[Value],
    given: Value,
    numbers: Sequence[Value],
) -> None:
    context, axes = state.context, given.rank - 2
    lengths, before, steps = (numbers[part * axes : (part + 1) * axes] for part in range(3))
    for part_of_them, least in ((lengths, 0), (before, 0), (steps, 1)):
        require_near(state, value, part_of_them, least)
    buffers = [row_major(state, one) for one in (*compared, given)]
    target = context.alloc(value.type.dtype, state.sizes(value))
    told = context.alloc(i64, (number(axes),))
    geometry = context.alloc(i64, (number(4 * axes + 1),))
    for buffer, operands in (
        (told, [state.scalar(one) for one in lengths]),
        (
            geometry,
            [
                *buffers[-1].sizes[2:],
                *map(state.scalar, before),
                *(number(1) for _ in steps),
                *map(state.scalar, steps),
                number(1),
            ],
        ),
    ):
        for place, one in enumerate(operands):
            context.emit(Store(buffer, (number(place),), one))
    function = _spread_function(axes, target.dtype, bool(compared))
    context.call(function, (target,), (*buffers, told, geometry))
    state.buffers[value] = target
