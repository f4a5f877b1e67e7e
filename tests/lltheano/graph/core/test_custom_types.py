"""Types of a user's own: they need say no more than what a program asks of them."""

from typing import Any

import pytest

from lltheano.errors import MethodNotDefined
from lltheano.graph import (
    Apply,
    Op,
    Type,
    Variable,
    as_string,
    clone_graph,
    general_toposort,
    io_toposort,
    is_same_graph,
)
from lltheano.graph.editing.function_graph import FunctionGraph


class Thing(Type):
    """A type that says nothing but whether it equals another."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and other.number == self.number

    def __hash__(self) -> int:
        return hash((Thing, self.number))

    def __str__(self) -> str:
        return f"R{self.number}"

    __repr__ = __str__


class Combine(Op):
    """Takes things and gives the thing of the sum of their numbers."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        for one in inputs:
            assert isinstance(one.type, Thing)
        return Apply(self, inputs, [Thing(sum(one.type.number for one in inputs))()])


def test_such_a_type_makes_variables_and_graphs() -> None:
    a, b, c = Thing(1)("a"), Thing(2)("b"), Thing(5)("c")
    inner: Any = Combine()(a, b)
    outer: Any = Combine()(inner, c)
    assert outer.type == Thing(8)
    assert io_toposort([a, b, c], [outer]) == [inner.owner, outer.owner]
    assert as_string([a, b, c], [outer]) == ["Combine(Combine(a, b), c)"]
    assert as_string([inner], [outer], leaf_formatter=lambda one: str(one.type)) == [
        "Combine(R3, R5)"
    ]
    _, (copy,) = clone_graph([a, b, c], [outer])
    assert copy.owner is not outer.owner
    assert copy.type == outer.type
    assert is_same_graph(outer, Combine()(Combine()(a, b), c))
    assert len(general_toposort([outer], lambda one: getattr(one, "inputs", None))) == 1
    graph = FunctionGraph([a, b, c], [outer])
    assert len(graph.apply_nodes) == 2


def test_its_values_can_be_checked_only_once_it_says_what_they_are() -> None:
    with pytest.raises(MethodNotDefined, match="R1 has no filter"):
        Thing(1).filter(3)
    variable: Variable = Thing(1)()
    assert variable.type.number == 1  # type: ignore[attr-defined]
