"""From a person's request to the graph that is to be compiled.

`gather` applies `givens`, adds default updates and finds the shared variables that take part. The
user's own graph is never changed.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence

from lltheano.errors import UnusedInputError
from lltheano.function.requests.agreement import as_new_value, as_replacement
from lltheano.function.requests.inputs import In
from lltheano.function.requests.reading import Request
from lltheano.graph import Variable, ancestors, clone_replace
from lltheano.graph.provenance import caller
from lltheano.graph.written import ancestors_as_written
from lltheano.shared import (
    CONTAINERS,
    SharedVariable,
    TensorSharedVariable,
)
from lltheano_ir.records import record

__all__ = ["CommitCounter", "Gathered", "check_used", "gather", "replacements"]


class CommitCounter(TensorSharedVariable):
    """A function's own: written by every call that commits, so that it can be seen whether one
    did.
    """


@record(frozen=True, slots=True)
class Gathered:
    """A complete graph.

    Attributes
    ----------
    parameters
        The leaf that stands for each input that a call passes, with the input's position.
    outputs
        The variables to compute, in the order of the request.
    shared
        Every shared variable that is read or written.
    updates
        The new value of each shared variable that has one.
    whole
        The graph as it was before variables were taken apart into components, if any were.
    """

    parameters: tuple[tuple[int, Variable], ...]
    outputs: tuple[Variable, ...]
    shared: tuple[SharedVariable, ...]
    updates: dict[SharedVariable, Variable]
    whole: "Gathered | None" = None

    @property
    def as_written(self) -> "Gathered":
        """The graph in which each of the user's variables is one variable."""
        return self.whole or self

    @property
    def roots(self) -> tuple[Variable, ...]:
        """Everything that is computed."""
        return (*self.outputs, *self.updates.values())

    @property
    def users_shared(self) -> list[SharedVariable]:
        """The shared variables that are the user's."""
        return [
            shared_variable
            for shared_variable in self.shared
            if not isinstance(shared_variable, CommitCounter)
        ]


class _ReplacedInputError(UnusedInputError, RuntimeError):
    """An input is given values that nothing reads; Theano's programs catch it as RuntimeError."""


def gather(request: Request, passed: frozenset[int]) -> Gathered:
    """Return the complete graph of a request.

    Callers pass the inputs at the positions `passed` though the function keeps values for them.

    Raises TypeError for new values and replacements of the wrong type, CyclicGraphError for givens
    that lead back to themselves, UnusedInputError for an input that givens replaces.
    """
    updates = _explicit_updates(request, passed)
    leaves = {
        position: spec.variable.clone() if spec.variable.owner is not None else spec.variable
        for position, spec in enumerate(request.inputs)
        if not _is_held(position, request, passed)
    }
    table = replacements(request, passed, leaves)
    original = [one.variable for one in request.outputs.specs]
    roots = _substitute([*original, *updates.values()], table)
    count = len(original)
    outputs = tuple(roots[:count])
    updates = {
        target: as_new_value(target, value)
        for target, value in zip(updates, roots[count:], strict=True)
    }
    shared = _add_default_updates(outputs, updates, table, request)
    graph = Gathered(tuple(leaves.items()), outputs, shared, updates)
    for swapped in request.swapped:
        graph = _swap(graph, swapped)
    if not request.updating:
        graph = _without_updates(graph)
    return _unite_clones(graph)


def _is_held(position: int, request: Request, passed: frozenset[int]) -> bool:
    """Whether an input has its value from storage, so that a call does not pass it."""
    if position in request.kept:
        return position not in passed
    return request.inputs[position].implicit


def _is_stored(spec: In) -> bool:
    """Whether what a call passes for an input stays in the container that was given for it."""
    return spec.update is None and isinstance(spec.value, CONTAINERS)


def _explicit_updates(request: Request, passed: frozenset[int]) -> dict[SharedVariable, Variable]:
    """The updates that were asked for, those of inputs among them."""
    updates: dict[SharedVariable, Variable] = {}
    of_inputs = [
        (request.kept.get(position, spec.value), spec.update)
        for position, spec in enumerate(request.inputs)
        if spec.update is not None
    ]
    of_inputs += [
        (request.kept[position], request.inputs[position].variable)
        for position in sorted(passed)
        if _is_stored(request.inputs[position])
    ]
    for target, value in (*request.updates, *of_inputs):
        if not isinstance(target, SharedVariable):
            raise TypeError(
                f"updates: {_described(target)} is not a shared variable, so it has no value to"
                " update; make it one with shared(value), or keep its value in the function with"
                " In(variable, value=..., update=...)"
            )
        if target in updates:
            raise ValueError(f"{target.describe()} is updated twice; give it one new value")
        updates[target] = as_new_value(target, value)
    return updates


def _described(target: object) -> str:
    return target.describe() if isinstance(target, Variable) else repr(target)


def replacements(
    request: Request, passed: frozenset[int], leaves: Mapping[int, Variable]
) -> dict[Variable, Variable]:
    """What stands for what in the compiled graph: givens, inputs that are held, computed inputs."""
    table: dict[Variable, Variable] = {}
    for key, value in request.givens:
        _check_replaceable(key, request)
        if value is not key:
            table[key] = as_replacement(key, value, strict=request.rebuild_strict)
    for position, spec in enumerate(request.inputs):
        if _is_held(position, request, passed):
            table[spec.variable] = _held_value(spec, request.kept.get(position))
        elif leaves[position] is not spec.variable:
            table.setdefault(spec.variable, leaves[position])
    resolved = clone_replace(list(table), table, chained=True)
    return dict(zip(table, resolved, strict=True))


