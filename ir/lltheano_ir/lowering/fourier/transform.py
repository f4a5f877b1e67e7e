"""The Fourier transform of rows, by two functions of the module (see `functions`)."""

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Operand, Store
from lltheano_ir.lowering.checks import require_equal
from lltheano_ir.lowering.fourier.functions import plan_function, transform_function
from lltheano_ir.lowering.fourier.plan import LONGEST, PLAN_SIZE, space_needed
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value, result

__all__ = ["lower_fft"]


def lower_fft(state: Lowering, value: Value) -> None:
    """Transform each row in memory of its own."""
    context = state.context
    real, imaginary = value.operands
    for axis in range(2):
        first, second = (state.shapes.sizes(one)[axis] for one in (real, imaginary))
        require_equal(state, value, first, second, f"sizes on axis {axis},")
    sizes = state.sizes(real)
    length = sizes[1]
    fits = context.let("le", bool_, length, number(LONGEST))
    message = f"fft: rows have up to {LONGEST} elements, got {{0}}"
    context.check(fits, "value", message, state.location(value), length)
    targets = _copied(state, real, sizes), _copied(state, imaginary, sizes)
    given, plan = context.alloc(i64, ()), context.alloc(i64, (number(PLAN_SIZE),))
    context.emit(Store(given, (), length))
    context.call(plan_function(), (plan,), (given,))
    dtype = value.types[0].dtype
    space = context.alloc(dtype, (space_needed(context, plan, length),))
    context.call(transform_function(dtype), (*targets, space), (plan,))
    for position, target in enumerate(targets):
        state.buffers[result(value, position)] = target


def _copied(state: Lowering, value: Value, sizes: tuple[Operand, ...]) -> Buffer:
    state.prepare(value)
    target = state.context.alloc(value.type.dtype, sizes)
    with state.context.loops(target.sizes) as indices, state.scope():
        state.context.emit(Store(target, indices, state.element(value, indices)))
    return target
