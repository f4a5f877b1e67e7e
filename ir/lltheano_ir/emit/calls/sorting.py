"""`sort` and `argsort`: the rows of a row-major buffer, in a stable order.

An element's bits are mapped to a key, an unsigned integer whose order is that of the elements: -0.0
has the key of 0.0, every NaN the greatest. Short rows are sorted by counting (see `ranks`), others
by their digits (see `radix`), unless they turn out to be in order. Private functions, shared by all
sorts of a dtype, take one row.

Of floats in long rows only the keys are moved, and then mapped back. That gives the elements but
for signs of zeros and kinds of NaNs; where there are such, they are put in their places after.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.calls.radix import Column, RadixSort
from lltheano_ir.emit.calls.ranks import few, rank_sort
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import call_procedure, counted_loop, when
from lltheano_ir.emit.memory.pool import draw, saturating_product
from lltheano_ir.emit.values import BIT, INT, POINTER, integer
from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.loops.routines.table import ROUTINES

__all__ = ["emit_argsort", "emit_sort"]

_INFINITY = {16: 0x7C00, 32: 0x7F800000, 64: 0x7FF0000000000000}
"""The bits of infinity, by the width of a float."""

Builder: TypeAlias = ir.IRBuilder
Registers = Sequence[ir.Value]
Row = Callable[[tuple[Builder, Builder], DType, Registers, int], None]
"""Emits the function of a row, given builders, dtype, parameters, and bytes of a vector."""


def emit_sort(context: EmissionContext, target: Buffer, source: Buffer) -> None:
    """Write the elements of each row of `source` to `target` in ascending order."""
    _each_row(context, "sort", target, source, _sort_row)


def emit_argsort(context: EmissionContext, target: Buffer, source: Buffer) -> None:
    """Write to `target` the indices that put each row of `source` in ascending order."""
    _each_row(context, "argsort", target, source, _argsort_row)


def _each_row(
    context: EmissionContext, name: str, target: Buffer, source: Buffer, body: Row
) -> None:
    """Call the function of the routine of that name on each row, with memory to work in."""
    builder = context.builder
    *outer, size = (context.uniform(one) for one in source.sizes)
    total = size
    for one in outer:
        total = builder.mul(total, one)
    row_bytes = ROUTINES[name].row_bytes
    assert row_bytes is not None, f"{name} works in no memory of its own"
    spare = row_bytes(source.dtype, target.dtype)
    room = saturating_product(builder, size, integer(spare))
    memory = draw(context, f"{target.name}.{name}.{len(context.unit.held)}", room)

    def define(start: Builder, inside: Builder, args: Registers) -> None:
        body((start, inside), source.dtype, args, context.unit.target.vector_bytes)

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
    if dtype.is_float:
        return _FloatKeys(builder, _bits(dtype)).key
    sign = _bits(dtype)(1 << (8 * dtype.itemsize - 1))
    return (lambda bits: builder.xor(bits, sign)) if dtype.numpy.kind == "i" else lambda bits: bits


class _FloatKeys:
    """The keys of floats, by their bits."""

    def __init__(self, builder: Builder, kind: ir.IntType) -> None:
        self._builder = builder
        self._kind = kind
        self.sign = kind(1 << (kind.width - 1))

    def key(self, bits: ir.Value) -> ir.Value:
        """The key of an element."""
        builder = self._builder
        below_zero = builder.icmp_unsigned(">", bits, self.sign)
        key = builder.select(below_zero, builder.not_(bits), builder.or_(bits, self.sign))
        return builder.select(self.is_nan(bits), self._kind(-1), key)

    def element(self, key: ir.Value) -> ir.Value:
        """The bits of the element that has a key: 0.0 of the zeros, some NaN of the NaNs."""
        builder = self._builder
        not_below = builder.icmp_unsigned(">=", key, self.sign)
        return builder.select(not_below, builder.xor(key, self.sign), builder.not_(key))

    def is_nan(self, bits: ir.Value) -> ir.Value:
        """Whether bits are those of a NaN."""
        size = self._builder.and_(bits, self._kind((1 << (self._kind.width - 1)) - 1))
        return self._builder.icmp_unsigned(">", size, self._kind(_INFINITY[self._kind.width]))

    def is_zero(self, bits: ir.Value) -> ir.Value:
        """Whether bits are those of 0.0 or -0.0."""
        doubled = self._builder.shl(bits, self._kind(1))
        return self._builder.icmp_unsigned("==", doubled, self._kind(0))

    def is_lost(self, bits: ir.Value) -> ir.Value:
        """Whether the key of an element does not tell all of it."""
        negative_zero = self._builder.icmp_unsigned("==", bits, self.sign)
        return self._builder.or_(negative_zero, self.is_nan(bits))


def _sort_row(
    builders: tuple[Builder, Builder], dtype: DType, args: Registers, vector_bytes: int
) -> None:
    _, builder = builders
    target, source, _, size = args
    items, key = Column(builder, _bits(dtype)), _key_of(builder, dtype)

    def item(index: ir.Value) -> ir.Value:
        return items.load(source, index)

    is_short = builder.icmp_signed("<=", size, integer(few(items.kind, vector_bytes)))
    with builder.if_else(is_short) as (short, many):
        with short:
            by_key = items.kind, lambda index: key(item(index))
            rank_sort(builders, (items, target), size, by_key, item, vector_bytes)
        with many:
            sort = _sort_by_keys if dtype.is_float else _sort_as_they_are
            sort(builders, dtype, args)


def _sort_as_they_are(builders: tuple[Builder, Builder], dtype: DType, args: Registers) -> None:
    """Move the elements, whose keys are quickly made."""
    start, builder = builders
    target, source, spare, size = args
    items, key = Column(builder, _bits(dtype)), _key_of(builder, dtype)
    radix = RadixSort(start, builder, [items], key)
    ordered, _ = radix.count(lambda index: (key(items.load(source, index)), BIT(0)), size)
    with builder.if_else(ordered) as (as_it_is, moved):
        with as_it_is:
            _copy(builder, target, source, size, dtype)
        with moved:
            (found,) = radix.move([source], [spare], [target], size)
            with when(builder, builder.icmp_unsigned("!=", found, target)):
                _copy(builder, target, found, size, dtype)


def _sort_by_keys(builders: tuple[Builder, Builder], dtype: DType, args: Registers) -> None:
    """Move the keys of floats, and make elements of them."""
    start, builder = builders
    target, source, spare, size = args
    items, keys = Column(builder, _bits(dtype)), _FloatKeys(builder, _bits(dtype))
    radix = RadixSort(start, builder, [items], lambda key: key)

    def note(index: ir.Value) -> tuple[ir.Value, ir.Value]:
        bits = items.load(source, index)
        key = keys.key(bits)
        items.store(key, target, index)
        return key, keys.is_lost(bits)

    ordered, incomplete = radix.count(note, size)
    with builder.if_else(ordered) as (as_it_is, moved):
        with as_it_is:
            _copy(builder, target, source, size, dtype)
        with moved:
            (found,) = radix.move([target], [spare], [target], size)

            def back(index: ir.Value, _: object) -> Registers:
                items.store(keys.element(items.load(found, index)), target, index)
                return ()

            counted_loop(builder, (integer(0), size, 1), (), back, not_empty=True)
            with when(builder, incomplete):
                _put_zeros_and_nans(builder, items, keys, args)


def _put_zeros_and_nans(builder: Builder, items: Column, keys: _FloatKeys, args: Registers) -> None:
    """Copy the zeros and the NaNs of a row, in their order, to where the sorted row has them."""
    target, source, _, size = args

    def tally(index: ir.Value, state: Registers) -> Registers:
        """Count what comes before the zeros, and the NaNs."""
        bits = items.load(source, index)
        below = builder.icmp_unsigned("<", keys.key(bits), keys.sign)
        found = (below, keys.is_nan(bits))
        pairs = zip(state, found, strict=True)
        return [builder.add(count, builder.zext(one, INT)) for count, one in pairs]

    def put(index: ir.Value, state: Registers) -> Registers:
        bits = items.load(source, index)
        following = []
        for place, found in zip(state, (keys.is_zero(bits), keys.is_nan(bits)), strict=True):
            with when(builder, found):
                items.store(bits, target, place)
            following.append(builder.add(place, builder.zext(found, INT)))
        return following

    bounds, zero = (integer(0), size, 1), integer(0)
    below, nans = counted_loop(builder, bounds, (zero, zero), tally, not_empty=True)
    places = below, builder.sub(size, nans)
    counted_loop(builder, bounds, places, put, not_empty=True)


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

    def note(index: ir.Value) -> tuple[ir.Value, ir.Value]:
        found = key_of_index(index)
        items.store(found, keys, index)
        indices.store(index, target, index)
        return found, BIT(0)

    is_short = builder.icmp_signed("<=", size, integer(few(items.kind, vector_bytes)))
    with builder.if_else(is_short) as (short, many):
        with short:
            by_key = items.kind, key_of_index
            rank_sort(builders, (indices, target), size, by_key, lambda index: index, vector_bytes)
        with many:
            ordered, _ = radix.count(note, size)
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
