"""Scalar statements, `if`, `for` in scalar and in vector form, and buffers that loops rebind.

A vector loop becomes up to three loops over one range: the body in `vector * unroll` lanes, in
`vector` lanes, and in one lane for what is left, all emitted from the same statements. Where
neighbours in memory are neighbours in the loop only if a stride happens to be 1, that is asked at
run time, and if it is not the last loop does all the work. Where the arithmetic is heavy the last
loop has `vector` lanes too: it fetches and stores lane by lane, at any stride, and its last lanes
repeat the last iteration. What does not depend on the index is computed before.

Where a loop rebinds buffers, their pointers are carried in registers from one iteration to the
next, and out of the loops and branches round it.
"""

from collections.abc import Callable, Sequence
from math import gcd, prod

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext, operand_dtype
from lltheano_ir.emit.control import Registers, all_positive, loop_until, merged, when
from lltheano_ir.emit.loops.interrupts import chunked_loop, spend
from lltheano_ir.emit.loops.threads import Range, emit_shared
from lltheano_ir.emit.memory.accesses import Amount, as_register, plus, times
from lltheano_ir.emit.scalars.ops import emit_op, has_heavy_ops
from lltheano_ir.emit.values import EmittedValue, Linear, integer, intrinsic, widened
from lltheano_ir.loops.analysis.invariance import split_invariant
from lltheano_ir.loops.analysis.strides import accesses, linear_step
from lltheano_ir.loops.nodes import (
    For,
    If,
    Last,
    Let,
    Load,
    Number,
    Operand,
    Rebind,
    Scalar,
    Statement,
)
from lltheano_ir.loops.walk import rebound_buffers
from lltheano_ir.records import record

__all__ = [
    "emit_for",
    "emit_if",
    "emit_last",
    "emit_let",
    "emit_rebind",
    "enter_iteration",
    "strides_are_one",
]


def emit_let(context: EmissionContext, let: Let) -> None:
    """Compute an op, in one lane where all operands are the same in all lanes."""
    linear = _linear(context, let)
    if linear is not None:
        context.define(let.target.name, linear)
        return
    values = [context.value(operand) for operand in let.operands]
    lanes = max(value.lanes for value in values)
    registers = [widened(context.builder, value, lanes).register for value in values]
    dtypes = (operand_dtype(let.operands[-1]), let.target.dtype)
    result = emit_op(context.builder, let.op, dtypes, registers)
    context.define(let.target.name, EmittedValue(let.target.dtype, result, lanes))


def _linear(context: EmissionContext, let: Let) -> Linear | None:
    """The target as a sum with a loop index, if it is one."""
    if context.lanes == 1 or let.target.dtype is not i64:
        return None
    known = [_scalar(context, operand) for operand in let.operands]
    if not any(isinstance(one, Linear) for one in known):
        return None
    steps = [_step(one) for one in known]
    step = linear_step(let.op, steps, let.operands)
    if step is None:
        return None
    builder = context.builder
    first, second = (one.base if isinstance(one, Linear) else one.register for one in known)
    multiples = [_multiple(*pair) for pair in zip(known, let.operands, strict=True)]
    begin, multiple = _LINEAR[let.op]
    base = as_register(begin(builder, first, second))
    return Linear(base, step, context.lanes, multiple(*multiples))


_LINEAR: dict[str, tuple[Callable[..., Amount], Callable[..., int]]] = {
    "add": (plus, gcd),
    "sub": (lambda builder, first, second: builder.sub(first, second), gcd),
    "mul": (times, lambda *multiples: prod(multiples)),
}
"""For each op that gives numbers with a step: the first of them, and what it is a multiple of."""


def _multiple(known: EmittedValue | Linear, operand: Operand) -> int:
    """What the value in lane 0 is known to be a multiple of; 0 where it is 0."""
    if isinstance(known, Linear):
        return known.multiple
    return int(operand.literal.array()) if isinstance(operand, Number) else 1


def _scalar(context: EmissionContext, operand: Operand) -> EmittedValue | Linear:
    if isinstance(operand, Number):
        return context.value(operand)
    return context.scalars[operand.name]


def _step(known: EmittedValue | Linear) -> int | None:
    if isinstance(known, Linear):
        return known.step
    return 0 if known.lanes == 1 else None


def emit_if(context: EmissionContext, statement: If) -> None:
    """Run one of two bodies."""
    builder = context.builder
    condition = context.uniform(statement.condition)
    names = _rebound_names(context, (statement,))
    sources: list[tuple[ir.Block, Registers]] = []
    if not statement.otherwise:
        sources.append((builder.block, [context.buffers[name] for name in names]))
        with when(builder, condition):
            sources.append(_emit_branch(context, statement.then, names))
    else:
        with builder.if_else(condition) as (then, otherwise):
            with then:
                sources.append(_emit_branch(context, statement.then, names))
            with otherwise:
                sources.append(_emit_branch(context, statement.otherwise, names))
    if names:
        context.buffers.update(zip(names, merged(builder, sources), strict=True))


