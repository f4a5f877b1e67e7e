"""Calls of one function of a module by another: which argument goes where, and whether it fits."""

from collections.abc import Iterator, Mapping, Sequence

from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    LoopFunction,
    LoopModule,
    LoopParameter,
    Operand,
    Scalar,
)
from lltheano_ir.loops.walk import statements_in

__all__ = ["arguments_of", "callees_of", "require_acyclic", "require_arguments"]


def callees_of(function: LoopFunction) -> Iterator[str]:
    """The names of the functions that a function calls, once for each call."""
    for outermost in function.body:
        for statement in statements_in(outermost):
            if isinstance(statement, Call) and statement.internal:
                yield statement.callee


def arguments_of(call: Call, function: LoopFunction) -> list[tuple[LoopParameter, Buffer]]:
    """Each parameter of the function that is called, with what is passed for it.

    Raises ValueError where there are more arguments than parameters, or fewer.
    """
    written = sum(parameter.inout for parameter in function.parameters)
    counts = [written, len(function.parameters) - written]
    if counts != [len(call.outputs), len(call.inputs)]:
        raise ValueError(
            f"@{function.name} takes {counts[0]} outputs and {counts[1]} inputs, got"
            f" {len(call.outputs)} and {len(call.inputs)}"
        )
    outputs, inputs = iter(call.outputs), iter(call.inputs)
    return [
        (parameter, next(outputs if parameter.inout else inputs))
        for parameter in function.parameters
    ]


def require_arguments(call: Call, function: LoopFunction) -> None:
    """Raise ValueError, saying why, unless a function takes the buffers that a call passes."""
    sizes: dict[Scalar, Operand] = {}
    for parameter, argument in arguments_of(call, function):
        own = parameter.buffer
        name = f"%{argument.name}, passed for %{own.name} of @{function.name},"
        if argument.dtype is not own.dtype or len(argument.sizes) != len(own.sizes):
            raise ValueError(
                f"{name} should hold {own.dtype} on {len(own.sizes)} axes; it holds"
                f" {argument.dtype} on {len(argument.sizes)}"
            )
        if own.strides is None and argument.strides is not None:
            raise ValueError(f"{name} should be row-major; it has strides")
        for axis, (size, passed) in enumerate(zip(own.sizes, argument.sizes, strict=True)):
            expected = sizes.setdefault(size, passed) if isinstance(size, Scalar) else size
            if expected != passed:
                raise ValueError(f"{name} has another size on axis {axis} than is asked for")
    if call.attributes:
        raise ValueError("the call of a function has no attributes")


def require_acyclic(module: LoopModule) -> None:
    """Raise ValueError, naming the functions, where one calls itself, if only through others."""
    calls: Mapping[str, Sequence[str]] = {
        function.name: sorted(set(callees_of(function))) for function in module.functions
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycle = (*path[path.index(name) :], name)
            raise ValueError(" calls ".join(f"@{called}" for called in cycle))
        for callee in calls.get(name, ()) if name not in done else ():
            visit(callee, (*path, name))
        done.add(name)

    for function in module.functions:
        visit(function.name, ())
