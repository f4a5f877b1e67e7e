"""Rules of the user's that every function is rewritten by, once they are registered.

A program registers an optimiser under a name, with tags by which modes choose it and a position
among the others. Nothing is registered by this package: what it knows of algebra, the compiler
does.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.clone import clone_get_equiv
from lltheano.graph.core import Variable
from lltheano.graph.editing import FunctionGraph
from lltheano.graph.hooks import rewriters
from lltheano.graph.rewriting import Optimizer, TopoOptimizer
from lltheano_ir.records import record

__all__ = [
    "OptimizerRegistry",
    "optdb",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
]

_ROUNDS = 10


@record(frozen=True, slots=True)
class _Entry:
    name: str
    optimizer: Optimizer
    position: float
    tags: frozenset[str]


class OptimizerRegistry:
    """Optimisers by name.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpSub
    >>> registry = OptimizerRegistry()
    >>> registry.register("exp_to_sin", OpSub(T.exp, T.sin), 1, "fast_run")
    >>> x = T.dscalar("x")
    >>> registry.rewritten([x], [T.exp(x)], lambda tags: "fast_run" in tags)
    [sin]
    >>> registry.remove("exp_to_sin")
    >>> registry.names
    []
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: tuple[_Entry, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names that are registered, in the order in which the optimisers are run."""
        return [one.name for one in self._entries]

    def register(self, name: str, obj: Any, position: float = 1.0, *tags: str) -> None:
        """Add an optimiser, or a rule about single applications, to be run by each function whose
        mode takes one of `tags`, or its name.

        Those of lower positions run first. ValueError when the name is taken, TypeError for what is
        no optimiser.
        """
        if not isinstance(obj, Optimizer) and not hasattr(obj, "transform"):
            raise TypeError(f"{name}: an optimiser or a local optimiser is needed, got {obj!r:.80}")
        optimizer = obj if isinstance(obj, Optimizer) else TopoOptimizer(obj)
        with self._lock:
            if name in self.names:
                raise ValueError(f"an optimiser is registered as {name!r} already")
            entry = _Entry(name, optimizer, float(position), frozenset((name, *tags)))
            self._entries = tuple(sorted((*self._entries, entry), key=lambda one: one.position))

    def remove(self, name: str) -> None:
        """Forget an optimiser; KeyError when there is none of that name."""
        with self._lock:
            if name not in self.names:
                raise KeyError(f"no optimiser is registered as {name!r}")
            self._entries = tuple(one for one in self._entries if one.name != name)

    def rewritten(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        wanted: Callable[[frozenset[str]], bool],
    ) -> list[Variable]:
        """Return `outputs` rewritten by the optimisers whose tags are `wanted`.

        `inputs` are where the graph begins; they stay what they are. The graph itself does not
        change. A rule about single applications is run until it changes nothing, ten times at most.
        """
        chosen = [one.optimizer for one in self._entries if wanted(one.tags)]
        if not chosen:
            return list(outputs)
        copies = clone_get_equiv(inputs, outputs, copy_inputs=False, copy_orphans=False)
        graph = FunctionGraph(inputs, [copies[one] for one in outputs], clone=False)
        for optimizer in chosen:
            optimizer.add_requirements(graph)
            for _ in range(_ROUNDS if isinstance(optimizer, TopoOptimizer) else 1):
                if not optimizer.apply(graph):
                    break
        return graph.outputs


class _Everywhere(OptimizerRegistry):
    """The registry that `function` uses, once there is something in it."""

    def register(self, name: str, obj: Any, position: float = 1.0, *tags: str) -> None:
        super().register(name, obj, position, *tags)
        with self._lock:
            if self.rewritten not in rewriters:
                rewriters.append(self.rewritten)


optdb = _Everywhere()
"""The optimisers that `function` runs."""


def _registering(stage: str, position: float) -> Callable[..., Any]:
    def register(lopt: Any, *tags: str, **kwargs: Any) -> Any:
        if isinstance(lopt, str):
            first = lopt
            return lambda given: register(given, first, *tags, **kwargs)
        name = kwargs.pop("name", None) or str(lopt)
        if kwargs:
            raise TypeError(f"register_{stage} does not take {', '.join(kwargs)}")
        optdb.register(name, lopt, position, stage, "fast_run", *tags)
        return lopt

    return register


_canonicalize = _registering("canonicalize", 1.0)
_stabilize = _registering("stabilize", 1.5)
_specialize = _registering("specialize", 2.0)


def register_canonicalize(lopt: Any, *tags: str, **kwargs: Any) -> Any:
    """Have every function compiled from now on rewritten by a rule, and return the rule.

    Args:
        lopt: a rule about single applications, as `local_optimizer` makes them; or a tag, to get a
            decorator.
        tags: by which modes choose it, besides "fast_run", "canonicalize" and its name.
        kwargs: `name`, instead of the rule's own.

    Rules registered by `register_canonicalize` come before those of `register_stabilize`, and these
    before those of `register_specialize`. A mode leaves one out by `mode.excluding(name)`.

    ValueError when the name is taken.

    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> from lltheano.graph import local_optimizer
    >>> @register_canonicalize
    ... @local_optimizer([T.exp])
    ... def local_exp_log(node):
    ...     inner = node.inputs[0].owner
    ...     return [inner.inputs[0]] if inner and inner.op == T.log else False
    >>> x = T.dscalar("x")
    >>> function([x], T.exp(T.log(x)))(-1.0)
    array(-1.)
    >>> optdb.remove("local_exp_log")
    """
    return _canonicalize(lopt, *tags, **kwargs)


def register_stabilize(lopt: Any, *tags: str, **kwargs: Any) -> Any:
    """Do what `register_canonicalize` does, for rules that come after those.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpSub
    >>> rule = register_stabilize(OpSub(T.exp, T.sin), name="example")
    >>> optdb.names
    ['example']
    >>> optdb.remove("example")
    """
    return _stabilize(lopt, *tags, **kwargs)


def register_specialize(lopt: Any, *tags: str, **kwargs: Any) -> Any:
    """Do what `register_canonicalize` does, for rules that come last.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpSub
    >>> rule = register_specialize(OpSub(T.exp, T.sin), "fast_compile", name="example")
    >>> optdb.names
    ['example']
    >>> optdb.remove("example")
    """
    return _specialize(lopt, *tags, **kwargs)