def _emit_branch(
    context: EmissionContext, body: tuple[Statement, ...], names: Sequence[str]
) -> tuple[ir.Block, Registers]:
    """Where the branch ends, and where the buffers of these names are then."""
    inside = context.inside()
    inside.emit(body)
    return context.builder.block, [inside.buffers[name] for name in names]


def _rebound_names(context: EmissionContext, body: tuple[Statement, ...]) -> list[str]:
    """The buffers from here that loops in the statements rebind."""
    names = (target.name for target, _ in rebound_buffers(body))
    return [name for name in dict.fromkeys(names) if name in context.buffers]


def emit_rebind(context: EmissionContext, statement: Rebind) -> None:
    """Let names stand for other memory from here on."""
    registers = [context.buffers[source.name] for source in statement.sources]
    targets = (target.name for target in statement.targets)
    context.buffers.update(zip(targets, registers, strict=True))


def emit_last(context: EmissionContext, statement: Last) -> None:
    """Nothing yet: the loop asks for the condition when its body is done."""


def emit_for(context: EmissionContext, loop: For) -> None:
    """Run a body for each index, in vector form where its schedule says so.

    Where the body is but a loop, known to be empty before the outer one starts, neither runs.
    """
    extent = context.uniform(loop.extent)
    worth = loop.schedule.parallel
    if worth is None:
        _emit_range(context, loop, (integer(0), extent))
        return

    def part(inside: EmissionContext, bounds: Range) -> None:
        _emit_range(inside, loop, bounds)

    unit = loop.schedule.vector * loop.schedule.unroll
    emit_shared(context, (loop,), extent, worth, unit, part)


def _emit_range(context: EmissionContext, loop: For, bounds: Range) -> None:
    """The iterations from one to another; vectors begin at a multiple of their rounds."""
    _, extent = bounds
    before, body = split_invariant(context.unit.root, loop.body, (loop.index,))
    inside = context.inside(repeats=True)
    extents = [extent, *(context.uniform(inner) for inner in _inner_extents(context, body))]
    if not before and len(extents) == 1:
        _emit_loops(inside, loop, body, bounds)
        names = _rebound_names(context, (loop,))
        context.buffers.update((name, inside.buffers[name]) for name in names)
        return
    names = _rebound_names(context, (loop,))
    runs = all_positive(context.builder, extents)
    sources = [(context.builder.block, [context.buffers[name] for name in names])]
    with when(context.builder, runs):
        inside.emit(before)
        _emit_loops(inside, loop, body, bounds)
        sources.append((context.builder.block, [inside.buffers[name] for name in names]))
    context.buffers.update(zip(names, merged(context.builder, sources), strict=True))


def _inner_extents(context: EmissionContext, body: tuple[Statement, ...]) -> list[Operand]:
    """The extents, as far as known outside, of the nest of loops that is all a body does."""
    effects = [one for one in body if not isinstance(one, Let | Load)]
    if len(effects) != 1 or not isinstance(effects[0], For):
        return []
    extent = effects[0].extent
    known = isinstance(extent, Number) or extent.name in context.scalars
    return [*([extent] if known else []), *_inner_extents(context, effects[0].body)]


def _emit_loops(
    context: EmissionContext, loop: For, body: tuple[Statement, ...], bounds: Range
) -> None:
    plan = _plan(loop, body)
    if any(isinstance(statement, Last) for statement in body):
        _iterate_until(context, loop.index, body, bounds[1])
    elif plan is None:
        _iterate(context, loop.index, body, (*bounds, 1))
    else:
        _emit_vector_loops(context, loop.index, body, bounds, plan)


@record(frozen=True, slots=True)
class _Plan:
    """The lanes of the loops over whole chunks, widest first, for which `unit_strides` must be 1.

    The rest is done in `rest` lanes.
    """

    lanes: tuple[int, ...]
    unit_strides: frozenset[Scalar]
    rest: int


def _plan(loop: For, body: tuple[Statement, ...]) -> _Plan | None:
    vector, unroll = loop.schedule.vector, loop.schedule.unroll
    if vector == 1:
        return None
    unit_strides = accesses(body, loop.index).unit_strides
    if has_heavy_ops(body):
        return _Plan((vector * unroll,), unit_strides, rest=vector)
    lanes = (vector,) if unroll == 1 else (vector * unroll, vector)
    return _Plan(lanes, unit_strides, rest=1)


