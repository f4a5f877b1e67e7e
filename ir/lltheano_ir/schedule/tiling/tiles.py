"""The loop over tiles of rows that a group of nests becomes.

    for %i in %n {                                  for %t in %tiles {
      for %j in %m { store %e[%i, %j] = ... }         view %e.t: f64[%rows, %m] = %e, offset=...
    }                                                 for %i in %rows {
    for %i in %n {                           ->         for %j in %m { store %e.t[%i, %j] = ... }
      reduce ... { load %e[%i, %j] }                  }
    }                                                 for %i in %rows {
                                                        reduce ... { load %e.t[%i, %j] }
                                                      } }

The nests stay as they are, over views of the rows of a tile, so that what can be done with them can
be done still: a nest over all elements of its rows is collapsed, one over rows goes in vectors. Of
memory that only the nests touch there is no more than a tile, which its iteration makes for itself:
tiles may run in any order.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from lltheano_ir.loops.builder import LoopBuilder, number, number_of
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    For,
    If,
    Let,
    Load,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies
from lltheano_ir.schedule.tiling.nests import RowNest, row_axis

__all__ = ["Tiles"]

_FULL_ROWS = 16
"""Tiles of more rows have a multiple of it, which fills vectors of one element a row."""


class Tiles:
    """The loop over tiles for some nests, whose `depth` outermost loops go over rows.

    What a tile touches takes `tile_bytes`, or is one row if that takes more; `private` is the
    memory that nothing else touches.
    """

    def __init__(
        self,
        builder: LoopBuilder,
        nests: Sequence[RowNest],
        depth: int,
        tile_bytes: int,
        private: Collection[Buffer],
    ) -> None:
        self._builder = builder
        self._nests = nests
        self._depth = depth
        self._bytes = tile_bytes
        self._private = private
        self._rows: dict[tuple[Buffer, int], Buffer] = {}

    @property
    def is_one(self) -> bool:
        """Whether all rows are known to be one tile."""
        row = self._row_bytes()
        extents = [number_of(one) for one in self._nests[0].extents[: self._depth]]
        if isinstance(row, int) and None not in extents:
            return row * math.prod(one for one in extents if one is not None) <= self._bytes
        return False

    def emit(self) -> None:
        """Emit the loop, and in front of it how many rows a tile has."""
        op = self._builder.index_op
        total: Operand = number(1)
        for extent in self._nests[0].extents[: self._depth]:
            total = op("mul", total, extent)
        rows = op("minimum", self._rows_of_a_tile(), total)
        tiles = op("floordiv", op("add", total, op("sub", rows, number(1))), rows)
        with self._loop(tiles) as tile:
            base = op("mul", tile, rows)
            width = op("minimum", rows, op("sub", total, base))
            for buffer, axis in self._touched():
                whole = rows if buffer in self._private else None
                self._rows[buffer, axis] = self._row_buffer(buffer, axis, base, width, whole)
            for nest in self._nests:
                self._emit_nest(nest, base, width)

    def _touched(self) -> dict[tuple[Buffer, int], None]:
        """The buffers of which nests touch their own rows, and the axis of these."""
        return {
            (one.buffer, self._axis(nest, one)): None
            for nest in self._nests
            for one in nest.accesses
            if nest.is_own_row(one, self._depth)
        }

    def _axis(self, nest: RowNest, access: Load | Store) -> int:
        axis = row_axis(access, nest.indices[0])
        assert axis is not None, "the access is to the iteration's own row"
        return axis

    def _row_bytes(self) -> Counter[tuple[Operand, ...]] | int:
        """What a row takes in all buffers: so many times each product of sizes, or a number."""
        bytes_: Counter[tuple[Operand, ...]] = Counter()
        for buffer, axis in self._touched():
            sizes = (*buffer.sizes[:axis], *buffer.sizes[axis + self._depth :])
            known = [number_of(one) for one in sizes]
            unknown = tuple(one for one in sizes if number_of(one) is None)
            times = math.prod(one for one in known if one is not None)
            bytes_[unknown] += times * buffer.dtype.itemsize
        return bytes_[()] if set(bytes_) <= {()} else bytes_

    def _rows_of_a_tile(self) -> Operand:
        row = self._row_bytes()
        if isinstance(row, int):
            count = max(self._bytes // max(row, 1), 1)
            return number(count if count < _FULL_ROWS else count // _FULL_ROWS * _FULL_ROWS)
        op = self._builder.index_op
        total: Operand = number(0)
        for sizes, times in row.items():
            product: Operand = number(times)
            for size in sizes:
                product = op("mul", product, size)
            total = op("add", total, product)
        budget = number(self._bytes)
        rows = op("maximum", op("floordiv", budget, op("maximum", total, number(1))), number(1))
        few = op("minimum", rows, number(_FULL_ROWS - 1))
        return op("maximum", few, op("and", rows, number(-_FULL_ROWS)))

    def _row_buffer(
        self, buffer: Buffer, axis: int, base: Operand, width: Operand, whole: Operand | None
    ) -> Buffer:
        """A view of the rows of a tile: of the buffer, or of memory for as many as a tile has at
        most, `whole`, which is the iteration's own.
        """
        builder = self._builder
        before, after = buffer.sizes[:axis], buffer.sizes[axis + self._depth :]
        offset: Operand = number(0)
        if whole is not None:
            sizes = (*before, whole, *after)
            buffer = replace(buffer, name=builder.fresh("b"), sizes=sizes)
            builder.emit(Alloc(buffer))
        else:
            offset = base
            for size in after:
                offset = builder.index_op("mul", offset, size)
        sizes = (*before, width, *after)
        view = replace(buffer, name=builder.fresh("b"), sizes=sizes, alignment=None)
        builder.emit(View(view, buffer, offset))
        return view

    def _emit_nest(self, nest: RowNest, base: Operand, width: Operand) -> None:
        index = Scalar(self._builder.fresh("i"), width.dtype)
        body = tuple(self._in_tile(nest, one, index) for one in nest.bodies[self._depth - 1])
        if nest.needs_number(self._depth):
            body = (Let(nest.indices[0], "add", (base, index)), *body)
        self._builder.emit(For(index, width, body))

    def _in_tile(self, nest: RowNest, statement: Statement, index: Scalar) -> Statement:
        """A statement with its accesses to rows through the buffers of the tile."""
        if isinstance(statement, Load | Store):
            if not nest.is_own_row(statement, self._depth):
                return statement
            axis = self._axis(nest, statement)
            before, after = statement.indices[:axis], statement.indices[axis + self._depth :]
            buffer = self._rows[statement.buffer, axis]
            return replace(statement, buffer=buffer, indices=(*before, index, *after))
        bodies = [
            tuple(self._in_tile(nest, one, index) for one in body)
            for body in inner_bodies(statement)
        ]
        match statement:
            case For() | Reduce():
                return replace(statement, body=bodies[0])
            case If():
                return replace(statement, then=bodies[0], otherwise=bodies[1])
            case _:
                return statement

    @contextmanager
    def _loop(self, extent: Operand) -> Iterator[Scalar]:
        index = Scalar(self._builder.fresh("i"), extent.dtype)
        with self._builder.block() as body:
            yield index
        self._builder.emit(For(index, extent, tuple(body)))
