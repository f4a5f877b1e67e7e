"""`Variable.eval`: a function for one variable, kept with it."""

from collections.abc import Mapping
from typing import Any

from lltheano.function.build import function
from lltheano.graph import Constant, Variable
from lltheano.graph.walk import inputs

__all__ = ["evaluate"]


def evaluate(variable: Variable, inputs_to_values: Mapping[Any, Any] | None) -> Any:
    """Return the value of a variable; see `Variable.eval`."""
    given = dict(inputs_to_values or {})
    compiled = vars(variable).setdefault("_compiled", {})
    key = tuple(given)
    if key not in compiled:
        leaves = [_leaf(variable, one) if isinstance(one, str) else one for one in key]
        compiled[key] = function(leaves, variable)
    return compiled[key](*given.values())


def _leaf(variable: Variable, name: str) -> Variable:
    """The only leaf of that name that a variable depends on."""
    leaves = [operand for operand in inputs([variable]) if not isinstance(operand, Constant)]
    named = [leaf for leaf in leaves if leaf.name == name]
    if len(named) != 1:
        count = f"{len(named)} inputs called" if named else "no input called"
        listed = ", ".join(leaf.describe() for leaf in leaves) or "none"
        raise ValueError(f"{variable} has {count} {name!r}; its inputs are {listed}")
    return named[0]
