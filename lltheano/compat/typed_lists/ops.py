"""The ops of lists. They compute in Python, and never change a list that they are given."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from lltheano.compat.tensor.types import SliceType, make_slice
from lltheano.compat.typed_lists.variables import TypedListType, values_equal
from lltheano.graph import Apply, Op, Variable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType

__all__ = [
    "Append",
    "Count",
    "Extend",
    "GetItem",
    "Index",
    "Insert",
    "Length",
    "MakeList",
    "Remove",
    "Reverse",
    "append",
    "count",
    "extend",
    "getitem",
    "index_",
    "insert",
    "length",
    "make_list",
    "remove",
    "reverse",
]

Storage = Sequence[list[Any]]

_NUMBER = TensorType("int64", ())


class _ListOp(Op):
    """An op whose first input is a list."""

    __props__: ClassVar[tuple[str, ...]] = ()

    def _list(self, x: Any) -> Variable:
        if not isinstance(x, Variable) or not isinstance(x.type, TypedListType):
            got = x.describe() if isinstance(x, Variable) else repr(x)
            raise TypeError(f"{self} takes a list, a variable of a TypedListType, got {got:.120}")
        return x

    def _of_type(self, wanted: Any, value: Any, what: str) -> Variable:
        """A value as a variable of a type; TypeError in the user's terms when it is of another."""
        variable = value if isinstance(value, Variable) else wanted.make_constant(value)
        if variable.type != wanted:
            raise TypeError(f"{self}: {what} is to be {wanted!r}, got {variable.describe()}")
        return variable

    def _element(self, x: Variable, value: Any, what: str) -> Variable:
        kind: Any = x.type
        return self._of_type(kind.ttype, value, what)

    def _number(self, value: Any) -> Variable:
        index = as_tensor_variable(value)
        if index.ndim or index.dtype[0] not in "iu":
            raise TypeError(f"{self}: an index is an integer, got {index.describe()}")
        return index


class _ChangingOp(_ListOp):
    """An op that gives a list with a change.

    Parameters
    ----------
    inplace
        Theano's: the op may take the memory of its first input. Ops in Python get a copy then.
    """

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace
        if inplace:
            self.destroy_map: dict[int, list[int]] = {0: [0]}

    def __str__(self) -> str:
        return f"{type(self).__name__}{'{inplace}' if self.inplace else ''}"