def _held_value(spec: In, kept: SharedVariable | None) -> Variable:
    if kept is not None:
        return kept
    if isinstance(spec.value, SharedVariable):
        return as_replacement(spec.variable, spec.value, strict=True)
    return spec.variable.type.make_constant(spec.value)


def _check_replaceable(key: Variable, request: Request) -> None:
    """Refuse to replace an input, whose values nothing would read, as unused inputs are refused."""
    if request.on_unused_input == "raise" and any(key is spec.variable for spec in request.inputs):
        raise _ReplacedInputError(
            f"givens replaces {key.describe()}, which is also an input, so that what callers pass"
            " for it would have no effect; leave it out of the inputs, or make what replaces it"
            " depend on another input"
        )


def _substitute(roots: list[Variable], table: dict[Variable, Variable]) -> list[Variable]:
    return clone_replace(roots, table) if table else roots


def _add_default_updates(
    roots: Sequence[Variable],
    updates: dict[SharedVariable, Variable],
    table: dict[Variable, Variable],
    request: Request,
) -> tuple[SharedVariable, ...]:
    """Extend `updates`; return all shared variables that take part, in order of discovery."""
    result: dict[SharedVariable, None] = dict.fromkeys(updates)
    pending = [*roots, *updates.values()]
    while pending:
        seen = [ancestor for ancestor in ancestors(pending) if isinstance(ancestor, SharedVariable)]
        fresh = [one for one in seen if one not in result]
        result.update(dict.fromkeys(fresh))
        pending = []
        for shared_variable in dict.fromkeys(seen):
            if shared_variable not in updates and _wants_default_update(
                shared_variable, request.no_default_updates
            ):
                (value,) = _substitute(
                    [as_new_value(shared_variable, shared_variable.default_update)], table
                )
                updates[shared_variable] = value
                pending.append(value)
    return tuple(result)


def _wants_default_update(
    variable: SharedVariable, excluded: bool | Sequence[SharedVariable]
) -> bool:
    if variable.default_update is None or excluded is True:
        return False
    return excluded is False or variable not in excluded


def _swap(graph: Gathered, table: Mapping[SharedVariable, SharedVariable]) -> Gathered:
    """Put shared variables in the place of others, their updates included."""
    roots = clone_replace(graph.roots, table)
    count = len(graph.outputs)
    targets = [table.get(update, update) for update in graph.updates]
    for position, target in enumerate(targets):
        if target in targets[:position]:
            raise ValueError(f"{target.describe()} is updated twice; swap it for another")
    updates = dict(zip(targets, roots[count:], strict=True))
    shared = tuple(
        dict.fromkeys(
            table.get(shared_variable, shared_variable) for shared_variable in graph.shared
        )
    )
    return Gathered(graph.parameters, tuple(roots[:count]), shared, updates)


def _without_updates(graph: Gathered) -> Gathered:
    used = set(ancestors(graph.outputs))
    shared = tuple(shared_variable for shared_variable in graph.shared if shared_variable in used)
    return Gathered(graph.parameters, graph.outputs, shared, {})


def _unite_clones(graph: Gathered) -> Gathered:
    """Let one variable stand for all that share its storage: no two may share it when compiled."""
    first: dict[int, SharedVariable] = {}
    for shared_variable in graph.shared:
        first.setdefault(id(shared_variable.container.backing), shared_variable)
    if len(first) == len(graph.shared):
        return graph
    table = {
        shared_variable: first[id(shared_variable.container.backing)]
        for shared_variable in graph.shared
    }
    roots = clone_replace(
        graph.roots, {one: main for one, main in table.items() if one is not main}
    )
    count = len(graph.outputs)
    updates: dict[SharedVariable, Variable] = {}
    for target, value in zip(graph.updates, roots[count:], strict=True):
        if table[target] in updates:
            raise ValueError(f"{target.describe()} is updated twice, once through a clone")
        updates[table[target]] = value
    return Gathered(graph.parameters, tuple(roots[:count]), tuple(first.values()), updates)


def _as_written(graph: Gathered, request: Request) -> Iterator[Variable]:
    """What the outputs and updates were written as expressions of, the graph's own included."""
    roots: list[Variable] = [spec.variable for spec in request.outputs.specs]
    roots += [spec.update for spec in request.inputs if spec.update is not None]
    roots += [one for _, one in request.updates if isinstance(one, Variable)]
    replaced = {key: one for key, one in request.givens if isinstance(one, Variable)}
    yield from ancestors_as_written(roots, replaced)
    yield from ancestors_as_written(graph.roots)


def check_used(graph: Gathered, request: Request) -> None:
    """Raise UnusedInputError, or warn, as the request wants, for inputs that nothing depends on."""
    if request.on_unused_input == "ignore":
        return
    used = {*ancestors(graph.roots), *_as_written(graph, request)}
    leaves = {**request.kept, **dict(graph.parameters)}
    unused = [
        f"inputs[{position}], {spec.variable.describe()}"
        for position, spec in enumerate(request.inputs)
        if spec.update is None
        and not spec.implicit
        and not {leaves[position], spec.variable} & used
    ]
    if not unused:
        return
    message = f"no output and no update depends on {'; '.join(unused)}"
    if request.on_unused_input == "raise":
        raise UnusedInputError(
            f"{message}; leave it out, or pass on_unused_input='ignore' (or 'warn')"
        )
    location = caller()
    warnings.warn_explicit(
        message,
        UserWarning,
        location.filename if location else "?",
        location.line if location else 0,
    )
