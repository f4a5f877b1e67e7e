"""The shared variables that a step changes: they are states of the loop."""

from collections.abc import Iterator, Sequence
from typing import Any

from lltheano.graph.core import Variable
from lltheano.graph.walk import ancestors
from lltheano.loops.given import leaf_for
from lltheano.loops.returned import Returned
from lltheano.shared import SharedVariable
from lltheano_ir.records import record

__all__ = ["States", "new_values"]


@record(frozen=True, eq=False)
class States:
    """The new values that a step gives to shared variables.

    Attributes
    ----------
    shared
        By the variable, in the terms of a step.
    leaves
        What stands for each of them in a step.
    results
        All that a step gives.
    condition
        Ends the loop.
    """

    shared: dict[SharedVariable, Any]
    leaves: dict[SharedVariable, Any]
    results: list[Any]
    condition: Any

    def carried(self) -> Iterator[tuple[SharedVariable, Any, Any]]:
        """The variable, its leaf, and its new value."""
        return ((one, self.leaves[one], new) for one, new in self.shared.items())


def new_values(returned: Returned, arguments: Sequence[Variable], states: Sequence[Any]) -> States:
    """What a step's updates, and the default updates of what it uses, make of shared variables."""
    shared: dict[SharedVariable, Any] = dict(returned.updates)
    results = [*returned.outputs, *shared.values()]
    if returned.condition is not None:
        results.append(returned.condition)
    given = {one for one in arguments if not isinstance(one, SharedVariable)}
    waiting: list[Any] = list(results)
    while waiting:
        found = [
            one
            for one in ancestors(waiting, given)
            if isinstance(one, SharedVariable) and one not in given and one not in shared
        ]
        fresh = {one: one.default_update for one in found if has_default_update(one)}
        shared.update(fresh)
        waiting = [*fresh.values()]
        results += waiting
    checked = {one: as_new_value(one, new) for one, new in shared.items()}
    leaves = {one: leaf_for(one, one.name) for one in shared}
    return States(checked, leaves, results, returned.condition)


def has_default_update(variable: SharedVariable) -> bool:
    """Whether functions that use the variable change it without being asked to."""
    return getattr(variable, "default_update", None) is not None


def as_new_value(variable: SharedVariable, new: Any) -> Variable:
    """A new value as a variable; numbers become constants of the type wanted."""
    return new if isinstance(new, Variable) else variable.type.make_constant(new)
