"""Inputs in row-major order: one routine a rank and an element size, shared by all of a module.

An input is described by words as in a frame: its data pointer, its sizes in elements, its strides
in bytes. The routine gives the data itself where it is row-major (the strides of single elements
are free), else a copy of it in a block of the pool. It is a routine, not code in place, because a
program may have a thousand inputs, and what has loops in it costs the code generator most.
"""

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.control import counted_loop, when
from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.memory.accesses import Amount, as_register, times
from lltheano_ir.emit.memory.pool import DRAW, draw_block, saturating_product
from lltheano_ir.emit.values import BIT, BYTE, INT, POINTER, integer

__all__ = ["row_major_data"]


def row_major_data(
    builder: ir.IRBuilder,
    words: ir.Value,
    record: ir.Value,
    report: ir.Value,
    *,
    rank: int,
    item_bytes: int,
) -> ir.Value:
    """The elements that `words` describe, row by row; null where there is no memory for a copy.

    `record` owns the copy, and `report` takes the bytes asked for (see `pool`).
    """

    def body(inside: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
        return _Copy(inside, rank, item_bytes, args).emit()

    name = f"lltheano.row_major.{rank}.{item_bytes}"
    return call_helper(builder, name, POINTER, (words, record, report), body, DRAW)


class _Copy:
    """The body of the routine."""

    def __init__(
        self, builder: ir.IRBuilder, rank: int, item_bytes: int, args: Sequence[ir.Value]
    ) -> None:
        self._builder = builder
        self._item_bytes = item_bytes
        words, self._record, self._report = args
        self._data = builder.load(words, typ=POINTER)
        self._sizes = [self._word(words, 1 + axis) for axis in range(rank)]
        self._strides = [self._word(words, 1 + rank + axis) for axis in range(rank)]

    def emit(self) -> ir.Value:
        """Give the data, or a copy."""
        builder = self._builder
        copy, done = (builder.append_basic_block(name) for name in ("copy", "row_major"))
        wanted, packed = self._row_major()
        before = builder.block
        builder.cbranch(packed, done, copy)
        builder.position_at_end(copy)
        fresh = self._copied(wanted)
        after = builder.block
        builder.branch(done)
        builder.position_at_end(done)
        chosen = builder.phi(POINTER)
        chosen.add_incoming(self._data, before)
        chosen.add_incoming(fresh, after)
        return chosen

    def _word(self, words: ir.Value, offset: int) -> ir.Value:
        place = self._builder.gep(words, [integer(offset)], source_etype=INT)
        return self._builder.load(place, typ=INT)

    def _row_major(self) -> tuple[list[Amount], ir.Value]:
        """The strides of row-major memory, in bytes, and whether the data has them."""
        builder = self._builder
        wanted: list[Amount] = [self._item_bytes]
        for size in reversed(self._sizes[1:]):
            wanted.insert(0, times(builder, wanted[0], size))
        packed: ir.Value = BIT(1)
        for size, stride, step in zip(self._sizes, self._strides, wanted, strict=True):
            fits = builder.icmp_signed("==", stride, as_register(step))
            single = builder.icmp_signed("<=", size, integer(1))
            packed = builder.and_(packed, builder.or_(fits, single))
        return wanted, packed

    def _copied(self, wanted: Sequence[Amount]) -> ir.Value:
        builder = self._builder
        count = integer(self._item_bytes)
        for size in self._sizes:
            count = saturating_product(builder, count, size)
        fresh = draw_block(builder, self._record, count, self._report)
        with when(builder, builder.icmp_unsigned("!=", fresh, ir.Constant(POINTER, None))):
            self._copy_axis(0, self._data, fresh, wanted)
        return fresh

    def _copy_axis(
        self, axis: int, source: ir.Value, target: ir.Value, wanted: Sequence[Amount]
    ) -> None:
        builder, size, stride = self._builder, self._sizes[axis], self._strides[axis]
        if axis < len(self._sizes) - 1:
            self._each(axis, source, target, wanted, self._copy_axis)
            return
        packed = builder.icmp_signed("==", stride, integer(self._item_bytes))
        with builder.if_else(packed) as (whole, scattered):
            with whole:
                count = builder.mul(size, integer(self._item_bytes))
                copy = builder.module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, INT])
                builder.call(copy, [target, source, count, BIT(0)])
            with scattered:
                self._each(axis, source, target, wanted, self._copy_element)

    def _each(
        self,
        axis: int,
        source: ir.Value,
        target: ir.Value,
        wanted: Sequence[Amount],
        inner: "_Inner",
    ) -> None:
        """Do `inner` for each index on an axis, along the axes after it."""
        builder = self._builder

        def once(position: ir.Value, _: object) -> tuple[ir.Value, ...]:
            steps = (self._strides[axis], as_register(wanted[axis]))
            places = [
                builder.gep(start, [builder.mul(position, step)], source_etype=BYTE)
                for start, step in zip((source, target), steps, strict=True)
            ]
            inner(axis + 1, places[0], places[1], wanted)
            return ()

        counted_loop(builder, (integer(0), self._sizes[axis], 1), (), once)

    def _copy_element(
        self, _: int, source: ir.Value, target: ir.Value, __: Sequence[Amount]
    ) -> None:
        part = ir.IntType(8 * min(self._item_bytes, 8))
        kind = ir.VectorType(part, 2) if self._item_bytes > 8 else part
        self._builder.store(self._builder.load(source, typ=kind, align=1), target, align=1)


_Inner = Callable[[int, ir.Value, ir.Value, Sequence[Amount]], None]
