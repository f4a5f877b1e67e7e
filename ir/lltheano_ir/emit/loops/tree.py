"""The balanced tree over the blocks of a sum or product of floats, in logarithmic space.

Blocks are joined like the digits of a binary counter: block number b finds as many finished
subtrees to join as b has trailing ones, and what comes of it is kept at that level. The last block
is joined with all subtrees that are left, the least first: one for each bit of its number. That is
the tree of `lltheano_ir.ops.summation`. A lone block meets no tree at all.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import call_procedure, counted_loop, merged, when
from lltheano_ir.emit.loops.accumulators import Accumulator, State
from lltheano_ir.emit.loops.interrupts import spend
from lltheano_ir.emit.loops.jobs import flat_registers, states_like
from lltheano_ir.emit.values import BIT, BYTE, integer, intrinsic, register_type, stack_memory
from lltheano_ir.records import record

__all__ = ["in_lanes", "join_blocks", "parts_of"]

_LEVELS = 56
"""Levels of a tree: more than the bits of any number of blocks."""

Registers: TypeAlias = Sequence[ir.Value]

Block = Callable[[tuple[ir.Value, ir.Value], Registers], tuple[Sequence[State], Registers]]
"""The states of the elements from one place to another, and what goes on to the next block."""


def join_blocks(
    context: EmissionContext,
    accumulators: Sequence[Accumulator],
    extent: ir.Value,
    size: int,
    block: Block,
    carried: Registers = (),
    lanes: int = 1,
) -> tuple[list[State], Registers]:
    """The states of `extent` elements, one at least, in blocks of `size`, a power of two.

    What a block passes on besides, from `carried` in the first one, is given too.
    """
    builder = context.builder
    trees = [_Tree(one, lanes, _taken(context, one, lanes)) for one in accumulators]
    most = builder.sub(extent, integer(1))
    last = builder.lshr(most, integer(size.bit_length() - 1))
    start = [one.start(lanes) for one in accumulators]

    def once(number: ir.Value, registers: Registers) -> Registers:
        spend(context.unit, builder, integer(size))
        begin = builder.mul(number, integer(size))
        end = intrinsic(builder, "smin", builder.add(begin, integer(size)), extent)
        states, following = block((begin, end), registers[: len(carried)])
        with when(builder, builder.icmp_signed("<", number, last)):
            for tree, state in zip(trees, states, strict=True):
                tree.push(builder, state, number)
        return [*following, *flat_registers(states)]

    bounds = (integer(0), builder.add(last, integer(1)), 1)
    first = [*carried, *flat_registers(start)]
    registers = counted_loop(builder, bounds, first, once, not_empty=True)
    carried, flat = registers[: len(carried)], registers[len(carried) :]
    before = builder.block
    join, done = builder.append_basic_block("join"), builder.append_basic_block("joined")
    builder.cbranch(builder.icmp_signed(">", last, integer(0)), join, done)
    builder.position_at_end(join)
    pairs = zip(trees, states_like(flat, start), strict=True)
    whole = flat_registers([tree.pop(builder, state, last) for tree, state in pairs])
    for tree in trees:
        _give_back(context, tree)
    builder.branch(done)
    builder.position_at_end(done)
    return states_like(merged(builder, [(before, flat), (join, whole)]), start), carried


def parts_of(accumulator: Accumulator) -> list[ir.Type]:
    """The types of the registers of a sum or product in one lane."""
    kind = register_type(accumulator.dtype)
    return [kind, kind] if accumulator.dtype.is_complex else [kind]


def in_lanes(kind: ir.Type, lanes: int) -> ir.Type:
    """A type in several lanes."""
    return ir.VectorType(kind, lanes) if lanes > 1 else kind


def _level_bytes(accumulator: Accumulator, lanes: int) -> int:
    return lanes * accumulator.dtype.real.itemsize


def _taken(context: EmissionContext, accumulator: Accumulator, lanes: int) -> list[ir.Value]:
    """Memory for each part of a tree: what a tree further up has done with, or new."""
    size = _LEVELS * _level_bytes(accumulator, lanes)
    spare = context.unit.spare.setdefault(size, [])
    return [
        spare.pop() if spare else stack_memory(context.unit.start, BYTE, size)
        for _ in parts_of(accumulator)
    ]


def _give_back(context: EmissionContext, tree: "_Tree") -> None:
    size = _LEVELS * _level_bytes(tree.accumulator, tree.lanes)
    context.unit.spare[size].extend(tree.memory)


@record(frozen=True, slots=True)
class _Tree:
    """A finished subtree a level, in each lane; `memory` has an array for each part of a state."""

    accumulator: Accumulator
    lanes: int
    memory: list[ir.Value]

    def push(self, builder: ir.IRBuilder, state: State, number: ir.Value) -> None:
        """Join block `number` with the subtrees that it completes, and keep what comes of it."""

        def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Registers) -> None:
            memory, own, count = self._arguments(args)
            finished = intrinsic(inside, "cttz", inside.not_(count), BIT(1))

            def once(level: ir.Value, carried: Registers) -> Registers:
                left = self._load(inside, memory, level)
                return self.accumulator.join(inside, left, list(carried))

            joined = counted_loop(inside, (integer(0), finished, 1), own, once)
            self._store(inside, memory, finished, joined)

        call_procedure(builder, self._name("push"), [*self.memory, *state, number], body)

    def pop(self, builder: ir.IRBuilder, state: State, number: ir.Value) -> State:
        """Join the last block, which is not the first, with the subtrees that are left."""

        def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Registers) -> None:
            memory, own, count = self._arguments(args)
            levels = inside.sub(integer(64), intrinsic(inside, "ctlz", count, BIT(1)))

            def once(level: ir.Value, carried: Registers) -> Registers:
                left = self._load(inside, memory, level)
                joined = self.accumulator.join(inside, left, list(carried))
                bit = inside.trunc(inside.lshr(count, level), BIT)
                pairs = zip(joined, carried, strict=True)
                return [inside.select(bit, new, old) for new, old in pairs]

            total = counted_loop(inside, (integer(0), levels, 1), own, once, not_empty=True)
            self._store(inside, memory, integer(0), total)

        call_procedure(builder, self._name("pop"), [*self.memory, *state, number], body)
        return self._load(builder, self.memory, integer(0))

    def _name(self, what: str) -> str:
        return f"lltheano.{what}.{self.accumulator.kind}.{self.accumulator.dtype}.{self.lanes}"

    def _arguments(self, args: Registers) -> tuple[Registers, Registers, ir.Value]:
        parts = len(self.memory)
        return args[:parts], args[parts : 2 * parts], args[-1]

    def _load(self, builder: ir.IRBuilder, memory: Registers, level: ir.Value) -> State:
        kinds = [in_lanes(kind, self.lanes) for kind in parts_of(self.accumulator)]
        places = self._places(builder, memory, level)
        pairs = zip(places, kinds, strict=True)
        return [builder.load(place, typ=kind, align=self._align) for place, kind in pairs]

    def _store(
        self,
        builder: ir.IRBuilder,
        memory: Registers,
        level: ir.Value,
        state: Registers,
    ) -> None:
        for register, place in zip(state, self._places(builder, memory, level), strict=True):
            builder.store(register, place, align=self._align)

    def _places(self, builder: ir.IRBuilder, memory: Registers, level: ir.Value) -> list[ir.Value]:
        kinds = [in_lanes(kind, self.lanes) for kind in parts_of(self.accumulator)]
        return [
            builder.gep(part, [level], source_etype=kind)
            for part, kind in zip(memory, kinds, strict=True)
        ]

    @property
    def _align(self) -> int:
        """Levels follow each other closely from an address that is a multiple of 64."""
        return min(64, _level_bytes(self.accumulator, self.lanes))
