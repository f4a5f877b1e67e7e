"""The Python objects that a call of a compiled function works with, besides its arrays.

A call that has such objects announces them for as long as it runs; an op that computes in Python
finds there what an input or shared variable of the function stands for. Calls nest, and threads are
apart.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lltheano.graph.core import Variable

__all__ = ["calling_with", "object_of"]


class _Calls(threading.local):
    """The objects of each call that this thread is in, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[Mapping[Variable, Any]] = []


_calls = _Calls()


@contextmanager
def calling_with(objects: Mapping[Variable, Any]) -> Iterator[None]:
    """Let these objects stand for their variables while the block runs."""
    _calls.stack.append(objects)
    try:
        yield
    finally:
        _calls.stack.pop()


def object_of(variable: Variable) -> Any:
    """The object for a variable in the call under way; LookupError when it has none."""
    objects = _calls.stack[-1] if _calls.stack else {}
    if variable not in objects:
        raise LookupError(
            f"the call has no value for {variable.describe()}; a Python object reaches an op as a"
            " constant, an input or a shared variable of the function, not inside another op"
        )
    return objects[variable]
