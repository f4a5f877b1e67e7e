"""Where filters meet images: the numbers that the functions of convolutions are handed.

They are one vector of integers: by spatial axis the sizes of what a convolution gives, then frames,
dilations and steps, and last the number of groups.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    LoopFunction,
    LoopParameter,
    Operand,
    Scalar,
    Store,
    View,
)
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.records import record

__all__ = [
    "Axis",
    "Places",
    "Reach",
    "between",
    "fill",
    "finished",
    "geometry_of",
    "part",
    "tensor",
]


def tensor(context: FunctionBuilder, name: str, dtype: DType, rank: int) -> Buffer:
    """A parameter of a function, whose sizes it knows by name."""
    sizes = tuple(Scalar(context.named(f"{name}.{axis}"), i64) for axis in range(rank))
    for size in sizes:
        context.ranges.note_size(size)
    return Buffer(context.named(name), dtype, sizes)


def geometry_of(axes: int) -> Buffer:
    """The parameter that says where filters meet images."""
    return Buffer("geometry", i64, (number(4 * axes + 1),))


def finished(
    name: str, context: FunctionBuilder, written: Sequence[Buffer], read: Sequence[Buffer]
) -> LoopFunction:
    """The function whose statements have been made."""
    outputs = [LoopParameter(one, shared=False, inout=True) for one in written]
    inputs = [LoopParameter(one, shared=False) for one in read]
    return LoopFunction(name, (*outputs, *inputs), tuple(context.blocks[0]), ())


def part(
    context: FunctionBuilder,
    base: Buffer,
    offset: Operand,
    sizes: Sequence[Operand],
    strides: Sequence[Operand] | None = None,
) -> Buffer:
    """Some of the elements of a buffer, row-major unless there are strides."""
    steps = None if strides is None else tuple(strides)
    view = Buffer(context.fresh("b"), base.dtype, tuple(sizes), steps)
    context.emit(View(view, base, offset))
    return view


@contextmanager
def between(context: FunctionBuilder, start: Operand, end: Operand) -> Iterator[Operand]:
    """A loop over the numbers from `start` to below `end`."""
    with context.loops((context.index_op("sub", end, start),)) as (index,):
        yield context.index_op("add", start, index)


def fill(context: FunctionBuilder, target: Buffer) -> None:
    """Write zeros."""
    with context.loops(target.sizes) as indices:
        context.emit(Store(target, indices, number(0, target.dtype)))


@record(frozen=True, slots=True)
class Axis:
    """What is known of a spatial axis."""

    output: Operand
    before: Operand
    dilation: Operand
    step: Operand


@record(frozen=True, slots=True)
class Reach:
    """For one place of a filter along the last axis: of outputs `low` to below `high` meet an
    element of the image, that at ``output * step + shift``.
    """

    shift: Operand
    low: Operand
    high: Operand


class Places:
    """The loops' arithmetic of places, in one function."""

    def __init__(self, context: FunctionBuilder, geometry: Buffer, images: Buffer) -> None:
        self.context = context
        self.images = images
        count = len(images.sizes) - 2

        def given(place: int) -> Operand:
            return context.load(geometry, (number(place),))

        self.axes = [
            Axis(*(given(part * count + axis) for part in range(4))) for axis in range(count)
        ]
        for axis in self.axes:
            context.ranges.note_size(axis.output)
        self.groups = given(4 * count)
        self.width = self.axes[-1].output
        self.lines = self._product([axis.output for axis in self.axes[:-1]])
        self.step = self.axes[-1].step
        self.is_unit = context.let("eq", bool_, self.step, number(1))

    def _product(self, factors: Sequence[Operand]) -> Operand:
        total: Operand = number(1)
        for factor in factors:
            total = self.context.index_op("mul", total, factor)
        return total

    def _shift(self, axis: Axis, place: Operand) -> Operand:
        far = self.context.index_op("mul", place, axis.dilation)
        return self.context.index_op("sub", far, axis.before)

    def reach(self, place: Operand) -> Reach:
        """Which outputs of a line meet the image, for a place along the last axis."""
        context, axis = self.context, self.axes[-1]
        shift = self._shift(axis, place)
        first = context.index_op("neg", context.index_op("floordiv", shift, axis.step))
        room = context.index_op("sub", self.images.sizes[-1], shift)
        last = context.index_op("floordiv", context.index_op("sub", room, number(1)), axis.step)
        low = self._clamped(first, number(0))
        return Reach(shift, low, self._clamped(context.index_op("add", last, number(1)), low))

    def _clamped(self, x: Operand, low: Operand) -> Operand:
        greater = self.context.index_op("maximum", x, low)
        return self.context.index_op("minimum", greater, self.width)

    def note_reaches(self, length: Operand) -> None:
        """Find out all reaches of filters of a length along the last axis, once."""
        context = self.context
        self._reaches = context.alloc(i64, (length, number(2)))
        with context.loops((length,), sequential=True) as (place,):
            reach = self.reach(place)
            for column, end in enumerate((reach.low, reach.high)):
                context.emit(Store(self._reaches, (place, number(column)), end))

    def noted_reach(self, place: Operand) -> Reach:
        """What `reach` gives, looked up: two divisions for each line would cost more than that."""
        low, high = (
            self.context.load(self._reaches, (place, number(column))) for column in range(2)
        )
        return Reach(self._shift(self.axes[-1], place), low, high)

    def is_whole(self, reach: Reach) -> Operand:
        """Whether a line meets as many elements in a row."""
        context = self.context
        begins = context.let("eq", bool_, reach.low, number(0))
        ends = context.let("eq", bool_, reach.high, self.width)
        return context.let("and", bool_, self.is_unit, context.let("and", bool_, begins, ends))

    def row(self, line: Operand, places: Sequence[Operand]) -> tuple[list[Operand], Operand]:
        """What a line of outputs meets along all axes but the last: where, and whether that is
        inside.
        """
        context = self.context
        met: list[Operand] = []
        inside: Operand = number(1, bool_)
        sizes = self.images.sizes[2:-1]
        for axis, place, size, output in zip(
            self.axes, places, sizes, self._outputs(line), strict=False
        ):
            far = context.index_op("mul", output, axis.step)
            where = context.index_op("add", far, self._shift(axis, place))
            met.append(where)
            starts = context.let("ge", bool_, where, number(0))
            ends = context.let("lt", bool_, where, size)
            both = context.let("and", bool_, starts, ends)
            inside = both if len(met) == 1 else context.let("and", bool_, inside, both)
        return met, inside

    def _outputs(self, line: Operand) -> list[Operand]:
        """Where a line lies along all axes but the last."""
        context = self.context
        found: list[Operand] = []
        for axis in reversed(self.axes[1:-1]):
            rest = context.index_op("floordiv", line, axis.output)
            found.append(context.index_op("sub", line, context.index_op("mul", rest, axis.output)))
            line = rest
        return [line, *reversed(found)] if len(self.axes) > 1 else []

    def met(self, output: Operand, reach: Reach, *, unit: bool) -> Operand:
        """Where along the last axis an output meets the image."""
        context = self.context
        far = output if unit else context.index_op("mul", output, self.step)
        return context.index_op("add", far, reach.shift)
