"""Graphs in which all inputs, outputs and shared variables are single tensors.

Where a variable has a type of several components, its components are passed, returned and kept in
its place. Inside the graph it stays one variable.
"""

from collections.abc import Iterator, Sequence

from lltheano.function.requests.gather import Gathered
from lltheano.graph import CompoundType, Variable, clone_replace
from lltheano.shared import CompoundSharedVariable, SharedVariable, TensorSharedVariable

__all__ = ["in_components"]


def in_components(graph: Gathered) -> Gathered:
    """Return a graph of the components, in which all that is one tensor stays as it is."""
    if not any(map(_is_compound, (*(leaf for _, leaf in graph.parameters), *graph.roots))) and (
        not any(isinstance(one, CompoundSharedVariable) for one in graph.shared)
    ):
        return graph
    table: dict[Variable, Variable] = {}
    parameters = [
        (position, one) for position, leaf in graph.parameters for one in _leaves_of(leaf, table)
    ]
    states = {one: _states_of(one, table) for one in graph.shared}
    count = len(graph.outputs)
    roots = clone_replace(graph.roots, table)
    updates: dict[SharedVariable, Variable] = {}
    for target, value in zip(graph.updates, roots[count:], strict=True):
        updates.update(zip(states[target], _components_of(value), strict=True))
    return Gathered(
        tuple(parameters),
        tuple(one for root in roots[:count] for one in _components_of(root)),
        tuple(one for components in states.values() for one in components),
        updates,
        whole=graph,
    )


def _is_compound(variable: Variable) -> bool:
    return isinstance(variable.type, CompoundType)


def _components_of(variable: Variable) -> Sequence[Variable]:
    kind = variable.type
    return kind.components_of(variable) if isinstance(kind, CompoundType) else [variable]


def _leaves_of(leaf: Variable, table: dict[Variable, Variable]) -> Sequence[Variable]:
    """The leaves in the place of an input; `table` gets what stands for it in terms of them."""
    kind = leaf.type
    if not isinstance(kind, CompoundType):
        return [leaf]
    leaves = kind.component_leaves(leaf)
    table[leaf] = kind.from_components(leaves, leaf)
    return leaves


def _states_of(
    variable: SharedVariable, table: dict[Variable, Variable]
) -> Sequence[SharedVariable]:
    """The shared variables in the place of one."""
    if not isinstance(variable, CompoundSharedVariable):
        return [variable]
    kind = variable.type
    assert isinstance(kind, CompoundType)
    states = list(_clones(variable))
    table[variable] = kind.from_components(states, variable)
    return states


def _clones(variable: CompoundSharedVariable) -> Iterator[TensorSharedVariable]:
    for component in variable.container.components:
        clone = component.clone()
        clone.source = variable.source
        yield clone