def strides_are_one(context: EmissionContext, strides: frozenset[Scalar]) -> ir.Value | None:
    """One bit: are all these strides 1? None when there are none."""
    result: ir.Value | None = None
    for stride in sorted(strides, key=lambda one: one.name):
        one = context.builder.icmp_signed("==", context.uniform(stride), integer(1))
        result = one if result is None else context.builder.and_(result, one)
    return result


def _emit_vector_loops(
    context: EmissionContext,
    index: Scalar,
    body: tuple[Statement, ...],
    bounds: Range,
    plan: _Plan,
) -> None:
    builder = context.builder
    packed = strides_are_one(context, plan.unit_strides)
    names = frozenset(stride.name for stride in plan.unit_strides)
    start, extent = bounds
    for lanes in plan.lanes:
        stop = whole_chunks(builder, extent, lanes)
        if packed is not None:
            stop = builder.select(packed, stop, start)
        inside = context.inside(lanes=lanes, unit_strides=names)
        _iterate(inside, index, body, (start, stop, lanes))
        start = stop
    _iterate_rest(context, index, body, (start, extent, plan.rest))


def whole_chunks(builder: ir.IRBuilder, extent: ir.Value, lanes: int) -> ir.Value:
    """The greatest multiple of `lanes`, a power of two, that is not above `extent`."""
    return builder.and_(extent, integer(-lanes))


def _iterate(
    context: EmissionContext,
    index: Scalar,
    body: tuple[Statement, ...],
    bounds: tuple[ir.Value, ir.Value, int],
) -> None:
    names = _rebound_names(context, body)

    def once(position: ir.Value, registers: Registers) -> Registers:
        inside = context.inside()
        inside.buffers.update(zip(names, registers, strict=True))
        enter_iteration(inside, index, position, multiple=inside.lanes)
        inside.emit(body)
        return [inside.buffers[name] for name in names]

    before = [context.buffers[name] for name in names]
    after = chunked_loop(context.unit, context.builder, bounds, before, once)
    context.buffers.update(zip(names, after, strict=True))


def _iterate_until(
    context: EmissionContext, index: Scalar, body: tuple[Statement, ...], extent: ir.Value
) -> None:
    """Iterations one by one, until one says that it is the last; each is paid for by itself."""
    builder = context.builder
    names = _rebound_names(context, body)
    (condition,) = (one.condition for one in body if isinstance(one, Last))

    def once(registers: Registers) -> tuple[ir.Value, Registers]:
        position, *buffers = registers
        spend(context.unit, builder, integer(1))
        inside = context.inside()
        inside.buffers.update(zip(names, buffers, strict=True))
        enter_iteration(inside, index, position)
        inside.emit(body)
        following = builder.add(position, integer(1), flags=("nuw", "nsw"))
        more = builder.and_(
            builder.icmp_signed("<", following, extent), builder.not_(inside.uniform(condition))
        )
        return more, [following, *(inside.buffers[name] for name in names)]

    before = [context.buffers[name] for name in names]
    sources = [(builder.block, before)]
    with when(builder, builder.icmp_signed("<", integer(0), extent)):
        after = loop_until(builder, [integer(0), *before], once)
        sources.append((builder.block, after[1:]))
    context.buffers.update(zip(names, merged(builder, sources), strict=True))


def _iterate_rest(
    context: EmissionContext,
    index: Scalar,
    body: tuple[Statement, ...],
    bounds: tuple[ir.Value, ir.Value, int],
) -> None:
    """What whole chunks of neighbours leave: any strides, and a last chunk that is not whole."""
    _, extent, lanes = bounds
    if lanes == 1:
        _iterate(context.inside(lanes=1), index, body, bounds)
        return

    def once(position: ir.Value, _: object) -> tuple[ir.Value, ...]:
        left = context.builder.sub(extent, position)
        inside = context.inside(lanes=lanes, tail=tail_numbers(context.builder, left, lanes))
        enter_iteration(inside, index, position)
        inside.emit(body)
        return ()

    chunked_loop(context.unit, context.builder, bounds, (), once)


def tail_numbers(builder: ir.IRBuilder, left: ir.Value, lanes: int) -> list[ir.Value]:
    """The iteration that each lane computes when `left`, at least one, are left."""
    last = builder.sub(left, integer(1))
    later = (intrinsic(builder, "smin", integer(lane), last) for lane in range(1, lanes))
    return [integer(0), *later]


def enter_iteration(
    context: EmissionContext, index: Scalar, position: ir.Value, *, multiple: int = 1
) -> None:
    """Give a loop index its value: `position` in lane 0, and one more in each lane after it.

    `position` is known to be a multiple of `multiple`.
    """
    if context.lanes == 1:
        context.define(index.name, EmittedValue(i64, position))
    else:
        context.define(index.name, Linear(position, 1, context.lanes, multiple))
