"""Merging: equal applications of equal variables become one."""

from collections.abc import Iterable
from typing import Any

from lltheano.graph.clone import clone_replace, is_same_graph
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.editing.features import Feature
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.optimisers.rewriting import Optimizer
from lltheano.graph.walk import inputs

__all__ = [
    "MergeFeature",
    "MergeOptimizer",
    "is_same_graph_with_merge",
    "merge_dict",
    "pre_constant_merge",
]


class MergeFeature(Feature):
    """Knows which applications of a graph could be merged, as `fgraph.merge_feature`.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x) + T.exp(x)], features=[MergeFeature()])
    >>> [(old.owner, new.owner) for old, new in graph.merge_feature.pairs()]
    [(exp(x), exp(x))]
    """

    def on_attach(self, fgraph: FunctionGraph) -> None:
        """Become `fgraph.merge_feature`."""
        self._fgraph = fgraph
        vars(fgraph)["merge_feature"] = self

    def on_detach(self, fgraph: FunctionGraph) -> None:
        """Be it no longer."""
        vars(fgraph).pop("merge_feature", None)

    def pairs(self) -> list[tuple[Variable, Variable]]:
        """Return variables, each with the one that it equals, as far as can be told at once."""
        results: list[tuple[Variable, Variable]] = []
        constants: dict[Any, Variable] = {}
        first: dict[Variable, Variable] = {}
        applications: dict[Any, Apply] = {}
        for node in FunctionGraph.toposort(self._fgraph):
            for operand in node.inputs:
                if isinstance(operand, Constant) and operand not in first:
                    first[operand] = constants.setdefault(_constant_key(operand), operand)
                    if first[operand] is not operand:
                        results.append((operand, first[operand]))
            key = (node.op, tuple(first.get(operand, operand) for operand in node.inputs))
            same = applications.setdefault(key, node)
            if same is not node and [a.type for a in same.outputs] == [
                b.type for b in node.outputs
            ]:
                pairs = list(zip(node.outputs, same.outputs, strict=True))
                first.update(pairs)
                results.extend(pairs)
        return results


def _constant_key(one: Constant) -> Any:
    # By name too: a constant that was named is shown by its name.
    return (one.signature(), one.name)


class MergeOptimizer(Optimizer):
    """Lets applications of equal ops to equal variables, and equal constants, be one.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x) + T.exp(x)])
    >>> MergeOptimizer().optimize(graph)
    >>> graph
    [add(*1 -> exp(x), *1)]
    """

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach a `MergeFeature`."""
        super().add_requirements(fgraph)
        if not hasattr(fgraph, "merge_feature"):
            fgraph.attach_feature(MergeFeature())

    def apply(self, fgraph: Any) -> int:
        """Merge all that can be; return how many variables went.

        A merge after which a feature finds the graph inconsistent is left out.
        """
        merged = 0
        refused: set[tuple[Variable, Variable]] = set()
        while pairs := [pair for pair in fgraph.merge_feature.pairs() if pair not in refused]:
            for old, new in pairs:
                if old not in fgraph.variables or new not in fgraph.variables:
                    continue
                try:
                    fgraph.replace_all_validate([(old, new)], reason="MergeOptimizer")
                except ValueError:  # InconsistencyError and CyclicGraphError are such
                    refused.add((old, new))
                else:
                    merged += 1
            if all(pair in refused for pair in fgraph.merge_feature.pairs()):
                break
        return merged


def is_same_graph_with_merge(var1: Variable, var2: Variable, givens: Any = None) -> bool:
    """Return what `is_same_graph` does: there is one way to find out.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> is_same_graph_with_merge(x * 2, x * 2)
    True
    """
    return is_same_graph(var1, var2, givens)


def pre_constant_merge(vars: Iterable[Variable]) -> list[Variable]:  # noqa: A002 - Theano's
    """Return variables computed from the same, with one constant for all that are equal.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> (y,) = pre_constant_merge([(x + T.constant(2.5)) * T.constant(2.5)])
    >>> y.owner.inputs[1] is y.owner.inputs[0].owner.inputs[1]
    True
    """
    roots = list(vars)
    first: dict[Any, Variable] = {}
    table: dict[Variable, Variable] = {}
    for operand in inputs(roots):
        if isinstance(operand, Constant):
            same = first.setdefault(_constant_key(operand), operand)
            if same is not operand:
                table[operand] = same
    return clone_replace(roots, table) if table else roots


def merge_dict(d1: dict[Any, Any], d2: dict[Any, Any]) -> dict[Any, Any]:
    """Return a dict with the entries of both; those of the second where both have one.

    >>> merge_dict({"a": 1, "b": 2}, {"b": 3})
    {'a': 1, 'b': 3}
    """
    return {**d1, **d2}
