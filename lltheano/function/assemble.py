"""From a request to a compiled program and its arrangement: lower, compile, bind to storage.

What is a tensor is computed by the program. Python objects go round it where they are only handed
on, from an input or a shared variable to an output or an update; where ops work with them, the
program has their handles (`lltheano.graph.objects`).
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
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
from lltheano.function.programs.objects import copied, replaced_by
from lltheano.function.programs.program import CompiledProgram
from lltheano.function.requests.components import in_components
from lltheano.function.requests.gather import CommitCounter, Gathered, check_used, gather
from lltheano.function.requests.inputs import In, Out
from lltheano.function.requests.reading import Request
from lltheano.graph import (
    Apply,
    CompoundType,
    Constant,
    DisconnectedType,
    NullType,
    Variable,
    applies,
    grouped,
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
from lltheano_ir.host import HostFunction
from lltheano_ir.stopwatch import Stopwatch

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
        (target.container.backing, None if _is_computed(value) else _source(value, graph))
        for target, value in graph.updates.items()
        if isinstance(target, GenericSharedVariable)
    )
    commits = CommitCounter(None, _COUNTER_TYPE, 0) if replaced else None
    if commits is not None:
        graph = _counting(graph, commits)
    objects = _objects(graph)
    used = [output.source for output in outputs]
    used += [source for _, source in replaced if source is not None]
    used += objects.values()
    program = _compile(request, graph, objects)
    return Arrangement(
        program=program,
        parameters=tuple(i for i, leaf in graph.parameters if _is_tensor(leaf)),
        compounds=tuple(_compounds(request, whole)),
        outputs=outputs,
        replaced=replaced,
        objects=tuple(objects.values()),
        storages=_in_lock_order(
            [*(storage for storage, _ in replaced), *(one.storage for one in used)]
        ),
        commits=None if commits is None else commits.container.backing,
        computes=any(output.is_handle for output in outputs)
        or any(map(_works_with_objects, program.compiled.source.host)),
        converters=tuple(
            (position, make_converter(request, position))
            for position, leaf in graph.parameters
            if _is_object(leaf)
        ),
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


def _works_with_objects(function: HostFunction) -> bool:
    """Whether Python objects go to or come from an op that a program calls."""
    node: Apply | None = getattr(function.call, "node", None)
    return node is not None and any(map(_is_object, (*node.inputs, *node.outputs)))


def _is_computed(variable: Variable) -> bool:
    """Whether an op computes a Python object."""
    return _is_object(variable) and variable.owner is not None


def _compile(
    request: Request, graph: Gathered, objects: Mapping[Variable, Source]
) -> CompiledProgram:
    """Return the program.

    Its results are the tensors among the outputs, the handles of the objects that are computed, and
    a number for each update of an object, so that it computes them.
    """
    inputs = [(i, leaf) for i, leaf in graph.parameters if _is_tensor(leaf)]
    shared = [
        shared_variable
        for shared_variable in graph.shared
        if isinstance(shared_variable, TensorSharedVariable)
    ]
    tensors = [output for output in graph.outputs if _is_tensor(output)]
    handles = _handed_out(request, graph)
    outputs = [*tensors, *handles, *_new_states(graph)]
    updates = [
        (target, value)
        for target, value in graph.updates.items()
        if isinstance(target, TensorSharedVariable)
    ]
    outputs, updates = _by_the_users_rules(request, graph, outputs, updates)
    checked = request.mode.checks_calls
    results = [*outputs, *shared, *(value for _, value in updates)] if checked else outputs
    written = [] if checked else updates
    leaves = [leaf for _, leaf in inputs]
    watch = Stopwatch() if request.profile is not None else None
    program = lower(leaves, results, written, request.plain_name, shared, list(objects))
    if watch is not None:
        watch.lap("graph: lower")
    converters = [_converter_for(request, position, leaf) for position, leaf in inputs]
    compiled = compile_lowered(program, request.mode, watch)
    single = request.outputs.single and len(outputs) == 1
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
    if request.profile is not None and watch is not None:
        request.profile.add(request.label, compiled, executable, watch.seconds)
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
        return result
    return CompiledProgram(*parts, single=single)


def _handed_out(request: Request, graph: Gathered) -> list[Variable]:
    """The outputs that are objects which ops compute; copies, where others might hold them too."""
    holds_state = any(isinstance(one, GenericSharedVariable) for one in graph.shared)
    outputs = grouped(graph.as_written.outputs, graph.outputs)
    return [
        copied(output) if _is_copied(spec, output, holds_state) else output
        for spec, (_, (output, *_)) in zip(request.outputs.specs, outputs, strict=True)
        if _is_computed(output)
    ]


def _is_copied(spec: Out, output: Variable, holds_state: bool) -> bool:
    """Whether a copy of an object is returned; without, it might show a shared variable."""
    return not spec.borrow and (holds_state or output.type.always_copied)


def _new_states(graph: Gathered) -> list[Variable]:
    """What announces the new values of shared objects that ops compute."""
    updates = (
        (target, value)
        for target, value in graph.updates.items()
        if isinstance(target, GenericSharedVariable)
    )
    return [
        replaced_by(number, target, value)
        for number, (target, value) in enumerate(updates)
        if _is_computed(value)
    ]


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
    results = 0
    for spec, variable in zip(request.outputs.specs, graph.outputs, strict=True):
        if _is_tensor(variable):
            found.append(Returned(result=results))
            results += 1
        elif isinstance(variable.type, CompoundType):
            found.append(Returned(result=results, compound=variable.type))
            results += number_of_components(variable)
        elif _is_computed(variable):
            found.append(Returned(is_handle=True))
        else:
            source = _source(variable, graph)
            is_copied = _is_copied(spec, variable, source.storage is not None)
            found.append(Returned(source=source, copied=is_copied))
    places = itertools.count(results)
    return tuple(replace(one, result=next(places)) if one.is_handle else one for one in found)


def _objects(graph: Gathered) -> dict[Variable, Source]:
    """Where the Python objects come from that ops take, in the order of their handles."""
    operands = (operand for node in applies(graph.roots) for operand in node.inputs)
    return {
        operand: _source(operand, graph)
        for operand in operands
        if _is_object(operand) and operand.owner is None and not isinstance(operand, Constant)
    }


def _source(variable: Variable, graph: Gathered) -> Source:
    """Where a Python object comes from that no op computes."""
    if isinstance(variable, GenericSharedVariable):
        return Source(storage=variable.container.backing)
    if isinstance(variable, Constant):
        return Source(constant=variable.data)
    for position, leaf in graph.parameters:
        if leaf is variable:
            return Source(parameter=position)
    if isinstance(variable.type, DisconnectedType | NullType):
        raise LoweringError(no_gradient(variable))
    raise MissingInputError(
        f"the function needs a value for {variable.describe()}: add it to the inputs, or let"
        " givens replace it"
    )


def _in_lock_order(storages: Iterable[ObjectStorage | None]) -> tuple[ObjectStorage, ...]:
    distinct = {storage.number: storage for storage in storages if storage is not None}
    return tuple(storage for _, storage in sorted(distinct.items()))
