"""`sort` and `argsort`: the rows of a row-major buffer, in a stable order.

An element's bits are mapped to a key, an unsigned integer whose order is that of the elements: -0.0
has the key of 0.0, every NaN the greatest. Short rows are sorted by counting (see `ranks`), others
by their digits (see `radix`), unless they turn out to be in order. Private functions, shared by all
sorts of a dtype, take one row.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.context import Context
from lltheano_ir.emit.control import call_procedure, counted_loop, when
from lltheano_ir.emit.pool import draw, saturating_product
from lltheano_ir.emit.radix import Column, RadixSort
from lltheano_ir.emit.ranks import few, rank_sort
from lltheano_ir.emit.values import BIT, INT, POINTER, integer
from lltheano_ir.loops.nodes import Buffer

__all__ = ["emit_argsort", "emit_sort"]

_INFINITY = {16: 0x7C00, 32: 0x7F800000, 64: 0x7FF0000000000000}
"""The bits of infinity, by the width of a float."""

Builder: TypeAlias = ir.IRBuilder
Registers = Sequence[ir.Value]
Row = Callable[[tuple[Builder, Builder], DType, Registers, int], None]
"""Emits the function of a row, given builders, dtype, parameters, and bytes of a vector."""


def emit_sort(context: Context, target: Buffer, source: Buffer) -> None:
    """Write the elements of each row of `source` to `target` in ascending order."""
    _each_row(context, "sort", target, source, source.dtype.itemsize, _sort_row)


def emit_argsort(context: Context, target: Buffer, source: Buffer) -> None:
    """Write to `target` the indices that put each row of `source` in ascending order."""
    spare = 2 * source.dtype.itemsize + target.dtype.itemsize
    _each_row(context, "argsort", target, source, spare, _argsort_row)


def _each_row(
    context: Context, name: str, target: Buffer, source: Buffer, spare: int, body: Row
) -> None:
    """Call the function of that name on each row, with spare memory of so many bytes an element."""
    builder = context.builder
    *outer, size = (context.uniform(one) for one in source.sizes)
    total = size
    for one in outer:
        total = builder.mul(total, one)
    room = saturating_product(builder, size, integer(spare))
    memory = draw(context, f"{target.name}.{name}.{len(context.unit.held)}", room)

    def define(start: Builder, inside: Builder, args: Registers) -> None:
        body((start, inside), source.dtype, args, context.unit.vector_bytes)

    def row(first: ir.Value, _: object) -> Registers:
        places = [
            builder.gep(context.buffers[one.name], [first], source_etype=_bits(one.dtype))
            for one in (target, source)
        ]
        args = [*places, memory, size]
        call_procedure(builder, f"lltheano.{name}.{source.dtype}", args, define)
        return ()

    with when(builder, builder.icmp_signed(">", size, integer(0))):
        counted_loop(builder, (integer(0), total, size), (), row)


def _bits(dtype: DType) -> ir.IntType:
    return ir.IntType(8 * dtype.itemsize)


def _key_of(builder: Builder, dtype: DType) -> Callable[[ir.Value], ir.Value]:
    """From the bits of an element to its key, of the same width."""
    kind = _bits(dtype)
    sign = kind(1 << (kind.width - 1))

    def of_float(bits: ir.Value) -> ir.Value:
        size = builder.and_(bits, kind((1 << (kind.width - 1)) - 1))
        below_zero = builder.icmp_unsigned(">", bits, sign)
        key = builder.select(below_zero, builder.not_(bits), builder.or_(bits, sign))
        is_nan = builder.icmp_unsigned(">", size, kind(_INFINITY[kind.width]))
        return builder.select(is_nan, kind(-1), key)

    if dtype.is_float:
        return of_float
    return (lambda bits: builder.xor(bits, sign)) if dtype.numpy.kind == "i" else lambda bits: bits


def _sort_row(
    builders: tuple[Builder, Builder], dtype: DType, args: Registers, vector_bytes: int
) -> None:
    start, builder = builders
    target, source, spare, size = args
    items = Column(builder, _bits(dtype))
    key = _key_of(builder, dtype)
    radix = RadixSort(start, builder, [items], key)

    def item(index: ir.Value) -> ir.Value:
        return items.load(source, index)

    is_short = builder.icmp_signed("<=", size, integer(few(items.kind, vector_bytes)))
    with builder.if_else(is_short) as (short, many):
        with short:
            by_key = items.kind, lambda index: key(item(index))
            rank_sort(builders, (items, target), size, by_key, item, vector_bytes)
        with many:
            ordered = radix.count(lambda index: key(item(index)), size)
            with builder.if_else(ordered) as (as_it_is, moved):
                with as_it_is:
                    _copy(builder, target, source, size, dtype)
                with moved:
                    (found,) = radix.move([source], [spare], [target], size)
                    with when(builder, builder.icmp_unsigned("!=", found, target)):
                        _copy(builder, target, found, size, dtype)


def _argsort_row(
    builders: tuple[Builder, Builder], dtype: DType, args: Registers, vector_bytes: int
) -> None:
    """The keys are made once, and moved together with the indices."""
    start, builder = builders
    target, source, keys, size = args
    items, indices = Column(builder, _bits(dtype)), Column(builder, INT)
    key = _key_of(builder, dtype)
    radix = RadixSort(start, builder, [items, indices], lambda item: item)
    other_keys = builder.gep(keys, [size], source_etype=items.kind)
    spare = builder.gep(other_keys, [size], source_etype=items.kind)

    def key_of_index(index: ir.Value) -> ir.Value:
        return key(items.load(source, index))

    def noted_key(index: ir.Value) -> ir.Value:
        found = key_of_index(index)
        items.store(found, keys, index)
        indices.store(index, target, index)
        return found

    is_short = builder.icmp_signed("<=", size, integer(few(items.kind, vector_bytes)))
    with builder.if_else(is_short) as (short, many):
        with short:
            by_key = items.kind, key_of_index
            rank_sort(builders, (indices, target), size, by_key, lambda index: index, vector_bytes)
        with many:
            ordered = radix.count(noted_key, size)
            with when(builder, builder.not_(ordered)):
                places = [keys, target], [other_keys, spare], [keys, target]
                _, found = radix.move(*places, size)
                with when(builder, builder.icmp_unsigned("!=", found, target)):
                    _copy(builder, target, found, size, None)


def _copy(
    builder: Builder, target: ir.Value, source: ir.Value, size: ir.Value, dtype: DType | None
) -> None:
    """Copy elements of a dtype, or indices."""
    count = builder.mul(size, integer(8 if dtype is None else dtype.itemsize))
    copy = builder.module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, INT])
    builder.call(copy, [target, source, count, BIT(0)])
