"""Theano's in-place ops: `exp_inplace`, `add_inplace`, ...

Each is the function without `_inplace` in its name. Whether a result takes the memory of an operand
is the compiler's decision: it does where nothing else reads the old value, and a program means the
same either way.

>>> import lltheano.tensor as T
>>> T.inplace.exp_inplace is T.exp
True
"""

from typing import Any

from lltheano.dispatch import find

_SUFFIX = "_inplace"


def __getattr__(name: str) -> Any:
    """The function of the tensor language whose name this is, with `_inplace` after it."""
    plain = name.removesuffix(_SUFFIX)
    if plain == name or plain.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    try:
        return find(plain)
    except LookupError:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}: the tensor language has no {plain}",
            name=name,
        ) from None
