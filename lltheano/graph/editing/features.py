"""What can be attached to a `FunctionGraph`: features, which are told of every change.

A feature is any object; those here derive from `Feature`, whose methods do nothing. Some add
methods to the graph, under names that are not taken: `AlreadyThere` is raised otherwise, and the
graph goes on with what it has.
"""

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from lltheano.errors import AlreadyThere, InconsistencyError
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.walk import io_toposort

if TYPE_CHECKING:
    from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = [
    "Bookkeeper",
    "Feature",
    "History",
    "NodeFinder",
    "PrintListener",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "Validator",
]


class ReplacementDidntRemovedError(InconsistencyError):
    """A replacement was to leave nothing of some variables, and they are still needed."""


class Feature:
    """The base of features: every method does nothing.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> class Counter(Feature):
    ...     count = 0
    ...     def on_change_input(self, fgraph, node, i, r, new_r, reason=None):
    ...         self.count += 1
    >>> x, y = T.dscalars("x", "y")
    >>> graph, counter = FunctionGraph([x, y], [x * x + y]), Counter()
    >>> graph.attach_feature(counter)
    >>> graph.replace(graph.inputs[0], graph.inputs[1])
    >>> counter.count
    2
    """

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Called before the feature is attached; AlreadyThere declines."""

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Called after the feature was removed."""

    def on_import(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Called after an application became part of the graph, those it needs before it."""

    def on_prune(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Called after an application left the graph, since nothing needs it any more."""

    def on_change_input(
        self,
        fgraph: "FunctionGraph",
        node: Any,
        i: int,
        r: Variable,
        new_r: Variable,
        reason: Any = None,
    ) -> None:
        """Called after input `i` of an application (or output `i`, for "output") has changed."""

    def orderings(self, fgraph: "FunctionGraph") -> dict[Apply, list[Apply]]:
        """Return for some applications others that must be computed before them."""
        return {}


def _add_methods(fgraph: "FunctionGraph", methods: dict[str, Any]) -> None:
    taken = [name for name in methods if hasattr(fgraph, name)]
    if taken:
        raise AlreadyThere(f"the graph has a method {taken[0]} already")
    for name, method in methods.items():
        setattr(fgraph, name, method)


def _remove_methods(fgraph: "FunctionGraph", *names: str) -> None:
    for name in names:
        delattr(fgraph, name)


class Bookkeeper(Feature):
    """A feature that is told of the applications that are there when it is attached, and removed,
    as if they came and went then.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> class Names(Bookkeeper):
    ...     def on_import(self, fgraph, node, reason):
    ...         print(node, "came for", reason)
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)], features=[Names()])
    exp(x) came for on_attach
    """

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Take note of every application."""
        for node in io_toposort(fgraph.inputs, fgraph.outputs):
            self.on_import(fgraph, node, "on_attach")

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Forget every application."""
        for node in io_toposort(fgraph.inputs, fgraph.outputs):
            self.on_prune(fgraph, node, "Bookkeeper.detach")


class History(Feature):
    """Undoes changes: `fgraph.checkpoint()` names a state, `fgraph.revert(...)` returns to it.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)], features=[History()])
    >>> before = graph.checkpoint()
    >>> graph.replace(graph.outputs[0], T.log(graph.inputs[0]))
    >>> graph.revert(before)
    >>> graph
    [exp(x)]
    """

    def __init__(self) -> None:
        self.history: dict[FunctionGraph, list[tuple[Any, int, Variable]]] = {}
        self._reverting = False

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Add the methods `checkpoint` and `revert`."""
        checkpoint, revert = partial(self._checkpoint, fgraph), partial(self.revert, fgraph)
        _add_methods(fgraph, {"checkpoint": checkpoint, "revert": revert})
        self.history[fgraph] = []

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Remove the methods, and forget."""
        _remove_methods(fgraph, "checkpoint", "revert")
        del self.history[fgraph]

    def on_change_input(
        self,
        fgraph: "FunctionGraph",
        node: Any,
        i: int,
        r: Variable,
        new_r: Variable,
        reason: Any = None,
    ) -> None:
        """Remember what stood there."""
        if not self._reverting:
            self.history[fgraph].append((node, i, r))

    def _checkpoint(self, fgraph: "FunctionGraph") -> int:
        return len(self.history[fgraph])

    def revert(self, fgraph: "FunctionGraph", checkpoint: int) -> None:
        """Undo all changes since a checkpoint."""
        changes = self.history[fgraph]
        self._reverting = True
        try:
            while len(changes) > checkpoint:
                node, position, old = changes.pop()
                fgraph.change_input(node, position, old, reason=("Revert", checkpoint))
        finally:
            self._reverting = False


class Validator(Feature):
    """Adds `fgraph.validate()`, which asks every feature that has a method `validate(fgraph)`, and
    `fgraph.consistent()`, which tells whether none of them raises.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> FunctionGraph([x], [T.exp(x)], features=[Validator()]).consistent()
    True
    """

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Add the methods `validate` and `consistent`."""
        validate, consistent = partial(self.validate_, fgraph), partial(self.consistent_, fgraph)
        _add_methods(fgraph, {"validate": validate, "consistent": consistent})

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Remove the methods."""
        _remove_methods(fgraph, "validate", "consistent")

    def validate_(self, fgraph: "FunctionGraph") -> None:
        """Raise what a feature raises that finds the graph inconsistent."""
        fgraph.execute_callbacks("validate")

    def consistent_(self, fgraph: "FunctionGraph") -> bool:
        """Whether no feature finds the graph inconsistent."""
        try:
            self.validate_(fgraph)
        except InconsistencyError:
            return False
        return True


class ReplaceValidate(History, Validator):
    """Replacements that are undone when a feature finds the graph inconsistent after them.

    Adds `fgraph.replace_validate`, `replace_all_validate` and `replace_all_validate_remove`, which
    are this class's methods, besides what `History` and `Validator` add.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> class NoLog(Feature):
    ...     def validate(self, fgraph):
    ...         if any(node.op == T.log for node in fgraph.apply_nodes):
    ...             raise InconsistencyError("no logarithms")
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)], features=[ReplaceValidate(), NoLog()])
    >>> graph.replace_validate(graph.outputs[0], T.log(graph.inputs[0]))
    Traceback (most recent call last):
    lltheano.errors.InconsistencyError: no logarithms
    >>> graph
    [exp(x)]
    """

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Add the methods."""
        names = ("replace_validate", "replace_all_validate", "replace_all_validate_remove")
        for feature in (History, Validator):
            feature.on_attach(self, fgraph)
        _add_methods(fgraph, {name: partial(getattr(self, name), fgraph) for name in names})

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Remove the methods."""
        History.on_detach(self, fgraph)
        Validator.on_detach(self, fgraph)
        names = ("replace_validate", "replace_all_validate", "replace_all_validate_remove")
        _remove_methods(fgraph, *names)

    def replace_validate(
        self, fgraph: "FunctionGraph", r: Variable, new_r: Variable, reason: Any = None
    ) -> None:
        """Replace one variable; raises, with the graph as it was, when that is not allowed."""
        self.replace_all_validate(fgraph, [(r, new_r)], reason=reason)

    def replace_all_validate(
        self,
        fgraph: "FunctionGraph",
        replacements: Any,
        reason: Any = None,
        verbose: bool | None = None,
    ) -> None:
        """Do several replacements, pairs of variables, or none of them.

        Raises what `replace` or a feature raises, with the graph as it was.
        """
        before = self._checkpoint(fgraph)
        try:
            for old, new in replacements:
                fgraph.replace(old, new, reason=reason, verbose=verbose)
            self.validate_(fgraph)
        except BaseException:
            self.revert(fgraph, before)
            raise

    def replace_all_validate_remove(
        self,
        fgraph: "FunctionGraph",
        replacements: Any,
        remove: Any,
        reason: Any = None,
        warn: bool = True,
    ) -> None:
        """Do several replacements after which the variables in `remove` are not needed any more.

        ReplacementDidntRemovedError, with the graph as it was, when one of them still is. `warn` is
        there for Theano's signature.
        """
        before = self._checkpoint(fgraph)
        self.replace_all_validate(fgraph, replacements, reason)
        left = [one for one in remove if one in fgraph.variables]
        if left:
            self.revert(fgraph, before)
            raise ReplacementDidntRemovedError(f"{left[0].describe()} is still needed")


class NodeFinder(Bookkeeper):
    """Adds `fgraph.get_nodes(op)`: the applications of an op.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.exp(x))], features=[NodeFinder()])
    >>> graph.get_nodes(T.exp)
    [exp(x), exp(exp)]
    """

    def __init__(self) -> None:
        self._nodes: dict[FunctionGraph, dict[Op, list[Apply]]] = {}

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Add the method `get_nodes`."""
        _add_methods(fgraph, {"get_nodes": partial(self.query, fgraph)})
        self._nodes[fgraph] = {}
        super().on_attach(fgraph)

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Remove the method."""
        _remove_methods(fgraph, "get_nodes")
        del self._nodes[fgraph]

    def on_import(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Take note of an application."""
        self._nodes[fgraph].setdefault(node.op, []).append(node)

    def on_prune(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Forget an application."""
        self._nodes[fgraph][node.op].remove(node)

    def query(self, fgraph: "FunctionGraph", op: Op) -> list[Apply]:
        """Return the applications of an op, in the order in which they came."""
        return list(self._nodes[fgraph].get(op, ()))


class PrintListener(Feature):
    """Writes every change to standard output, while `active`.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)], features=[PrintListener()])
    -- attaching
    >>> graph.replace(graph.outputs[0], T.log(graph.inputs[0]), reason="example")
    -- importing log(x), example
    -- pruning exp(x), example
    -- changing output.0 from exp to log, example
    """

    def __init__(self, active: bool = True) -> None:
        self.active = active

    def _say(self, text: str) -> None:
        if self.active:
            sys.stdout.write(f"-- {text}\n")

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Say so."""
        self._say("attaching")

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Say so."""
        self._say("detaching")

    def on_import(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Say which application came, and why."""
        self._say(f"importing {node}, {reason}")

    def on_prune(self, fgraph: "FunctionGraph", node: Apply, reason: Any) -> None:
        """Say which application went, and why."""
        self._say(f"pruning {node}, {reason}")

    def on_change_input(
        self,
        fgraph: "FunctionGraph",
        node: Any,
        i: int,
        r: Variable,
        new_r: Variable,
        reason: Any = None,
    ) -> None:
        """Say what changed, and why."""
        self._say(f"changing {node}.{i} from {r} to {new_r}, {reason}")
