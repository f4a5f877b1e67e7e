"""How the layers below reach functions of the layers above, by name.

The methods of a tensor variable are the tensor functions of the same names, which are made of ops,
which work on tensor variables; `eval` compiles. This is the one place where the order of layers is
turned round: `lltheano.tensor` and `lltheano` bind their names here once. Without it variables,
ops and functions would have to import one another in a circle.
"""

import sys
from typing import Any

__all__ = ["bind", "call", "find"]

_packages: list[str] = []


def bind(package: str) -> None:
    """Take a package, by name, in whose namespace functions are found, after those taken before."""
    _packages.append(package)


def find(name: str) -> Any:
    """Return the function or op of that name, which may be one in a module: `xlogx.xlogy0`.

    LookupError when there is none.
    """
    first, *rest = name.split(".")
    for package in _packages:
        found = getattr(sys.modules[package], first, None)
        for part in rest:
            found = getattr(found, part, None)
        if found is not None:
            return found
    raise LookupError(f"{' and '.join(_packages)} have no {name}")


def call(name: str, *arguments: Any, **options: Any) -> Any:
    """Call the function of that name."""
    return find(name)(*arguments, **options)
