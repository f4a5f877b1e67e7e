"""Rewriting graphs by the user's own rules.

A local optimiser looks at one application and says what else gives the same; `TopoOptimizer` asks
it about every application of a `FunctionGraph` and does the replacements. The compiler's own rules
are of another kind (`lltheano_ir.rewrite`) and come later.
"""

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lltheano.errors import InconsistencyError, MethodNotDefined
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.editing import FunctionGraph
from lltheano.graph.features import Feature, ReplaceValidate

__all__ = [
    "FromFunctionLocalOptimizer",
    "LocalOptimizer",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "TopoOptimizer",
    "in2out",
    "local_optimizer",
    "out2in",
]

FailureCallback = Callable[[Exception, Any, Any, Any, Apply], None]


class LocalOptimizer:
    """A rule about single applications. A subclass defines `transform`.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> class Shorten(LocalOptimizer):
    ...     def transform(self, node):
    ...         return [node.inputs[0]] if node.op == T.sin else False
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.sin(x))])
    >>> TopoOptimizer(Shorten()).optimize(graph)
    >>> graph
    [exp(x)]
    """

    def transform(self, node: Apply) -> Any:
        """Return what stands for the outputs of an application, a variable of the same type for
        each; or a dict of variables to replace; or False where the rule does not apply.
        """
        raise MethodNotDefined(f"{self} does not define transform")

    def tracks(self) -> Sequence[Any] | None:
        """Return the ops, or classes of ops, that the rule is about; None for all."""
        return None

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach the features that the rule needs."""

    def __str__(self) -> str:
        return getattr(self, "name", None) or type(self).__name__


class FromFunctionLocalOptimizer(LocalOptimizer):
    """A rule that a function tells; `local_optimizer` makes it.

    Args:
        fn: takes an application, returns what `transform` does.
        tracks: the ops, or classes of ops, that it is about; None for all.
        requirements: each is called with a graph before the rule is applied to it.

    >>> import lltheano.tensor as T
    >>> rule = FromFunctionLocalOptimizer(lambda node: node.inputs, [T.exp])
    >>> x = T.dscalar("x")
    >>> rule.transform(T.exp(x).owner), rule.transform(T.log(x).owner)
    ([x], False)
    """

    def __init__(
        self,
        fn: Callable[[Apply], Any],
        tracks: Iterable[Any] | None = None,
        requirements: Iterable[Callable[[FunctionGraph], Any]] = (),
    ) -> None:
        self._fn = fn
        self._tracks = None if tracks is None else tuple(tracks)
        self._requirements = tuple(requirements)
        self.name = getattr(fn, "__name__", "local_optimizer")
        self.__doc__ = fn.__doc__

    def transform(self, node: Apply) -> Any:
        """Ask the function, if the application is of an op that it is about."""
        return self._fn(node) if is_tracked(node.op, self._tracks) else False

    def tracks(self) -> Sequence[Any] | None:
        """Return the ops that the function is about."""
        return self._tracks

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Call the requirements."""
        for requirement in self._requirements:
            requirement(fgraph)


def is_tracked(op: Op, tracks: Sequence[Any] | None) -> bool:
    """Whether an op is one of `tracks`, or of one of the classes among them."""
    if tracks is None:
        return True
    return any(isinstance(op, one) if isinstance(one, type) else op == one for one in tracks)


