"""Variables: leaves of a graph, constants, and the results of applications."""

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lltheano.config import config
from lltheano.errors import MethodNotDefined
from lltheano.graph.boundary import boundary, given_arguments
from lltheano.graph.notes import Notes
from lltheano.graph.pickling import NOT_WRITTEN, reduce_variable
from lltheano.graph.provenance import SourceLine, caller
from lltheano.graph.watching import notice
from lltheano.interfaces.layers import evaluation

if TYPE_CHECKING:
    from lltheano.graph.core.application import Apply
    from lltheano.graph.core.types import Type
    from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = ["Constant", "Node", "Variable", "copy_notes"]


class Node:
    """What a graph consists of: variables and applications.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> isinstance(x, Node), isinstance(T.exp(x).owner, Node)
    (True, True)
    """

    def get_parents(self) -> "list[Node]":
        """Return what it depends on directly.

        >>> import lltheano.tensor as T
        >>> x = T.dscalar("x")
        >>> T.exp(x).get_parents(), T.exp(x).owner.get_parents()
        ([exp(x)], [x])
        """
        raise MethodNotDefined(f"{type(self).__name__} does not say what it depends on")


_numbers = itertools.count()


class Variable(Node):
    """A node of the graph that stands for a value.

    Attributes
    ----------
    type
        What values it may take.
    owner, index
        The application that computes it, and which of its outputs it is; None for a leaf.
    name
        What messages and listings call it.
    source
        The line of the user's program that made it, or None.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> y = x.sum()
    >>> x.name, x.owner, y.owner.inputs, y.type
    ('x', None, [x], TensorType(float64, scalar))
    """

    def __init__(
        self,
        type: "Type",  # noqa: A002 - Theano's parameter
        owner: "Apply | None" = None,
        index: int | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of a variable must be a string, got {name!r}")
        self.type = type
        self.owner = owner
        self.index = index
        self.name = name
        self.source: SourceLine | None = caller() if owner is None else owner.source
        notice(self)

    def get_parents(self) -> "list[Node]":
        """Return the application that computes it, if one does."""
        return [] if self.owner is None else [self.owner]

    @property
    def fgraph(self) -> "FunctionGraph":
        """The `FunctionGraph` that it is part of; AttributeError when it is of none."""
        result: FunctionGraph | None = vars(self).get(
            "_fgraph", getattr(self.owner, "fgraph", None)
        )
        if result is None:
            raise AttributeError(f"{self.describe()} is not part of a FunctionGraph")
        return result

    @property
    def clients(self) -> "list[tuple[Any, int]]":
        """Where it stands in its `FunctionGraph`; see `FunctionGraph.clients`."""
        return self.fgraph.clients(self)

    @property
    def tag(self) -> Notes:
        """A place for the user's own notes; `tag.trace` says where the variable was made."""
        notes: Notes | None = self.__dict__.get("_tag")
        if notes is None:
            stack = self.source.stack if self.source is not None else ()
            notes = self.__dict__["_tag"] = Notes(stack)
        return notes

    @property
    def auto_name(self) -> str:
        """A name that no other variable of the process has, from the first time it is asked for."""
        result: str = self.__dict__.setdefault("_auto_name", f"auto_{next(_numbers)}")
        return result

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in NOT_WRITTEN}

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return reduce_variable(self)

    def clone(self) -> "Variable":
        """Return a new leaf of the same type and name, with the same notes in its `tag`."""
        copy = self.type.make_variable(self.name)
        copy.source = self.source
        copy_notes(self, copy)
        return copy

    @boundary
    def eval(self, inputs_to_values: Mapping[Any, Any] | None = None) -> Any:
        """Compile the variable and return its value for the given values of its inputs.

        The inputs are variables that it depends on, or the names of such leaves. The compiled
        function is kept for the next call with the same inputs.

        Raises ValueError when a name is that of no leaf, or of several; and what `function` raises.

        >>> import lltheano.tensor as T
        >>> x, y = T.dscalars("x", "y")
        >>> float((x * y).eval({x: 3.0, "y": 2.0}))
        6.0
        """
        return evaluation.evaluate(self, inputs_to_values)

    def describe(self) -> str:
        """Say which variable this is, for an error message: name, type and source line.

        Of one that a call made on its way it says which of the variables that were passed to the
        call it was made of.
        """
        return " and ".join(one._described() for one in _users_own(self))

    def _described(self) -> str:
        location = f", made at {self.source}" if self.source else ""
        return f"{self} ({self.type!r}{location})"

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is None:
            return f"<{self.type!r}>"
        suffix = f".{self.index}" if len(self.owner.outputs) > 1 else ""
        return f"{self.owner.op}{suffix}"

    def __repr__(self) -> str:
        if config.print_test_value and hasattr(self.tag, "test_value"):
            return f"{self}\nTest value: {self.tag.test_value!r}"
        return str(self)


def _users_own(variable: Variable) -> list[Variable]:
    """The variables passed to the call that runs of which a variable was made; else itself."""
    given = set(_variables(given_arguments()))
    if variable in given:
        return [variable]
    results: dict[Variable, None] = {}
    pending, seen = [variable], {variable}
    while pending and given:
        one = pending.pop()
        if one in given:
            results[one] = None
            continue
        operands = () if one.owner is None else one.owner.inputs
        fresh = [other for other in reversed(operands) if other not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    leaves = [one for one in seen if one.owner is None]
    if leaves and not results and all(isinstance(leaf, Constant) for leaf in leaves):
        return leaves
    return list(results) or [variable]


def _variables(value: Any) -> Iterator[Variable]:
    """The variables among arguments, also those in lists and slices."""
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from _variables(one)
    elif isinstance(value, dict):
        yield from _variables(list(value.values()))
    elif isinstance(value, slice):
        yield from _variables((value.start, value.stop, value.step))


class Constant(Variable):
    """A leaf whose value `data` never changes.

    `signature()` is a hashable key under which equal constants agree.

    >>> import lltheano.tensor as T
    >>> T.constant(2.5).data
    array(2.5, dtype=float32)
    """

    def __init__(self, type: "Type", data: Any, name: str | None = None) -> None:  # noqa: A002
        super().__init__(type, name=name)
        self.data = type.filter(data)

    def signature(self) -> tuple[Any, ...]:
        """Return a key that two constants share exactly when they hold the same value."""
        return (self.type, id(self.data))

    def clone(self) -> "Constant":
        """Return another constant of the same type, name and data, with the same notes."""
        fresh = type(self).__new__(type(self))
        Variable.__init__(fresh, self.type, name=self.name)
        fresh.data, fresh.source = self.data, self.source
        copy_notes(self, fresh)
        return fresh

    def __str__(self) -> str:
        return self.name if self.name is not None else repr(self.data)


def copy_notes(old: Variable, new: Variable) -> None:
    """Copy the attributes of a variable's tag."""
    if "_tag" in vars(old):
        vars(new.tag).update(vars(old.tag))
