"""Sums and products of floats in the fixed order of `lltheano_ir.ops.summation`, as vector code.

Block by block, a row of `width` lanes takes the elements in turn: a whole row at a time in
registers, then what is left of the last block into the lanes' memory, element k into lane k %
width. The row is folded in halves. Blocks are joined as leaves of a tree: see
`lltheano_ir.emit.loops.tree`.

Where the body is heavy, or fetches elements one by one, a whole row would not fit the registers:
lanes then live in memory throughout, and the body runs in the schedule's vectors. So they do where
the schedule has no vectors, and the body is run element by element.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import counted_loop, merged
from lltheano_ir.emit.loops.accumulators import State
from lltheano_ir.emit.loops.jobs import Job, elements_at, flat_registers, states_like
from lltheano_ir.emit.loops.nests import strides_are_one, tail_numbers, whole_chunks
from lltheano_ir.emit.loops.tree import in_lanes, join_blocks, parts_of
from lltheano_ir.emit.scalars.ops import has_heavy_ops
from lltheano_ir.emit.values import Linear, integer, splat, stack_memory
from lltheano_ir.loops.analysis.strides import accesses
from lltheano_ir.ops.summation import BLOCK_STEPS

__all__ = ["emit_blocked"]


def emit_blocked(context: EmissionContext, job: Job, width: int) -> list[State]:
    """The sums and products of a job, whose dtypes have `width` lanes each."""
    builder = context.builder
    rows = _Rows(context, job, width)

    def block(bounds: tuple[ir.Value, ir.Value], _: object) -> tuple[list[State], list[ir.Value]]:
        first, last = (builder.add(job.begin, bound) for bound in bounds)
        states = zip(job.accumulators, rows.filled(first, last), strict=True)
        return [one.fold(builder, state) for one, state in states], []

    extent = builder.sub(job.end, job.begin)
    return join_blocks(context, job.accumulators, extent, BLOCK_STEPS * width, block)[0]


class _Rows:
    """Rows of lanes: how one is filled with the elements of a block."""

    def __init__(self, context: EmissionContext, job: Job, width: int) -> None:
        self._context = context
        self._job = job
        self._width = width
        index = job.reduce.indices[0]
        found = accesses(job.body, index)
        self._packed = strides_are_one(context, found.unit_strides)
        self._names = frozenset(stride.name for stride in found.unit_strides)
        self._heavy = has_heavy_ops(job.body)
        vectors = job.reduce.schedule.vector > 1
        self._in_registers = vectors and not self._heavy and not found.scattered
        in_memory = vectors and not self._in_registers
        self._vector = min(job.reduce.schedule.vector, width) if in_memory else 1
        self._memory = [
            [stack_memory(context.unit.start, part, width) for part in parts_of(one)]
            for one in job.accumulators
        ]

    def filled(self, begin: ir.Value, end: ir.Value) -> list[State]:
        """The row of the elements from `begin`, where a block starts, to `end`."""
        builder = self._context.builder
        start = [one.start(self._width) for one in self._job.accumulators]
        if not self._in_registers:
            self._write(start)
            self._fill_memory(begin, end)
            return self._read()
        whole = self._whole(begin, end, self._width)

        def once(position: ir.Value, registers: Sequence[ir.Value]) -> Sequence[ir.Value]:
            elements = self._elements(position, self._width)
            return flat_registers(self._joined(states_like(registers, start), elements))

        bounds = (begin, whole, self._width)
        registers = counted_loop(builder, bounds, flat_registers(start), once)
        states = states_like(registers, start)
        return self._with_rest(states, whole, end)

    def _whole(self, begin: ir.Value, end: ir.Value, lanes: int) -> ir.Value:
        builder = self._context.builder
        size = whole_chunks(builder, builder.sub(end, begin), lanes)
        if self._packed is not None:
            size = builder.select(self._packed, size, integer(0))
        return builder.add(begin, size)

    def _with_rest(self, states: list[State], begin: ir.Value, end: ir.Value) -> list[State]:
        """The row with the elements from `begin` on added, which do not fill it once more."""
        builder = self._context.builder
        before = builder.block
        rest, done = builder.append_basic_block("rest"), builder.append_basic_block("row")
        builder.cbranch(builder.icmp_signed("<", begin, end), rest, done)
        builder.position_at_end(rest)
        self._write(states)
        self._fill_memory(begin, end)
        read = self._read()
        ran = builder.block
        builder.branch(done)
        builder.position_at_end(done)
        sources = [(before, flat_registers(states)), (ran, flat_registers(read))]
        return states_like(merged(builder, sources), states)

    def _fill_memory(self, begin: ir.Value, end: ir.Value) -> None:
        builder, lanes = self._context.builder, self._vector
        if lanes > 1:
            stop = self._whole(begin, end, lanes)

            def chunk(position: ir.Value, _: object) -> Sequence[ir.Value]:
                self._take_into_memory(position, self._elements(position, lanes), lanes)
                return ()

            counted_loop(builder, (begin, stop, lanes), (), chunk)
            begin = stop
        # Lanes that only repeat the last element pay where the arithmetic is what costs.
        last_lanes = lanes if self._heavy else 1

        def rest(position: ir.Value, _: object) -> Sequence[ir.Value]:
            elements = self._last_elements(position, builder.sub(end, position), last_lanes)
            self._take_into_memory(position, elements, last_lanes)
            return ()

        counted_loop(builder, (begin, end, last_lanes), (), rest)

    def _last_elements(self, position: ir.Value, left: ir.Value, lanes: int) -> list[State]:
        """The elements at `position` and after, of which `left` are left: neutral beyond those."""
        builder = self._context.builder
        if lanes == 1:
            return self._elements(position, 1)
        tail = tail_numbers(builder, left, lanes)
        elements = elements_at(self._context, self._job, position, lanes, tail=tail)
        numbers = Linear(integer(0), 1, lanes).vector(builder).register
        there = builder.icmp_signed("<", numbers, splat(builder, left, lanes))
        starts = [one.start(lanes) for one in self._job.accumulators]
        return [
            [builder.select(there, *pair) for pair in zip(element, start, strict=True)]
            for element, start in zip(elements, starts, strict=True)
        ]

    def _take_into_memory(self, position: ir.Value, elements: list[State], lanes: int) -> None:
        builder = self._context.builder
        first = builder.and_(position, integer(self._width - 1))
        rows = zip(self._job.accumulators, self._memory, elements, strict=True)
        for one, memory, element in rows:
            kinds = parts_of(one)
            places = [
                builder.gep(part, [first], source_etype=kind)
                for part, kind in zip(memory, kinds, strict=True)
            ]
            align = one.dtype.real.itemsize
            held = [
                builder.load(place, typ=in_lanes(kind, lanes), align=align)
                for place, kind in zip(places, kinds, strict=True)
            ]
            for register, place in zip(one.join(builder, held, element), places, strict=True):
                builder.store(register, place, align=align)

    def _elements(self, position: ir.Value, lanes: int) -> list[State]:
        names = self._names if lanes > 1 else frozenset[str]()
        return elements_at(self._context, self._job, position, lanes, names, multiple=lanes)

    def _joined(self, states: list[State], elements: list[State]) -> list[State]:
        builder = self._context.builder
        rows = zip(self._job.accumulators, states, elements, strict=True)
        return [one.join(builder, state, element) for one, state, element in rows]

    def _write(self, states: list[State]) -> None:
        for memory, state in zip(self._memory, states, strict=True):
            for place, register in zip(memory, state, strict=True):
                self._context.builder.store(register, place, align=_ALIGNMENT)

    def _read(self) -> list[State]:
        builder = self._context.builder
        return [
            [
                builder.load(place, typ=in_lanes(kind, self._width), align=_ALIGNMENT)
                for place, kind in zip(memory, parts_of(one), strict=True)
            ]
            for one, memory in zip(self._job.accumulators, self._memory, strict=True)
        ]


_ALIGNMENT = 64
