"""From a loop module to the text of an LLVM module.

The module has one external function, the entry (see `lltheano_ir.emit.frame` for how it is called),
private ones: the functions that the entry calls, helpers, and the parts of a long body (see
`lltheano_ir.emit.parts`). Its text depends on
the loop module and on the width of a vector register, not on the machine otherwise: the same text
serves every architecture, and equal modules give equal text.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace

from llvmlite import ir

from lltheano_ir.emit.calls.callback import emit_callback
from lltheano_ir.emit.calls.functions import declared_function
from lltheano_ir.emit.calls.routines import emit_call
from lltheano_ir.emit.context import EmissionContext, Handler, Unit
from lltheano_ir.emit.control import likely_branch
from lltheano_ir.emit.counters import declare_counters, emit_clock, emit_tally
from lltheano_ir.emit.exits import emit_check, emit_commit, emit_failure_exit, emit_results
from lltheano_ir.emit.frame import FrameLayout, frame_layout
from lltheano_ir.emit.loops.nests import emit_for, emit_if, emit_last, emit_let, emit_rebind
from lltheano_ir.emit.loops.reductions import emit_reduce
from lltheano_ir.emit.memory.accesses import emit_load, emit_store
from lltheano_ir.emit.memory.allocation import (
    emit_alloc,
    emit_constant,
    emit_contiguous,
    emit_view,
    fits_stack,
)
from lltheano_ir.emit.memory.pool import clear_records
from lltheano_ir.emit.parts import Part, cut, last_uses, result_names
from lltheano_ir.emit.table import Parameters, Table
from lltheano_ir.emit.values import BYTE, INT, POINTER, STATUS, stack_memory
from lltheano_ir.loops.analysis.alignment import alignments
from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.nodes import (
    Alloc,
    Call,
    Callback,
    Check,
    Clock,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    LoopModule,
    Rebind,
    Reduce,
    Store,
    Tally,
    View,
    as_module,
)
from lltheano_ir.loops.walk import exchanged_names, rebound_buffers, statements_in
from lltheano_ir.records import record
from lltheano_ir.target import Target

__all__ = ["ENTRY", "HANDLERS", "emit_module"]

ENTRY = "lltheano_entry"
"""The symbol of every entry. A program's own name could be that of a routine which it calls."""

_LEAST = 64
"""Bytes of the least table."""

HANDLERS: Mapping[type, Handler] = {
    Alloc: emit_alloc,
    Call: emit_call,
    Callback: emit_callback,
    Check: emit_check,
    Clock: emit_clock,
    Commit: emit_commit,
    Constant: emit_constant,
    Contiguous: emit_contiguous,
    For: emit_for,
    If: emit_if,
    Let: emit_let,
    Load: emit_load,
    Last: emit_last,
    Rebind: emit_rebind,
    Reduce: emit_reduce,
    Store: emit_store,
    Tally: emit_tally,
    View: emit_view,
}
"""What emits each class of statement."""


def emit_module(functions: LoopFunction | LoopModule, target: Target) -> str:
    """LLVM IR with one entry, called `ENTRY`, for machines with vector registers like the target's.

    Parameters
    ----------
    functions
        A verified loop function, or a module of them.
    target
        The machine.

    Returns
    -------
    The text of a module, without a target triple.

    Raises
    ------
    NotImplementedError
        The function uses a scalar op or a routine that has no emitter for its dtype.

    >>> from lltheano_ir.target import cross_target
    >>> arm = cross_target("aarch64-unknown-linux-gnu")
    >>> text = emit_module(LoopFunction("nothing", (), (), ()), arm)
    >>> [line.partition(" nonnull")[0] for line in text.splitlines() if "define" in line]
    ['define i32 @"lltheano_entry"(ptr noalias']
    """
    module = ir.Module(ENTRY)
    module.triple = ""
    source = as_module(functions)
    called = source.functions[1:]
    entry = frame_layout(source)
    layouts = {one.name: replace(frame_layout(one), calls_back=entry.calls_back) for one in called}
    whole = _Whole(target, {one.name: one for one in called}, layouts, {}, {})
    declare_counters(module, source.entry)
    symbol = ir.Function(module, ir.FunctionType(STATUS, [POINTER]), ENTRY)
    _emit(whole, source.entry, symbol, entry, 0)
    for one in called:
        symbol = declared_function(module, one.name)
        _emit(whole, one, symbol, layouts[one.name], source.first_site(one.name))
    _set_width(module, target.vector_bytes)
    return str(module)


@record(frozen=True)
class _Whole:
    """What all functions of a module have in common: see `Unit`."""

    target: Target
    functions: Mapping[str, LoopFunction]
    layouts: Mapping[str, FrameLayout]
    constants: dict[bytes, ir.Value]
    bodies: dict[Hashable, ir.Function]


def _emit(
    whole: _Whole, function: LoopFunction, symbol: ir.Function, layout: FrameLayout, site: int
) -> None:
    unit, context = _opened(whole, function, symbol, layout, site)
    parameters = Parameters(function, unit.layout.parameters)
    parts = cut(function)
    if parts:
        _emit_parts(context, parameters, parts)
    else:
        parameters.bind(context, parameters.names)
        context.emit(function.body)
    emit_results(context)
    emit_failure_exit(unit)
    clear_records(unit)
    _close(unit)


