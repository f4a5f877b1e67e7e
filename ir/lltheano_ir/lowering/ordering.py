"""Ops that are sequential algorithms, each a call of a routine on row-major memory: `nonzero`."""

from lltheano_ir.loops.nodes import Buffer, Call
from lltheano_ir.lowering.checks import check_value
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value

__all__ = ["lower_nonzero"]


def _row_major(state: Lowering, value: Value) -> Buffer:
    """The value in memory without gaps, its last axis contiguous."""
    buffer = state.buffer(value)
    if buffer.strides is None:
        return buffer
    plain = state.context.alloc(buffer.dtype, buffer.sizes)
    state.context.copy(buffer, plain)
    return plain


def lower_nonzero(state: Lowering, value: Value) -> None:
    """The mask is made in memory; the number of places is known before."""
    check_value(state, value)
    mask = _row_major(state, value.operands[0])
    target = state.context.alloc(value.type.dtype, state.sizes(value))
    state.context.emit(Call("nonzero", (target,), (mask,)))
    state.buffers[value] = target
