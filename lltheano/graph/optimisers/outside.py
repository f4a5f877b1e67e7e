"""Rules applied to variables that are in no `FunctionGraph` yet, and rules that try and time."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.optimisers.rewriting import LocalOptimizer
from lltheano.graph.walk import io_toposort
from lltheano.interfaces.layers import compilation

__all__ = [
    "LocalMetaOptimizer",
    "LocalMetaOptimizerSkipAssertionError",
    "pre_greedy_local_optimizer",
]


def pre_greedy_local_optimizer(list_optimizations: Iterable[Any], out: Variable) -> Variable:
    """Return a variable computed as rules want it, each of which is asked about every application.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove
    >>> x = T.dscalar("x")
    >>> pre_greedy_local_optimizer([OpRemove(T.exp)], T.log(T.exp(x))).owner
    log(x)
    """
    rules = list(list_optimizations)
    table: dict[Variable, Variable] = {}
    for node in io_toposort((), [out]):
        fresh = node
        if any(operand in table for operand in node.inputs):
            fresh = node.clone_with_new_inputs(
                [table.get(operand, operand) for operand in node.inputs]
            )
            table.update(zip(node.outputs, fresh.outputs, strict=True))
        for rule in rules:
            replacements = rule.transform(fresh)
            if replacements is False or replacements is None:
                continue
            if isinstance(replacements, Mapping):
                replacements = [replacements.get(output, output) for output in fresh.outputs]
            table.update(zip(node.outputs, replacements, strict=True))
            owner = replacements[0].owner
            if owner is None or len(replacements) != len(owner.outputs):
                break
            fresh = owner
    return table.get(out, out)


class LocalMetaOptimizerSkipAssertionError(AssertionError):
    """A rule raises it to say that it has nothing to time for an application."""


class LocalMetaOptimizer(LocalOptimizer):
    """A rule that compiles what several other rules give, times each, and takes the fastest.

    A subclass defines `provide_inputs`; `register` adds the rules, which belong to ops by
    `tracks`.

    >>> import numpy as np
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpSub
    >>> class Fastest(LocalMetaOptimizer):
    ...     def provide_inputs(self, node, inputs):
    ...         return {one: np.ones(4) for one in inputs}
    >>> rule = Fastest()
    >>> rule.register(OpSub(T.exp, T.exp), ["fast"])
    >>> x = T.dvector("x")
    >>> rule.transform(T.exp(x).owner)
    [exp]
    """

    def __init__(self) -> None:
        self.verbose = 0
        self.track_dict: dict[Any, list[Any]] = {}
        self.tag_dict: dict[str, list[Any]] = {}

    def register(self, optimizer: Any, tag_list: Sequence[str]) -> None:
        """Add a rule; ValueError when it does not say which ops it is about."""
        if optimizer.tracks() is None:
            raise ValueError(f"{optimizer} must say which ops it is about")
        for track in optimizer.tracks():
            self.track_dict.setdefault(track, []).append(optimizer)
        for tag in tag_list:
            self.tag_dict.setdefault(tag, []).append(optimizer)

    def tracks(self) -> Sequence[Any]:
        """Return the ops that the rules are about."""
        return tuple(self.track_dict)

    def get_opts(self, node: Apply) -> list[Any]:
        """Return the rules about the op of an application."""
        return [*self.track_dict.get(type(node.op), ()), *self.track_dict.get(node.op, ())]

    def provide_inputs(self, node: Apply, inputs: Sequence[Variable]) -> Mapping[Variable, Any]:
        """Return a value to time with for each of `inputs`, as far as there is one."""
        raise NotImplementedError(f"{type(self).__name__} must define provide_inputs")

    def time_call(self, fn: Callable[[], Any]) -> float:
        """Return how long a call takes, in seconds."""
        fn()
        start = time.perf_counter()
        fn()
        return time.perf_counter() - start

    def transform(self, node: Apply) -> Any:
        """Return what was fastest; False where nothing could be timed."""
        leaves = [
            variable
            for variable in dict.fromkeys(node.inputs)
            if not isinstance(variable, Constant)
        ]
        values = self.provide_inputs(node, leaves)
        table = {leaf: leaf.type.make_constant(values[leaf]) for leaf in leaves if leaf in values}
        if len(table) < len(leaves):
            return False
        timed: list[tuple[float, int, Any]] = []
        for rule in self.get_opts(node):
            try:
                replacements = rule.transform(node)
            except LocalMetaOptimizerSkipAssertionError:
                continue
            if not replacements:
                continue
            outputs = clone_replace(list(replacements), dict(table))
            timed.append(
                (self.time_call(compilation.function([], outputs)), len(timed), replacements)
            )
        return min(timed)[2] if timed else False
