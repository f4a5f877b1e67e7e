"""Convolutions without products of matrices: a filter's place after the other, line by line.

So are those of a few filters a group, which depthwise convolutions have: a product of matrices
needs several to be worth laying out its columns. And those of numbers that BLAS does not know.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Operand, Order, Reduce, Reduction, Scalar, Store
from lltheano_ir.lowering.convolution.places import Places, Reach, between, fill, part
from lltheano_ir.lowering.statements import choose
from lltheano_ir.records import record

__all__ = ["Direct"]

_Indices = tuple[Operand, ...]


@record(frozen=True, slots=True)
class _Tap:
    """A place of a filter: which filter, channel and place, the channel of the image that it sees,
    and which outputs of a line meet the image.
    """

    place: _Indices
    seen: Operand
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
        places.note_reaches(filters.sizes[-1])
        self.each_group = context.index_op("floordiv", filters.sizes[0], places.groups)

    def forward(self) -> None:
        """Fill the outputs: zeros, then what each place of the filter gives to all lines.

        What lies outside gives zeros. They change nothing unless they are multiplied by an infinity
        or by NaN, since a sum that begins with 0 is never -0.
        """
        context = self.context
        fill(context, self.outputs)
        with self._pairs() as (image, one), self._taps(one) as tap:
            weight = context.load(self.filters, tap.place)
            nothing = context.let("mul", self.dtype, weight, number(0, self.dtype))

            def inside(output: _Indices, met: _Indices) -> None:
                element = context.load(self.places.images, met)
                given = context.let("mul", self.dtype, weight, element)
                self._add(self.outputs, output, given)

            self._inside(tap, image, inside)
            silent = context.let("eq", bool_, nothing, number(0, self.dtype))
            choose(
                context,
                silent,
                lambda: None,
                lambda: self._outside(
                    tap, image, lambda output: self._add(self.outputs, output, nothing)
                ),
            )

    def by_images(self) -> None:
        """Fill the images with their gradient."""
        context = self.context
        fill(context, self.places.images)
        with self._pairs() as (image, one), self._taps(one) as tap:
            weight = context.load(self.filters, tap.place)

            def inside(output: _Indices, met: _Indices) -> None:
                element = context.load(self.outputs, output)
                given = context.let("mul", self.dtype, weight, element)
                self._add(self.places.images, met, given)

            self._inside(tap, image, inside)

    def by_filters(self) -> None:
        """Fill the filters with their gradient.

        The lines of an image are added up in one, whose sum is added to those of other images.
        """
        context = self.context
        fill(context, self.filters)
        line = context.alloc(self.dtype, (self.places.width,))
        with self._pairs() as (image, one):
            silent = self._is_silent(image, one)
            with self._taps(one) as tap:
                fill(context, line)
                self._add_lines(tap, image, line, silent)
                total = self._sum(self.places.width, lambda at: context.load(line, (at,)))
                self._add(self.filters, tap.place, total)

    def _is_silent(self, image: Operand, one: Operand) -> Operand:
        """Whether zero times all that a filter has given to an image is zero, and not NaN."""
        context = self.context
        zero = number(0, self.dtype)
        area = context.index_op("mul", self.places.lines, self.places.width)
        planes = part(context, self.outputs, number(0), (*self.outputs.sizes[:2], area))

        def nothing(at: Operand) -> Operand:
            given = context.load(planes, (image, one, at))
            return context.let("mul", self.dtype, given, zero)

        return context.let("eq", bool_, self._sum(area, nothing), zero)

    def _add_lines(self, tap: _Tap, image: Operand, line: Buffer, silent: Operand) -> None:
        context = self.context

        def inside(output: _Indices, met: _Indices) -> None:
            element = context.load(self.places.images, met)
            given = context.load(self.outputs, output)
            self._add(line, output[-1:], context.let("mul", self.dtype, given, element))

        def outside(output: _Indices) -> None:
            given = context.load(self.outputs, output)
            nothing = context.let("mul", self.dtype, given, number(0, self.dtype))
            self._add(line, output[-1:], nothing)

        self._inside(tap, image, inside)
        choose(context, silent, lambda: None, lambda: self._outside(tap, image, outside))

    def _sum(self, extent: Operand, element: Callable[[Operand], Operand]) -> Operand:
        """The sum over an index."""
        context = self.context
        index = Scalar(context.fresh("i"), i64)
        with context.block() as body:
            value = element(index)
        total = Scalar(context.fresh("s"), self.dtype)
        reductions = (Reduction(total, "add", value),)
        context.emit(Reduce(reductions, (index,), (extent,), tuple(body), Order.BLOCKED))
        return total

    @contextmanager
    def _pairs(self) -> Iterator[tuple[Operand, Operand]]:
        """Each image with each filter."""
        both = (self.outputs.sizes[0], self.filters.sizes[0])
        with self.context.loops(both, sequential=True) as (image, one):
            yield image, one

    @contextmanager
    def _taps(self, one: Operand) -> Iterator[_Tap]:
        """All places of a filter."""
        context = self.context
        group = context.index_op("floordiv", one, self.each_group)
        first = context.index_op("mul", group, self.filters.sizes[1])
        with context.loops(self.filters.sizes[1:], sequential=True) as where:
            seen = context.index_op("add", first, where[0])
            yield _Tap((one, *where), seen, self.places.noted_reach(where[-1]))

    @contextmanager
    def _lines(self, tap: _Tap) -> Iterator[tuple[Operand, list[Operand], Reach]]:
        """All lines of outputs: with what they meet, and which of their outputs do."""
        context, places = self.context, self.places
        with context.loops((places.lines,), sequential=True) as (line,):
            row, inside = places.row(line, tap.place[2:])
            low, high = (
                context.index_op("select", inside, end, places.width)
                for end in (tap.reach.low, tap.reach.high)
            )
            yield line, row, Reach(tap.reach.shift, low, high)

    def _inside(
        self, tap: _Tap, image: Operand, make: Callable[[_Indices, _Indices], None]
    ) -> None:
        """All outputs that meet an element of the image, and which."""

        def lines(*, unit: bool) -> None:
            with (
                self._lines(tap) as (line, row, reach),
                between(self.context, reach.low, reach.high) as output,
            ):
                met = self.places.met(output, reach, unit=unit)
                make((image, tap.place[0], line, output), (image, tap.seen, *row, met))

        choose(
            self.context,
            self.places.is_unit,
            lambda: lines(unit=True),
            lambda: lines(unit=False),
        )

    def _outside(self, tap: _Tap, image: Operand, make: Callable[[_Indices], None]) -> None:
        """All other outputs."""
        with self._lines(tap) as (line, _, reach):
            for start, end in ((number(0), reach.low), (reach.high, self.places.width)):
                with between(self.context, start, end) as output:
                    make((image, tap.place[0], line, output))

    def _add(self, target: Buffer, place: _Indices, given: Operand) -> None:
        old = self.context.load(target, place)
        self.context.emit(Store(target, place, self.context.let("add", self.dtype, old, given)))
