"""Features that tell an optimiser what happens to the graph while it works."""

from collections.abc import Callable
from typing import Any

from lltheano.errors import AlreadyThere
from lltheano.graph.core import Apply, Variable
from lltheano.graph.editing.features import Feature
from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = ["ChangeTracker", "Updater"]

Told = Callable[..., Any] | None


class Updater(Feature):
    """Calls functions for what happens to a graph.

    Parameters
    ----------
    importer, pruner
        Called with each application that comes, and that goes.
    chin
        Called with the application whose input changes, the input's position, what it was, what it
        is, and the reason.
    name
        What it is called in listings.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> graph.attach_feature(Updater(lambda node: print("came", node), None, None))
    >>> graph.replace(graph.outputs[0], T.log(graph.inputs[0]))
    came log(x)
    """

    def __init__(self, importer: Told, pruner: Told, chin: Told, name: str | None = None) -> None:
        self.importer = importer
        self.pruner = pruner
        self.chin = chin
        self.name = name

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Tell of an application that came."""
        if self.importer is not None:
            self.importer(node)

    def on_prune(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Tell of an application that went."""
        if self.pruner is not None:
            self.pruner(node)

    def on_change_input(
        self,
        fgraph: FunctionGraph,
        node: Any,
        i: int,
        r: Variable,
        new_r: Variable,
        reason: Any = None,
    ) -> None:
        """Tell of an input that changed."""
        if self.chin is not None:
            self.chin(node, i, r, new_r, reason)

    def __str__(self) -> str:
        return f"Updater{{{self.name}}}"


class ChangeTracker(Feature):
    """Knows whether a graph has changed since `reset()`, in `changed`.

    It is `fgraph.change_tracker` while it is attached; AlreadyThere where there is one.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph, tracker = FunctionGraph([x], [T.exp(x)]), ChangeTracker()
    >>> graph.attach_feature(tracker)
    >>> graph.replace(graph.outputs[0], T.log(graph.inputs[0]))
    >>> tracker.changed, tracker.nb_imported
    (True, 1)
    """

    def __init__(self) -> None:
        self.changed = False
        self.nb_imported = 0

    def reset(self) -> None:
        """Begin anew."""
        self.changed = False

    def on_attach(self, fgraph: FunctionGraph) -> None:
        """Become `fgraph.change_tracker`."""
        if hasattr(fgraph, "change_tracker"):
            raise AlreadyThere("the graph has a change_tracker already")
        vars(fgraph)["change_tracker"] = self

    def on_detach(self, fgraph: FunctionGraph) -> None:
        """Be it no longer."""
        del vars(fgraph)["change_tracker"]

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Note an application that came."""
        self.nb_imported += 1
        self.changed = True

    def on_change_input(
        self,
        fgraph: FunctionGraph,
        node: Any,
        i: int,
        r: Variable,
        new_r: Variable,
        reason: Any = None,
    ) -> None:
        """Note that an input changed."""
        self.changed = True
