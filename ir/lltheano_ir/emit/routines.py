"""Calls: of functions of the module (see `functions`), and of routines: `dot` and LAPACK's (see
`blas` and `lapack`), `nonzero`, `sort`, `argsort` and `copy`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from lltheano_ir.emit.allocation import byte_count, copy_elements
from lltheano_ir.emit.blas import emit_dot
from lltheano_ir.emit.context import Context
from lltheano_ir.emit.functions import emit_function_call
from lltheano_ir.emit.interrupts import CHUNK, spend
from lltheano_ir.emit.memory import as_register
from lltheano_ir.emit.nonzero import emit_nonzero
from lltheano_ir.emit.sorting import emit_argsort, emit_sort
from lltheano_ir.emit.values import BIT, POINTER, integer
from lltheano_ir.loops.nodes import Buffer, Call

__all__ = ["ROUTINES", "emit_call"]

Buffers = tuple[Buffer, ...]
Routine = Callable[[Context, Buffers, Buffers], None]


def emit_call(context: Context, call: Call) -> None:
    """Call a function or a routine. NotImplementedError when there is no routine of that name.

    A routine may take long and cannot be interrupted, so it is paid for before it runs; a function
    may be too short to ask by itself.
    """
    spend(context.unit, context.builder, integer(CHUNK // 8))
    if call.internal:
        emit_function_call(context, call)
    else:
        _routine(call.callee)(context, call.outputs, call.inputs)


def _routine(name: str) -> Routine:
    table = ROUTINES
    for module, stems in _MODULES.items():
        if name.partition("_")[0] in stems:
            table = import_module(module).ROUTINES
    if name not in table:
        known = ", ".join((*ROUTINES, *(stem for stems in _MODULES.values() for stem in stems)))
        raise NotImplementedError(f"no routine is called {name!r}; the routines are {known}")
    return table[name]


def _dot(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    (target,) = outputs
    left, right = inputs
    emit_dot(context, target, left, right)


def _nonzero(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    emit_nonzero(context, outputs[0], inputs[0])


def _sort(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    emit_sort(context, outputs[0], inputs[0])


def _argsort(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    emit_argsort(context, outputs[0], inputs[0])


def _copy(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    """Write all elements of one buffer to another of the same sizes that does not overlap it."""
    (target,) = outputs
    (source,) = inputs
    if target.strides is not None or source.strides is not None:
        copy_elements(context, source, target)
        return
    builder = context.builder
    size = as_register(byte_count(context, target))
    copy = builder.module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, size.type])
    places = [context.buffers[buffer.name] for buffer in (target, source)]
    builder.call(copy, [*places, size, BIT(0)])


ROUTINES: Mapping[str, Routine] = {
    "copy": _copy,
    "dot": _dot,
    "nonzero": _nonzero,
    "sort": _sort,
    "argsort": _argsort,
}
"""What emits a call of each routine; the buffers are its outputs, then its inputs."""

_MODULES = {
    "lltheano_ir.emit.lapack": (
        *("gees", "geev", "geqrf", "gesdd", "getrf", "orgqr", "potrf", "syevd", "trsm", "trsyl"),
    ),
}
"""Where routines are that few programs call, by the first part of their names.

Each module has a table like the one above. It is imported when a routine of it is first called, so
that `import lltheano` stays quick.
"""
