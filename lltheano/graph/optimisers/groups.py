"""Several optimisers as one: in sequence, the first rule that applies, and to a fixed point."""

import pdb
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lltheano.config import config
from lltheano.graph.core import Apply, Variable
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.optimisers.navigate import NavigatorOptimizer
from lltheano.graph.optimisers.rewriting import LocalOptimizer, Optimizer, is_tracked
from lltheano.graph.optimisers.updating import ChangeTracker
from lltheano.graph.walk import applies

__all__ = ["EquilibriumOptimizer", "LocalOptGroup", "SeqOptimizer"]


class SeqOptimizer(Optimizer, list[Any]):
    """A list of optimisers that are run one after the other.

    Parameters
    ----------
    opts
        The optimisers, or one list of them.
    failure_callback
        Called with what an optimiser raised, this one, and the optimiser, instead of raising it. An
        AssertionError is raised all the same.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, OpRemove, OpSub, TopoOptimizer
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(x))])
    >>> rules = OpRemove(T.log), OpSub(T.exp, T.sin)
    >>> SeqOptimizer([TopoOptimizer(one) for one in rules]).optimize(graph)
    >>> graph
    [sin(x)]
    """

    def __init__(
        self, *opts: Any, failure_callback: Callable[[Exception, Any, Any], Any] | None = None
    ) -> None:
        given = opts[0] if len(opts) == 1 and isinstance(opts[0], list | tuple) else opts
        list.__init__(self, given)
        self.failure_callback = failure_callback

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what each of them needs."""
        super().add_requirements(fgraph)
        for one in self:
            one.add_requirements(fgraph)

    def apply(self, fgraph: FunctionGraph) -> None:
        """Run all of them, in order."""
        for one in list(self):
            try:
                one.optimize(fgraph)
            except AssertionError:
                raise
            except Exception as error:
                if self.failure_callback is None:
                    raise
                self.failure_callback(error, self, one)

    @staticmethod
    def warn(exc: Exception, self: Any, optimizer: Any) -> None:
        """Do what `config.on_opt_error` says: warn that an optimiser failed, raise, or go on."""
        wanted = config.on_opt_error
        if wanted == "raise":
            raise exc
        if wanted == "pdb":
            pdb.post_mortem(exc.__traceback__)
        if wanted == "warn":
            trace = "".join(traceback.format_exception(exc))
            warnings.warn(f"the optimiser {optimizer} failed:\n{trace}", stacklevel=2)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __str__(self) -> str:
        return f"SeqOptimizer({', '.join(map(str, self))})"

    def __repr__(self) -> str:
        return str(self)


class LocalOptGroup(LocalOptimizer):
    """Several rules as one: the first that applies.

    Parameters
    ----------
    optimizers
        The rules, or one list of them.
    apply_all_opts
        Apply the next rules to what the first gave, and so on.
    profile
        Taken for Theano's sake; nothing is timed.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove, OpSub
    >>> x = T.dscalar("x")
    >>> both = OpSub(T.log, T.sin), OpSub(T.sin, T.cos)
    >>> LocalOptGroup(*both).transform(T.log(x).owner)
    [sin]
    >>> LocalOptGroup(*both, apply_all_opts=True).transform(T.log(x).owner)
    [cos]
    """

    def __init__(
        self, *optimizers: Any, apply_all_opts: bool = False, profile: bool = False
    ) -> None:
        one_list = len(optimizers) == 1 and isinstance(optimizers[0], list | tuple)
        self.opts: list[Any] = list(optimizers[0] if one_list else optimizers)
        self.apply_all_opts = apply_all_opts
        self.reentrant = any(getattr(rule, "reentrant", True) for rule in self.opts)

    def tracks(self) -> Sequence[Any] | None:
        """Return what any of the rules is about; None when one of them is about all ops."""
        results: list[Any] = []
        for rule in self.opts:
            tracks = rule.tracks()
            if tracks is None:
                return None
            results.extend(tracks)
        return results

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what each of them needs."""
        for rule in self.opts:
            rule.add_requirements(fgraph)

    def transform(self, node: Apply) -> Any:
        """Return what the first rule that applies gives."""
        result: Any = False
        for rule in self.opts:
            if not is_tracked(node.op, rule.tracks()):
                continue
            replacements = rule.transform(node)
            if replacements is False or replacements is None:
                continue
            result = list(replacements) if isinstance(replacements, tuple) else replacements
            if not self.apply_all_opts or not isinstance(result, list):
                return result
            (owner, *others) = dict.fromkeys(part.owner for part in result)
            if others or owner is None:
                return result
            node = owner
        return result

    def __str__(self) -> str:
        return getattr(self, "name", None) or f"LocalOptGroup({', '.join(map(str, self.opts))})"


