"""Sums of floats over leading axes, row by row: blocks of rows and the tree over them, as loops.

    for %t in tiles {                               columns, as many as stay in cache at once
      for %b in blocks, sequential {
        for %c in columns { %y[%c] = neutral }
        for %r in rows, sequential { for %c in columns { %y[%c] = %y[%c] + %x[%r, %c] } }
        for %l in levels, sequential { if bit %l of %b { %y = %tree[%l] + %y } }
        if more blocks follow { %tree[level] = %y } } }

The target holds the sum of one block. Blocks are joined like the digits of a binary counter: block
number b finds as many finished subtrees as b has trailing ones, and what comes of it is kept at
that level of the tree; the last block is joined with all that are left, one for each bit of its
number. That is the order of `lltheano_ir.ops.summation`, in memory that grows with the logarithm of
the number of rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import LoopBuilder, number, number_of
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    If,
    Let,
    Operand,
    Reduce,
    Reduction,
    Scalar,
    Store,
)
from lltheano_ir.ops.reduction import REDUCTION_OPS
from lltheano_ir.ops.summation import BLOCK_ROWS, is_rounded
from lltheano_ir.records import record
from lltheano_ir.target import Target

__all__ = ["Column", "RowBlocks", "take", "tile_bytes"]

_TILES = 16
"""The tiles that there are at least of columns enough, for threads to share."""

_LEAST_BYTES = 8192
"""What the sums of a tile take at least: the parts of rows that are read are to be long."""

_SHARE = 4
"""The sums of a tile of columns take so much less than a second-level cache, through which the rows
that are read go too.
"""


def tile_bytes(target: Target) -> int:
    """What the sums of a tile of columns take, a power of two: little enough to stay in cache,
    enough for the parts of rows that are read to be long.

    >>> from lltheano_ir.target import cross_target
    >>> tile_bytes(cross_target("aarch64-unknown-linux-gnu"))
    262144
    """
    return 1 << (target.cache_bytes(2) // _SHARE).bit_length() - 1


@record(frozen=True, slots=True)
class Column:
    """A reduction, the store of its result, and what it starts with."""

    reduction: Reduction
    store: Store
    start: Operand

    @property
    def is_ordered(self) -> bool:
        """Whether rounding makes the order matter."""
        return is_rounded(self.reduction.kind, self.reduction.target.dtype)


def take(builder: LoopBuilder, columns: Sequence[Column]) -> None:
    """Combine what the targets hold with the values of the reductions."""
    for one in columns:
        kind, target, store = one.reduction.kind, one.reduction.target, one.store
        old = builder.load(store.buffer, store.indices)
        new = builder.let(REDUCTION_OPS[kind], target.dtype, old, one.reduction.value)
        builder.emit(replace(store, value=new))


class RowBlocks:
    """The loops for a loop over columns that holds a reduction over rows and stores alone.

    The sums of a tile of columns take `tile` bytes, a power of two.
    """

    def __init__(
        self,
        builder: LoopBuilder,
        loop: For,
        reduce: Reduce,
        columns: Sequence[Column],
        tile: int,
    ) -> None:
        self._builder = builder
        self._loop = loop
        self._reduce = reduce
        self._columns = columns
        self._ordered = [one for one in columns if one.is_ordered]
        self._free = [one for one in columns if not one.is_ordered]
        size = max(one.reduction.target.dtype.itemsize for one in self._ordered)
        self._tile = tile // size
        self._least = min(_LEAST_BYTES, tile) // size

    def emit(self) -> None:
        """Emit the loops, and in front of them the memory for the trees."""
        op = self._builder.index_op
        total: Operand = number(1)
        for extent in self._reduce.extents:
            total = op("mul", total, extent)
        before = op("shr", op("sub", total, number(1)), number(BLOCK_ROWS.bit_length() - 1))
        last = op("maximum", before, number(0))
        levels = op("bit_length", last)
        extent = self._loop.extent
        known = number_of(extent)
        blocks = _Blocks(total, last, levels)
        if known is not None and known <= self._least:
            trees = self._trees(number(1), levels, extent)
            self._emit_tile(blocks, _Tile(None, extent, number(0)), trees)
            return
        tiles, width = self._tiles(extent)
        trees = self._trees(tiles, levels, op("minimum", extent, width))
        index = self._builder.index(tiles)
        with self._builder.block() as body:
            base = op("mul", index, width)
            columns = op("minimum", op("sub", extent, base), width)
            self._emit_tile(blocks, _Tile(base, columns, index), trees)
        self._builder.emit(For(index, tiles, tuple(body)))

    def _trees(self, tiles: Operand, levels: Operand, columns: Operand) -> list[Buffer]:
        """Memory for the trees over the blocks, one a reduction; each tile has its own, so that
        threads may share the tiles.
        """
        dtypes = (one.reduction.target.dtype for one in self._ordered)
        return [self._builder.alloc(dtype, (tiles, levels, columns)) for dtype in dtypes]

    def _tiles(self, extent: Operand) -> tuple[Operand, Operand]:
        """How many tiles there are, and their columns: some tiles for threads to share, unless
        that makes them narrow.
        """
        op = self._builder.index_op
        share = op("shr", op("add", extent, number(_TILES - 1)), number(_TILES.bit_length() - 1))
        lines = op("shl", op("shr", op("add", share, number(63)), number(6)), number(6))
        width = op("minimum", op("maximum", lines, number(self._least)), number(self._tile))
        past = op("add", extent, op("sub", width, number(1)))
        return op("floordiv", past, width), width

    def _emit_tile(self, blocks: "_Blocks", tile: "_Tile", trees: list[Buffer]) -> None:
        op = self._builder.index_op
        if self._free:
            self._start(self._free, tile)
        with self._sequential(op("add", blocks.last, number(1))) as block:
            first = op("mul", block, number(BLOCK_ROWS))
            left = op("sub", blocks.total, first)
            self._start(self._ordered, tile)
            self._emit_rows(first, op("minimum", left, number(BLOCK_ROWS)), tile)
            self._join(blocks, block, tile, trees)

    def _start(self, columns: Sequence[Column], tile: "_Tile") -> None:
        with self._each_column(tile) as (column, _):
            for one in columns:
                store = one.store
                self._builder.emit(Store(store.buffer, self._at(store, column), one.start))

    def _join(self, blocks: "_Blocks", block: Operand, tile: "_Tile", trees: list[Buffer]) -> None:
        """Join the block with finished subtrees, and keep what comes of it if blocks follow."""
        builder, op = self._builder, self._builder.index_op
        following = op("add", block, number(1))
        changed = op("bit_length", op("xor", block, following))
        level = op("sub", changed, number(1))
        more = builder.let("lt", bool_, block, blocks.last)
        with self._sequential(builder.let("select", i64, more, level, blocks.levels)) as place:
            bit = op("and", op("shr", block, place), number(1))
            with self._when(builder.let("eq", bool_, bit, number(1))):
                self._join_subtrees(place, tile, trees)
        with self._when(more), self._each_column(tile) as (column, position):
            for one, tree in zip(self._ordered, trees, strict=True):
                kept = builder.load(one.store.buffer, self._at(one.store, column))
                builder.emit(Store(tree, (tile.number, level, position), kept))

    def _join_subtrees(self, level: Operand, tile: "_Tile", trees: list[Buffer]) -> None:
        builder = self._builder
        with self._each_column(tile) as (column, position):
            for one, tree in zip(self._ordered, trees, strict=True):
                indices = self._at(one.store, column)
                left = builder.load(tree, (tile.number, level, position))
                right = builder.load(one.store.buffer, indices)
                op, dtype = REDUCTION_OPS[one.reduction.kind], tree.dtype
                both = builder.let(op, dtype, left, right)
                builder.emit(replace(one.store, indices=indices, value=both))

    def _emit_rows(self, first: Operand, count: Operand, tile: "_Tile") -> None:
        """Add rows one after another: `count` of them from number `first` on."""
        *outer, inner = self._reduce.indices
        if not outer:
            with self._sequential(count) as place:
                self._builder.emit(Let(inner, "add", (first, place)))
                self._emit_row(tile)
            return
        op, size = self._builder.index_op, self._reduce.extents[-1]
        end = op("add", first, count)
        start = op("floordiv", first, size)
        stop = op("floordiv", op("add", end, op("sub", size, number(1))), size)
        with self._sequential(op("sub", stop, start)) as step:
            self._emit_segment(self._outer(start, step), first, end, tile)

    def _emit_segment(self, outer: Operand, first: Operand, end: Operand, tile: "_Tile") -> None:
        """Those of the rows from `first` to `end` that have the same indices but for the last one,
        `outer` being their number without it.
        """
        builder, op = self._builder, self._builder.index_op
        inner, size = self._reduce.indices[-1], self._reduce.extents[-1]
        start = op("mul", outer, size)
        low = op("maximum", op("sub", first, start), number(0))
        high = op("minimum", op("sub", end, start), size)
        with self._sequential(op("sub", high, low)) as place:
            builder.emit(Let(inner, "add", (low, place)))
            self._emit_row(tile)

    def _outer(self, start: Operand, step: Operand) -> Operand:
        """Define the indices but the last one; `start` and `step` add up to their number in
        row-major order, which is given.
        """
        builder, op = self._builder, self._builder.index_op
        first, *others = self._reduce.indices[:-1]
        if not others:
            builder.emit(Let(first, "add", (start, step)))
            return first
        whole = rest = op("add", start, step)
        sizes = self._reduce.extents[1:-1]
        for index, size in reversed(list(zip(others, sizes, strict=True))):
            builder.emit(Let(index, "mod", (rest, size)))
            if index == others[0]:
                builder.emit(Let(first, "floordiv", (rest, size)))
            else:
                rest = op("floordiv", rest, size)
        return whole

    def _emit_row(self, tile: "_Tile") -> None:
        builder = self._builder
        with self._each_column(tile, self._loop.index):
            for statement in self._reduce.body:
                builder.emit(statement)
            take(builder, self._columns)

    def _at(self, store: Store, column: Operand) -> tuple[Operand, ...]:
        """The indices of a store, for another column."""
        return tuple(column if one == self._loop.index else one for one in store.indices)

    @contextmanager
    def _each_column(
        self, tile: "_Tile", named: Scalar | None = None
    ) -> Iterator[tuple[Operand, Scalar]]:
        """A loop over the columns of a tile: the column, `named` if given, and its place there."""
        builder = self._builder
        whole = tile.base is None
        index = named if whole and named is not None else Scalar(builder.fresh("i"), i64)
        with builder.block() as body:
            column: Operand = index
            if tile.base is not None:
                column = named if named is not None else Scalar(builder.fresh("s"), i64)
                builder.emit(Let(column, "add", (tile.base, index)))
            yield column, index
        builder.emit(replace(self._loop, index=index, extent=tile.width, body=tuple(body)))

    @contextmanager
    def _sequential(self, extent: Operand) -> Iterator[Scalar]:
        index = Scalar(self._builder.fresh("i"), i64)
        with self._builder.block() as body:
            yield index
        self._builder.emit(For(index, extent, tuple(body), sequential=True))

    @contextmanager
    def _when(self, condition: Operand) -> Iterator[None]:
        with self._builder.block() as body:
            yield
        self._builder.emit(If(condition, tuple(body)))


@record(frozen=True, slots=True)
class _Blocks:
    """All rows and the number of their last block; the levels of the trees over them."""

    total: Operand
    last: Operand
    levels: Operand


@record(frozen=True, slots=True)
class _Tile:
    """`width` columns from `base` on, all of them where that is None; and the tile's number."""

    base: Operand | None
    width: Operand
    number: Operand
