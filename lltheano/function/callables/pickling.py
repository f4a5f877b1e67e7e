"""How a compiled function is pickled and deep-copied: as what was asked for.

A pickle holds the graph, the options, and the values of the shared variables, of kept inputs and of
defaults, but no machine code: who loads it compiles the graph, or finds its code in the cache, on
whatever machine that is. Shared variables that are pickled together with a function, in one object,
are shared with it afterwards too; see `lltheano.shared.rebinding` for others.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from lltheano.function.requests.inputs import In
from lltheano.function.requests.reading import Request
from lltheano.function.requests.signature import ABSENT
from lltheano.graph import Variable
from lltheano.graph.pickling import WrittenTogether
from lltheano.shared import CONTAINERS, SharedVariable

if TYPE_CHECKING:
    from lltheano.function.callables.callable import Function

__all__ = ["pickled", "restored"]

_FORMAT = 2
"""Changes when what a pickle holds does."""


def pickled(request: Request, defaults: Sequence[Any]) -> WrittenTogether:
    """Return what is pickled of a function that was asked for by `request`."""
    parts = {field.name: getattr(request, field.name) for field in fields(request)}
    # The defaults are those that the function was made with, whatever has become of the arrays.
    kept = request.kept
    parts["inputs"] = tuple(
        _with_kept(spec, kept[index]) if index in kept else _with_default(spec, default)
        for index, (spec, default) in enumerate(zip(request.inputs, defaults, strict=True))
    )
    return WrittenTogether([_FORMAT, parts], list(_roots(request)))


def restored(parts: list[Any], remake: "Callable[[Request], Function]") -> "Function":
    """Make a function of what `pickled` gave; ValueError when another version wrote it."""
    found, arguments = parts
    if found != _FORMAT:
        raise ValueError(
            f"the pickled function is of format {found}, and this version reads format {_FORMAT}"
        )
    return remake(Request(**arguments))


def _with_default(spec: In, default: Any) -> In:
    if default is ABSENT:
        return spec
    changed = copy.copy(spec)
    changed.value = default
    return changed


def _with_kept(spec: In, storage: SharedVariable) -> In:
    """An input with the value that the function keeps at present."""
    if spec.value is None or isinstance(spec.value, CONTAINERS):
        return spec
    changed = copy.copy(spec)
    changed.value = storage.get_value()
    return changed


def _roots(request: Request) -> Iterable[Variable]:
    """The variables whose graphs are pickled."""
    for spec in request.inputs:
        yield from _variables((spec.variable, spec.value, spec.update))
    yield from (spec.variable for spec in request.outputs.specs)
    for key, value in (*request.updates, *request.givens):
        yield from _variables((key, value))


def _variables(values: Iterable[object]) -> Iterable[Variable]:
    return (value for value in values if isinstance(value, Variable))
