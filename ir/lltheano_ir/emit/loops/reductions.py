"""`reduce`: in order, in any order by vectors, and in the fixed blocked order by vectors.

* A reduce in `rows` order takes one element after the other. Inside a vector loop each lane has a
  reduction of its own, so that a sum over rows of columns side by side is vector code. Sums of
  floats do so in blocks, which are then joined: see `lltheano_ir.emit.loops.rows`.
* Where the order does not matter (integers, extrema) each lane of some vectors reduces its share,
  then each lane of one, and what is left follows element by element. Where an element may be taken
  twice (extrema, bits) the last vector reaches back to elements that were taken before instead.
  Whether any or all elements are true is known, at times, before the last: every 2,048 it is asked.
* A blocked sum of floats follows `lltheano_ir.ops.summation` step by step, so that its bits are
  those of the reference: see `lltheano_ir.emit.loops.blocked`.
"""

import functools
from collections import defaultdict
from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext, operand_dtype
from lltheano_ir.emit.control import all_positive, merged
from lltheano_ir.emit.loops.accumulators import Accumulator, State
from lltheano_ir.emit.loops.blocked import emit_blocked
from lltheano_ir.emit.loops.extrema import (
    fold_extremum,
    is_in_parts,
    start_extremum,
    take_into_extremum,
)
from lltheano_ir.emit.loops.interrupts import chunked_loop
from lltheano_ir.emit.loops.jobs import Job, elements_at, flat_registers, states_like
from lltheano_ir.emit.loops.nests import strides_are_one, whole_chunks
from lltheano_ir.emit.loops.partial import emit_partial
from lltheano_ir.emit.loops.rows import emit_rows
from lltheano_ir.emit.loops.threads import Range
from lltheano_ir.emit.scalars.ops import has_heavy_ops
from lltheano_ir.emit.values import (
    INT,
    EmittedValue,
    Pair,
    constant,
    element_type,
    integer,
    intrinsic,
    lanes_of,
    splat,
)
from lltheano_ir.loops.analysis.invariance import split_invariant
from lltheano_ir.loops.analysis.strides import accesses
from lltheano_ir.loops.nodes import Order, Reduce, Reduction, Statement
from lltheano_ir.loops.walk import is_one_block
from lltheano_ir.ops.summation import lanes as lanes_of_sum

__all__ = ["emit_reduce"]


def emit_reduce(context: EmissionContext, reduce: Reduce) -> None:
    """Reduce, and define the targets; the result of no elements is that of none."""
    builder = context.builder
    extents = [context.uniform(extent) for extent in reduce.extents]
    accumulators = [Accumulator(one.kind, operand_dtype(one.value)) for one in reduce.reductions]
    empty = [one.empty(context.lanes) for one in accumulators]
    before = builder.block
    run, done = builder.append_basic_block("reduce"), builder.append_basic_block("reduced")
    builder.cbranch(all_positive(builder, extents), run, done)
    builder.position_at_end(run)
    states = _reduced(context.inside(repeats=True), reduce, extents)
    ran = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    parts = [(before, flat_registers(empty)), (ran, flat_registers(states))]
    results = states_like(merged(builder, parts), empty)
    for reduction, result in zip(reduce.reductions, results, strict=True):
        register = Pair(*result) if len(result) == 2 else result[0]
        context.define(
            reduction.target.name, EmittedValue(reduction.target.dtype, register, context.lanes)
        )


def _reduced(context: EmissionContext, reduce: Reduce, extents: Sequence[ir.Value]) -> list[State]:
    """The result of each reduction; there is an element at least."""
    before, body = split_invariant(context.unit.root, reduce.body, reduce.indices)
    context.emit(before)
    ordered: dict[int, list[Reduction]] = defaultdict(list)
    free: list[Reduction] = []
    for reduction in reduce.reductions:
        accumulator = Accumulator(reduction.kind, operand_dtype(reduction.value))
        if accumulator.is_ordered:
            ordered[lanes_of_sum(accumulator.dtype)].append(reduction)
        else:
            free.append(reduction)
    by_rows = reduce.order is Order.ROWS and (ordered or len(reduce.indices) > 1)
    if by_rows or context.lanes > 1:
        if ordered and not is_one_block(reduce):
            return emit_rows(context, reduce, body, extents)
        return _in_order(context, reduce, body, extents)

    def part(inside: EmissionContext, bounds: Range) -> list[State]:
        states: dict[str, State] = {}
        for width, reductions in ordered.items():
            job = Job(reduce, body, tuple(reductions), *bounds)
            own = emit_blocked(inside, job, width)
            states.update(zip((one.target.name for one in reductions), own, strict=True))
        if free:
            own = _in_any_order(inside, Job(reduce, body, tuple(free), *bounds))
            states.update(zip((one.target.name for one in free), own, strict=True))
        return [states[one.target.name] for one in reduce.reductions]

    accumulators = [Accumulator(one.kind, operand_dtype(one.value)) for one in reduce.reductions]
    if reduce.schedule.parallel is None:
        states = part(context, (integer(0), extents[0]))
    else:
        states = emit_partial(context, reduce, accumulators, part)
    return [one.result(state) for one, state in zip(accumulators, states, strict=True)]


