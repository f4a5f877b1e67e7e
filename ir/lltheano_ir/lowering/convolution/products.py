"""Convolutions as products of matrices, block by block.

With filters as the rows of a matrix, a block of outputs is the product of it with the columns of
the block. The gradient by filters adds up products of gradients with columns; that by images is a
product that gives columns, which are added up where they overlap.
"""

from collections.abc import Callable

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Call, Operand, Setting, Store
from lltheano_ir.lowering.convolution.blocks import Block, Blocks
from lltheano_ir.lowering.convolution.columns import FIRST, gather_function, scatter_function
from lltheano_ir.lowering.convolution.places import Places, fill, part
from lltheano_ir.lowering.statements import choose

__all__ = ["Products"]


class Products:
    """The blocks and products of one function."""

    def __init__(self, places: Places, geometry: Buffer, filters: Buffer, outputs: Buffer) -> None:
        self.places = places
        self.geometry = geometry
        self.filters = filters
        self.outputs = outputs
        context = self.context = places.context
        self.dtype = filters.dtype
        self.channels, *lengths = filters.sizes[1:]
        self.blocks = Blocks(places, self.channels, tuple(lengths))
        self.each_group = context.index_op("floordiv", filters.sizes[0], places.groups)
        self.first = context.alloc(i64, (number(len(FIRST)),))
        depth, most = self.blocks.depth, self.blocks.most_columns
        laid_out = context.index_op("mul", depth, most)
        self.space = context.alloc(self.dtype, (self._unless(self.blocks.is_view, laid_out),))
        given = context.index_op("mul", self.each_group, most)
        self.other_space = context.alloc(self.dtype, (self._unless(self.blocks.is_plane, given),))

    def _unless(self, condition: Operand, size: Operand) -> Operand:
        return self.context.index_op("select", condition, number(0), size)

    def forward(self) -> None:
        """Fill the outputs."""
        self.blocks.each(self._forward)

    def by_filters(self) -> None:
        """Fill the filters with their gradient."""
        fill(self.context, self.filters)
        self.blocks.each(self._by_filters)

    def by_images(self) -> None:
        """Fill the images with their gradient."""
        fill(self.context, self.places.images)
        self.blocks.each(self._by_images)

    def _gemm(self, target: Buffer, left: Buffer, right: Buffer, **settings: Setting) -> None:
        self.context.emit(Call("gemm", (target,), (left, right), tuple(settings.items())))

    def _weights(self, group: Operand) -> Buffer:
        """The filters of a group, a row each."""
        sizes = (self.each_group, self.blocks.depth)
        offset = self.context.index_op("mul", group, self.context.index_op("mul", *sizes))
        return part(self.context, self.filters, offset, sizes)

    def _forward(self, block: Block, group: Operand) -> None:
        weights = self._weights(group)

        def from_images() -> None:
            columns = self._plane(self.places.images, block, group, self.channels)
            self._gemm(
                self._whole_plane(self.outputs, block, group, self.each_group), weights, columns
            )

        def from_columns() -> None:
            columns = self._gathered(block, group)
            choose(
                self.context,
                self.blocks.is_plane,
                lambda: self._gemm(
                    self._whole_plane(self.outputs, block, group, self.each_group), weights, columns
                ),
                lambda: self._through_space(weights, columns, block, group),
            )

        choose(self.context, self.blocks.is_view, from_images, from_columns)

    def _through_space(
        self, weights: Buffer, columns: Buffer, block: Block, group: Operand
    ) -> None:
        """The product made beside the outputs, and copied to where its lines are."""
        context = self.context
        found = part(context, self.other_space, number(0), (self.each_group, block.columns))
        self._gemm(found, weights, columns)
        lines = self._lines(found, block)
        outputs = self._output_lines(block, group)
        with context.loops(lines.sizes) as (channel, image, line, output):
            element = context.load(lines, (channel, image, line, output))
            context.emit(Store(outputs, (image, channel, line, output), element))

    def _by_filters(self, block: Block, group: Operand) -> None:
        weights = self._weights(group)
        settings = (("beta", number(1, self.dtype)), ("transpose_b", True))

        def add(columns: Buffer, given: Buffer) -> None:
            self.context.emit(Call("gemm", (weights,), (given, columns, weights), settings))

        def from_columns() -> None:
            columns = self._gathered(block, group)
            self._given(block, group, lambda given: add(columns, given))

        choose(
            self.context,
            self.blocks.is_view,
            lambda: add(
                self._plane(self.places.images, block, group, self.channels),
                self._plane(self.outputs, block, group, self.each_group),
            ),
            from_columns,
        )

    def _by_images(self, block: Block, group: Operand) -> None:
        weights = self._weights(group)

        def to_columns() -> None:
            sizes = (self.blocks.depth, block.columns)
            columns = part(self.context, self.space, number(0), sizes)
            self._given(
                block, group, lambda given: self._gemm(columns, weights, given, transpose_a=True)
            )
            self._note_first(block, group)
            function = scatter_function(len(self.places.axes), self.dtype)
            inputs = (self._windows(block), self.geometry, self.first)
            self.context.call(function, (self.places.images,), inputs)

        choose(
            self.context,
            self.blocks.is_view,
            lambda: self._gemm(
                self._whole_plane(self.places.images, block, group, self.channels),
                weights,
                self._plane(self.outputs, block, group, self.each_group),
                transpose_a=True,
            ),
            to_columns,
        )

    def _gathered(self, block: Block, group: Operand) -> Buffer:
        """The columns of a block, laid out in the work space."""
        self._note_first(block, group)
        function = gather_function(len(self.places.axes), self.dtype)
        inputs = (self.places.images, self.geometry, self.first)
        self.context.call(function, (self._windows(block),), inputs)
        return part(self.context, self.space, number(0), (self.blocks.depth, block.columns))

    def _windows(self, block: Block) -> Buffer:
        """The work space as channels, places, images, lines, outputs of a line."""
        sizes = (*self.filters.sizes[1:], block.images, block.lines, self.places.width)
        return part(self.context, self.space, number(0), sizes)

    def _note_first(self, block: Block, group: Operand) -> None:
        """Tell the functions of columns which block it is."""
        channel = self.context.index_op("mul", group, self.channels)
        for place, value in enumerate((block.image, channel, block.line)):
            self.context.emit(Store(self.first, (number(place),), value))

    def _given(self, block: Block, group: Operand, use: Callable[[Buffer], None]) -> None:
        """Use the gradient of a block, a filter a row: where it is, if that is one image."""
        context = self.context

        def copied() -> None:
            given = part(context, self.other_space, number(0), (self.each_group, block.columns))
            lines = self._lines(given, block)
            outputs = self._output_lines(block, group)
            with context.loops(lines.sizes) as (channel, image, line, output):
                element = context.load(outputs, (image, channel, line, output))
                context.emit(Store(lines, (channel, image, line, output), element))
            use(given)

        def in_place() -> None:
            use(self._plane(self.outputs, block, group, self.each_group))

        choose(context, self.blocks.is_single, in_place, copied)

    def _lines(self, matrix: Buffer, block: Block) -> Buffer:
        """A matrix of a row for each filter of a group, by images, lines, outputs of a line."""
        sizes = (self.each_group, block.images, block.lines, self.places.width)
        return part(self.context, matrix, number(0), sizes)

    def _output_lines(self, block: Block, group: Operand) -> Buffer:
        """Those of the outputs that a block has."""
        sizes = (block.images, self.each_group, block.lines, self.places.width)
        area = self.blocks.area
        image = self.context.index_op("mul", self.outputs.sizes[1], area)
        strides = (image, area, self.places.width, number(1))
        offset = self._offset(self.outputs, block, group, self.each_group)
        return part(self.context, self.outputs, offset, sizes, strides)

    def _plane(self, tensor: Buffer, block: Block, group: Operand, channels: Operand) -> Buffer:
        """The lines of a block that is of one image, a channel a row."""
        offset = self._offset(tensor, block, group, channels)
        strides = (self.blocks.area, number(1))
        return part(self.context, tensor, offset, (channels, block.columns), strides)

    def _whole_plane(
        self, tensor: Buffer, block: Block, group: Operand, channels: Operand
    ) -> Buffer:
        """The same of a block that is all lines of an image."""
        offset = self._offset(tensor, block, group, channels)
        return part(self.context, tensor, offset, (channels, block.columns))

    def _offset(self, tensor: Buffer, block: Block, group: Operand, channels: Operand) -> Operand:
        """Where a block begins in a tensor of images, channels and lines."""
        context = self.context
        channel = context.index_op("mul", block.image, tensor.sizes[1])
        channel = context.index_op("add", channel, context.index_op("mul", group, channels))
        line = context.index_op("mul", block.line, self.places.width)
        return context.index_op("add", context.index_op("mul", channel, self.blocks.area), line)
