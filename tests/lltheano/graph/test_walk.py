import lltheano.tensor as T
from lltheano.graph import (
    ancestors,
    applies,
    inputs,
    io_toposort,
    is_in_ancestors,
    orphans,
    variables,
)


def test_inputs_are_the_leaves() -> None:
    x, y = T.scalars("x", "y")
    assert inputs([x * y + x]) == [x, y]


def test_blockers_stop_the_walk() -> None:
    x = T.scalar("x")
    y = x * 2
    z = y + y
    assert inputs([z], blockers=[y]) == [y]
    assert x not in list(ancestors([z], blockers=[y]))


def test_toposort_puts_operands_first() -> None:
    x = T.scalar("x")
    y = T.exp(x)
    z = y * T.log(y)
    order = io_toposort([x], [z])
    assert [str(node.op) for node in order] == ["exp", "log", "mul"]
    assert io_toposort([y], [z])[0].op is T.log


def test_toposort_of_a_deep_graph() -> None:
    y = T.scalar("x")
    for _ in range(5000):
        y = T.tanh(y)
    assert len(applies([y])) == 5000


def test_orphans_are_leaves_besides_the_inputs() -> None:
    x, y = T.scalars("x", "y")
    z = x * y + 1
    names = {str(one) for one in orphans([x], [z])}
    assert names == {"y", "TensorConstant{1}"}


def test_variables_include_inputs_and_what_lies_between() -> None:
    x = T.scalar("x")
    y = x * x
    assert variables([x], [y]) == [x, y]


def test_is_in_ancestors() -> None:
    x, y = T.scalars("x", "y")
    assert is_in_ancestors(x * 2, x)
    assert not is_in_ancestors(x * 2, y)