def _in_order(
    context: EmissionContext,
    reduce: Reduce,
    body: tuple[Statement, ...],
    extents: Sequence[ir.Value],
) -> list[State]:
    """One element after the other, the last index fastest."""
    builder = context.builder
    lanes = context.lanes
    accumulators = [Accumulator(one.kind, operand_dtype(one.value)) for one in reduce.reductions]
    start = [one.start(lanes) for one in accumulators]

    def nest(
        level: int, inside: EmissionContext, number: ir.Value, carried: list[State]
    ) -> list[State]:
        if level == len(extents):
            innermost = inside.inside()
            innermost.emit(body)
            position = splat(builder, number, lanes)
            return [
                one.take(builder, state, one.element(innermost.register(own.value), position))
                for one, own, state in zip(accumulators, reduce.reductions, carried, strict=True)
            ]

        def once(index: ir.Value, flat: Sequence[ir.Value]) -> Sequence[ir.Value]:
            deeper = inside.inside()
            deeper.define(reduce.indices[level].name, EmittedValue(i64, index))
            following = index
            if level:
                following = builder.add(builder.mul(number, extents[level]), index)
            return flat_registers(nest(level + 1, deeper, following, states_like(flat, start)))

        bounds = (integer(0), extents[level], 1)
        flat = flat_registers(carried)
        flat = chunked_loop(context.unit, builder, bounds, flat, once, not_empty=True)
        return states_like(flat, start)

    states = nest(0, context, integer(0), start)
    return [one.result(state) for one, state in zip(accumulators, states, strict=True)]


def _in_any_order(context: EmissionContext, job: Job) -> list[State]:
    """The states in the end: vectors first, then what is left one by one."""
    builder = context.builder
    start = [one.start(1) for one in job.accumulators]
    lanes, names, packed = free_lanes(context, job)
    begin = job.begin
    if lanes > 1:
        first, *others = _widths(job, lanes)
        begin = _vector_end(builder, job, begin, first, packed)
        start = _by_vectors(context, job, (job.begin, begin), first, names)
        for width in others:
            end = _vector_end(builder, job, begin, width, packed)
            states = _by_vectors(context, job, (begin, end), width, names)
            rows = zip(job.accumulators, start, states, strict=True)
            start = [one.join(builder, state, other) for one, state, other in rows]
            begin = end

    def once(position: ir.Value, flat: Sequence[ir.Value]) -> Sequence[ir.Value]:
        states = states_like(flat, start)
        elements = elements_at(context, job, position, 1)
        return flat_registers(_taken(context, job, states, elements))

    bounds = (begin, job.end, 1)
    flat = chunked_loop(context.unit, builder, bounds, flat_registers(start), once)
    return states_like(flat, start)


def _widths(job: Job, lanes: int) -> list[int]:
    """The lanes of the vector loops, one after the other: several vectors at once, then one."""
    vector = job.reduce.schedule.vector
    return [lanes, vector] if lanes > vector and not has_heavy_ops(job.body) else [lanes]


def _vector_end(
    builder: ir.IRBuilder, job: Job, begin: ir.Value, lanes: int, packed: ir.Value | None
) -> ir.Value:
    """Where a vector loop from `begin`, a multiple of `lanes`, ends; it need not be a multiple."""
    if _may_overlap(job, lanes):
        enough = builder.icmp_signed(">=", builder.sub(job.end, job.begin), integer(lanes))
        end = builder.select(enough, job.end, begin)
    else:
        end = whole_chunks(builder, job.end, lanes)
    if any(one.is_arg for one in job.accumulators):
        # The numbers of chunks may have 32 bits only; what is beyond them goes one by one.
        end = intrinsic(builder, "smin", end, integer(lanes << 31))
        end = intrinsic(builder, "smax", end, begin)
    return end if packed is None else builder.select(packed, end, begin)


def _may_overlap(job: Job, lanes: int) -> bool:
    """Whether the last of the vectors may reach back to elements that were taken before."""
    single = lanes == job.reduce.schedule.vector
    return single and all(one.may_repeat for one in job.accumulators)


def free_lanes(context: EmissionContext, job: Job) -> tuple[int, frozenset[str], ir.Value | None]:
    """The lanes to use, the strides that must be 1 for it, and whether they are."""
    schedule = job.reduce.schedule
    if schedule.vector == 1:
        return 1, frozenset(), None
    unit_strides = accesses(job.body, job.reduce.indices[0]).unit_strides
    names = frozenset(stride.name for stride in unit_strides)
    return schedule.vector * schedule.unroll, names, strides_are_one(context, unit_strides)


