"""From a request to a compiled program and its arrangement: lower, compile, bind to storage.

What is a tensor is computed by the program. Python objects go round it: they may be inputs, outputs
and the values of shared variables, and the arrangement hands them from one to another, and to the
ops that compute in Python.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from lltheano import graph as graphs
from lltheano.config import config
from lltheano.errors import LoweringError, MissingInputError
from lltheano.function.callables.arrangement import Arrangement, Returned, Source
from lltheano.function.programs.arguments import Converter
from lltheano.function.programs.compiler import compile_lowered
from lltheano.function.programs.gil import release_gil_from
from lltheano.function.programs.program import CompiledProgram
from lltheano.function.requests.components import in_components
from lltheano.function.requests.gather import CommitCounter, Gathered, check_used, gather
from lltheano.function.requests.inputs import In
from lltheano.function.requests.reading import Request
from lltheano.graph import (
    Apply,
    CompoundType,
    Constant,
    DisconnectedType,
    NullType,
    Variable,
    applies,
    number_of_components,
)
from lltheano.graph.optimisers.hooks import registered
from lltheano.interfaces.layers import debugging
from lltheano.lowering import lower, no_gradient
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output, Shared, Update
from lltheano.shared import (
    GenericSharedVariable,
    ObjectStorage,
    SharedVariable,
    TensorSharedVariable,
)
from lltheano.tensor.variables.variable import TensorType

if TYPE_CHECKING:
    from lltheano.function.debugging.debug_mode import DebugMode

__all__ = ["arrange", "make_converter"]


def arrange(request: Request, passed: frozenset[int] = frozenset()) -> Arrangement:
    """Compile a request, with callers passing the kept inputs at the positions `passed`.

    Raises what `function` raises for a graph that is incomplete or does not fit together.
    """
    whole = gather(request, passed)
    check_used(whole, request)
    outputs = _outputs(request, whole)
    graph = in_components(whole)
    replaced = tuple(
        (target.container.backing, _source(value, graph))
        for target, value in graph.updates.items()
        if isinstance(target, GenericSharedVariable)
    )
    commits = CommitCounter(None, _COUNTER_TYPE, 0) if replaced else None
    if commits is not None:
        graph = _counting(graph, commits)
    objects = _objects(graph)
    used = [output.source for output in outputs]
    used += [source for _, source in (*replaced, *objects)]
    program, computed = _compile(request, graph)
    return Arrangement(
        program=program,
        parameters=tuple(i for i, leaf in graph.parameters if _is_tensor(leaf)),
        compounds=tuple(_compounds(request, whole)),
        outputs=outputs,
        replaced=replaced,
        objects=objects,
        storages=_in_lock_order(
            [*(storage for storage, _ in replaced), *(one.storage for one in used)]
        ),
        commits=None if commits is None else commits.container.backing,
        computes=any(map(_gives_objects, applies(graph.roots))),
        computed=tuple(computed),
    )


def _compounds(request: Request, graph: Gathered) -> Iterator[tuple[int, Converter, CompoundType]]:
    """The parameters of several components."""
    for position, leaf in graph.parameters:
        if isinstance(leaf.type, CompoundType):
            yield position, make_converter(request, position), leaf.type


_COUNTER_TYPE = TensorType("int64", ())


def _counting(graph: Gathered, counter: CommitCounter) -> Gathered:
    updates: dict[SharedVariable, Variable] = {**graph.updates, counter: counter + 1}
    return replace(graph, shared=(*graph.shared, counter), updates=updates)


def make_converter(request: Request, position: int) -> Converter:
    """Return what converts the arguments for an input."""
    spec = request.inputs[position]
    label = repr(spec.name) if spec.name is not None else f"number {position}"
    return Converter(spec, f"{request.label} argument {label}")


def _converter_for(request: Request, position: int, leaf: Variable) -> Converter:
    """What converts the arguments for an input of the program."""
    if _is_tensor(request.inputs[position].variable):
        return make_converter(request, position)
    return Converter(In(leaf), f"{request.label} argument number {position}")


def _is_tensor(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType)


def _is_object(variable: Variable) -> bool:
    return not isinstance(variable.type, TensorType | CompoundType)


def _gives_objects(node: Apply) -> bool:
    return any(map(_is_object, node.outputs))


def _is_computed(variable: Variable) -> bool:
    """Whether an op in Python computes a Python object."""
    return variable.owner is not None and variable.owner.op.calls_python


def _compile(request: Request, graph: Gathered) -> tuple[CompiledProgram, list[Variable]]:
    """Return the program, and the variables of outputs that are Python objects ops compute.

    The program has a result for each of these too, after the others, so that it computes them.
    """
    inputs = [(i, leaf) for i, leaf in graph.parameters if _is_tensor(leaf)]
    shared = [
        shared_variable
        for shared_variable in graph.shared
        if isinstance(shared_variable, TensorSharedVariable)
    ]
    tensors = [output for output in graph.outputs if _is_tensor(output)]
    objects = [
        output for output in graph.outputs if not _is_tensor(output) and _is_computed(output)
    ]
    outputs = [*tensors, *objects]
    updates = [
        (target, value)
        for target, value in graph.updates.items()
        if isinstance(target, TensorSharedVariable)
    ]
    outputs, updates = _by_the_users_rules(request, graph, outputs, updates)
    checked = request.mode.checks_calls
    results = [*outputs, *shared, *(value for _, value in updates)] if checked else outputs
    written = [] if checked else updates
    program = lower([leaf for _, leaf in inputs], results, written, request.plain_name, shared)
    converters = [_converter_for(request, position, leaf) for position, leaf in inputs]
    compiled = compile_lowered(program, request.mode)
    single = request.outputs.single and len(outputs) == 1
    computed = outputs[len(tensors) :]
    host = compiled.source.host
    executable = Executable(
        compiled.address,
        [
            *map(_input, converters),
            *(Shared(shared_variable.container.backing) for shared_variable in shared),
        ],
        [*map(_output, results), *(Update(one.container.backing) for one, _ in written)],
        keep_alive=compiled,
        single=single and not checked,
        host=debugging.watched_calls(host, results) if checked else host,
        release_gil_from=release_gil_from(program),
    )
    parts = request.label, converters, executable, graph, compiled
    if checked:
        count = len(outputs)
        result: CompiledProgram = debugging.CheckedProgram(
            *parts,
            outputs=count,
            watched=results,
            updated=[one for one, _ in updates],
            single=single,
            mode=cast("DebugMode", request.mode),
        )
        return result, computed
    return CompiledProgram(*parts, single=single), computed


def _by_the_users_rules(
    request: Request,
    graph: Gathered,
    outputs: list[Variable],
    updates: list[tuple[TensorSharedVariable, Variable]],
) -> tuple[list[Variable], list[tuple[TensorSharedVariable, Variable]]]:
    """The outputs and updates, rewritten by what the program has registered."""
    inputs = [*(leaf for _, leaf in graph.parameters), *graph.shared]
    roots = [*outputs, *(value for _, value in updates)]
    mode = request.mode
    if registered.is_set() or mode.rewriter is not None or mode.optimizer.extra_optimizations:
        roots = graphs.rewritten_for(mode.optimizer, mode.rewriter, inputs, roots)
    roots = mode.watched(inputs, roots)
    count = len(outputs)
    values = zip(updates, roots[count:], strict=True)
    return roots[:count], [(target, value) for (target, _), value in values]


def _input(converter: Converter) -> Input:
    """How the native entry takes an input: which Python numbers need no conversion."""
    spec = converter.spec
    type_ = spec.variable.type
    assert isinstance(type_, TensorType)
    rounds = spec.allow_downcast or (spec.allow_downcast is None and type_.dtype == config.floatX)
    return Input(
        spec.name or "",
        type_.numpy_dtype,
        type_.ndim,
        type_.broadcastable,
        takes_int=not spec.strict,
        takes_float=not spec.strict and (type_.dtype == "float64" or bool(rounds)),
        contiguous=False,
    )


def _output(variable: Variable) -> Output:
    if not isinstance(variable.type, TensorType):
        return Output(np.dtype(np.int64), 0)
    return Output(variable.type.numpy_dtype, variable.type.ndim)


def _outputs(request: Request, graph: Gathered) -> tuple[Returned, ...]:
    """Number the outputs that the program computes; find where the others come from."""
    found: list[Returned] = []
    results = computed = 0
    for spec, variable in zip(request.outputs.specs, graph.outputs, strict=True):
        if _is_tensor(variable):
            found.append(Returned(result=results))
            results += 1
        elif isinstance(variable.type, CompoundType):
            found.append(Returned(result=results, compound=variable.type))
            results += number_of_components(variable)
        elif _is_computed(variable):
            found.append(Returned(source=Source(computed=computed)))
            computed += 1
        else:
            found.append(Returned(source=_source(variable, graph), borrow=spec.borrow))
    return tuple(found)


def _objects(graph: Gathered) -> tuple[tuple[Variable, Source], ...]:
    """Where the Python objects come from that ops take as inputs."""
    results: dict[Variable, Source] = {}
    for node in applies(graph.roots):
        for operand in node.inputs:
            is_object = _is_object(operand) and not isinstance(operand, Constant)
            if node.op.calls_python and is_object and not _is_computed(operand):
                results[operand] = _source(operand, graph)
    return tuple(results.items())


def _source(variable: Variable, graph: Gathered) -> Source:
    """Where a Python object comes from; it can only be passed on."""
    if isinstance(variable, GenericSharedVariable):
        return Source(storage=variable.container.backing)
    if isinstance(variable, Constant):
        return Source(constant=variable.data)
    for position, leaf in graph.parameters:
        if leaf is variable:
            return Source(parameter=position)
    if isinstance(variable.type, DisconnectedType | NullType):
        raise LoweringError(no_gradient(variable))
    if variable.owner is None:
        raise MissingInputError(
            f"the function needs a value for {variable.describe()}: add it to the inputs, or let"
            " givens replace it"
        )
    raise LoweringError(
        f"{variable.describe()} is no tensor; functions can return Python objects that ops compute,"
        " but not keep them in shared variables"
    )


def _in_lock_order(storages: Iterable[ObjectStorage | None]) -> tuple[ObjectStorage, ...]:
    distinct = {storage.number: storage for storage in storages if storage is not None}
    return tuple(storage for _, storage in sorted(distinct.items()))
