"""The type of lists, and its variables."""

from typing import Any

import numpy as np

from lltheano.graph import Constant, Type, Variable
from lltheano.interfaces.layers import lists
from lltheano.shared import GenericSharedVariable

__all__ = [
    "TypedListConstant",
    "TypedListSharedVariable",
    "TypedListType",
    "TypedListVariable",
]


class TypedListType(Type):
    """The type of lists whose elements are of one type.

    Parameters
    ----------
    ttype
        The type of the elements.
    depth
        0 is a list of them, 1 a list of such lists, and so on.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> TypedListType(T.lscalar, 1).filter([[1, 2], []])
    [[array(1), array(2)], []]
    """

    always_copied = True

    def __init__(self, ttype: Type, depth: int = 0) -> None:
        if not isinstance(ttype, Type):
            raise TypeError(f"the elements of a list have a type such as T.dvector, got {ttype!r}")
        if depth < 0:
            raise ValueError(f"the depth of a list is at least 0, got {depth}")
        self.ttype: Type = ttype if depth == 0 else TypedListType(ttype, depth - 1)

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return a list of values of the elements' type; TypeError for anything else.

        With `strict` the elements are those of a list, and none is converted.
        """
        if strict and not isinstance(data, list):
            raise TypeError(f"expected a list, got {type(data).__name__}")
        if isinstance(data, str | bytes | dict) or not hasattr(data, "__iter__"):
            raise TypeError(f"expected a list, got {type(data).__name__}")
        elements = []
        for position, one in enumerate(data):
            try:
                elements.append(self.ttype.filter(one, strict, allow_downcast))
            except (TypeError, ValueError) as error:
                raise TypeError(f"element {position} of the list: {error}") from error
        return elements

    def get_depth(self) -> int:
        """Return how many lists are around each list of elements.

        >>> import lltheano.tensor as T
        >>> TypedListType(T.dvector, 2).get_depth()
        2
        """
        return self.ttype.get_depth() + 1 if isinstance(self.ttype, TypedListType) else 0

    def values_eq(self, a: Any, b: Any) -> bool:
        """Whether two lists have equal elements in one order."""
        return len(a) == len(b) and all(
            values_equal(self.ttype, x, y) for x, y in zip(a, b, strict=True)
        )

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """Whether an element of one list may show memory of an element of the other."""
        if a is b:
            return True
        inner = self.ttype
        if isinstance(inner, TypedListType):
            return any(inner.may_share_memory(x, y) for x in a for y in b)
        return any(x is y or np.may_share_memory(x, y) for x in a for y in b)

    @property
    def shared_class(self) -> "type[TypedListSharedVariable]":
        """The class of the shared variables of this type."""
        return TypedListSharedVariable

    def make_variable(self, name: str | None = None) -> "TypedListVariable":
        """Return a new leaf of this type."""
        return TypedListVariable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> "TypedListConstant":
        """Return a constant of this type."""
        return TypedListConstant(self, data, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypedListType) and self.ttype == other.ttype

    def __hash__(self) -> int:
        return hash((TypedListType, self.ttype))

    def __repr__(self) -> str:
        return f"TypedList <{self.ttype!r}>"


def values_equal(kind: Type, a: Any, b: Any) -> bool:
    """Whether two values of a type are equal."""
    if isinstance(kind, TypedListType):
        return kind.values_eq(a, b)
    same = a == b
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.all(same))
    return bool(same)


class _Operators(Variable):
    """What can be written with a variable that stands for a list."""

    @property
    def ttype(self) -> Type:
        """The type of the elements."""
        kind: Any = self.type
        result: Type = kind.ttype
        return result

    def __getitem__(self, index: Any) -> Any:
        return lists.getitem(self, index)

    def __len__(self) -> int:
        raise TypeError(
            f"the length of {self.describe()} is known when a function runs: write"
            " typed_list.length(x)"
        )

    def __iter__(self) -> Any:
        raise TypeError(
            f"{self.describe()} cannot be iterated over while a graph is built; let scan take"
            " T.arange(typed_list.length(x)) and the list"
        )

    def append(self, toAppend: Any) -> Any:  # noqa: N803 - Theano's parameter
        """Return the list with an element more at its end."""
        return lists.append(self, toAppend)

    def extend(self, toAppend: Any) -> Any:  # noqa: N803 - Theano's parameter
        """Return the list with the elements of another behind its own."""
        return lists.extend(self, toAppend)

    def insert(self, index: Any, toInsert: Any) -> Any:  # noqa: N803 - Theano's parameter
        """Return the list with an element more at an index."""
        return lists.insert(self, index, toInsert)

    def remove(self, toRemove: Any) -> Any:  # noqa: N803 - Theano's parameter
        """Return the list without the first element that equals another."""
        return lists.remove(self, toRemove)

    def reverse(self) -> Any:
        """Return the list from its end to its start."""
        return lists.reverse(self)

    def count(self, elem: Any) -> Any:
        """Return how many elements equal another."""
        return lists.count(self, elem)

    def ind(self, elem: Any) -> Any:
        """Return where the first element is that equals another; `index` is an attribute of
        variables.
        """
        return lists.index_(self, elem)


class TypedListVariable(_Operators):
    """A list that is computed, or an input of a function."""


class TypedListConstant(_Operators, Constant):
    """A list that is known while the graph is built."""


class TypedListSharedVariable(_Operators, GenericSharedVariable):
    """A shared variable that holds a list: `SharedVariable(name, TypedListType(...), value)`.

    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> from lltheano.shared import SharedVariable
    >>> log, x = SharedVariable("log", TypedListType(T.dscalar), []), T.dscalar("x")
    >>> f = function([x], updates=[(log, log.append(x))])
    >>> _ = f(1.0), f(2.0)
    >>> log.get_value()
    [array(1.), array(2.)]
    """