def _taken(
    context: EmissionContext, job: Job, states: Sequence[State], elements: Sequence[State]
) -> list[State]:
    rows = zip(job.accumulators, states, elements, strict=True)
    return [one.take(context.builder, state, element) for one, state, element in rows]


def _by_vectors(
    context: EmissionContext,
    job: Job,
    bounds: tuple[ir.Value, ir.Value],
    lanes: int,
    unit_strides: frozenset[str],
) -> list[State]:
    """Reduce the positions from a multiple of `lanes` to another; the state of one lane.

    Where the end is not a multiple, the last vector ends there and begins before.
    """
    builder = context.builder
    accumulators = job.accumulators
    alone = [one.start(1) for one in accumulators]
    start = [_start_in_lanes(context, one, lanes) for one in accumulators]
    before = builder.block
    vectors, done = builder.append_basic_block("vectors"), builder.append_basic_block("rest")
    first, stop = bounds
    builder.cbranch(builder.icmp_signed(">", stop, first), vectors, done)
    builder.position_at_end(vectors)
    last = builder.sub(stop, integer(lanes))
    overlaps = _may_overlap(job, lanes)

    def once(position: ir.Value, flat: Sequence[ir.Value]) -> Sequence[ir.Value]:
        states = states_like(flat, start)
        multiple = 1 if overlaps else lanes
        if overlaps:
            position = intrinsic(builder, "smin", position, last)
        elements = elements_at(context, job, position, lanes, unit_strides, multiple=multiple)
        rows = zip(accumulators, states, elements, strict=True)
        taken = [_taken_in_lanes(context, *row, position) for row in rows]
        return flat_registers(taken)

    steps = (first, stop, lanes)
    carried = flat_registers(start)
    settles = all(one.may_settle for one in accumulators)

    def settled(flat: Sequence[ir.Value]) -> ir.Value:
        rows = zip(accumulators, states_like(flat, start), strict=True)
        bits = [one.settled(builder, state) for one, state in rows]
        return functools.reduce(builder.and_, bits)

    enough = settled if settles else None
    flat = chunked_loop(context.unit, builder, steps, carried, once, not_empty=True, enough=enough)
    pairs = zip(accumulators, states_like(flat, start), strict=True)
    folded = flat_registers([_folded(context, one, state, lanes) for one, state in pairs])
    ran = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    sources = [(before, flat_registers(alone)), (ran, folded)]
    return states_like(merged(builder, sources), alone)


def _taken_in_lanes(
    context: EmissionContext,
    accumulator: Accumulator,
    state: State,
    element: State,
    position: ir.Value,
) -> State:
    builder = context.builder
    if is_in_parts(accumulator, context.unit.target):
        return take_into_extremum(builder, accumulator, state, element[0])
    if accumulator.is_arg:
        lanes = lanes_of(state[0])
        element = [element[0], _chunk_number(builder, position, lanes, state[1])]
    return accumulator.take(builder, state, element)


def _folded(context: EmissionContext, accumulator: Accumulator, state: State, lanes: int) -> State:
    builder = context.builder
    if is_in_parts(accumulator, context.unit.target):
        return fold_extremum(builder, accumulator, state)
    if accumulator.is_arg:
        state = [state[0], _positions(builder, state[1], lanes)]
    return accumulator.fold(builder, state)


def _start_in_lanes(context: EmissionContext, accumulator: Accumulator, lanes: int) -> State:
    """An extremum is kept in parts; a position as its chunk's number, as wide as the values: in
    half the registers for f32.
    """
    if is_in_parts(accumulator, context.unit.target):
        return start_extremum(accumulator, lanes)
    start = accumulator.start(lanes)
    if accumulator.is_arg:
        width = max(32, 8 * accumulator.dtype.itemsize)
        start[1] = constant(ir.VectorType(ir.IntType(width), lanes), 0)
    return start


def _chunk_number(
    builder: ir.IRBuilder, position: ir.Value, lanes: int, like: ir.Value
) -> ir.Value:
    number = builder.lshr(position, integer(lanes.bit_length() - 1))
    kind = element_type(like.type)
    return splat(builder, builder.trunc(number, kind) if kind.width < 64 else number, lanes)


def _positions(builder: ir.IRBuilder, chunks: ir.Value, lanes: int) -> ir.Value:
    """The positions of the elements that each lane found in the chunks of these numbers."""
    kind = ir.VectorType(INT, lanes)
    wide = chunks if chunks.type == kind else builder.zext(chunks, kind)
    first = builder.mul(wide, constant(kind, lanes))
    return builder.add(first, ir.Constant(kind, [INT(lane) for lane in range(lanes)]))
