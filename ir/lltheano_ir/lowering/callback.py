"""Calls of host functions: operands in memory, and results in memory that the call itself makes."""

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Callback, Operand, Scalar
from lltheano_ir.lowering.checks import require_sizes
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value, result
from lltheano_ir.ops.callback import callback_form
from lltheano_ir.types import ValueType

__all__ = ["lower_callback"]


def lower_callback(state: Lowering, value: Value) -> None:
    """Emit the call, with the sizes that are known, and give each result its place."""
    form = callback_form(value.attributes)
    inputs = tuple(state.buffer(operand) for operand in form.passed(value.operands))
    outputs: list[Buffer] = []
    measured: list[Scalar] = []
    for type_, given in zip(form.results, form.sizes(value.operands), strict=True):
        require_sizes(state, value, given or ())
        sizes = _sizes(state, type_, given, measured)
        outputs.append(Buffer(state.context.fresh("b"), type_.dtype, sizes))
    state.context.emit(
        Callback(form.function, form.name, tuple(outputs), inputs, tuple(measured), form.ordered)
    )
    state.context.owned.update(outputs)
    if form.ordered:
        token = state.scalar(value.operands[0])
        state.scalars[result(value, 0)] = state.context.index_op("add", token, number(1))
    for index, buffer in enumerate(outputs, start=int(form.ordered)):
        state.buffers[result(value, index)] = buffer


def _sizes(
    state: Lowering, type_: ValueType, given: tuple[Value, ...] | None, measured: list[Scalar]
) -> tuple[Operand, ...]:
    """The sizes of a result, of which those that the call tells are added to `measured`."""
    sizes: list[Operand] = []
    for axis, one in enumerate(type_.broadcast):
        if one:
            sizes.append(number(1))
        elif given is not None:
            sizes.append(state.scalar(given[axis]))
        else:
            measured.append(Scalar(state.context.fresh("s"), i64))
            sizes.append(measured[-1])
    return tuple(sizes)
