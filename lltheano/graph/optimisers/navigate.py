"""Asking a rule about the applications of a graph: once each, in order, or by their op."""

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lltheano.errors import InconsistencyError
from lltheano.graph.core import Apply, Variable
from lltheano.graph.editing.features import Feature, NodeFinder
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.optimisers.rewriting import FromFunctionLocalOptimizer, Optimizer
from lltheano.graph.optimisers.updating import Updater

__all__ = ["NavigatorOptimizer", "OpKeyOptimizer", "TopoOptimizer", "in2out", "out2in"]

FailureCallback = Callable[[Exception, Any, Any, Any, Apply], None]


class NavigatorOptimizer(Optimizer):
    """The base of optimisers that ask a rule about applications; they differ in which, and when.

    A replacement that a feature finds inconsistent is undone.

    Parameters
    ----------
    local_opt
        The rule, a `LocalOptimizer`.
    ignore_newtrees
        Do not ask about the applications that replacements bring. "auto" is True for a rule whose
        attribute `reentrant` is False.
    failure_callback
        Called with what the rule or a replacement raised, this optimiser, the replacements, the
        rule and the application, instead of raising it: `warn` and `warn_inplace` are such.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, OpRemove
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> once = NavigatorOptimizer(OpRemove(T.exp))
    >>> once.add_requirements(graph)
    >>> once.process_node(graph, graph.outputs[0].owner), graph
    (True, [x])
    """

    def __init__(
        self,
        local_opt: Any,
        ignore_newtrees: bool | str = "auto",
        failure_callback: FailureCallback | None = None,
    ) -> None:
        self.local_opt = local_opt
        if ignore_newtrees == "auto":
            ignore_newtrees = not getattr(local_opt, "reentrant", True)
        self.ignore_newtrees = bool(ignore_newtrees)
        self.failure_callback = failure_callback

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what undoes replacements, and what the rule needs."""
        super().add_requirements(fgraph)
        if self.local_opt is not None:
            self.local_opt.add_requirements(fgraph)

    def process_node(self, fgraph: FunctionGraph, node: Apply, lopt: Any = None) -> bool:
        """Ask the rule about one application; whether something was replaced."""
        rule = lopt or self.local_opt
        pairs: list[tuple[Variable, Variable]] = []
        try:
            pairs = replacements(rule, node, rule.transform(node))
            if pairs:
                editable: Any = fgraph
                editable.replace_all_validate(pairs, reason=rule)
        except Exception as error:
            if self.failure_callback is None:
                raise
            self.failure_callback(error, self, pairs, rule, node)
            return False
        return bool(pairs)

    def attach_updater(
        self,
        fgraph: FunctionGraph,
        importer: Callable[[Apply], Any] | None,
        pruner: Callable[[Apply], Any] | None,
        chin: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Updater | None:
        """Call these functions of each application that comes, goes or changes; see `Updater`.

        Nothing is attached with `ignore_newtrees`.
        """
        if self.ignore_newtrees:
            return None
        updater = Updater(importer, pruner, chin, name)
        fgraph.attach_feature(updater)
        return updater

    def detach_updater(self, fgraph: FunctionGraph, updater: Updater | None) -> None:
        """Undo `attach_updater`, whose result is given."""
        if updater is not None:
            fgraph.remove_feature(updater)

    @staticmethod
    def warn(exc: Exception, nav: Any, repl_pairs: Any, local_opt: Any, node: Apply) -> None:
        """Write what went wrong to the standard error stream, and go on."""
        sys.stderr.write(f"{local_opt} failed at {node}:\n")
        sys.stderr.write("".join(traceback.format_exception(exc)))

    @staticmethod
    def warn_inplace(
        exc: Exception, nav: Any, repl_pairs: Any, local_opt: Any, node: Apply
    ) -> None:
        """Do what `warn` does, but say nothing of a graph that was found inconsistent."""
        if not isinstance(exc, InconsistencyError):
            NavigatorOptimizer.warn(exc, nav, repl_pairs, local_opt, node)

    @staticmethod
    def warn_ignore(exc: Exception, nav: Any, repl_pairs: Any, local_opt: Any, node: Apply) -> None:
        """Go on."""


class _NewNodes(Feature):
    """Collects the applications that come while it is attached."""

    def __init__(self, pending: deque[Apply]) -> None:
        self._pending = pending

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Take note of an application, unless it comes back because a replacement is undone."""
        if not (isinstance(reason, tuple) and reason[:1] == ("Revert",)):
            self._pending.append(node)


