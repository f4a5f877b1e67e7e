"""Sums and products of floats over axes other than the last, in the fixed order of
`lltheano_ir.ops.summation`.

Elements are taken in row-major order, block by block. Each lane has a sum of its own, so inside a
vector loop columns that lie side by side are summed in vectors. An extremum on the way, which does
not depend on the order, goes from block to block.
"""

from collections.abc import Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext, operand_dtype
from lltheano_ir.emit.control import counted_loop
from lltheano_ir.emit.loops.accumulators import Accumulator, State
from lltheano_ir.emit.loops.jobs import flat_registers, states_like
from lltheano_ir.emit.loops.tree import join_blocks
from lltheano_ir.emit.values import INT, EmittedValue, integer, splat
from lltheano_ir.loops.nodes import Reduce, Statement
from lltheano_ir.ops.summation import BLOCK_ROWS

__all__ = ["emit_rows"]

Registers: TypeAlias = Sequence[ir.Value]
Bounds: TypeAlias = tuple[ir.Value, ir.Value]


def emit_rows(
    context: EmissionContext, reduce: Reduce, body: tuple[Statement, ...], extents: Registers
) -> list[State]:
    """The result of each reduction; there is an element at least."""
    builder, lanes = context.builder, context.lanes
    sweep = _Sweep(context, reduce, body, extents)
    ordered = [one for one in sweep.accumulators if one.is_ordered]
    free = [one.start(lanes) for one in sweep.accumulators if not one.is_ordered]
    places = [integer(0)] * (len(extents) if len(extents) > 1 else 0)
    total = extents[0]
    for extent in extents[1:]:
        total = builder.mul(total, extent)

    def block(bounds: Bounds, carried: Registers) -> tuple[list[State], Registers]:
        rest = states_like(carried[len(places) :], free)
        starts = [one.start(lanes) if one.is_ordered else rest.pop(0) for one in sweep.accumulators]
        following, states = sweep.run(bounds, carried[: len(places)], starts)
        done, rest = _parted(sweep.accumulators, states)
        return done, [*following, *flat_registers(rest)]

    first = [*places, *flat_registers(free)]
    joined, carried = join_blocks(context, ordered, total, BLOCK_ROWS, block, first, lanes)
    rest = states_like(carried[len(places) :], free)
    states = [(joined if one.is_ordered else rest).pop(0) for one in sweep.accumulators]
    return [one.result(state) for one, state in zip(sweep.accumulators, states, strict=True)]


def _parted(
    accumulators: Sequence[Accumulator], states: Sequence[State]
) -> tuple[list[State], list[State]]:
    """The states of the sums and products of floats, and those of the others."""
    pairs = list(zip(accumulators, states, strict=True))
    ordered = [state for one, state in pairs if one.is_ordered]
    return ordered, [state for one, state in pairs if not one.is_ordered]


class _Sweep:
    """A walk over elements in row-major order, which carries the indices if there are several."""

    def __init__(
        self,
        context: EmissionContext,
        reduce: Reduce,
        body: tuple[Statement, ...],
        extents: Registers,
    ) -> None:
        self.accumulators = [
            Accumulator(one.kind, operand_dtype(one.value)) for one in reduce.reductions
        ]
        self._context = context
        self._reduce = reduce
        self._body = body
        self._extents = extents

    def run(
        self, bounds: Bounds, places: Registers, starts: Sequence[State]
    ) -> tuple[Registers, list[State]]:
        """From `starts` take the elements from one number to another, the first at `places`."""
        count = len(places)

        def once(number: ir.Value, flat: Registers) -> Registers:
            own, states = flat[:count], states_like(flat[count:], starts)
            taken = self._taken(number, own or [number], states)
            return [*self._next(own), *flat_registers(taken)]

        first = [*places, *flat_registers(starts)]
        flat = counted_loop(self._context.builder, (*bounds, 1), first, once, not_empty=True)
        return flat[:count], states_like(flat[count:], starts)

    def _taken(self, number: ir.Value, places: Registers, states: Sequence[State]) -> list[State]:
        inside, builder = self._context.inside(), self._context.builder
        for index, place in zip(self._reduce.indices, places, strict=True):
            inside.define(index.name, EmittedValue(i64, place))
        inside.emit(self._body)
        position = splat(builder, number, inside.lanes)
        rows = zip(self.accumulators, self._reduce.reductions, states, strict=True)
        return [
            one.take(builder, state, one.element(inside.register(own.value), position))
            for one, own, state in rows
        ]

    def _next(self, places: Registers) -> Registers:
        """The indices of the following element, where they are carried."""
        builder = self._context.builder
        following: list[ir.Value] = []
        step: ir.Value = integer(1)
        pairs = list(zip(places, self._extents, strict=True)) if places else []
        for place, extent in reversed(pairs):
            moved = builder.add(place, step)
            ends = builder.icmp_signed("==", moved, extent)
            following.append(builder.select(ends, integer(0), moved))
            step = builder.zext(ends, INT)
        return following[::-1]
