"""Sorting a row by keys, unsigned integers, digit by digit.

This radix sort is stable. It goes from the least significant digit to the greatest (Knuth, The
Art of Computer Programming 3, 5.2.5). One pass counts the digits, a byte each, of all keys; then
each digit that is not the same everywhere takes a pass that moves the elements to where the counts
say. Its time is linear in the size of the row.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.control import counted_loop, when
from lltheano_ir.emit.values import BIT, BYTE, INT, POINTER, integer, stack_memory

__all__ = ["Column", "RadixSort"]

_DIGITS = 256
"""How many digits there are, of 8 bits."""

Builder: TypeAlias = ir.IRBuilder
Registers = Sequence[ir.Value]


class Column:
    """Integers of one width that lie one behind the other, at any alignment."""

    def __init__(self, builder: Builder, kind: ir.IntType) -> None:
        self._builder = builder
        self.kind = kind

    def load(self, pointer: ir.Value, index: ir.Value) -> ir.Value:
        """The integer at an index."""
        place = self._builder.gep(pointer, [index], source_etype=self.kind)
        return self._builder.load(place, typ=self.kind, align=1)

    def store(self, value: ir.Value, pointer: ir.Value, index: ir.Value) -> None:
        """Write the integer at an index."""
        place = self._builder.gep(pointer, [index], source_etype=self.kind)
        self._builder.store(value, place, align=1)


class RadixSort:
    """The sort of a row of at least one element that consists of `columns`, moved together.

    `key` gives the key of an element, of the width of the first column, from what that holds.
    """

    def __init__(
        self,
        start: Builder,
        builder: Builder,
        columns: Sequence[Column],
        key: Callable[[ir.Value], ir.Value],
    ) -> None:
        self._builder = builder
        self._columns = columns
        self._key = key
        self._width = columns[0].kind
        self._passes = self._width.width // 8
        self._counts = stack_memory(start, INT, _DIGITS * self._passes)

    def count(
        self, key_at: Callable[[ir.Value], tuple[ir.Value, ir.Value]], size: ir.Value
    ) -> Registers:
        """Count the digits of the keys at 0, 1, ...

        `key_at` gives a key and a bit. The results are two bits: whether the keys are in order
        already, and whether any of the bits is set.
        """
        builder = self._builder
        fill = builder.module.declare_intrinsic("llvm.memset", [POINTER, INT])
        room = integer(8 * _DIGITS * self._passes)
        builder.call(fill, [self._counts, BYTE(0), room, BIT(0)])

        def once(index: ir.Value, state: Registers) -> Registers:
            before, ordered, noted = state
            key, note = key_at(index)
            for number in range(self._passes):
                place = builder.add(self._digit(key, integer(number)), integer(number * _DIGITS))
                counter = builder.gep(self._counts, [place], source_etype=INT)
                builder.store(builder.add(builder.load(counter, typ=INT), integer(1)), counter)
            follows = builder.icmp_unsigned("<=", before, key)
            return key, builder.and_(ordered, follows), builder.or_(noted, note)

        start = (self._width(0), BIT(1), BIT(0))
        return counted_loop(builder, (integer(0), size, 1), start, once)[1:]

    def _digit(self, key: ir.Value, number: ir.Value) -> ir.Value:
        """A digit of a key, the least significant one being number 0, as an i64."""
        builder = self._builder
        wide = builder.zext(key, INT) if self._width.width < INT.width else key
        shifted = builder.lshr(wide, builder.mul(number, integer(8)))
        return builder.and_(shifted, integer(_DIGITS - 1))

    def move(
        self, source: Registers, target: Registers, other: Registers, size: ir.Value
    ) -> Registers:
        """Sort a row whose digits have been counted; say where its columns are then.

        They come from `source` and are moved to `target`, from there to `other`, and back. `source`
        is not written unless it is `other`.
        """
        count = len(self._columns)

        def once(number: ir.Value, state: Registers) -> Registers:
            places = state[:count], state[count : 2 * count], state[2 * count :]
            moves = self._pass(number, places[0], places[1], size)
            following = (*places[1], *places[2], *places[1])
            pairs = zip(following, state, strict=True)
            return [self._builder.select(moves, new, old) for new, old in pairs]

        bounds = (integer(0), integer(self._passes), 1)
        places = counted_loop(
            self._builder, bounds, (*source, *target, *other), once, not_empty=True
        )
        return places[:count]

    def _pass(
        self, number: ir.Value, source: Registers, target: Registers, size: ir.Value
    ) -> ir.Value:
        """Order by one digit, unless it is the same everywhere; say whether that was done."""
        builder = self._builder
        first = builder.mul(number, integer(_DIGITS))
        counts = builder.gep(self._counts, [first], source_etype=INT)
        digit = self._digit(self._key(self._columns[0].load(source[0], integer(0))), number)
        alike = builder.load(builder.gep(counts, [digit], source_etype=INT), typ=INT)
        moves = builder.icmp_signed("<", alike, size)
        with when(builder, moves):
            self._sum_up(counts)
            self._scatter(number, counts, source, target, size)
        return moves

    def _sum_up(self, counts: ir.Value) -> None:
        """From how often each digit occurs to where the elements that have it begin."""
        builder = self._builder

        def once(digit: ir.Value, state: Registers) -> Registers:
            place = builder.gep(counts, [digit], source_etype=INT)
            own = builder.load(place, typ=INT)
            builder.store(state[0], place)
            return (builder.add(state[0], own),)

        bounds = (integer(0), integer(_DIGITS), 1)
        counted_loop(builder, bounds, (integer(0),), once, not_empty=True)

    def _scatter(
        self,
        number: ir.Value,
        counts: ir.Value,
        source: Registers,
        target: Registers,
        size: ir.Value,
    ) -> None:
        builder = self._builder

        def once(index: ir.Value, _: object) -> Registers:
            pairs = zip(self._columns, source, strict=True)
            items = [column.load(pointer, index) for column, pointer in pairs]
            digit = self._digit(self._key(items[0]), number)
            counter = builder.gep(counts, [digit], source_etype=INT)
            place = builder.load(counter, typ=INT)
            builder.store(builder.add(place, integer(1)), counter)
            for column, item, pointer in zip(self._columns, items, target, strict=True):
                column.store(item, pointer, place)
            return ()

        counted_loop(builder, (integer(0), size, 1), (), once, not_empty=True)
