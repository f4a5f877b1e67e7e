"""Sorting a short row by comparison counting (Knuth, The Art of Computer Programming 3, 5.2).

The rank of an element is how many others stand before it: those with a lesser key, and those with
an equal one that come first. The ranks of as many elements as a register has lanes are counted at
once, in one pass over the keys; nothing branches on an element. The time grows with the square of
the size, divided by the lanes.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.calls.radix import Column
from lltheano_ir.emit.control import counted_loop
from lltheano_ir.emit.values import INT, constant, integer, intrinsic, splat, stack_memory

__all__ = ["few", "rank_sort"]

Builder: TypeAlias = ir.IRBuilder
Registers = Sequence[ir.Value]


def few(kind: ir.IntType, vector_bytes: int) -> int:
    """The greatest size of a row with keys of a type for which counting is quickest, as measured.

    It is less than what a rank of 8 bits can count.

    >>> few(ir.IntType(64), 32), few(ir.IntType(8), 32)
    (80, 32)
    """
    return vector_bytes if kind.width == 8 else 5 * vector_bytes // 2


def _lanes(kind: ir.IntType, vector_bytes: int) -> int:
    return vector_bytes * 8 // int(kind.width)


def rank_sort(
    builders: tuple[Builder, Builder],
    target: tuple[Column, ir.Value],
    size: ir.Value,
    key: tuple[ir.IntType, Callable[[ir.Value], ir.Value]],
    item: Callable[[ir.Value], ir.Value],
    vector_bytes: int,
) -> None:
    """Write `item(0)`, ... to `target` in the order of their keys, at most `few` of them.

    `builders` are that of stack memory and that of instructions; `key` has the type of keys, and
    the unsigned key of the item at an index.
    """
    start, builder = builders
    kind, key_at = key
    lanes = _lanes(kind, vector_bytes)
    column, pointer = target
    room = few(kind, vector_bytes) + lanes
    keys, ranks = (stack_memory(start, kind, room) for _ in range(2))
    whole = ir.VectorType(kind, lanes)

    def note(index: ir.Value, _: object) -> Registers:
        """Signed comparisons are what every machine has for vectors."""
        signed = builder.xor(key_at(index), kind(1 << (kind.width - 1)))
        builder.store(signed, builder.gep(keys, [index], source_etype=kind))
        return ()

    def block(first: ir.Value, _: object) -> Registers:
        place = builder.gep(keys, [first], source_etype=kind)
        own = builder.load(place, typ=whole, align=kind.width // 8)
        count = _count(builder, keys, own, first, size)
        place = builder.gep(ranks, [first], source_etype=kind)
        builder.store(count, place, align=kind.width // 8)
        return ()

    def put(index: ir.Value, _: object) -> Registers:
        rank = builder.load(builder.gep(ranks, [index], source_etype=kind), typ=kind)
        wide = builder.zext(rank, INT) if kind.width < INT.width else rank
        column.store(item(index), pointer, wide)
        return ()

    counted_loop(builder, (integer(0), size, 1), (), note, not_empty=True)
    counted_loop(builder, (integer(0), size, lanes), (), block, not_empty=True)
    counted_loop(builder, (integer(0), size, 1), (), put, not_empty=True)


def _count(
    builder: Builder, keys: ir.Value, own: ir.Value, first: ir.Value, size: ir.Value
) -> ir.Value:
    """How many elements stand before each of those from `first` on, whose keys are `own`."""
    whole: ir.VectorType = own.type
    kind, lanes = whole.element, whole.count
    numbers = ir.Constant(whole, [kind(lane) for lane in range(lanes)])

    def key_of(index: ir.Value) -> ir.Value:
        other = builder.load(builder.gep(keys, [index], source_etype=kind), typ=kind)
        return splat(builder, other, lanes)

    def counting(before: Callable[[ir.Value, ir.Value], ir.Value]) -> Callable[..., Registers]:
        def once(index: ir.Value, state: Registers) -> Registers:
            stands_before = before(index, key_of(index))
            return (builder.add(state[0], builder.zext(stands_before, whole)),)

        return once

    def earlier(_: ir.Value, other: ir.Value) -> ir.Value:
        return builder.icmp_signed("<=", other, own)

    def later(_: ir.Value, other: ir.Value) -> ir.Value:
        return builder.icmp_signed("<", other, own)

    def among(index: ir.Value, other: ir.Value) -> ir.Value:
        lane = builder.sub(index, first)
        lane = builder.trunc(lane, kind) if kind.width < INT.width else lane
        comes_first = builder.icmp_unsigned("<", splat(builder, lane, lanes), numbers)
        equal = builder.icmp_signed("==", other, own)
        lesser = builder.icmp_signed("<", other, own)
        return builder.or_(lesser, builder.and_(equal, comes_first))

    end = intrinsic(builder, "smin", builder.add(first, integer(lanes)), size)
    total: Registers = (constant(whole, 0),)
    for bounds, before in (
        ((integer(0), first, 1), earlier),
        ((first, end, 1), among),
        ((end, size, 1), later),
    ):
        total = counted_loop(builder, bounds, total, counting(before))
    return total[0]
