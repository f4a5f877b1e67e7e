"""Small functions of Theano's that have nothing to do with graphs, for programs that use them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lltheano.runtime.storages.storage import native_dtype

__all__ = [
    "PY3",
    "TagGenerator",
    "asarray",
    "cmp",
    "exc_message",
    "get_unbound_function",
    "operator_div",
    "render_string",
]

PY3 = True


class TagGenerator:
    """Gives names one after the other: A to Z, then AA and so on.

    >>> names = TagGenerator()
    >>> [names.get_tag() for _ in range(28)][-3:]
    ['Z', 'AA', 'AB']
    """

    def __init__(self) -> None:
        self._count = 0

    def get_tag(self) -> str:
        """Return the next name."""
        self._count += 1
        rest, name = self._count, ""
        while rest:
            rest, digit = divmod(rest - 1, 26)
            name = chr(ord("A") + digit) + name
        return name


def asarray(a: ArrayLike, dtype: DTypeLike, order: Any = None) -> NDArray[Any]:
    """Return `a` as an array of `dtype`, in the machine's byte order, without a copy if it can be.

    Unlike `numpy.asarray` it always gives NumPy's own object for the dtype, where a platform has
    two that are equal ("long" and "long long").

    >>> asarray([1, 2], "float32").dtype
    dtype('float32')
    """
    wanted = native_dtype(dtype)
    array = np.asarray(a, dtype=wanted, order=order)
    return array if array.dtype is wanted else array.view(wanted)


def exc_message(e: BaseException) -> Any:
    """Return what an exception was raised with: its argument, or all of them.

    >>> exc_message(ValueError("too large"))
    'too large'
    """
    return e.args[0] if len(e.args) == 1 else e.args


def cmp(x: Any, y: Any) -> int:
    """Return a negative number, 0 or a positive one: how `x` and `y` are ordered.

    >>> cmp(1, 2), cmp("b", "a")
    (-1, 1)
    """
    return int(x > y) - int(x < y)


def operator_div(x: Any, y: Any) -> Any:
    """Return `x` by `y` as Python 3 divides.

    >>> operator_div(1, 2)
    0.5
    """
    return x / y


def get_unbound_function(unbound: Any) -> Any:
    """Return a function that was taken from its class: in Python 3 it is the function itself.

    >>> get_unbound_function(str.upper)("a")
    'A'
    """
    return unbound


def render_string(string: str, sub: Mapping[str, object]) -> str:
    """Return `string % sub`; the KeyError for a name that `sub` has not says which and where.

    >>> render_string("%(n)d items", {"n": 3})
    '3 items'
    >>> render_string("%(m)d items", {"n": 3})
    Traceback (most recent call last):
    KeyError: "'m' is wanted by '%(m)d items', which is given n"
    """
    try:
        return string % sub
    except KeyError as error:
        given = ", ".join(sub) or "none"
        raise KeyError(
            f"{error.args[0]!r} is wanted by {string!r:.200}, which is given {given}"
        ) from None
