"""How the layers below reach functions of the layers above, by name.

The methods of a tensor variable are the tensor functions of the same names, which are made of ops,
which work on tensor variables; `eval` compiles. This is the one place where the order of layers is
turned round: `lltheano.tensor` and `lltheano` bind their names here once. Without it variables,
ops and functions would have to import one another in a circle.
"""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

__all__ = ["bind", "call", "find"]

_functions: ChainMap[str, Any] = ChainMap()


def bind(functions: Mapping[str, Any]) -> None:
    """Take a namespace in which functions are found, after those taken before."""
    _functions.maps.append(dict(functions))


def find(name: str) -> Any:
    """Return the function or op of that name."""
    return _functions[name]


def call(name: str, *arguments: Any, **options: Any) -> Any:
    """Call the function of that name."""
    return find(name)(*arguments, **options)
