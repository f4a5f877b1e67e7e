"""The Python objects that a call of a compiled function works with, besides its arrays.

A call that has such objects announces them for as long as it runs; an op that computes in Python
finds there what an input or shared variable of the function stands for, or what another op has
computed. Calls nest, and threads are
apart.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lltheano.graph.core import Variable

__all__ = ["calling_with", "object_of", "provide"]


class _Calls(threading.local):
    """The objects of each call that this thread is in, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[dict[Variable, Any]] = []


_calls = _Calls()


@contextmanager
def calling_with(objects: Mapping[Variable, Any]) -> Iterator[dict[Variable, Any]]:
    """Let these objects stand for their variables while the block runs; yield the table of them, to
    which `provide` adds.
    """
    table = dict(objects)
    _calls.stack.append(table)
    try:
        yield table
    finally:
        _calls.stack.pop()


def provide(variable: Variable, value: Any) -> None:
    """Let an object that an op has computed stand for its variable until the call ends.

    LookupError outside of a call.
    """
    if not _calls.stack:
        raise LookupError(
            f"{variable.describe()} is no tensor, and is computed by an op inside another op or"
            " outside of a function; nothing can hold its value there"
        )
    _calls.stack[-1][variable] = value


def object_of(variable: Variable) -> Any:
    """The object for a variable in the call under way; LookupError when it has none."""
    objects = _calls.stack[-1] if _calls.stack else {}
    if variable not in objects:
        raise LookupError(
            f"the call has no value for {variable.describe()}; a Python object reaches an op as a"
            " constant, an input or a shared variable of the function, not inside another op"
        )
    return objects[variable]
