"""Rewriting graphs by the user's own rules.

A local optimiser looks at one application and says what else gives the same; those of
`lltheano.graph.optimisers` ask it about the applications of a `FunctionGraph` and do the
replacements. The compiler's own rules are of another kind (`lltheano_ir.rewrite`) and come later.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lltheano.errors import MethodNotDefined
from lltheano.graph.core import Apply, Op
from lltheano.graph.editing.features import ReplaceValidate
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.editing.memory import DestroyHandler

__all__ = [
    "FromFunctionLocalOptimizer",
    "FromFunctionOptimizer",
    "LocalOptimizer",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "inplace_optimizer",
    "is_tracked",
    "local_optimizer",
    "optimizer",
]


class LocalOptimizer:
    """A rule about single applications. A subclass defines `transform`.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
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

    Parameters
    ----------
    fn
        Takes an application, returns what `transform` does.
    tracks
        The ops, or classes of ops, that it is about; None for all.
    requirements
        Each is called with a graph before the rule is applied to it.

    Examples
    --------
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
    return any(
        isinstance(op, track) if isinstance(track, type) else op == track for track in tracks
    )


def local_optimizer(
    tracks: Iterable[Any] | None,
    inplace: bool = False,
    requirements: Iterable[Callable[[FunctionGraph], Any]] = (),
) -> Callable[[Callable[[Apply], Any]], FromFunctionLocalOptimizer]:
    """Return a decorator that makes a rule of a function.

    The function takes an application and returns what stands for its outputs, or False.

    ValueError for a list of `tracks` without an entry, which is a rule about nothing.

    Parameters
    ----------
    tracks
        The ops, or classes of ops, that it is about; None for all.
    inplace
        Whether it brings ops that overwrite their operands; the graph then gets a `DestroyHandler`.
    requirements
        Each is called with a graph before the rule is applied to it.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
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

    needs = (*requirements, _watch_destruction) if inplace else requirements

    def make(fn: Callable[[Apply], Any]) -> FromFunctionLocalOptimizer:
        return FromFunctionLocalOptimizer(fn, tracks, needs)

    return make


class OpSub(LocalOptimizer):
    """The rule op1(x, ...) -> op2(x, ...).

    Parameters
    ----------
    op1, op2
        The op to replace, and what takes its place on the same inputs.
    transfer_tags
        Pass the notes of the outputs (`variable.tag`) on.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
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

    def op_key(self) -> Op:
        """Return the op to replace."""
        return self.op1

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
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(T.log(x))])
    >>> TopoOptimizer(OpRemove(T.log)).optimize(graph)
    >>> graph
    [exp(x)]
    """

    def __init__(self, op: Op) -> None:
        self.op = op

    def op_key(self) -> Op:
        """Return the op to remove."""
        return self.op

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
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
    >>> class Forget(Optimizer):
    ...     def apply(self, fgraph):
    ...         fgraph.replace(fgraph.outputs[0], fgraph.inputs[0])
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> Forget().optimize(graph)
    >>> graph
    [x]
    """

    name: str | None = None

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

    def __str__(self) -> str:
        return getattr(self, "name", None) or type(self).__name__


class FromFunctionOptimizer(Optimizer):
    """An optimiser that a function tells; `optimizer` makes it.

    Parameters
    ----------
    fn
        Takes a graph and rewrites it.
    requirements
        Each is called with a graph before it is rewritten.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
    >>> def take_the_input(graph):
    ...     graph.replace(graph.outputs[0], graph.inputs[0])
    >>> forget = FromFunctionOptimizer(take_the_input)
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> forget.optimize(graph)
    >>> graph
    [x]
    """

    def __init__(
        self,
        fn: Callable[[FunctionGraph], Any],
        requirements: Iterable[Callable[[FunctionGraph], Any]] = (),
    ) -> None:
        self.fn = fn
        self.requirements = tuple(requirements)
        self.name = getattr(fn, "__name__", "optimizer")
        self.__doc__ = fn.__doc__

    def apply(self, fgraph: FunctionGraph, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.fn(fgraph, *args, **kwargs)

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach what undoes replacements, and call the requirements."""
        super().add_requirements(fgraph)
        for requirement in self.requirements:
            requirement(fgraph)


def optimizer(f: Callable[[FunctionGraph], Any]) -> FromFunctionOptimizer:
    """Return the optimiser of whole graphs that a function tells; a decorator.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
    >>> @optimizer
    ... def forget(graph):
    ...     graph.replace(graph.outputs[0], graph.inputs[0])
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> forget(graph)
    >>> graph
    [x]
    """
    return FromFunctionOptimizer(f)


def inplace_optimizer(f: Callable[[FunctionGraph], Any]) -> FromFunctionOptimizer:
    """Return what `optimizer` does, for a function that brings ops which overwrite their operands.

    The graph has a `DestroyHandler`, which finds inconsistent what overwrites a value that is read
    later.

    >>> inplace_optimizer(lambda graph: None).requirements[0].__name__
    '_watch_destruction'
    """
    return FromFunctionOptimizer(f, (_watch_destruction,))


def _watch_destruction(fgraph: FunctionGraph) -> None:
    fgraph.attach_feature(DestroyHandler())
