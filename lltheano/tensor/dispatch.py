"""How the methods of a tensor variable reach the tensor functions, which lie in the layers above
it.

This is the one place where the order of layers is turned round: `lltheano.tensor` binds its own
names here once, and a method calls the function of that name. Without it variables, ops and
functions would have to import one another in a circle.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["bind", "call", "find"]

_functions: dict[str, Mapping[str, Any]] = {}


def bind(functions: Mapping[str, Any]) -> None:
    """Take the namespace in which the tensor functions are found."""
    _functions["tensor"] = functions


def find(name: str) -> Any:
    """Return the tensor function or op of that name."""
    return _functions["tensor"][name]


def call(name: str, *arguments: Any, **options: Any) -> Any:
    """Call the tensor function of that name."""
    return find(name)(*arguments, **options)
