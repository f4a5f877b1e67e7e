"""Rules of the user's that every function is rewritten by, once they are registered.

A program registers an optimiser in `optdb`, under a name, with tags by which modes choose it and a
position among the others; or a rule in one of its stages (`optdb["canonicalize"]`), whose rules are
applied together until none changes anything. Nothing is registered by this package: what it knows
of algebra, the compiler does.
"""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.clone import clone_get_equiv
from lltheano.graph.core import Variable
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.optimisers.databases import EquilibriumDB, SequenceDB
from lltheano.graph.optimisers.hooks import registered
from lltheano.graph.optimisers.query import Query

__all__ = [
    "optdb",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "rewritten_by",
    "rewritten_for",
]

_STAGES = (
    ("merge1", 0.0),
    ("canonicalize", 1.0),
    ("stabilize", 1.5),
    ("specialize", 2.0),
    ("uncanonicalize", 3.0),
)
"""The stages that Theano's programs register rules in, with their positions."""


class _Stage(EquilibriumDB):
    """A stage; the first rule in it sets `optdb` to work."""

    def register(self, name: str, obj: Any, *tags: str, **options: Any) -> None:
        super().register(name, obj, *tags, **options)
        _set_to_work()


class _Everywhere(SequenceDB):
    """The database that `function` asks, once there is something in it."""

    def __init__(self) -> None:
        super().__init__()
        for name, position in _STAGES:
            stage = _Stage()
            stage.name = name
            super().register(name, stage, position, "fast_run", "fast_compile")

    @property
    def names(self) -> list[str]:
        """What programs have registered, in order, those in stages too."""
        results: list[str] = []
        for name in super().names:
            stage = self._members[name]
            results += stage.names if isinstance(stage, _Stage) else [name]
        return results

    def register(  # type: ignore[override]
        self, name: str, obj: Any, position: float = 1.0, *tags: str, **options: Any
    ) -> None:
        super().register(name, obj, position, *tags, **options)
        _set_to_work()

    def remove(self, name: str) -> None:
        """Forget an optimiser, or a rule in a stage; KeyError when there is none of that name."""
        for stage in self._members.values():
            if isinstance(stage, _Stage) and name in stage.names:
                stage.remove(name)
                return
        super().remove(name)

    def _takes(self, name: str, one: Any, query: Query) -> bool:
        """A stage is run for any rule in it that is chosen, unless the stage is excluded."""
        if not isinstance(one, _Stage):
            return super()._takes(name, one, query)
        inside = (one.tags_of(rule) | {name} for rule in one.names)
        return name not in query.exclude and any(query.takes(tags) for tags in inside)


optdb: SequenceDB = _Everywhere()
"""The optimisers that `function` runs before it compiles.

>>> import lltheano.tensor as T
>>> from lltheano.graph import OpSub
>>> optdb["canonicalize"].register("example", OpSub(T.exp, T.sin), "fast_run")
>>> [one.name for one in optdb.query("+fast_run")]
['canonicalize']
>>> optdb["canonicalize"].remove("example")
"""


def _set_to_work() -> None:
    registered.set()


def rewritten_for(
    query: Query, optimizer: Any, inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> list[Variable]:
    """Return `outputs` rewritten by an optimiser, or else by what a query chooses in `optdb`."""
    if optimizer is None:
        if not optdb.names and not query.extra_optimizations:
            return list(outputs)
        optimizer = optdb.query(query)
    return rewritten_by(optimizer, inputs, outputs)


def rewritten_by(
    optimizer: Any, inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> list[Variable]:
    """Return `outputs` rewritten by an optimiser.

    `inputs` are where the graph begins; they stay what they are. The graph itself does not change.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpSub, TopoOptimizer
    >>> x = T.dscalar("x")
    >>> rewritten_by(TopoOptimizer(OpSub(T.exp, T.sin)), [x], [T.exp(x)])
    [sin]
    """
    if isinstance(optimizer, list) and not optimizer:
        return list(outputs)
    whole: Any = optimizer
    copies = clone_get_equiv(inputs, outputs, copy_inputs=False, copy_orphans=False)
    graph = FunctionGraph(inputs, [copies[output] for output in outputs], clone=False)
    whole.optimize(graph)
    return graph.outputs


def _registering(stage: str) -> Callable[..., Any]:
    def register(lopt: Any, *tags: str, **kwargs: Any) -> Any:
        if isinstance(lopt, str):
            first = lopt
            return lambda given: register(given, first, *tags, **kwargs)
        name = kwargs.pop("name", None) or str(lopt)
        if kwargs:
            raise TypeError(f"register_{stage} does not take {', '.join(kwargs)}")
        optdb[stage].register(name, lopt, "fast_run", *tags)
        return lopt

    return register


_canonicalize = _registering("canonicalize")
_stabilize = _registering("stabilize")
_specialize = _registering("specialize")


def register_canonicalize(lopt: Any, *tags: str, **kwargs: Any) -> Any:
    """Have every function compiled from now on rewritten by a rule, and return the rule.

    Rules registered by `register_canonicalize` come before those of `register_stabilize`, and these
    before those of `register_specialize`. A mode leaves one out by `mode.excluding(name)`.

    ValueError when the name is taken.

    Parameters
    ----------
    lopt
        A rule about single applications, as `local_optimizer` makes them; or a tag, to get a
        decorator.
    tags
        By which modes choose it, besides "fast_run", "canonicalize" and its name.
    kwargs
        `name`, instead of the rule's own.

    Examples
    --------
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
