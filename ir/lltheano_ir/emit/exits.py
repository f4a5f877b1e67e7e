"""The ways out of a function: checks that fail, and the results of one that does not.

A failing check writes the number of its site and its values into the report; no value of the
function's own memory survives. In several lanes the first lane that fails is the one that is
reported, as if the iterations had run one after the other.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.abi import REPORT_WORDS, Status
from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext, Unit, operand_dtype
from lltheano_ir.emit.control import call_procedure, likely_branch
from lltheano_ir.emit.memory.pool import hand_over, own_what_is_named, release_all
from lltheano_ir.emit.scalars.casts import cast
from lltheano_ir.emit.values import (
    BIT,
    INT,
    STATUS,
    integer,
    intrinsic,
    splat,
)
from lltheano_ir.loops.nodes import Check, Commit, Operand
from lltheano_ir.loops.walk import exchanged_names

__all__ = ["emit_check", "emit_commit", "emit_failure_exit", "emit_results"]


def emit_check(context: EmissionContext, check: Check) -> None:
    """Leave the function with the site's error unless the condition holds (in every lane)."""
    builder = context.builder
    condition = context.value(check.condition)
    failing = builder.append_basic_block(f"site.{check.site}")
    exits = ir.IRBuilder(failing)
    if condition.lanes == 1:
        values = [_reported(context, exits, value, None) for value in check.values]
        held = condition.register
    else:
        bits = ir.IntType(condition.lanes)
        failures = builder.xor(condition.register, splat(builder, BIT(1), condition.lanes))
        mask = builder.bitcast(failures, bits)
        held = builder.icmp_unsigned("==", mask, bits(0))
        first = intrinsic(exits, "cttz", mask, BIT(1))
        lane = exits.zext(first, INT) if condition.lanes < 64 else exits.trunc(first, INT)
        values = [_reported(context, exits, value, lane) for value in check.values]
    site = integer(context.unit.first_site + check.site)
    _report(context.unit, exits, [site, *values])
    likely_branch(builder, held, failing)


def _report(unit: Unit, exits: ir.IRBuilder, words: Sequence[ir.Value]) -> None:
    """End a block by leaving the function with these words of report."""
    reported = words[:REPORT_WORDS]

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        for number, word in enumerate(args[1:]):
            inside.store(word, inside.gep(args[0], [integer(number)], source_etype=INT))

    report = exits.gep(unit.frame, [integer(unit.layout.report)], source_etype=INT)
    call_procedure(exits, f"lltheano.report.{len(reported)}", [report, *reported], body)
    unit.statuses.append((exits.block, Status.CHECK_FAILED))
    exits.branch(unit.failed)


def _reported(
    context: EmissionContext, exits: ir.IRBuilder, operand: Operand, lane: ir.Value | None
) -> ir.Value:
    """An operand as a word of the report, from the lane that failed."""
    value = context.value(operand)
    register = value.register
    if value.lanes > 1:
        register = exits.extract_element(register, lane)
    return cast(exits, operand_dtype(operand), i64, register)


def emit_commit(context: EmissionContext, statement: Commit) -> None:
    """What follows cannot fail, and is not asked to stop."""
    context.unit.committed = True


def emit_results(context: EmissionContext) -> None:
    """Hand the results over, give all other memory back, and return 0."""
    unit, builder = context.unit, context.builder
    groups = [group for group in exchanged_names(unit.source).values() if len(group) > 1]
    for name in sorted(frozenset().union(*groups)):
        own_what_is_named(unit, builder, name, context.buffers[name])
    for field, result in zip(unit.layout.results, unit.source.results, strict=True):
        hand_over(unit, builder, unit.root(result.buffer))
        store_word(unit, builder, field.words.data, context.buffers[result.buffer.name])
        for axis, size in enumerate(result.buffer.sizes):
            store_word(unit, builder, field.words.sizes + axis, context.uniform(size))
    release_all(unit, builder)
    builder.ret(STATUS(0))


def store_word(unit: Unit, builder: ir.IRBuilder, offset: int, value: ir.Value) -> None:
    """Write a word of the frame."""
    builder.store(value, builder.gep(unit.frame, [integer(offset)], source_etype=INT))


def emit_failure_exit(unit: Unit, *, owns: bool = True) -> None:
    """Where all failures meet: give all memory back, if the function owns it, return the status."""
    builder = ir.IRBuilder(unit.failed)
    if not unit.statuses:
        builder.unreachable()
        return
    status = builder.phi(STATUS)
    for block, number in unit.statuses:
        status.add_incoming(STATUS(number) if isinstance(number, int) else number, block)
    if owns:
        release_all(unit, builder)
    builder.ret(status)
