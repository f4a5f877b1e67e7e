"""Convolutions without products of matrices: a filter's place after the other, line by line.

So are those of a few filters a group, which depthwise convolutions have: a product of matrices
needs several to be worth laying out its columns. And those of numbers that BLAS does not know.
"""

from collections.abc import Callable, Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.lowering.convolution.places import Places, Reach, between, fill, part
from lltheano_ir.lowering.statements import choose
from lltheano_ir.records import record

__all__ = ["Direct"]


@record(frozen=True, slots=True)
class _Line:
    """A line of outputs and a place of a filter: indices, and what they meet."""

    output: tuple[Operand, ...]
    filter: tuple[Operand, ...]
    image: tuple[Operand, ...]
    reach: Reach


class Direct:
    """The loops of one function."""

    def __init__(self, places: Places, filters: Buffer, outputs: Buffer) -> None:
        self.places = places
        self.filters = filters
        context = self.context = places.context
        self.dtype = filters.dtype
        sizes = (*outputs.sizes[:2], places.lines, places.width)
        self.outputs = part(context, outputs, number(0), sizes)
        self.each_group = context.index_op("floordiv", filters.sizes[0], places.groups)

    def forward(self) -> None:
        """Fill the outputs: zeros, then what each place of the filter gives to a line."""
        fill(self.context, self.outputs)
        self._each_line(self._forward)

    def by_images(self) -> None:
        """Fill the images with their gradient."""
        fill(self.context, self.places.images)
        self._each_line(self._by_images)

    def _each_line(self, make: Callable[[_Line, Operand, bool], None]) -> None:
        """All images, filters, lines, and places of a filter."""
        context, places = self.context, self.places
        images, filters, lines = self.outputs.sizes[:3]
        with context.loops((images, filters, lines), sequential=True) as (image, one, line):
            first = self._first_channel(one)
            with context.loops(self.filters.sizes[1:], sequential=True) as where:
                channel, *at = where
                reach = self._reach(line, at)
                row, _ = places.row(line, at)
                met = (image, context.index_op("add", first, channel), *row)
                found = _Line((image, one, line), (one, *where), met, reach)
                weight = context.load(self.filters, found.filter)
                choose(
                    context,
                    places.is_unit,
                    lambda: make(found, weight, True),
                    lambda: make(found, weight, False),
                )

    def _first_channel(self, one: Operand) -> Operand:
        """The first channel that a filter sees."""
        group = self.context.index_op("floordiv", one, self.each_group)
        return self.context.index_op("mul", group, self.filters.sizes[1])

    def _reach(self, line: Operand, at: Sequence[Operand]) -> Reach:
        """Which outputs of a line meet the image."""
        context = self.context
        reach = self.places.reach(at[-1])
        _, inside = self.places.row(line, at)
        low, high = (
            context.index_op("select", inside, end, self.places.width)
            for end in (reach.low, reach.high)
        )
        return Reach(reach.shift, low, high)

    def _add(self, target: Buffer, place: tuple[Operand, ...], given: Operand) -> None:
        old = self.context.load(target, place)
        self.context.emit(Store(target, place, self.context.let("add", self.dtype, old, given)))

    def _forward(self, line: _Line, weight: Operand, unit: bool) -> None:
        context, reach = self.context, line.reach
        with between(context, reach.low, reach.high) as output:
            place = (*line.image, self.places.met(output, reach, unit=unit))
            element = context.load(self.places.images, place)
            given = context.let("mul", self.dtype, weight, element)
            self._add(self.outputs, (*line.output, output), given)
        nothing = context.let("mul", self.dtype, weight, number(0, self.dtype))
        for start, end in ((number(0), reach.low), (reach.high, self.places.width)):
            with between(context, start, end) as output:
                self._add(self.outputs, (*line.output, output), nothing)

    def _by_images(self, line: _Line, weight: Operand, unit: bool) -> None:
        context, reach = self.context, line.reach
        with between(context, reach.low, reach.high) as output:
            element = context.load(self.outputs, (*line.output, output))
            given = context.let("mul", self.dtype, weight, element)
            place = (*line.image, self.places.met(output, reach, unit=unit))
            self._add(self.places.images, place, given)

    def by_filters(self) -> None:
        """Fill the filters with their gradient: a sum over all lines for each place."""
        context = self.context
        with context.loops(self.filters.sizes, sequential=True) as (one, channel, *at):
            seen = context.index_op("add", self._first_channel(one), channel)
            indices = (one, channel, *at)
            choose(
                context,
                self.places.is_unit,
                lambda: self._sum(indices, seen, unit=True),
                lambda: self._sum(indices, seen, unit=False),
            )

    def _sum(self, indices: tuple[Operand, ...], seen: Operand, *, unit: bool) -> None:
        context = self.context
        image, line = (Scalar(context.fresh("i"), i64) for _ in range(2))
        one, _, *at = indices
        with context.block() as body:
            reach = self._reach(line, at)
            row, _ = self.places.row(line, at)

            def given(output: Operand) -> Operand:
                return context.load(self.outputs, (image, one, line, output))

            def product(output: Operand) -> Operand:
                place = self.places.met(output, reach, unit=unit)
                element = context.load(self.places.images, (image, seen, *row, place))
                return context.let("mul", self.dtype, given(output), element)

            def nothing(output: Operand) -> Operand:
                return context.let("mul", self.dtype, given(output), number(0, self.dtype))

            ends = ((number(0), reach.low), (reach.high, self.places.width))
            value = self._summed(reach.low, reach.high, product)
            for start, end in ends:
                outside = self._summed(start, end, nothing)
                value = context.let("add", self.dtype, value, outside)
        extents = (self.outputs.sizes[0], self.places.lines)
        total = self._reduced(value, (image, line), extents, body, Order.ROWS)
        context.emit(Store(self.filters, indices, total))

    def _summed(
        self, start: Operand, end: Operand, element: Callable[[Operand], Operand]
    ) -> Operand:
        """The sum of what is given by the outputs from `start` to below `end`."""
        context = self.context
        index = Scalar(context.fresh("i"), i64)
        extent = context.index_op("sub", end, start)
        with context.block() as body:
            value = element(context.index_op("add", start, index))
        return self._reduced(value, (index,), (extent,), body, Order.BLOCKED)

    def _reduced(
        self,
        value: Operand,
        indices: tuple[Scalar, ...],
        extents: tuple[Operand, ...],
        body: Sequence[Statement],
        order: Order,
    ) -> Operand:
        total = Scalar(self.context.fresh("s"), self.dtype)
        reductions = (Reduction(total, "add", value),)
        self.context.emit(Reduce(reductions, indices, extents, tuple(body), order))
        return total
