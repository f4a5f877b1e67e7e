"""From a loop function to the text of an LLVM module.

The module has one external function, the entry (see `lltheano_ir.emit.frame` for how it is called),
and private helpers. Its text depends on the loop function and on the width of a vector register,
not on the machine otherwise: the same text serves every architecture, and equal functions give
equal text.
"""

from collections import defaultdict
from collections.abc import Mapping

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.allocation import emit_alloc, emit_constant, emit_contiguous, emit_view
from lltheano_ir.emit.callback import emit_callback
from lltheano_ir.emit.context import Context, Handler, Unit
from lltheano_ir.emit.exits import emit_check, emit_commit, emit_failure_exit, emit_results
from lltheano_ir.emit.frame import Field, frame_layout
from lltheano_ir.emit.loops import emit_for, emit_if, emit_let
from lltheano_ir.emit.memory import emit_load, emit_store
from lltheano_ir.emit.pool import clear_records
from lltheano_ir.emit.reductions import emit_reduce
from lltheano_ir.emit.routines import emit_call
from lltheano_ir.emit.values import INT, POINTER, STATUS, Value, integer, stack_memory
from lltheano_ir.loops.nodes import (
    Alloc,
    Call,
    Callback,
    Check,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Reduce,
    Scalar,
    Store,
    View,
)
from lltheano_ir.loops.walk import statements_in

__all__ = ["ENTRY", "HANDLERS", "emit_function"]

ENTRY = "lltheano_entry"
"""The symbol of every entry. A program's own name could be that of a routine which it calls."""

HANDLERS: Mapping[type, Handler] = {
    Alloc: emit_alloc,
    Call: emit_call,
    Callback: emit_callback,
    Check: emit_check,
    Commit: emit_commit,
    Constant: emit_constant,
    Contiguous: emit_contiguous,
    For: emit_for,
    If: emit_if,
    Let: emit_let,
    Load: emit_load,
    Reduce: emit_reduce,
    Store: emit_store,
    View: emit_view,
}
"""What emits each class of statement."""


def emit_function(function: LoopFunction, *, vector_bytes: int) -> str:
    """LLVM IR with one entry, called `ENTRY`, for machines with such vector registers.

    Parameters
    ----------
    function
        A verified loop function.
    vector_bytes
        The bytes of the vector register to use: 16, 32 or 64.

    Returns
    -------
    The text of a module, without a target triple.

    Raises
    ------
    NotImplementedError
        The function uses a scalar op or a routine that has no emitter for its dtype.

    >>> text = emit_function(LoopFunction("nothing", (), (), ()), vector_bytes=32)
    >>> [line.partition(" nonnull")[0] for line in text.splitlines() if "define" in line]
    ['define i32 @"lltheano_entry"(ptr noalias']
    """
    module = ir.Module(ENTRY)
    module.triple = ""
    unit, context = _opened(module, function, vector_bytes)
    _bind_parameters(unit, context)
    context.emit(function.body)
    emit_results(context)
    emit_failure_exit(unit)
    clear_records(unit)
    unit.start.branch(unit.function.blocks[1])
    unit.function.blocks.remove(unit.failed)
    if unit.statuses:
        unit.function.blocks.append(unit.failed)
    _set_width(module, vector_bytes)
    return str(module)


def _opened(module: ir.Module, function: LoopFunction, vector_bytes: int) -> tuple[Unit, Context]:
    entry = ir.Function(module, ir.FunctionType(STATUS, [POINTER]), ENTRY)
    entry.attributes.add("nounwind")
    frame = entry.args[0]
    frame.name = "frame"
    frame.add_attribute("noalias")
    frame.add_attribute("nonnull")
    start = ir.IRBuilder(entry.append_basic_block("entry"))
    body = ir.IRBuilder(entry.append_basic_block("body"))
    shared: dict[int, list[Alloc]] = defaultdict(list)
    for one in function.body:
        for statement in statements_in(one):
            if isinstance(statement, Alloc) and statement.slot is not None:
                shared[statement.slot].append(statement)
    unit = Unit(
        source=function,
        layout=frame_layout(function),
        function=entry,
        frame=frame,
        start=start,
        records=stack_memory(start, INT, 2),
        failed=entry.append_basic_block("failed"),
        handlers=HANDLERS,
        vector_bytes=vector_bytes,
        allocations=shared,
    )
    return unit, Context(unit, body, {}, {}, {})


def _bind_parameters(unit: Unit, context: Context) -> None:
    """Read the parameters' pointers, sizes and strides out of the frame."""
    for field, parameter in zip(unit.layout.parameters, unit.source.parameters, strict=True):
        buffer = parameter.buffer
        context.buffers[buffer.name] = _word(unit, context, field.data, POINTER)
        for axis, size in enumerate(buffer.sizes):
            _bind(context, size, unit, field.sizes + axis)
        for axis, stride in enumerate(buffer.strides or ()):
            _bind_stride(context, stride, unit, field, axis)


def _bind(context: Context, operand: Operand, unit: Unit, offset: int) -> None:
    if isinstance(operand, Scalar) and operand.name not in context.scalars:
        context.define(operand.name, Value(i64, _word(unit, context, offset, INT)))


def _bind_stride(context: Context, stride: Operand, unit: Unit, field: Field, axis: int) -> None:
    """Strides come in bytes, and are elements from here on."""
    if not isinstance(stride, Scalar) or stride.name in context.scalars or field.strides is None:
        return
    in_bytes = _word(unit, context, field.strides + axis, INT)
    shift = field.dtype.itemsize.bit_length() - 1
    elements = context.builder.ashr(in_bytes, integer(shift)) if shift else in_bytes
    context.define(stride.name, Value(i64, elements))


def _word(unit: Unit, context: Context, offset: int, kind: ir.Type) -> ir.Value:
    builder = context.builder
    place = builder.gep(unit.frame, [integer(offset)], source_etype=INT)
    return builder.load(place, typ=kind)


def _set_width(module: ir.Module, vector_bytes: int) -> None:
    """Say how wide registers are, or x86 code generation would use 512 bits wherever it may."""
    bits = 8 * vector_bytes
    for function in module.functions:
        if function.blocks:
            for name in ("min-legal-vector-width", "prefer-vector-width"):
                # llvmlite's own `add` knows no attributes of the form "name"="value".
                set.add(function.attributes, f'"{name}"="{bits}"')
