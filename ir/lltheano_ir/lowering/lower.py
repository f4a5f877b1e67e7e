"""Lower a program of the tensor IR to a function of the loop IR.

Each value that is needed becomes either a scalar (rank 0) or a buffer, or is never made at all:
fused groups, sizes, and the reordering of axes are folded into the loops that use them. Inputs are
brought into row-major order first; shared parameters are row-major already. Every result gets
memory of its own here; that an update may be written straight into its parameter is found later, by
`lltheano_ir.memory`.
"""

from collections.abc import Callable, Collection

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    Contiguous,
    LoopFunction,
    LoopModule,
    LoopParameter,
    Operand,
    Scalar,
)
from lltheano_ir.lowering.callback import lower_callback
from lltheano_ir.lowering.control import lower_if, lower_loop
from lltheano_ir.lowering.convolution.lower import lower_convolution
from lltheano_ir.lowering.convolution.pooling import lower_spread, lower_spread_max
from lltheano_ir.lowering.fourier.transform import lower_fft
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.groups import lower_group
from lltheano_ir.lowering.indexing import lower_scatter, lower_slice_update
from lltheano_ir.lowering.linalg.factorisation import lower_factorisation
from lltheano_ir.lowering.linalg.products import lower_concatenate, lower_dot
from lltheano_ir.lowering.ordering import lower_cumulate, lower_nonzero, lower_sort
from lltheano_ir.lowering.results import make_results
from lltheano_ir.lowering.sparse import lower_csc_dot, lower_csr_dot, lower_csr_sampled_dot
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.lowering.steady import steady_parameters
from lltheano_ir.nodes import Value
from lltheano_ir.program import Parameter, Program
from lltheano_ir.provenance import Origin
from lltheano_ir.shapes import Shapes

__all__ = ["lower"]


def lower(
    program: Program,
    simplify: Callable[[Value], Value] = lambda value: value,
    *,
    origins: dict[str, Origin] | None = None,
) -> LoopModule:
    """Return the loop IR of `program`: an entry of its name, and the functions that this calls.

    `simplify` is applied to the size expressions made on the way. What the names of the entry were
    made for is added to `origins`.
    """
    taken = {one.name for one in program.parameters}
    context = FunctionBuilder(locations=dict(program.locations), taken=taken, entry=program.name)
    state = Lowering(context, Shapes(simplify))
    steady = steady_parameters(program)
    parameters = tuple(
        _bind_parameter(state, index, one, index in steady)
        for index, one in enumerate(program.parameters)
    )
    values = list(program.values())
    _load_scalars(state, program, set(values), steady)
    for value in values:
        _lower_value(state, value)
    results = make_results(state, program)
    entry = LoopFunction(
        program.name, parameters, tuple(context.blocks[0]), results, tuple(context.sites)
    )
    if origins is not None:
        origins |= {name: _origin(state, value) for name, value in context.made_for.items()}
    return LoopModule((entry, *context.functions.values()))


def _origin(state: Lowering, value: Value) -> Origin:
    """The op of a value and its place; of a fused group, those of its last result."""
    while value.regions and value.form.runs_once:
        value = value.regions[0].results[-1]
    return Origin(value.op.name, state.location(value))


def _bind_parameter(
    state: Lowering, index: int, parameter: Parameter, steady: bool
) -> LoopParameter:
    value = state.argument(index, parameter.type)
    sizes: tuple[Operand, ...] = tuple(
        number(1) if one else Scalar(state.context.named(f"{parameter.name}.{axis}"), i64)
        for axis, one in enumerate(parameter.type.broadcast)
    )
    for size in sizes:
        state.context.ranges.note_size(size)
    dtype = parameter.type.dtype
    if parameter.shared or not sizes:
        buffer = Buffer(parameter.name, dtype, sizes)
        state.buffers[value] = buffer
        return LoopParameter(buffer, parameter.shared)
    strides = tuple(
        Scalar(state.context.named(f"{parameter.name}.s{axis}"), i64) for axis in range(len(sizes))
    )
    buffer = Buffer(parameter.name, dtype, sizes, strides)
    if steady:
        plain = state.context.alloc(dtype, sizes)
        state.context.copy(buffer, plain)
    else:
        plain = Buffer(state.context.fresh("b"), dtype, sizes)
        state.context.emit(Contiguous(plain, buffer))
    state.buffers[value] = plain
    return LoopParameter(buffer, False)


def _load_scalars(
    state: Lowering, program: Program, used: set[Value], steady: Collection[int]
) -> None:
    """Read each input of rank 0 once: it may be checked here and used as an index there.

    One that must not change is given memory of its own where it is looked at as an array too.
    """
    for index, one in enumerate(program.parameters):
        value = state.argument(index, one.type)
        if one.shared or one.type.rank or value not in used:
            continue
        state.scalars[value] = state.context.load(state.buffers[value], ())
        if index in steady:
            del state.buffers[value]


def _lower_value(state: Lowering, value: Value) -> None:
    with state.context.making(value):
        _lower_by_op(state, value)


def _lower_by_op(state: Lowering, value: Value) -> None:
    rule = _RULES.get(value.op.name)
    if rule is not None:
        rule(state, value)
    elif value.op.family == "factorisation":
        lower_factorisation(state, value)
    elif value.op.is_elementwise and value.rank:
        _lower_alone(state, value)
    elif value.op.is_elementwise:
        state.scalar(value)


def _lower_fused(state: Lowering, value: Value) -> None:
    state.lower_fused(value, lower_group)


def _lower_alone(state: Lowering, value: Value) -> None:
    if not state.has(value):
        lower_group(state, [(value, value)])


def _lower_assert(state: Lowering, value: Value) -> None:
    operand, condition, *numbers = value.operands
    kind, message = value.attributes
    reported = [state.scalar(one) for one in numbers]
    state.context.check(state.scalar(condition), kind, message, state.location(value), *reported)
    state.alias(value, operand)


def _lower_if(state: Lowering, value: Value) -> None:
    lower_if(state, value, _lower_value)


def _lower_loop(state: Lowering, value: Value) -> None:
    lower_loop(state, value, _lower_value)


_RULES: dict[str, Callable[[Lowering, Value], None]] = {
    "fused": _lower_fused,
    "reduce": _lower_alone,
    "argreduce": _lower_alone,
    "gather": _lower_alone,
    "scatter": lower_scatter,
    "slice_update": lower_slice_update,
    "concatenate": lower_concatenate,
    "dot": lower_dot,
    "csr_dot": lower_csr_dot,
    "csc_dot": lower_csc_dot,
    "csr_sampled_dot": lower_csr_sampled_dot,
    "nonzero": lower_nonzero,
    "sort": lower_sort,
    "argsort": lower_sort,
    "cumulate": lower_cumulate,
    "convolve": lower_convolution,
    "convolve_images": lower_convolution,
    "convolve_filters": lower_convolution,
    "spread": lower_spread,
    "spread_max": lower_spread_max,
    "fft": lower_fft,
    "assert": _lower_assert,
    "callback": lower_callback,
    "if": _lower_if,
    "loop": _lower_loop,
    "while": _lower_loop,
}