def local_optimizer(
    tracks: Iterable[Any] | None,
    inplace: bool = False,
    requirements: Iterable[Callable[[FunctionGraph], Any]] = (),
) -> Callable[[Callable[[Apply], Any]], FromFunctionLocalOptimizer]:
    """Return a decorator that makes a rule of a function.

    Args:
        tracks: the ops, or classes of ops, that it is about; None for all.
        inplace: kept for Theano's signature: the compiler decides what is done in place.
        requirements: each is called with a graph before the rule is applied to it.

    The function takes an application and returns what stands for its outputs, or False.

    ValueError for a list of `tracks` without an entry, which is a rule about nothing.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> @local_optimizer([T.exp])
    ... def log_of_exp(node):
    ...     inner = node.inputs[0].owner
    ...     return [inner.inputs[0]] if inner and inner.op == T.log else False
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(x)) + 1])
    >>> TopoOptimizer(log_of_exp).optimize(graph)
    >>> graph
    [add(x, TensorConstant{1})]
    """
    if tracks is not None:
        tracks = tuple(tracks)
        if not tracks:
            raise ValueError("local_optimizer: tracks is empty; None is for a rule about all ops")

    def make(fn: Callable[[Apply], Any]) -> FromFunctionLocalOptimizer:
        return FromFunctionLocalOptimizer(fn, tracks, requirements)

    return make


class OpSub(LocalOptimizer):
    """The rule op1(x, ...) -> op2(x, ...).

    Args:
        op1, op2: the op to replace, and what takes its place on the same inputs.
        transfer_tags: pass the notes of the outputs (`variable.tag`) on.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> TopoOptimizer(OpSub(T.exp, T.log)).optimize(graph)
    >>> graph
    [log(x)]
    """

    def __init__(self, op1: Op, op2: Op, transfer_tags: bool = True) -> None:
        self.op1 = op1
        self.op2 = op2
        self.transfer_tags = transfer_tags

    def tracks(self) -> Sequence[Any]:
        """Return the op to replace."""
        return (self.op1,)

    def transform(self, node: Apply) -> Any:
        """Apply the other op to the inputs."""
        if node.op != self.op1:
            return False
        replaced = self.op2.make_node(*node.inputs)
        if self.transfer_tags:
            for old, new in zip(node.outputs, replaced.outputs, strict=True):
                vars(new.tag).update(vars(old.tag))
        return replaced.outputs

    def __str__(self) -> str:
        return f"{self.op1} -> {self.op2}"


class OpRemove(LocalOptimizer):
    """The rule op(x, ...) -> x, ..., for an op with as many outputs as inputs.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(x))])
    >>> TopoOptimizer(OpRemove(T.log)).optimize(graph)
    >>> graph
    [exp(x)]
    """

    def __init__(self, op: Op) -> None:
        self.op = op

    def tracks(self) -> Sequence[Any]:
        """Return the op to remove."""
        return (self.op,)

    def transform(self, node: Apply) -> Any:
        """Give the inputs; ValueError when there are not as many as outputs."""
        if node.op != self.op:
            return False
        if node.nin != node.nout:
            raise ValueError(f"{self.op} has {node.nin} inputs and {node.nout} outputs")
        return node.inputs

    def __str__(self) -> str:
        return f"{self.op}(x) -> x"


class Optimizer:
    """Rewrites whole graphs. A subclass defines `apply`.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> class Forget(Optimizer):
    ...     def apply(self, fgraph):
    ...         fgraph.replace(fgraph.outputs[0], fgraph.inputs[0])
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> Forget().optimize(graph)
    >>> graph
    [x]
    """

    def apply(self, fgraph: FunctionGraph) -> Any:
        """Rewrite a graph that has what `add_requirements` attaches."""
        raise MethodNotDefined(f"{type(self).__name__} does not define apply")

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach the features that `apply` needs."""
        fgraph.attach_feature(ReplaceValidate())

    def optimize(self, fgraph: FunctionGraph, *args: Any, **kwargs: Any) -> None:
        """Attach what is needed, and rewrite."""
        self.add_requirements(fgraph)
        self.apply(fgraph, *args, **kwargs)

    def __call__(self, fgraph: FunctionGraph) -> None:
        """Do what `optimize` does."""
        self.optimize(fgraph)


class _NewNodes(Feature):
    """Collects the applications that come while it is attached."""

    def __init__(self, pending: deque[Apply]) -> None:
        self._pending = pending

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Take note of an application, unless it comes back because a replacement is undone."""
        if not (isinstance(reason, tuple) and reason[:1] == ("Revert",)):
            self._pending.append(node)


