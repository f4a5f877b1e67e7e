"""Calls of other functions of the module.

Every function is called as the entry is, with a frame (see `lltheano_ir.emit.frame`), which the
caller keeps on its stack. A function that fails has left its report there. Its caller copies the
report into its own frame and leaves with the same status, so that what the entry returns is what
went wrong, however deep. The numbers of sites in reports are those of the module.
"""

from llvmlite import ir

from lltheano_ir.abi import REPORT_WORDS, ArrayWords
from lltheano_ir.emit.context import EmissionContext, Unit
from lltheano_ir.emit.control import likely_branch
from lltheano_ir.emit.frame import FrameLayout
from lltheano_ir.emit.memory.accesses import as_register, strides_of
from lltheano_ir.emit.values import BIT, INT, POINTER, STATUS, integer, stack_memory
from lltheano_ir.loops.calls import arguments_of
from lltheano_ir.loops.nodes import Buffer, Call

__all__ = ["declared_function", "emit_function_call"]


def declared_function(module: ir.Module, name: str) -> ir.Function:
    """The LLVM function that one of the module's functions, not the entry, becomes."""
    symbol = f"lltheano.function.{name}"
    known = module.globals.get(symbol)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(STATUS, [POINTER]), symbol)
    function.linkage = "internal"
    function.attributes.add("noinline")
    return function


def emit_function_call(context: EmissionContext, call: Call) -> None:
    """Call a function of the module; leave the function that calls when it fails."""
    unit, builder = context.unit, context.builder
    layout = unit.layouts[call.callee]
    frame = stack_memory(unit.start, INT, layout.words)
    arguments = arguments_of(call, unit.functions[call.callee])
    for field, (_, argument) in zip(layout.parameters, arguments, strict=True):
        _write_argument(context, frame, field.words, argument)
    if layout.calls_back:
        host = builder.load(_word(builder, unit.frame, unit.layout.host), typ=INT)
        builder.store(host, _word(builder, frame, layout.host))
    function = declared_function(builder.module, call.callee)
    status = builder.call(function, [frame])
    _leave_if_failed(unit, builder, frame, layout, status)


def _write_argument(
    context: EmissionContext, frame: ir.Value, words: ArrayWords, argument: Buffer
) -> None:
    builder = context.builder
    itemsize = integer(argument.dtype.itemsize)
    strides = [as_register(stride) for stride in strides_of(context, argument)]
    builder.store(context.buffers[argument.name], _word(builder, frame, words.data))
    values = [
        *(context.uniform(size) for size in argument.sizes),
        *(builder.mul(stride, itemsize) for stride in strides),
    ]
    for number, value in enumerate(values, start=words.sizes):
        builder.store(value, _word(builder, frame, number))


def _leave_if_failed(
    unit: Unit, builder: ir.IRBuilder, frame: ir.Value, layout: FrameLayout, status: ir.Value
) -> None:
    failing = builder.append_basic_block("callee.failed")
    exits = ir.IRBuilder(failing)
    copy = exits.module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, INT])
    target = _word(exits, unit.frame, unit.layout.report)
    source = _word(exits, frame, layout.report)
    exits.call(copy, [target, source, integer(8 * REPORT_WORDS), BIT(0)])
    unit.statuses.append((failing, status))
    exits.branch(unit.failed)
    likely_branch(builder, builder.icmp_signed("==", status, STATUS(0)), failing)


def _word(builder: ir.IRBuilder, words: ir.Value, number: int) -> ir.Value:
    return builder.gep(words, [integer(number)], source_etype=INT)