class TopoOptimizer(NavigatorOptimizer):
    """Asks a rule about every application of a graph once, in order.

    ValueError for another order.

    Parameters
    ----------
    local_opt, ignore_newtrees, failure_callback
        Those of `NavigatorOptimizer`.
    order
        "in_to_out" begins with what needs the inputs only, "out_to_in" with the outputs.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, OpRemove
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.exp(x))])
    >>> TopoOptimizer(OpRemove(T.exp), order="out_to_in").optimize(graph)
    >>> graph
    [x]
    """

    def __init__(
        self,
        local_opt: Any,
        order: str = "in_to_out",
        ignore_newtrees: bool | str = False,
        failure_callback: FailureCallback | None = None,
    ) -> None:
        if order not in ("in_to_out", "out_to_in"):
            raise ValueError(f"order must be 'in_to_out' or 'out_to_in', got {order!r}")
        super().__init__(local_opt, ignore_newtrees, failure_callback)
        self.order = order

    def apply(self, fgraph: FunctionGraph, start_from: Sequence[Variable] | None = None) -> int:
        """Ask about every application, or those that `start_from` needs; return how many changed.

        Rules that undo each other would never come to an end: RuntimeError after as many changes as
        a hundred for each application that there was.
        """
        nodes = FunctionGraph.toposort(fgraph)
        if start_from is not None:
            needed = set(_needed(start_from))
            nodes = [applied for applied in nodes if applied in needed]
        pending = deque(nodes if self.order == "in_to_out" else reversed(nodes))
        budget = 1000 + 100 * len(nodes)
        collector = None if self.ignore_newtrees else _NewNodes(pending)
        if collector is not None:
            fgraph.attach_feature(collector)
        changed = 0
        try:
            while pending:
                node = pending.popleft()
                if node in fgraph.apply_nodes:
                    changed += self.process_node(fgraph, node)
                if changed > budget:
                    raise RuntimeError(f"{self.local_opt} does not come to an end")
        finally:
            if collector is not None:
                fgraph.remove_feature(collector)
        return changed


class OpKeyOptimizer(NavigatorOptimizer):
    """Asks a rule about every application of the op that the rule's `op_key()` gives.

    TypeError for a rule that has no `op_key`.

    Parameters
    ----------
    local_opt, ignore_newtrees, failure_callback
        Those of `NavigatorOptimizer`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, OpSub
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(x))])
    >>> OpKeyOptimizer(OpSub(T.log, T.sin)).optimize(graph)
    >>> graph
    [exp(sin(x))]
    """

    def __init__(
        self,
        local_opt: Any,
        ignore_newtrees: bool | str = False,
        failure_callback: FailureCallback | None = None,
    ) -> None:
        if not hasattr(local_opt, "op_key"):
            raise TypeError(f"{local_opt} does not say by op_key() which op it is about")
        super().__init__(local_opt, ignore_newtrees, failure_callback)

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what finds the applications of an op, besides what the rule needs."""
        super().add_requirements(fgraph)
        fgraph.attach_feature(NodeFinder())

    def apply(self, fgraph: FunctionGraph) -> int:
        """Ask about every application of the op; return how many changed."""
        wanted = self.local_opt.op_key()
        ops = wanted if isinstance(wanted, list | tuple) else [wanted]
        finder: Any = fgraph
        pending = deque(node for op in ops for node in finder.get_nodes(op))
        collector = None if self.ignore_newtrees else _NewNodes(pending)
        if collector is not None:
            fgraph.attach_feature(collector)
        changed = 0
        try:
            while pending:
                node = pending.popleft()
                if node in fgraph.apply_nodes and node.op in ops:
                    changed += self.process_node(fgraph, node)
        finally:
            if collector is not None:
                fgraph.remove_feature(collector)
        return changed


def _needed(variables: Iterable[Variable]) -> list[Apply]:
    from_ = [variable.owner for variable in variables if variable.owner is not None]
    results: dict[Apply, None] = {}
    while from_:
        node = from_.pop()
        if node not in results:
            results[node] = None
            from_.extend(operand.owner for operand in node.inputs if operand.owner is not None)
    return list(results)


def replacements(rule: Any, node: Apply, given: Any) -> list[tuple[Variable, Variable]]:
    """What a rule gave, as pairs of variables; none where it does not apply."""
    if given is False or given is None:
        return []
    if isinstance(given, Mapping):
        return [(old, new) for old, new in given.items() if old != "remove" and old is not new]
    results = [given] if isinstance(given, Variable) else given
    if not isinstance(results, list | tuple):
        raise TypeError(f"{rule} gave {given!r:.80} for {node}, not variables or False")
    if len(results) != len(node.outputs):
        raise ValueError(f"{rule} gave {len(results)} variables for the {node.nout} of {node}")
    pairs = zip(node.outputs, results, strict=True)
    return [(old, new) for old, new in pairs if new is not None and old is not new]


def _group(rules: Sequence[Any], order: str, **options: Any) -> TopoOptimizer:
    if not rules:
        raise ValueError("at least one rule is needed")
    if len(rules) == 1:
        return TopoOptimizer(rules[0], order, **options)
    names = ", ".join(map(str, rules))

    def first(node: Apply) -> Any:
        for rule in rules:
            result = rule.transform(node)
            if result is not False and result is not None:
                return result
        return False

    first.__name__ = f"({names})"
    needs = [rule.add_requirements for rule in rules]
    return TopoOptimizer(FromFunctionLocalOptimizer(first, None, needs), order, **options)


def in2out(*local_opts: Any, **kwargs: Any) -> TopoOptimizer:
    """Return the `TopoOptimizer` that asks the first of these rules that applies, from inputs on.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove
    >>> str(in2out(OpRemove(T.exp)).local_opt)
    'exp(x) -> x'
    """
    return _named(local_opts, "in_to_out", kwargs)


def out2in(*local_opts: Any, **kwargs: Any) -> TopoOptimizer:
    """Return the `TopoOptimizer` that asks the first of these rules that applies, from outputs on.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove
    >>> out2in(OpRemove(T.exp)).order
    'out_to_in'
    """
    return _named(local_opts, "out_to_in", kwargs)


def _named(rules: Sequence[Any], order: str, options: dict[str, Any]) -> TopoOptimizer:
    name = options.pop("name", None)
    result = _group(rules, order, **options)
    if name is not None:
        result.name = name
    return result