def _opened(
    whole: _Whole, function: LoopFunction, symbol: ir.Function, layout: FrameLayout, site: int
) -> tuple[Unit, EmissionContext]:
    symbol.attributes.add("nounwind")
    frame = symbol.args[0]
    frame.name = "frame"
    frame.add_attribute("noalias")
    frame.add_attribute("nonnull")
    start = ir.IRBuilder(symbol.append_basic_block("entry"))
    body = ir.IRBuilder(symbol.append_basic_block("body"))
    shared: dict[int, list[Alloc]] = defaultdict(list)
    for one in function.body:
        for statement in statements_in(one):
            if isinstance(statement, Alloc) and statement.slot is not None:
                shared[statement.slot].append(statement)
    unit = Unit(
        source=function,
        layout=layout,
        function=symbol,
        frame=frame,
        start=start,
        records=stack_memory(start, INT, 2),
        failed=symbol.append_basic_block("failed"),
        handlers=HANDLERS,
        target=whole.target,
        allocations=shared,
        parameters={field.name: field for field in layout.parameters},
        alignments=alignments(function),
        results=frozenset().union(*exchanged_names(function).values()),
        roots=_rebound_roots(function),
        functions=whole.functions,
        layouts=whole.layouts,
        first_site=site,
        constants=whole.constants,
        bodies=whole.bodies,
    )
    return unit, EmissionContext(unit, body, {}, {}, {})


def _rebound_roots(function: LoopFunction) -> dict[str, str]:
    """The memory of which a buffer comes to be a view, when a loop rebinds it."""
    roots = Roots(function.body)
    return {target.name: roots.of(target) for target, _ in rebound_buffers(function.body)}


def _emit_parts(context: EmissionContext, parameters: Parameters, parts: Sequence[Part]) -> None:
    """Emit a body as functions that the entry calls one after the other."""
    unit, builder = context.unit, context.builder
    table, memory = Table(), stack_memory(unit.start, BYTE, _LEAST)
    lasts = last_uses(parts, unit.source)
    for number, part in enumerate(parts):
        lasting = frozenset(name for name in part.made if lasts.get(name, 0) > number)
        function = _emit_part(unit, parameters, part, table, lasting)
        status = builder.call(function, [unit.frame, unit.records, memory])
        unit.statuses.append((builder.block, status))
        likely_branch(builder, builder.icmp_signed("==", status, STATUS(0)), unit.failed)
    memory.allocated_type = ir.ArrayType(BYTE, max(table.bytes, _LEAST))
    names = sorted(result_names(unit.source))
    parameters.bind(context, names)
    table.restore(context, memory, names)


def _emit_part(
    whole: Unit, parameters: Parameters, part: Part, table: Table, lasting: Collection[str]
) -> ir.Function:
    module = whole.function.module
    name = module.get_unique_name("lltheano.part")
    function = ir.Function(module, ir.FunctionType(STATUS, [POINTER] * 3), name)
    function.linkage = "internal"
    for attribute in ("noinline", "nounwind"):
        function.attributes.add(attribute)
    frame, records, memory = function.args
    for one in function.args:
        one.add_attribute("noalias")
        one.add_attribute("nonnull")
    start = ir.IRBuilder(function.append_basic_block("entry"))
    body = ir.IRBuilder(function.append_basic_block("body"))
    failed = function.append_basic_block("failed")
    own = (one.buffer for one in part.statements if isinstance(one, Alloc))
    small = table.lines(start, memory, (one.name for one in own if fits_stack(one)))
    # What parts share is shared by reference: the places that draw blocks, and the constants.
    unit = replace(
        whole,
        function=function,
        frame=frame,
        start=start,
        records=records,
        failed=failed,
        small=small,
        statuses=[],
        spare={},
        fuel=None,
    )
    context = EmissionContext(unit, body, {}, {}, {})
    names = sorted(part.names)
    parameters.bind(context, names)
    table.restore(context, memory, names)
    before = context.inside()
    context.emit(part.statements)
    whole.committed = unit.committed
    table.save(context, memory, before, lasting)
    body.ret(STATUS(0))
    emit_failure_exit(unit, owns=False)
    _close(unit)
    return function


def _close(unit: Unit) -> None:
    """Join the blocks of a function, the exit of failures last, if there is any."""
    unit.start.branch(unit.function.blocks[1])
    unit.function.blocks.remove(unit.failed)
    if unit.statuses:
        unit.function.blocks.append(unit.failed)


def _set_width(module: ir.Module, vector_bytes: int) -> None:
    """Say how wide registers are, or x86 code generation would use 512 bits wherever it may."""
    bits = 8 * vector_bytes
    for function in module.functions:
        if function.blocks:
            for name in ("min-legal-vector-width", "prefer-vector-width"):
                # llvmlite's own `add` knows no attributes of the form "name"="value".
                set.add(function.attributes, f'"{name}"="{bits}"')
