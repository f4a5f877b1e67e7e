"""Reductions that threads share: the states of parts of the range, and how they are joined.

A part is a power of two of whole blocks, so that a sum of floats over it is a subtree of the tree
of `lltheano_ir.ops.summation`, and the tree over the parts the rest of it: not a bit depends on how
long the parts are, or on who sums them. There are at most `_PARTS`, whose states lie on the stack.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import counted_loop
from lltheano_ir.emit.loops.accumulators import Accumulator, State
from lltheano_ir.emit.loops.jobs import flat_registers, states_like
from lltheano_ir.emit.loops.threads import Range, emit_shared
from lltheano_ir.emit.loops.tree import join_blocks
from lltheano_ir.emit.values import BIT, BYTE, integer, intrinsic, stack_memory
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Reduce
from lltheano_ir.ops.summation import BLOCK_STEPS, lanes as lanes_of_sum
from lltheano_ir.records import record

__all__ = ["emit_partial"]

_PARTS = 64
"""The most parts."""

_STATES = "states of parts"
"""The name of the memory for states; no buffer has a space in its own."""

_ALL = 62
"""The logarithm of more elements than there can be."""

_WORD = 16
"""Bytes in which a register of a state lies."""

Emit: TypeAlias = Callable[[EmissionContext, Range], list[State]]
"""Emits the states of a range."""


def emit_partial(
    context: EmissionContext, reduce: Reduce, accumulators: Sequence[Accumulator], part: Emit
) -> list[State]:
    """The states of a reduction, of an element at least, whose parts threads share."""
    builder = context.builder
    states = _States(accumulators)
    memory = stack_memory(context.unit.start, BYTE, _PARTS * states.bytes)
    context.buffers[_STATES] = memory
    extent = context.uniform(reduce.extents[0])
    count = _parts_of(builder, extent, _bits(context, reduce, accumulators))

    def parts(inside: EmissionContext, bounds: Range) -> None:
        within = inside.builder
        whole = inside.uniform(reduce.extents[0])
        bits = _bits(inside, reduce, accumulators)
        length = within.shl(integer(1), bits)

        def once(position: ir.Value, _: object) -> tuple[ir.Value, ...]:
            begin = within.shl(position, bits)
            end = intrinsic(within, "smin", within.add(begin, length), whole)
            found = part(inside.inside(repeats=True), (begin, end))
            states.write(within, inside.buffers[_STATES], position, found)
            return ()

        counted_loop(within, (*bounds, 1), (), once)

    emit_shared(context, (reduce,), count, number(1), 1, parts, also=(_STATES,))
    return _joined(context, accumulators, states, memory, count)


def _bits(
    context: EmissionContext, reduce: Reduce, accumulators: Sequence[Accumulator]
) -> ir.Value:
    """The logarithm of the elements of a part: beyond that of all where they are for one thread."""
    builder = context.builder
    assert reduce.schedule.parallel is not None
    worth, extent = (context.uniform(one) for one in (reduce.schedule.parallel, reduce.extents[0]))
    block = max(
        (BLOCK_STEPS * lanes_of_sum(one.dtype) for one in accumulators if one.is_ordered),
        default=reduce.schedule.vector * reduce.schedule.unroll,
    )
    least = intrinsic(builder, "smax", worth, integer(block))
    least = intrinsic(
        builder, "smax", least, _parts_of(builder, extent, integer(_PARTS.bit_length() - 1))
    )
    below = builder.sub(least, integer(1))
    bits = builder.sub(integer(64), intrinsic(builder, "ctlz", below, BIT(0)))
    few = builder.icmp_signed("<", extent, builder.shl(least, integer(1)))
    return builder.select(few, integer(_ALL), bits)


def _parts_of(builder: ir.IRBuilder, total: ir.Value, bits: ir.Value) -> ir.Value:
    """How many parts of 2**bits a positive total has, the last of them perhaps smaller."""
    return builder.add(builder.lshr(builder.sub(total, integer(1)), bits), integer(1))


def _joined(
    context: EmissionContext,
    accumulators: Sequence[Accumulator],
    states: "_States",
    memory: ir.Value,
    count: ir.Value,
) -> list[State]:
    """Those of the sums of floats by the tree, the others one after the other."""
    builder = context.builder
    ordered = [one for one in accumulators if one.is_ordered]
    free = [one.start(1) for one in accumulators if not one.is_ordered]

    def block(bounds: Range, carried: Sequence[ir.Value]) -> tuple[list[State], Sequence[ir.Value]]:
        found = states.read(builder, memory, bounds[0])
        rest = iter(states_like(carried, free))
        taken = [
            state if one.is_ordered else one.join(builder, next(rest), state)
            for one, state in zip(accumulators, found, strict=True)
        ]
        pairs = list(zip(accumulators, taken, strict=True))
        sums = [state for one, state in pairs if one.is_ordered]
        return sums, flat_registers([state for one, state in pairs if not one.is_ordered])

    sums, flat = join_blocks(context, ordered, count, 1, block, flat_registers(free))
    sums_left, rest = iter(sums), iter(states_like(flat, free))
    return [next(sums_left if one.is_ordered else rest) for one in accumulators]


@record(frozen=True, slots=True)
class _States:
    """Rows of states in memory, a part's states in a row."""

    accumulators: Sequence[Accumulator]

    @property
    def bytes(self) -> int:
        """The bytes of a row."""
        return _WORD * len(flat_registers([one.start(1) for one in self.accumulators]))

    def write(
        self, builder: ir.IRBuilder, memory: ir.Value, row: ir.Value, states: Sequence[State]
    ) -> None:
        """Keep the states of a part."""
        for place, register in zip(
            self._places(builder, memory, row), flat_registers(states), strict=True
        ):
            builder.store(register, place)

    def read(self, builder: ir.IRBuilder, memory: ir.Value, row: ir.Value) -> list[State]:
        """The states of a part."""
        start = [one.start(1) for one in self.accumulators]
        places = self._places(builder, memory, row)
        pairs = zip(places, flat_registers(start), strict=True)
        return states_like([builder.load(place, typ=like.type) for place, like in pairs], start)

    def _places(self, builder: ir.IRBuilder, memory: ir.Value, row: ir.Value) -> list[ir.Value]:
        first = builder.gep(memory, [builder.mul(row, integer(self.bytes))], source_etype=BYTE)
        return [
            builder.gep(first, [integer(offset)], source_etype=BYTE)
            for offset in range(0, self.bytes, _WORD)
        ]