class Append(_ChangingOp):
    """A list with an element more at its end."""

    def make_node(self, x: Any, toAppend: Any) -> Apply:  # noqa: N803 - Theano's parameter
        """A list, and a value of the type of its elements."""
        x = self._list(x)
        return Apply(self, [x, self._element(x, toAppend, "what is appended")], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Build the longer list."""
        output_storage[0][0] = [*inputs[0], inputs[1]]


class Extend(_ChangingOp):
    """A list with the elements of another behind its own."""

    def make_node(self, x: Any, toAppend: Any) -> Apply:  # noqa: N803 - Theano's parameter
        """Two lists of one type."""
        x = self._list(x)
        return Apply(self, [x, self._of_type(x.type, toAppend, "the other list")], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Build the longer list."""
        output_storage[0][0] = [*inputs[0], *inputs[1]]


class Insert(_ChangingOp):
    """A list with an element more at an index."""

    def make_node(self, x: Any, index: Any, toInsert: Any) -> Apply:  # noqa: N803
        """A list, an integer, and a value of the type of the elements."""
        x = self._list(x)
        element = self._element(x, toInsert, "what is inserted")
        return Apply(self, [x, self._number(index), element], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Insert as Python's lists do: an index beyond the ends means the end."""
        values = list(inputs[0])
        values.insert(int(inputs[1]), inputs[2])
        output_storage[0][0] = values


class Remove(_ChangingOp):
    """A list without the first element that equals another; with no such element, the list."""

    def make_node(self, x: Any, toRemove: Any) -> Apply:  # noqa: N803 - Theano's parameter
        """A list, and a value of the type of its elements."""
        x = self._list(x)
        return Apply(self, [x, self._element(x, toRemove, "what is removed")], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Look for it from the start."""
        values = list(inputs[0])
        found = _places(node, inputs)
        output_storage[0][0] = values[: found[0]] + values[found[0] + 1 :] if found else values


class Reverse(_ChangingOp):
    """A list from its end to its start."""

    def make_node(self, x: Any) -> Apply:
        """A list."""
        x = self._list(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Build the reversed list."""
        output_storage[0][0] = inputs[0][::-1]


class GetItem(_ListOp):
    """An element of a list, or for a slice the list of some of its elements."""

    def make_node(self, x: Any, index: Any) -> Apply:
        """A list, and an integer or a slice, of numbers or of variables."""
        x = self._list(x)
        if isinstance(index, slice):
            index = make_slice(index)
        if isinstance(index, Variable) and isinstance(index.type, SliceType):
            return Apply(self, [x, index], [x.type()])
        kind: Any = x.type
        return Apply(self, [x, self._number(index)], [kind.ttype()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """IndexError, with the length of the list, for an element that there is not."""
        values, index = inputs
        if isinstance(index, slice):
            bounds = (index.start, index.stop, index.step)
            places = slice(*(None if bound is None else int(bound) for bound in bounds))
            output_storage[0][0] = values[places]
            return
        place = int(index)
        if not -len(values) <= place < len(values):
            raise IndexError(
                f"{node.inputs[0].describe()} has {len(values)} elements, and none at {place}"
            )
        output_storage[0][0] = values[place]


class _CountingOp(_ListOp):
    """An op that gives a number."""

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[tuple[()]]:
        """A number has no axes."""
        return [()]


class Index(_CountingOp):
    """Where the first element of a list is that equals another."""

    def make_node(self, x: Any, elem: Any) -> Apply:
        """A list, and a value of the type of its elements."""
        x = self._list(x)
        return Apply(self, [x, self._element(x, elem, "what is looked for")], [_NUMBER()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """ValueError when there is none."""
        found = _places(node, inputs)
        if not found:
            raise ValueError(
                f"none of the {len(inputs[0])} elements of {node.inputs[0].describe()} equals"
                f" {node.inputs[1].describe()}"
            )
        output_storage[0][0] = np.int64(found[0])


class Count(_CountingOp):
    """How many elements of a list equal another."""

    def make_node(self, x: Any, elem: Any) -> Apply:
        """A list, and a value of the type of its elements."""
        x = self._list(x)
        return Apply(self, [x, self._element(x, elem, "what is counted")], [_NUMBER()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Compare each."""
        output_storage[0][0] = np.int64(len(_places(node, inputs)))


class Length(_CountingOp):
    """How many elements a list has."""

    def make_node(self, x: Any) -> Apply:
        """A list."""
        return Apply(self, [self._list(x)], [_NUMBER()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Python's length."""
        output_storage[0][0] = np.int64(len(inputs[0]))


class MakeList(_ListOp):
    """The list of some values, all of one type."""

    def make_node(self, a: Iterable[Any]) -> Apply:
        """At least one value; TypeError when they are of several types."""
        elements = [one if isinstance(one, Variable) else as_tensor_variable(one) for one in a]
        if not elements:
            raise ValueError(
                "an empty list does not say what its elements are; write"
                " TypedListType(T.dvector).make_constant([])"
            )
        kind = elements[0].type
        for one in elements:
            self._of_type(kind, one, "an element, as the first is,")
        return Apply(self, elements, [TypedListType(kind)()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Storage) -> None:
        """Put them together."""
        output_storage[0][0] = list(inputs)


def _places(node: Apply, inputs: Sequence[Any]) -> list[int]:
    """The indices of the elements of a list, the first input, that equal the second."""
    values, wanted = inputs
    kind = node.inputs[1].type
    return [place for place, one in enumerate(values) if values_equal(kind, one, wanted)]


append = Append()
extend = Extend()
insert = Insert()
remove = Remove()
reverse = Reverse()
getitem = GetItem()
index_ = Index()
count = Count()
length = Length()
make_list = MakeList()
