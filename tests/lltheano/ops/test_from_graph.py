"""Ops made of graphs."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import OpFromGraph, function, shared
from lltheano.errors import MissingInputError
from lltheano.graph import DisconnectedType, NullType

X, Y = T.dvectors("x", "y")


def simple(**options: Any) -> OpFromGraph:
    """exp(x) * y, and x + y."""
    x, y = T.dvectors("a", "b")
    return OpFromGraph([x, y], [T.exp(x) * y, x + y], **options)


def values(expressions: Any, **options: Any) -> list[Any]:
    f = function([X, Y], expressions, on_unused_input="ignore", **options)
    return [one.tolist() for one in f([0.0, 0.0], [2.0, 3.0])]


def test_it_computes_what_its_graph_computes_without_python() -> None:
    product, total = simple()(X, Y)
    f = function([X, Y], [product, total])
    assert "callback" not in f.stages["source"]
    assert [one.tolist() for one in f([0.0, 0.0], [2.0, 3.0])] == [[2.0, 3.0], [2.0, 3.0]]


def test_it_nests_and_is_applied_again_to_other_inputs() -> None:
    inner = simple()
    a, b = T.dvectors("a", "b")
    outer = OpFromGraph([a, b], [inner(b, a)[0] + 1])
    z = outer(X * 2, Y)
    assert values([z, outer(Y, X)]) == [[1.0, 1.0], [3.0, 4.0]]
    assert values([z], givens={X: Y}) == [[2 * 2 * np.exp(2.0) + 1, 2 * 3 * np.exp(3.0) + 1]]


@pytest.mark.parametrize("inline", [False, True])
def test_its_gradient_is_that_of_the_graph(inline: bool) -> None:
    product, total = simple(inline=inline)(X, Y)
    cost = (product * total).sum()
    plain = (T.exp(X) * Y * (X + Y)).sum()
    assert values(T.grad(cost, [X, Y])) == values(T.grad(plain, [X, Y]))
    assert values([T.Rop(product, X, Y)]) == [[4.0, 9.0]]
    T.verify_grad(
        lambda x, y: simple()(x, y)[0],
        [np.array([0.1, 0.2]), np.array([0.5, 0.7])],
        rng=np.random.RandomState(1),
    )


def test_inputs_that_depend_on_each_other_are_kept_apart() -> None:
    z = X * Y
    product, _ = simple()(X, z)
    assert values(T.grad(product.sum(), [X])) == [[2.0, 3.0]]


def test_second_derivatives() -> None:
    x = T.dscalar("x")
    cube = OpFromGraph([x], [x**3])
    y = T.dscalar("y")
    second = T.grad(T.grad(cube(y), y), y)
    assert second.eval({y: 2.0}) == 12.0


def test_shared_variables_of_the_graph_are_read_when_the_function_runs() -> None:
    weight = shared(np.array([1.0, 10.0]), name="weight")
    x = T.dvector("x")
    op = OpFromGraph([x], [x * weight])
    f = function([X], [op(X), T.grad(op(X).sum(), weight)], updates=[(weight, weight * 2)])
    assert [one.tolist() for one in f([1.0, 2.0])] == [[1.0, 20.0], [1.0, 2.0]]
    assert f([1.0, 2.0])[0].tolist() == [2.0, 40.0]
    replaced = function([X, Y], op(X), givens={weight: Y})
    assert replaced([1.0, 2.0], [3.0, 4.0]).tolist() == [3.0, 8.0]


def double(inputs: Any, outputs: Any, gradients: Any) -> Any:
    """The gradient of both inputs: twice that of the first output."""
    assert (len(inputs), len(outputs), len(gradients)) == (2, 2, 2)
    return [gradients[0] * 2, gradients[0] * 2]


def triple(inputs: Any, gradients: Any) -> Any:
    return [gradients[0] * 3, gradients[0] * 3]


def as_graph() -> OpFromGraph:
    a, b, g, h = T.dvectors("a", "b", "g", "h")
    return OpFromGraph([a, b, g, h], [g * 4, h + g * 5])


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"lop_overrides": double}, [[2.0, 2.0], [2.0, 2.0]]),
        ({"grad_overrides": triple}, [[3.0, 3.0], [3.0, 3.0]]),
        ({"grad_overrides": as_graph()}, [[4.0, 4.0], [5.0, 5.0]]),
        ({"grad_overrides": [lambda i, g: g[0] * 7, "default"]}, [[7.0, 7.0], [1.0, 1.0]]),
        ({"grad_overrides": ["default", None]}, [[2.0, 3.0], [0.0, 0.0]]),
        ({"lop_overrides": [DisconnectedType()(), "default"]}, [[0.0, 0.0], [1.0, 1.0]]),
    ],
)
def test_the_gradient_can_be_overridden(options: Any, wanted: Any) -> None:
    product, _ = simple(**options)(X, Y)
    slopes = T.grad(product.sum(), [X, Y], disconnected_inputs="ignore")
    assert values(slopes) == wanted


def test_an_override_may_say_that_there_is_no_gradient() -> None:
    product, _ = simple(lop_overrides=NullType("because")())(X, Y)
    with pytest.raises(TypeError, match="because"):
        T.grad(product.sum(), X)


def test_the_right_product_can_be_overridden() -> None:
    op = simple(rop_overrides=[lambda inputs, points: points[0] * 100, "default"])
    product, total = op(X, Y)
    assert values([T.Rop(product, X, Y), T.Rop(total, X, Y)]) == [[200.0, 300.0], [2.0, 3.0]]


def test_connections_are_found_or_given() -> None:
    x, y = T.dvectors("x", "y")
    op = OpFromGraph([x, y], [x * y.shape[0], x + y])
    node = op.make_node(X, Y)
    assert op.connection_pattern(node) == [[True, True], [False, True]]
    given = [[True, False], [False, True]]
    assert simple(connection_pattern=given).connection_pattern(node) == given


def test_what_cannot_be_an_op_is_refused() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(MissingInputError, match="the graph needs y"):
        OpFromGraph([x], [x + y])
    with pytest.raises(TypeError, match="cannot be an input"):
        OpFromGraph([x, shared(1.0)], [x])
    with pytest.raises(TypeError, match="must be variables"):
        OpFromGraph([x], [1.0])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="does not take updates"):
        OpFromGraph([x], [x], updates=[])
    with pytest.raises(ValueError, match="exclude each other"):
        simple(lop_overrides=double, grad_overrides=triple)
    with pytest.raises(TypeError, match=r"takes TensorType\(float64, vector\), got m"):
        simple()(T.dmatrix("m"), Y)
    with pytest.raises(ValueError, match="takes 2 inputs, got 1"):
        simple()(X)
    with pytest.raises(TypeError, match="an override is"):
        T.grad(simple(lop_overrides=3)(X, Y)[0].sum(), X)


def test_its_name_is_what_listings_say() -> None:
    assert str(simple(name="mine")) == "mine"
    assert str(simple(inline=True)) == "OpFromGraph{inline=True}"