class EquilibriumOptimizer(NavigatorOptimizer):
    """Asks rules about all applications, and runs optimisers of whole graphs, until none changes
    anything.

    Parameters
    ----------
    optimizers
        Rules (`LocalOptimizer`) and optimisers (`Optimizer`).
    failure_callback
        See `NavigatorOptimizer`.
    ignore_newtrees
        Ask about applications that replacements bring in the next round only.
    tracks_on_change_inputs
        Ask again about applications whose inputs changed, in the same round.
    max_use_ratio
        How many times, for each application that there ever was, a rule may be applied; None is
        `config.optdb.max_use_ratio`. A rule that wants more is warned of and not asked any more:
        rules that undo each other come to an end so.
    final_optimizers
        Run at the end of every round.
    cleanup_optimizers
        Run after every optimiser of whole graphs, and at the end of every round.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, OpRemove, OpSub
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(T.sin(x)))])
    >>> EquilibriumOptimizer([OpSub(T.exp, T.log), OpRemove(T.log)]).optimize(graph)
    >>> graph
    [sin(x)]
    """

    def __init__(
        self,
        optimizers: Iterable[Any],
        failure_callback: Any = None,
        ignore_newtrees: bool = True,
        tracks_on_change_inputs: bool = False,
        max_use_ratio: float | None = None,
        final_optimizers: Iterable[Any] | None = None,
        cleanup_optimizers: Iterable[Any] | None = None,
    ) -> None:
        super().__init__(None, ignore_newtrees, failure_callback)
        given = list(optimizers)
        self.local_optimizers = [one for one in given if hasattr(one, "transform")]
        self.global_optimizers = [one for one in given if not hasattr(one, "transform")]
        self.final_optimizers = list(final_optimizers or ())
        self.cleanup_optimizers = list(cleanup_optimizers or ())
        self.tracks_on_change_inputs = tracks_on_change_inputs
        self.max_use_ratio = config.optdb.max_use_ratio if max_use_ratio is None else max_use_ratio

    def get_local_optimizers(self) -> Iterator[Any]:
        """Yield the rules."""
        yield from self.local_optimizers

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what tells of changes, and what each of them needs."""
        super().add_requirements(fgraph)
        everything = (*self.local_optimizers, *self.global_optimizers, *self.final_optimizers)
        for one in (*everything, *self.cleanup_optimizers):
            one.add_requirements(fgraph)

    def apply(self, fgraph: FunctionGraph, start_from: Sequence[Variable] | None = None) -> int:
        """Run rounds until one changes nothing; return how many rounds changed something."""
        uses: dict[Any, int] = {}
        most = len(fgraph.apply_nodes)
        rounds = 0
        exhausted: set[Any] = set()
        while True:
            tracker = ChangeTracker()
            fgraph.attach_feature(tracker)
            try:
                self._round(fgraph, uses, exhausted, most, start_from)
            finally:
                if getattr(fgraph, "change_tracker", None) is tracker:
                    fgraph.remove_feature(tracker)
            most = max(most, len(fgraph.apply_nodes))
            start_from = None
            if not tracker.changed:
                return rounds
            rounds += 1

    def _round(
        self,
        fgraph: FunctionGraph,
        uses: dict[Any, int],
        exhausted: set[Any],
        most: int,
        start_from: Sequence[Variable] | None,
    ) -> None:
        for optimizer in self.global_optimizers:
            if optimizer not in exhausted and self._changes(fgraph, optimizer):
                self._count(optimizer, uses, exhausted, most)
                self._run(fgraph, self.cleanup_optimizers)
        pending = (
            FunctionGraph.toposort(fgraph) if start_from is None else list(applies(start_from))
        )
        updater = self.attach_updater(
            fgraph,
            pending.append,
            None,
            self._again(pending) if self.tracks_on_change_inputs else None,
        )
        try:
            while pending:
                node = pending.pop()
                for rule in self.local_optimizers:
                    if node not in fgraph.apply_nodes:
                        break
                    if rule in exhausted or not is_tracked(node.op, rule.tracks()):
                        continue
                    if self.process_node(fgraph, node, rule):
                        self._count(rule, uses, exhausted, most)
        finally:
            self.detach_updater(fgraph, updater)
        self._run(fgraph, [*self.final_optimizers, *self.cleanup_optimizers])

    def _again(self, pending: list[Apply]) -> Callable[..., None]:
        def note(node: Any, i: int, r: Variable, new_r: Variable, reason: Any) -> None:
            if node != "output":
                pending.append(node)

        return note

    def _run(self, fgraph: FunctionGraph, optimizers: Sequence[Any]) -> None:
        for optimizer in optimizers:
            optimizer.apply(fgraph)

    def _changes(self, fgraph: FunctionGraph, one: Any) -> bool:
        tracker: ChangeTracker = vars(fgraph)["change_tracker"]
        before, tracker.changed = tracker.changed, False
        one.apply(fgraph)
        found, tracker.changed = tracker.changed, tracker.changed or before
        return found

    def _count(self, rule: Any, uses: dict[Any, int], exhausted: set[Any], most: int) -> None:
        uses[rule] = uses.get(rule, 0) + 1
        if uses[rule] > self.max_use_ratio * max(most, 1):
            exhausted.add(rule)
            warnings.warn(
                f"{rule} was applied {uses[rule]} times to a graph of {most} applications, more"
                f" than max_use_ratio={self.max_use_ratio} allows; it is not applied any more",
                stacklevel=2,
            )

    def __str__(self) -> str:
        return getattr(self, "name", None) or "EquilibriumOptimizer"
