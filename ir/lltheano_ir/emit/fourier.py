"""The routines of the Fourier transform: functions of the module that all its transforms share.

Their bodies are loop IR (`lltheano_ir.lowering.fourier`), emitted like that of a program, but for
the memory, which is the caller's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import Context, Unit
from lltheano_ir.emit.control import call_procedure
from lltheano_ir.emit.values import Value
from lltheano_ir.loops.nodes import Buffer, LoopFunction, Scalar
from lltheano_ir.lowering.fourier import plan_kernel, transform_kernel
from lltheano_ir.schedule import collapse_loops, vectorise

__all__ = ["ROUTINES"]

Buffers = tuple[Buffer, ...]


def _fft_plan(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    """Decide how rows of a length are transformed."""
    _emit(context, "lltheano.fft_plan", plan_kernel, (*outputs, *inputs))


def _fft(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    """Transform rows where they are."""
    dtype = outputs[0].dtype
    buffers = (*outputs, inputs[-1])
    _emit(context, f"lltheano.fft.{dtype}", lambda: transform_kernel(dtype), buffers)


def _emit(
    context: Context, name: str, kernel: Callable[[], LoopFunction], buffers: Buffers
) -> None:
    args = [context.buffers[buffer.name] for buffer in buffers]
    args += [context.uniform(size) for buffer in buffers for size in buffer.sizes]

    def body(start: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        function = vectorise(collapse_loops(kernel()), context.unit.target)
        _emit_body(context.unit, function, (start, inside), args)

    call_procedure(context.builder, name, args, body)


def _emit_body(
    unit: Unit,
    function: LoopFunction,
    builders: tuple[ir.IRBuilder, ir.IRBuilder],
    args: Sequence[ir.Value],
) -> None:
    """A unit of its own, which draws no memory, cannot fail, and does not ask whether to stop."""
    start, inside = builders
    buffers = [one.buffer for one in function.parameters]
    own = replace(
        unit,
        source=function,
        start=start,
        allocations={},
        parameters={},
        inputs=frozenset(one.buffer.name for one in function.parameters if not one.shared),
        results=frozenset(result.buffer.name for result in function.results),
        small={},
        held={},
        roots={},
        spare={},
        statuses=[],
        committed=True,
    )
    context = Context(own, inside, {}, {}, {})
    sizes = iter(args[len(buffers) :])
    for buffer, data in zip(buffers, args, strict=False):
        context.buffers[buffer.name] = data
        for size in buffer.sizes:
            register = next(sizes)
            if isinstance(size, Scalar):
                context.define(size.name, Value(i64, register))
    context.emit(function.body)
    assert not own.held, f"{function.name} draws memory"


ROUTINES: Mapping[str, Callable[[Context, Buffers, Buffers], None]] = {
    "fft": _fft,
    "fft_plan": _fft_plan,
}
"""What emits a call of each routine; the buffers are its outputs, then its inputs."""
