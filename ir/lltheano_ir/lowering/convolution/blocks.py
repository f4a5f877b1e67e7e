"""How much of a convolution is made by one product of matrices.

A block is some lines of outputs of one image, or all those of some images: so many that the columns
of the block stay in a core's own cache between being laid out and being multiplied, and enough that
a product pays for the packing of its other matrix. The numbers follow from sizes alone.
"""

from collections.abc import Callable

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Operand
from lltheano_ir.lowering.convolution.places import Places
from lltheano_ir.records import record

__all__ = ["BLOCK_BYTES", "LEAST_COLUMNS", "Block", "Blocks"]

BLOCK_BYTES = 1 << 19
"""What the columns of a block take, at most, unless they are fewer than `LEAST_COLUMNS`: half of
the second cache of the smallest server cores."""

LEAST_COLUMNS = 256
"""How many columns a block should have at least, where there are so many: with fewer the product's
time is that of packing the filters. (512 filters of 512 channels by 3 x 3 on images of 7 x 7 take
17.0 ms with 64, and 15.2 ms with 256.)"""


@record(frozen=True, slots=True)
class Block:
    """One block: its first image and line, how many of each there are, and of columns."""

    image: Operand
    line: Operand
    images: Operand
    lines: Operand
    columns: Operand


class Blocks:
    """The blocks of one convolution.

    `is_view` holds where the images themselves are the columns: a filter is one place, and each
    output meets the element at its own place. `is_plane` where a block is all lines of one image.
    """

    def __init__(self, places: Places, channels: Operand, filters: tuple[Operand, ...]) -> None:
        self.places = places
        context = self.context = places.context
        self.count = places.images.sizes[0]
        self.area = context.index_op("mul", places.lines, places.width)
        depth: Operand = channels
        for size in filters:
            depth = context.index_op("mul", depth, size)
        self.depth = depth
        itemsize = places.images.dtype.itemsize
        room = context.index_op(
            "maximum",
            number(BLOCK_BYTES // itemsize),
            context.index_op("mul", depth, number(LEAST_COLUMNS)),
        )
        self.images = self._images_at_once(room)
        single = context.let("eq", bool_, self.images, number(1))
        self.is_view = context.let("and", bool_, single, self._is_identity(filters))
        self.lines = self._lines_at_once(room)
        everything = context.let("eq", bool_, self.lines, places.lines)
        self.is_single = single
        self.is_plane = context.let("and", bool_, single, everything)
        lines = context.index_op("mul", self.images, self.lines)
        self.most_columns = context.index_op("mul", lines, places.width)

    def _images_at_once(self, room: Operand) -> Operand:
        """More than one only of small images."""
        context = self.context
        area = context.index_op("maximum", self.area, number(1))
        wanted = context.index_op("floordiv", number(LEAST_COLUMNS), area)
        each = context.index_op("maximum", context.index_op("mul", area, self.depth), number(1))
        fitting = context.index_op("floordiv", room, each)
        most = context.index_op("minimum", self.count, context.index_op("minimum", wanted, fitting))
        return context.index_op("maximum", most, number(1))

    def _lines_at_once(self, room: Operand) -> Operand:
        """Such that all blocks have about as many."""
        context, lines = self.context, self.places.lines
        line = context.index_op("mul", self.depth, self.places.width)
        fitting = context.index_op("floordiv", room, context.index_op("maximum", line, number(1)))
        count = self._parts(lines, context.index_op("maximum", fitting, number(1)))
        even = self._parts(lines, context.index_op("maximum", count, number(1)))
        single = context.let("le", bool_, self.images, number(1))
        some = context.index_op("select", single, even, lines)
        return context.index_op("select", self.is_view, lines, some)

    def _parts(self, whole: Operand, one: Operand) -> Operand:
        """How many parts of a size there are, the last one perhaps smaller."""
        context = self.context
        more = context.index_op("add", whole, context.index_op("sub", one, number(1)))
        return context.index_op("floordiv", more, one)

    def _is_identity(self, filters: tuple[Operand, ...]) -> Operand:
        context = self.context
        holds: Operand = number(1, bool_)
        sizes = self.places.images.sizes[2:]
        for axis, length, size in zip(self.places.axes, filters, sizes, strict=True):
            pairs = (
                (length, number(1)),
                (axis.step, number(1)),
                (axis.before, number(0)),
                (axis.output, size),
            )
            for x, y in pairs:
                holds = context.let("and", bool_, holds, context.let("eq", bool_, x, y))
        return holds

    def each(self, make: Callable[[Block, Operand], None]) -> None:
        """Make all blocks, one after the other, for each group of channels."""
        context = self.context
        lines = self.places.lines
        extents = (
            self._parts(self.count, self.images),
            self._parts(lines, context.index_op("maximum", self.lines, number(1))),
            self.places.groups,
        )
        with context.loops(extents, sequential=True) as (some, strip, group):
            image = context.index_op("mul", some, self.images)
            line = context.index_op("mul", strip, self.lines)
            images = context.index_op(
                "minimum", self.images, context.index_op("sub", self.count, image)
            )
            left = context.index_op("sub", lines, line)
            count = context.index_op("minimum", self.lines, left)
            columns = context.index_op(
                "mul", context.index_op("mul", images, count), self.places.width
            )
            make(Block(image, line, images, count, columns), group)
