"""The Python objects that a call of a compiled function works with, besides its arrays.

Compiled code has an integer for each, its *handle*: the place of the object among those of the
call. The first are what inputs and shared variables of the function hold, in an order that is known
when it is compiled; those that ops compute come after them. So handles go wherever integers go:
through branches and loops, out of them, and into updates.

A call that has such objects announces them for as long as it runs, and holds them until it ends.
Calls nest, and threads are apart.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lltheano.graph.core import Constant
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.host import HostFunction
from lltheano_ir.nodes import Value
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = ["HANDLE", "calling_with", "constant_handle", "handle_of", "object_at", "replace_state"]

HANDLE = ValueType(dtype_of("int64"), ())
"""What an object is in compiled code."""


@record(frozen=True, slots=True)
class _Call:
    """The objects of a call by their handles, and what gives its shared objects new values."""

    objects: list[Any]
    replace: Callable[[int, Any], None] | None


class _Calls(threading.local):
    """The calls that this thread is in, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[_Call] = []


_calls = _Calls()


@contextmanager
def calling_with(
    objects: Iterable[Any], replace: Callable[[int, Any], None] | None = None
) -> Iterator[list[Any]]:
    """Let these be the first objects of a call while the block runs; yield the list of all.

    `replace` is called with the number of an update and what the shared variable is to hold.
    """
    call = _Call(list(objects), replace)
    _calls.stack.append(call)
    try:
        yield call.objects
    finally:
        _calls.stack.pop()


def _call() -> _Call:
    if not _calls.stack:
        raise LookupError(
            "no function is being called, so there is nothing that could hold the Python object"
            " that an op computes; compile the graph with function()"
        )
    return _calls.stack[-1]


def handle_of(value: Any) -> int:
    """Return a new handle for an object, which the call holds from now on; LookupError outside."""
    objects = _call().objects
    objects.append(value)
    return len(objects) - 1


def object_at(handle: int) -> Any:
    """Return the object of a handle of the call under way."""
    return _call().objects[handle]


def replace_state(number: int, value: Any) -> None:
    """Let a shared object get its new value when the call commits."""
    replace = _call().replace
    assert replace is not None
    replace(number, value)


def constant_handle(builder: Builder, constant: Constant) -> Value:
    """Return the value that compiled code has for a constant that is a Python object."""
    data = constant.data

    def call(_: Any) -> list[Any]:
        return [np.asarray(handle_of(data), np.int64)]

    function = HostFunction(call, f"constant {constant}", builder.location)
    number = builder.host_function(function, ("constant object", constant))
    return builder.callback(number, [], [HANDLE])[0]
