"""Calls of host functions: what is passed to `lltheano_callback` and what comes back.

That function of the run time is called with the number that the frame has for the caller's table
of functions, the number of the function in that table, a record of words in the stack frame
(`lltheano_ir.abi.words`), and three lines of text: the dtypes and ranks of the operands
(`f64:2 i64:0`), those of the results, and the function's name.

It returns 1 when every result lies row-major in a block of the pool, which the compiled function
owns from then on, has the sizes of the record, or has written them there; anything else is a
failure, after which there is no block.
"""

from llvmlite import ir

from lltheano_ir.abi import UNKNOWN, CallWords, Status, call_words
from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import likely_branch
from lltheano_ir.emit.memory.accesses import as_register, strides_of
from lltheano_ir.emit.memory.allocation import bytes_of
from lltheano_ir.emit.memory.pool import keep, release
from lltheano_ir.emit.values import (
    INT,
    POINTER,
    STATUS,
    EmittedValue,
    declared,
    integer,
    stack_memory,
)
from lltheano_ir.loops.nodes import Buffer, Callback, Scalar

__all__ = ["emit_callback"]


def emit_callback(context: EmissionContext, call: Callback) -> None:
    """Call a host function; leave the function with its ticket when it fails."""
    unit, builder = context.unit, context.builder
    layout = call_words(
        (len(one.sizes) for one in call.inputs), (len(one.sizes) for one in call.outputs)
    )
    words = stack_memory(unit.start, INT, layout.words)
    _write_operands(context, words, layout, call.inputs)
    _write_wanted(context, words, layout, call)
    for one in call.outputs:
        release(unit, builder, one.name)
    host = builder.load(_word(builder, unit.frame, unit.layout.host), typ=INT)
    function = declared(
        builder.module, "lltheano_callback", STATUS, [INT, INT, POINTER, POINTER, INT]
    )
    data = _signature(call)
    text = bytes_of(context, data)
    args = [host, integer(call.function), words, text, integer(len(data))]
    status = builder.call(function, args)
    _leave_unless_done(context, call, words, builder.icmp_signed("==", status, STATUS(1)))
    _read_results(context, words, layout, call)


def _signature(call: Callback) -> bytes:
    groups = (
        " ".join(f"{one.dtype}:{len(one.sizes)}" for one in group)
        for group in (call.inputs, call.outputs)
    )
    return "\n".join((*groups, call.name)).encode()


def _word(builder: ir.IRBuilder, words: ir.Value, place: int) -> ir.Value:
    return builder.gep(words, [integer(place)], source_etype=INT)


def _write_operands(
    context: EmissionContext, words: ir.Value, layout: CallWords, inputs: tuple[Buffer, ...]
) -> None:
    builder = context.builder
    builder.store(integer(0), _word(builder, words, layout.ticket))
    for one, place in zip(inputs, layout.operands, strict=True):
        builder.store(context.buffers[one.name], _word(builder, words, place.data))
        sizes = [context.uniform(size) for size in one.sizes]
        itemsize = integer(one.dtype.itemsize)
        strides = [
            builder.mul(as_register(stride), itemsize) for stride in strides_of(context, one)
        ]
        for number, value in enumerate((*sizes, *strides), start=place.sizes):
            builder.store(value, _word(builder, words, number))


def _write_wanted(
    context: EmissionContext, words: ir.Value, layout: CallWords, call: Callback
) -> None:
    builder = context.builder
    for one, place in zip(call.outputs, layout.results, strict=True):
        builder.store(ir.Constant(POINTER, None), _word(builder, words, place.data))
        for number, size in enumerate(one.sizes, start=place.sizes):
            wanted = integer(UNKNOWN) if size in call.measured else context.uniform(size)
            builder.store(wanted, _word(builder, words, number))


def _leave_unless_done(
    context: EmissionContext, call: Callback, words: ir.Value, done: ir.Value
) -> None:
    unit, builder = context.unit, context.builder
    failing = builder.append_basic_block(f"callback.{call.function}")
    exits = ir.IRBuilder(failing)
    ticket = exits.load(_word(exits, words, CallWords.ticket), typ=INT)
    exits.store(ticket, _word(exits, unit.frame, unit.layout.report))
    function = integer(call.function)
    exits.store(function, _word(exits, unit.frame, unit.layout.report + 1))
    unit.statuses.append((failing, Status.CALLBACK_FAILED))
    exits.branch(unit.failed)
    likely_branch(builder, done, failing)


def _read_results(
    context: EmissionContext, words: ir.Value, layout: CallWords, call: Callback
) -> None:
    unit, builder = context.unit, context.builder
    for one, place in zip(call.outputs, layout.results, strict=True):
        data = builder.load(_word(builder, words, place.data), typ=POINTER)
        keep(unit, builder, one.name, data)
        context.buffers[one.name] = data
        for number, size in enumerate(one.sizes, start=place.sizes):
            if isinstance(size, Scalar) and size in call.measured:
                value = EmittedValue(i64, builder.load(_word(builder, words, number), typ=INT))
                context.define(size.name, value)
