"""What variables were written as, where they are computed without some of it.

A derivative of something linear, or the size of an axis that is known to be 1, is an expression of
variables that its graph has no use for. So that they count as used all the same, such a result
carries a note of what it was written as. The note answers two questions: whether a function uses an
input, and whether a variable depends on another; it is never compiled.

Invariant: only a variable that was just made is given a note, never one that a caller has.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from lltheano.graph.core import Apply, Variable

__all__ = ["ancestors_as_written", "carry_over", "is_noted", "varies_as_written", "written_as"]

AnyVariable = TypeVar("AnyVariable", bound=Variable)


def written_as(
    result: AnyVariable, sources: Iterable[Variable], *, connected: bool = False
) -> AnyVariable:
    """Note that `result`, which was just made, was written as an expression of `sources`.

    `connected` says that its elements vary with theirs, be it by nothing. Returns `result`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> list(ancestors_as_written([written_as(T.constant(1), [x])]))
    [TensorConstant{1}, x]
    """
    known = vars(result).get("_written", ())
    added = tuple((source, connected) for source in sources if source is not result)
    vars(result)["_written"] = (*known, *added)
    return result


def _sources(variable: Variable, *, connected: bool) -> list[Variable]:
    notes = vars(variable).get("_written", ())
    return [one for one, links in notes if links or not connected]


def is_noted(variable: Variable) -> bool:
    """Whether a variable was written as an expression of more than it is computed from."""
    return "_written" in vars(variable)


def carry_over(old: Variable, new: Variable, replaced: Mapping[Any, Variable]) -> None:
    """Give a copy of a variable its notes, with replacements made."""
    notes = vars(old).get("_written", ())
    if notes:
        vars(new)["_written"] = tuple((replaced.get(one, one), links) for one, links in notes)


def ancestors_as_written(
    variables: Iterable[Variable], replaced: Mapping[Any, Variable] | None = None
) -> Iterator[Variable]:
    """Yield each variable that the given ones were written as expressions of, and themselves.

    Where one is replaced, its replacement is followed, and in it the others that are.
    """
    table = replaced or {}
    pending, seen = list(variables), set[Variable]()
    while pending:
        variable = pending.pop()
        if variable in seen:
            continue
        seen.add(variable)
        yield variable
        if variable in table:
            pending.append(table[variable])
        else:
            pending.extend(_sources(variable, connected=False))
            pending.extend(variable.owner.inputs if variable.owner is not None else ())


def varies_as_written(
    outputs: Iterable[Variable], wrt: Variable, constants: Collection[Variable] = ()
) -> bool:
    """Whether the elements of one of `outputs`, as written, vary with those of `wrt`."""
    stop = set(constants)
    pending, seen = list(outputs), set[Variable]()
    while pending:
        variable = pending.pop()
        if variable is wrt:
            return True
        if variable in seen or variable in stop:
            continue
        seen.add(variable)
        pending.extend(_sources(variable, connected=True))
        if variable.owner is not None:
            pending.extend(_connected_inputs(variable.owner, variable))
    return False


def _connected_inputs(node: Apply, output: Variable) -> list[Variable]:
    index = node.outputs.index(output)
    pattern = node.op.connection_pattern(node)
    return [operand for operand, row in zip(node.inputs, pattern, strict=True) if row[index]]
