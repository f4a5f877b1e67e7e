"""Objects that are called without a line of Python: what a person calls is a native function.

Python looks up what to call in the class, finds the descriptor of a slot, and calls the built-in
that the object has there. What native code does not take is handed to a Python function; see
`native/invoke.ll`.
"""

import inspect
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum, unique
from typing import Any

from lltheano.runtime.native_code import native_code
from lltheano.runtime.receipt import Receipt

__all__ = ["CarryOn", "NativelyCalled", "Way", "native_function"]

CarryOn = Callable[[Receipt, tuple[int, ...] | None, tuple[Any, ...], dict[str, Any] | None], Any]
"""Gets the receipt of the call, the report of native code if that was tried, the arguments, and
those that were passed by name, if any were.
"""


@unique
class Way(IntEnum):
    """What is tried first.

    `NATIVE` is native code; `APART` too, unless an argument shows the memory of another array;
    `PYTHON` is Python code.
    """

    NATIVE = 0
    APART = 1
    PYTHON = 2


class _Signature:
    """`__signature__` of an object: that of what stands in its slot."""

    def __get__(self, called: Any, owner: type) -> inspect.Signature:
        if called is None:
            raise AttributeError("the class is called with what its constructor takes")
        return inspect.signature(called.__call__)


class NativelyCalled:
    """An object that is called by what stands in its slot."""

    __slots__ = ("__call__",)
    __signature__ = _Signature()


def native_function(plan: object, carry_on: CarryOn, way: Way, names: Sequence[str | None]) -> Any:
    """Return the built-in for a slot.

    Parameters
    ----------
    plan
        The capsule of an `Executable`, unless the way is `Way.PYTHON`.
    carry_on
        Called where native code does not take the arguments as they are.
    way
        What is tried first.
    names
        Of the parameters. Where all are different, native code takes arguments by name too.
    """
    known = tuple(None if one is None else sys.intern(one) for one in names)
    named = [one for one in known if one is not None]
    if len({*named}) < len(named):
        known = ()
    # Another callable than a function or method has neither, and is not shown in tracebacks.
    frame = (getattr(carry_on, name, None) for name in ("__code__", "__globals__"))
    parts = (plan, carry_on, Receipt, Receipt.settle, known, *frame)
    return native_code().new_function(parts, way)
