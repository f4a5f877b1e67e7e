"""Parallel loops: a body of its own, which threads call with parts of the range.

The iterations become a private function ``int32_t body(char *table, int64_t begin, int64_t end)``,
and `int32_t lltheano_parallel(body, table, extent, grain, unit)` of whoever calls the program has
threads run it on chunks that begin at multiples of `unit`. A range with fewer iterations than two
threads are worth is done by a plain call. What the body needs from outside lies in a *table* on the
caller's stack, the address of the frame first; it is written before the threads begin and then only
read. Loops alike share a function, each with a table of its own. Each chunk owns the memory that it
draws from the pool.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext, Unit
from lltheano_ir.emit.control import likely_branch
from lltheano_ir.emit.exits import emit_failure_exit
from lltheano_ir.emit.loops.alike import Description, described
from lltheano_ir.emit.loops.interrupts import spend
from lltheano_ir.emit.memory.pool import clear_records, release_all
from lltheano_ir.emit.table import Table
from lltheano_ir.emit.values import BYTE, INT, POINTER, STATUS, declared, integer, stack_memory
from lltheano_ir.loops.nodes import Operand, Statement

__all__ = ["PARALLEL", "Range", "emit_shared"]

PARALLEL = "lltheano_parallel"
"""The function that has threads run a body."""

Range: TypeAlias = tuple[ir.Value, ir.Value]
"""The first iteration, and the one behind the last."""

_FRAME = 16
"""Bytes at the start of the table for the address of the frame."""

_PRICE = 128
"""What it costs at least to run such a loop, in iterations: see `interrupts`."""


def emit_shared(
    context: EmissionContext,
    statements: Iterable[Statement],
    extent: ir.Value,
    grain: Operand,
    unit: int,
    body: Callable[[EmissionContext, Range], None],
    also: Iterable[str] = (),
) -> None:
    """Have threads run `body`, which emits a range of the iterations of `statements`.

    `grain` iterations are worth a thread; ranges begin at multiples of `unit`. The body may use the
    names that occur in the statements, and those of `also`.
    """
    builder = context.builder
    # Each range has fuel of its own; so that many short loops ask as often as a long one.
    spend(context.unit, builder, builder.add(extent, integer(_PRICE)))
    memory = stack_memory(context.unit.start, BYTE, _FRAME)
    description = described(context.unit, statements)
    needed = _needed(context, description, also)
    table = _saved(needed, memory)
    bodies = context.unit.bodies
    if description.key not in bodies:
        bodies[description.key] = _body_function(context, table, needed, body)
    function = bodies[description.key]
    status = _run(context, function, memory, extent, grain, unit)
    if not context.unit.committed:
        context.unit.statuses.append((builder.block, status))
        likely_branch(builder, builder.icmp_signed("==", status, STATUS(0)), context.unit.failed)


def _is_for_one(context: EmissionContext, extent: ir.Value, grain: Operand) -> ir.Value:
    """Whether so many iterations are not worth two threads."""
    two = context.builder.shl(context.uniform(grain), integer(1))
    return context.builder.icmp_signed("<", extent, two)


def _needed(
    context: EmissionContext, description: Description, also: Iterable[str]
) -> EmissionContext:
    """What the body needs of a context, in an order that loops alike share."""
    scalars = {one: context.scalars[one] for one in description.scalars if one in context.scalars}
    names = (*description.buffers, *also)
    buffers = {one: context.buffers[one] for one in names if one in context.buffers}
    return replace(context, scalars=scalars, buffers=buffers, slots={})


def _saved(needed: EmissionContext, memory: ir.Value) -> Table:
    """Write the table."""
    needed.builder.store(needed.unit.frame, memory)
    table = Table(_FRAME)
    names = frozenset((*needed.scalars, *needed.buffers))
    table.save(needed, memory, replace(needed, scalars={}, buffers={}), names)
    memory.allocated_type = ir.ArrayType(BYTE, table.bytes)
    return table


def _body_function(
    context: EmissionContext,
    table: Table,
    needed: EmissionContext,
    body: Callable[[EmissionContext, Range], None],
) -> ir.Function:
    module = context.builder.module
    name = module.get_unique_name("lltheano.iterations")
    function = ir.Function(module, ir.FunctionType(STATUS, [POINTER, INT, INT]), name)
    function.linkage = "internal"
    for attribute in ("noinline", "nounwind"):
        function.attributes.add(attribute)
    memory, begin, end = function.args
    memory.add_attribute("nonnull")
    start = ir.IRBuilder(function.append_basic_block("entry"))
    inside = ir.IRBuilder(function.append_basic_block("body"))
    unit = replace(
        context.unit,
        function=function,
        frame=start.load(memory, typ=POINTER),
        start=start,
        records=stack_memory(start, INT, 2),
        failed=function.append_basic_block("failed"),
        small={},
        statuses=[],
        held={},
        spare={},
        fuel=None,
        first=start.icmp_signed("==", begin, integer(0)),
    )
    within = EmissionContext(unit, inside, {}, {}, {})
    table.restore(within, memory, (*needed.scalars, *needed.buffers))
    body(within, (begin, end))
    _finish(unit, inside)
    return function


def _finish(unit: Unit, builder: ir.IRBuilder) -> None:
    """Give back what the chunk drew, however it ends."""
    release_all(unit, builder)
    builder.ret(STATUS(0))
    emit_failure_exit(unit)
    clear_records(unit)
    unit.start.branch(unit.function.blocks[1])
    unit.function.blocks.remove(unit.failed)
    if unit.statuses:
        unit.function.blocks.append(unit.failed)


def _run(
    context: EmissionContext,
    function: ir.Function,
    memory: ir.Value,
    extent: ir.Value,
    grain: Operand,
    unit: int,
) -> ir.Value:
    """The status of the whole range."""
    builder = context.builder
    alone, several, done = (
        builder.append_basic_block(name) for name in ("alone", "several", "shared")
    )
    builder.cbranch(_is_for_one(context, extent, grain), alone, several)
    builder.position_at_end(alone)
    own = builder.call(function, [memory, integer(0), extent])
    builder.branch(done)
    builder.position_at_end(several)
    share = declared(builder.module, PARALLEL, STATUS, [POINTER, POINTER, INT, INT, INT])
    all_ = builder.call(share, [function, memory, extent, context.uniform(grain), integer(unit)])
    builder.branch(done)
    builder.position_at_end(done)
    status = builder.phi(STATUS)
    status.add_incoming(own, alone)
    status.add_incoming(all_, several)
    return status
