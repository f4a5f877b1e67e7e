"""Sums and products of floats in the fixed order of `lltheano_ir.ops.summation`, as vector code.

Block by block, a row of `width` lanes takes the elements in turn: a whole row at a time in
registers, then what is left of the last block into the lanes' memory, element k into lane k %
width. The row is folded in halves. Blocks are joined like the digits of a binary counter: block
number b finds as many finished subtrees to join as b has trailing ones. That is the balanced tree
of the reference, in logarithmic space.

Where the body is heavy, or fetches elements one by one, a whole row would not fit the registers:
lanes then live in memory throughout, and the body runs in the schedule's vectors.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.accumulators import Accumulator, State
from lltheano_ir.emit.analysis import accesses, has_heavy_ops, is_vectorisable
from lltheano_ir.emit.context import Context
from lltheano_ir.emit.control import call_procedure, counted_loop, merged
from lltheano_ir.emit.jobs import Job, elements_at, flat_registers, states_like
from lltheano_ir.emit.loops import strides_are_one, tail_numbers, whole_chunks
from lltheano_ir.emit.values import (
    BIT,
    Linear,
    integer,
    intrinsic,
    register_type,
    splat,
    stack_memory,
)
from lltheano_ir.ops.summation import BLOCK_STEPS

__all__ = ["emit_blocked"]

_LEVELS = 56
"""Levels of the tree: more than the bits of any number of blocks."""


def emit_blocked(context: Context, job: Job, width: int) -> list[State]:
    """The sums and products of a job, whose dtypes have `width` lanes each."""
    builder, start = context.builder, context.unit.start
    block = BLOCK_STEPS * width
    rows = _Rows(context, job, width)
    trees = [
        [stack_memory(start, part, _LEVELS) for part in _parts(one)] for one in job.accumulators
    ]
    last = builder.add(job.extent, integer(block - 1))
    blocks = builder.lshr(last, integer(block.bit_length() - 1))

    def once(number: ir.Value, _: Sequence[ir.Value]) -> Sequence[ir.Value]:
        begin = builder.mul(number, integer(block))
        end = intrinsic(builder, "smin", builder.add(begin, integer(block)), job.extent)
        states = rows.filled(begin, end)
        for one, state, tree in zip(job.accumulators, states, trees, strict=True):
            _push(builder, one, one.fold(builder, state), tree, number)
        return ()

    counted_loop(builder, (integer(0), blocks, 1), (), once, not_empty=True)
    pairs = zip(job.accumulators, trees, strict=True)
    return [_pop(builder, one, tree, blocks) for one, tree in pairs]


class _Rows:
    """Rows of lanes: how one is filled with the elements of a block."""

    def __init__(self, context: Context, job: Job, width: int) -> None:
        self._context = context
        self._job = job
        self._width = width
        index = job.reduce.indices[0]
        found = accesses(job.body, index)
        self._packed = strides_are_one(context, found.unit_strides)
        self._names = frozenset(stride.name for stride in found.unit_strides)
        self._heavy = has_heavy_ops(job.body)
        vectors = is_vectorisable(job.body, index)
        self._in_registers = vectors and not self._heavy and not found.scattered
        in_memory = vectors and not self._in_registers
        self._vector = min(job.reduce.schedule.vector, width) if in_memory else 1
        self._memory = [
            [stack_memory(context.unit.start, part, width) for part in _parts(one)]
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
            kinds = _parts(one)
            places = [
                builder.gep(part, [first], source_etype=kind)
                for part, kind in zip(memory, kinds, strict=True)
            ]
            align = one.dtype.real.itemsize
            held = [
                builder.load(place, typ=_lanes(kind, lanes), align=align)
                for place, kind in zip(places, kinds, strict=True)
            ]
            for register, place in zip(one.join(builder, held, element), places, strict=True):
                builder.store(register, place, align=align)

    def _elements(self, position: ir.Value, lanes: int) -> list[State]:
        names = self._names if lanes > 1 else frozenset[str]()
        return elements_at(self._context, self._job, position, lanes, names)

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
                builder.load(place, typ=_lanes(kind, self._width), align=_ALIGNMENT)
                for place, kind in zip(memory, _parts(one), strict=True)
            ]
            for one, memory in zip(self._job.accumulators, self._memory, strict=True)
        ]


_ALIGNMENT = 64


def _parts(accumulator: Accumulator) -> list[ir.Type]:
    kind = register_type(accumulator.dtype)
    return [kind, kind] if accumulator.dtype.is_complex else [kind]


def _lanes(kind: ir.Type, lanes: int) -> ir.Type:
    return ir.VectorType(kind, lanes) if lanes > 1 else kind


def _push(
    builder: ir.IRBuilder,
    accumulator: Accumulator,
    state: State,
    tree: list[ir.Value],
    number: ir.Value,
) -> None:
    """Join block `number` with the subtrees that it completes, and keep what comes of it."""
    parts = len(state)

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        own_tree, own_state = list(args[:parts]), args[parts : 2 * parts]
        finished = intrinsic(inside, "cttz", inside.not_(args[-1]), BIT(1))

        def once(level: ir.Value, carried: Sequence[ir.Value]) -> Sequence[ir.Value]:
            left = _at(inside, accumulator, own_tree, level)
            return accumulator.join(inside, left, list(carried))

        joined = counted_loop(inside, (integer(0), finished, 1), own_state, once)
        places = _places(inside, accumulator, own_tree, finished)
        for register, place in zip(joined, places, strict=True):
            inside.store(register, place)

    name = f"lltheano.push.{accumulator.kind}.{accumulator.dtype}"
    call_procedure(builder, name, [*tree, *state, number], body)


def _pop(
    builder: ir.IRBuilder, accumulator: Accumulator, tree: list[ir.Value], blocks: ir.Value
) -> State:
    """Join the subtrees that are left, the last and least first: one for each bit of `blocks`."""
    parts = len(tree)

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        own_tree, count = list(args[:parts]), args[-1]
        levels = inside.sub(integer(64), intrinsic(inside, "ctlz", count, BIT(1)))

        def once(level: ir.Value, carried: Sequence[ir.Value]) -> Sequence[ir.Value]:
            left = _at(inside, accumulator, own_tree, level)
            joined = accumulator.join(inside, left, list(carried))
            bit = inside.trunc(inside.lshr(count, level), BIT)
            pairs = zip(joined, carried, strict=True)
            return [inside.select(bit, new, old) for new, old in pairs]

        bounds = (integer(0), levels, 1)
        total = counted_loop(inside, bounds, accumulator.start(1), once, not_empty=True)
        for register, place in zip(total, own_tree, strict=True):
            inside.store(register, place)

    name = f"lltheano.pop.{accumulator.kind}.{accumulator.dtype}"
    call_procedure(builder, name, [*tree, blocks], body)
    return _at(builder, accumulator, tree, integer(0))


def _at(
    builder: ir.IRBuilder, accumulator: Accumulator, tree: list[ir.Value], level: ir.Value
) -> State:
    places = _places(builder, accumulator, tree, level)
    kinds = _parts(accumulator)
    return [builder.load(place, typ=kind) for place, kind in zip(places, kinds, strict=True)]


def _places(
    builder: ir.IRBuilder, accumulator: Accumulator, tree: list[ir.Value], level: ir.Value
) -> list[ir.Value]:
    kinds = _parts(accumulator)
    return [
        builder.gep(part, [level], source_etype=kind)
        for part, kind in zip(tree, kinds, strict=True)
    ]
