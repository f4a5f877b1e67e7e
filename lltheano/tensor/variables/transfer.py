"""Moving variables to devices, of which there is one: everything is on the processor."""

from collections.abc import Callable
from typing import Any

from lltheano.graph.core import Variable

__all__ = ["register_transfer", "transfer"]

_functions: list[Callable[[Any, str], Any]] = []


def transfer(var: Any, target: str) -> Any:
    """Return a variable on a device: "cpu" is where everything is.

    For another target what `register_transfer` has added is asked; ValueError when none knows it.

    >>> import lltheano.tensor as T
    >>> transfer(T.dvector("x"), "cpu")
    x
    """
    if not isinstance(var, Variable):
        raise TypeError(f"a variable is wanted, got {var!r:.80}")
    if target == "cpu":
        return var
    for function in _functions:
        result = function(var, target)
        if result is not None:
            return result
    raise ValueError(
        f"cannot transfer {var.describe()} to {target!r}: programs run on the processor, and no"
        " registered function knows the target"
    )


def register_transfer(fn: Callable[[Any, str], Any]) -> None:
    """Add a function that `transfer` asks: from a variable and a target to a variable, or None.

    >>> register_transfer(lambda variable, target: None)
    """
    _functions.append(fn)
