"""Windows of images laid out as the columns of a matrix, and columns added up where they overlap.

A row of the matrix is a channel and a place of the filter, a column one output: those of some lines
of some images (im2col: K. Chellapilla, S. Puri and P. Simard, High performance convolutional neural
networks for document processing, 2006). Nothing is copied into a frame first: a line of outputs
meets a run of elements of the image, with zeros before and after it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, LoopFunction, Operand, Store
from lltheano_ir.lowering.convolution.places import (
    Places,
    Reach,
    between,
    finished,
    geometry_of,
    tensor,
)
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.statements import choose

__all__ = ["FIRST", "gather_function", "scatter_function"]

FIRST = ("image", "channel", "line")
"""What columns begin with: the integers that say which block they are."""

_Line: TypeAlias = Callable[[Sequence[Operand], Sequence[Operand], Reach], None]
"""Does something with a line, given its indices in two buffers."""


@cache
def gather_function(axes: int, dtype: DType) -> LoopFunction:
    """The function that lays out a block of windows as columns."""
    columns = _Columns(axes, dtype)
    columns.gather()
    return finished(
        f"gather_windows{axes}.{dtype}",
        columns.context,
        (columns.matrix,),
        (columns.images, columns.geometry, columns.first),
    )


@cache
def scatter_function(axes: int, dtype: DType) -> LoopFunction:
    """The function that adds a block of columns to what they are windows of."""
    columns = _Columns(axes, dtype)
    columns.scatter()
    return finished(
        f"scatter_windows{axes}.{dtype}",
        columns.context,
        (columns.images,),
        (columns.matrix, columns.geometry, columns.first),
    )


class _Columns:
    """The matrix as channels, places by axis, images, lines, outputs of a line."""

    def __init__(self, axes: int, dtype: DType) -> None:
        context = self.context = FunctionBuilder()
        self.images = tensor(context, "images", dtype, 2 + axes)
        self.matrix = tensor(context, "columns", dtype, 4 + axes)
        self.geometry = geometry_of(axes)
        self.first = Buffer("first", i64, (number(len(FIRST)),))
        self.places = Places(context, self.geometry, self.images)
        self.starts = [context.load(self.first, (number(k),)) for k in range(len(FIRST))]
        self.filters = self.matrix.sizes[1:-3]
        self.width = self.matrix.sizes[-1]

    def gather(self) -> None:
        """Copy lines, with zeros for what lies outside."""
        places = self.places

        def copy(where: Sequence[Operand], reach: Reach) -> None:
            choose(
                self.context,
                places.is_unit,
                lambda: self._lines(where, reach, self._copied(unit=True)),
                lambda: self._lines(where, reach, self._copied(unit=False)),
            )

        with self.context.loops(self.filters, sequential=True) as where:
            reach = places.reach(where[-1])
            simple = Reach(reach.shift, number(0), self.width)
            choose(
                self.context,
                places.is_whole(reach),
                lambda: self._lines(where, simple, self._copied(unit=True)),
                lambda: copy(where, reach),
            )

    def scatter(self) -> None:
        """Add the elements of lines to those that they meet."""
        places = self.places
        with self.context.loops(self.filters, sequential=True) as where:
            reach = places.reach(where[-1])
            choose(
                self.context,
                places.is_unit,
                lambda: self._lines(where, reach, self._added(unit=True)),
                lambda: self._lines(where, reach, self._added(unit=False)),
            )

    def _lines(self, where: Sequence[Operand], reach: Reach, make: _Line) -> None:
        """All lines of all channels for one place of the filter."""
        context = self.context
        channels, (images, lines) = self.matrix.sizes[0], self.matrix.sizes[-3:-1]
        with context.loops((channels, images, lines), sequential=True) as (channel, image, line):
            number_of_line = context.index_op("add", self.starts[2], line)
            row, inside = self.places.row(number_of_line, where)
            low, high = (
                context.index_op("select", inside, one, self.width)
                for one in (reach.low, reach.high)
            )
            met = (
                context.index_op("add", self.starts[0], image),
                context.index_op("add", self.starts[1], channel),
                *row,
            )
            make((channel, *where, image, line), met, Reach(reach.shift, low, high))

    def _copied(self, *, unit: bool) -> _Line:
        def make(target: Sequence[Operand], source: Sequence[Operand], reach: Reach) -> None:
            context = self.context
            zero = number(0, self.matrix.dtype)

            def copied(output: Operand) -> Operand:
                place = self.places.met(output, reach, unit=unit)
                return context.load(self.images, (*source, place))

            parts: list[tuple[Operand, Operand, Callable[[Operand], Operand]]] = [
                (number(0), reach.low, lambda output: zero),
                (reach.low, reach.high, copied),
                (reach.high, self.width, lambda output: zero),
            ]
            for start, end, element in parts:
                if start != end:
                    with between(context, start, end) as output:
                        context.emit(Store(self.matrix, (*target, output), element(output)))

        return make

    def _added(self, *, unit: bool) -> _Line:
        def make(source: Sequence[Operand], target: Sequence[Operand], reach: Reach) -> None:
            context, dtype = self.context, self.matrix.dtype
            with between(context, reach.low, reach.high) as output:
                place = (*target, self.places.met(output, reach, unit=unit))
                given = context.load(self.matrix, (*source, output))
                total = context.let("add", dtype, context.load(self.images, place), given)
                context.emit(Store(self.images, place, total))

        return make