class TopoOptimizer(Optimizer):
    """Asks a rule about every application of a graph once, in order.

    Args:
        local_opt: the rule, a `LocalOptimizer`.
        order: "in_to_out" begins with what needs the inputs only, "out_to_in" with the outputs.
        ignore_newtrees: do not ask about the applications that replacements bring.
        failure_callback: called with what the rule or a replacement raised, this optimiser, the
            replacements, the rule and the application, instead of raising it: `warn` and
            `warn_inplace` are such.

    ValueError for another order. A replacement that a feature finds inconsistent is undone.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
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
        ignore_newtrees: bool = False,
        failure_callback: FailureCallback | None = None,
    ) -> None:
        if order not in ("in_to_out", "out_to_in"):
            raise ValueError(f"order must be 'in_to_out' or 'out_to_in', got {order!r}")
        self.local_opt = local_opt
        self.order = order
        self.ignore_newtrees = ignore_newtrees
        self.failure_callback = failure_callback

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what undoes replacements, and what the rule needs."""
        super().add_requirements(fgraph)
        self.local_opt.add_requirements(fgraph)

    def apply(self, fgraph: FunctionGraph, start_from: Sequence[Variable] | None = None) -> int:
        """Ask about every application, or those that `start_from` needs; return how many changed.

        Rules that undo each other would never come to an end: RuntimeError after as many changes as
        a hundred for each application that there was.
        """
        nodes = FunctionGraph.toposort(fgraph)
        if start_from is not None:
            needed = set(_needed(start_from))
            nodes = [one for one in nodes if one in needed]
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

    def process_node(self, fgraph: FunctionGraph, node: Apply, lopt: Any = None) -> bool:
        """Ask the rule about one application; whether something was replaced."""
        rule = lopt or self.local_opt
        pairs: list[tuple[Variable, Variable]] = []
        try:
            pairs = _pairs(rule, node, rule.transform(node))
            if pairs:
                editable: Any = fgraph
                editable.replace_all_validate(pairs, reason=rule)
        except Exception as error:
            if self.failure_callback is None:
                raise
            self.failure_callback(error, self, pairs, rule, node)
            return False
        return bool(pairs)

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
            TopoOptimizer.warn(exc, nav, repl_pairs, local_opt, node)

    @staticmethod
    def warn_ignore(exc: Exception, nav: Any, repl_pairs: Any, local_opt: Any, node: Apply) -> None:
        """Go on."""


def _needed(variables: Iterable[Variable]) -> list[Apply]:
    from_ = [one.owner for one in variables if one.owner is not None]
    found: dict[Apply, None] = {}
    while from_:
        node = from_.pop()
        if node not in found:
            found[node] = None
            from_.extend(one.owner for one in node.inputs if one.owner is not None)
    return list(found)


def _pairs(rule: Any, node: Apply, given: Any) -> list[tuple[Variable, Variable]]:
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
            found = rule.transform(node)
            if found is not False and found is not None:
                return found
        return False

    first.__name__ = f"({names})"
    needs = [rule.add_requirements for rule in rules]
    return TopoOptimizer(FromFunctionLocalOptimizer(first, None, needs), order, **options)


def in2out(*local_opts: Any, **kwargs: Any) -> TopoOptimizer:
    """Return the `TopoOptimizer` that asks the first of these rules that applies, from inputs on.

    >>> import lltheano.tensor as T
    >>> str(in2out(OpRemove(T.exp)).local_opt)
    'exp(x) -> x'
    """
    return _group(local_opts, "in_to_out", **kwargs)


def out2in(*local_opts: Any, **kwargs: Any) -> TopoOptimizer:
    """Return the `TopoOptimizer` that asks the first of these rules that applies, from outputs on.

    >>> import lltheano.tensor as T
    >>> out2in(OpRemove(T.exp)).order
    'out_to_in'
    """
    return _group(local_opts, "out_to_in", **kwargs)
