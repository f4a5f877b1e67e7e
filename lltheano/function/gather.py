"""From a person's request to the graph that is to be compiled.

`gather` applies `givens`, adds default updates, finds the shared variables that take part, and
checks that every leaf has a value and every input a use. The graph that it returns is complete: its
leaves are the parameters' variables, the shared variables and constants. The user's own graph is
never changed.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lltheano.errors import MissingInputError, UnusedInputError
from lltheano.function.conform import as_new_value, as_replacement
from lltheano.function.inputs import In
from lltheano.graph import Constant, Variable, ancestors, clone_replace
from lltheano.graph.provenance import caller
from lltheano.shared import SharedVariable

__all__ = ["Gathered", "Request", "gather"]


@dataclass(frozen=True, slots=True)
class Request:
    """What `function` was asked for, each part read and in one form."""

    inputs: Sequence[In]
    outputs: Sequence[Variable]
    updates: Sequence[tuple[Variable, Any]]
    givens: Sequence[tuple[Variable, Any]]
    no_default_updates: bool | Sequence[SharedVariable]
    rebuild_strict: bool
    on_unused_input: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """A complete graph.

    Attributes
    ----------
    parameters
        The leaf that stands for each input, in the order of the inputs.
    outputs
        The variables to compute, in the order of the request.
    kept
        For each input with an `update`, its position and the value that the function keeps for it.
    shared
        Every shared variable that is read or written.
    updates
        The new value of each shared variable that has one.
    """

    parameters: tuple[Variable, ...]
    outputs: tuple[Variable, ...]
    kept: dict[int, Variable]
    shared: tuple[SharedVariable, ...]
    updates: dict[SharedVariable, Variable]


def gather(request: Request) -> Gathered:
    """Return the complete graph of a request.

    Raises TypeError for new values and replacements of the wrong type, CyclicGraphError for givens
    that lead back to themselves, MissingInputError for a leaf without a value, UnusedInputError (or
    a warning, as `on_unused_input` says) for an input without a use.
    """
    updates = _explicit_updates(request)
    table = _replacements(request)
    parameters = tuple(_leaf(spec.variable, table) for spec in request.inputs)
    kept = {
        position: as_new_value(spec.variable, spec.update)
        for position, spec in enumerate(request.inputs)
        if spec.update is not None and not isinstance(spec.value, SharedVariable)
    }
    roots = [*request.outputs, *kept.values(), *updates.values()]
    roots = _substitute(roots, table)
    outputs, rest = roots[: len(request.outputs)], iter(roots[len(request.outputs) :])
    kept = {position: next(rest) for position in kept}
    updates = {target: next(rest) for target in updates}
    shared = _add_default_updates([*outputs, *kept.values()], updates, table, request)
    gathered = Gathered(parameters, tuple(outputs), kept, shared, updates)
    _check_leaves(gathered)
    _check_used(gathered, request)
    return gathered


def _explicit_updates(request: Request) -> dict[SharedVariable, Variable]:
    """The updates that were asked for, those of implicit inputs among them."""
    updates: dict[SharedVariable, Variable] = {}
    implicit = (
        (spec.value, spec.update)
        for spec in request.inputs
        if isinstance(spec.value, SharedVariable) and spec.update is not None
    )
    for target, value in (*request.updates, *implicit):
        if not isinstance(target, SharedVariable):
            raise TypeError(
                f"updates: {target.describe()} is not a shared variable, so it has no value to"
                " update; make it one with shared(value), or keep its value in the function with"
                " In(variable, value=..., update=...)"
            )
        if target in updates:
            raise ValueError(f"{target.describe()} is updated twice; give it one new value")
        updates[target] = as_new_value(target, value)
    return updates


def _replacements(request: Request) -> dict[Variable, Variable]:
    """What stands for what in the compiled graph: givens, implicit inputs, computed inputs."""
    table: dict[Variable, Variable] = {}
    for key, value in request.givens:
        _check_replaceable(key, request)
        if value is not key:
            table[key] = as_replacement(key, value, strict=request.rebuild_strict)
    for spec in request.inputs:
        if isinstance(spec.value, SharedVariable):
            table[spec.variable] = as_replacement(spec.variable, spec.value, strict=True)
        elif spec.variable.owner is not None:
            table.setdefault(spec.variable, spec.variable.clone())
    resolved = clone_replace(list(table), table, chained=True)
    return dict(zip(table, resolved, strict=True))


def _check_replaceable(key: Variable, request: Request) -> None:
    """Refuse to replace an input, whose values nothing would read, as unused inputs are refused."""
    if request.on_unused_input == "raise" and any(key is one.variable for one in request.inputs):
        raise UnusedInputError(
            f"givens replaces {key.describe()}, which is also an input, so that what callers pass"
            " for it would have no effect; leave it out of the inputs, or make what replaces it"
            " depend on another input"
        )


def _leaf(variable: Variable, table: dict[Variable, Variable]) -> Variable:
    """The leaf that stands for an input; a computed variable was replaced by one."""
    return variable if variable.owner is None else table[variable]


def _substitute(roots: list[Variable], table: dict[Variable, Variable]) -> list[Variable]:
    return clone_replace(roots, table) if table else roots


def _add_default_updates(
    roots: Sequence[Variable],
    updates: dict[SharedVariable, Variable],
    table: dict[Variable, Variable],
    request: Request,
) -> tuple[SharedVariable, ...]:
    """Extend `updates`; return all shared variables that take part, in order of discovery."""
    found: dict[SharedVariable, None] = dict.fromkeys(updates)
    pending = [*roots, *updates.values()]
    while pending:
        seen = [one for one in ancestors(pending) if isinstance(one, SharedVariable)]
        fresh = [one for one in seen if one not in found]
        found.update(dict.fromkeys(fresh))
        pending = []
        for one in dict.fromkeys(seen):
            if one not in updates and _wants_default_update(one, request.no_default_updates):
                (value,) = _substitute([as_new_value(one, one.default_update)], table)
                updates[one] = value
                pending.append(value)
    return tuple(found)


def _wants_default_update(
    variable: SharedVariable, excluded: bool | Sequence[SharedVariable]
) -> bool:
    if variable.default_update is None or excluded is True:
        return False
    return excluded is False or variable not in excluded


def _check_leaves(graph: Gathered) -> None:
    given = set(graph.parameters)
    missing = [
        one
        for one in ancestors(_roots(graph))
        if one.owner is None and one not in given and not isinstance(one, Constant | SharedVariable)
    ]
    if missing:
        names = "; ".join(one.describe() for one in missing)
        raise MissingInputError(
            f"the graph needs a value for {names}: add it to the inputs, or let givens replace it"
        )


def _check_used(graph: Gathered, request: Request) -> None:
    if request.on_unused_input == "ignore":
        return
    used = set(ancestors(_roots(graph)))
    unused = [
        f"inputs[{position}], {spec.variable.describe()}"
        for position, (spec, leaf) in enumerate(zip(request.inputs, graph.parameters, strict=True))
        if leaf not in used and spec.update is None and not isinstance(spec.value, SharedVariable)
    ]
    if not unused:
        return
    message = f"no output and no update depends on {'; '.join(unused)}"
    if request.on_unused_input == "raise":
        raise UnusedInputError(
            f"{message}; leave it out, or pass on_unused_input='ignore' (or 'warn')"
        )
    place = caller()
    warnings.warn_explicit(
        message, UserWarning, place.filename if place else "?", place.line if place else 0
    )


def _roots(graph: Gathered) -> Iterable[Variable]:
    return (*graph.outputs, *graph.kept.values(), *graph.updates.values())
