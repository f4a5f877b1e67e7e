"""Left and right products, and gradients of parts of a graph."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import sparse_grad
from lltheano.errors import DisconnectedInputError
from lltheano.gradient import DisconnectedType, Lop, Rop, jacobian, subgraph_grad
from lltheano.graph import Apply, Op
from tests.lltheano.evaluation import evaluate

POINT = np.array([0.5, 2.0])
TANGENT = np.array([0.3, -0.7])


def test_a_left_product_adds_what_one_result_gives_another() -> None:
    x, v, w = T.dvectors("x", "v", "w")
    inner = x**2
    found = Lop([inner, T.exp(inner)], x, [v, w])
    values = {x: POINT, v: np.array([1.0, 2.0]), w: np.array([3.0, 4.0])}
    expected = 2 * POINT * (values[v] + values[w] * np.exp(POINT**2))
    np.testing.assert_allclose(evaluate(found, values), expected)


FUNCTIONS: dict[str, Any] = {
    "softmax": lambda x: T.nnet.softmax(x).flatten(),
    "product": lambda x: x * x[0],
    "power": lambda x: x**3.0,
    "sum": lambda x: T.stack([x.sum(), x.prod(), x.max()]),
    "parts": lambda x: T.set_subtensor(T.zeros((3,))[1:], x**2),
    "division": lambda x: x / (1 + x[::-1]),
    "a Jacobian": lambda x: jacobian(x**3 * x[0], x).flatten(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_product_is_the_jacobian_times_the_tangent(name: Any) -> None:
    x, t = T.dvectors("x", "t")
    y = FUNCTIONS[name](x)
    expected = evaluate(jacobian(y, x), {x: POINT}) @ TANGENT
    found = evaluate(Rop(y, x, t), {x: POINT, t: TANGENT})
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


class Cube(Op):
    """An op that says its right product itself, and has no gradient."""

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def R_op(self, inputs: Any, eval_points: Any) -> Any:
        return [3 * inputs[0] ** 2 * eval_points[0]]

    def lower(self, builder: Any, node: Any, inputs: Any) -> Any:
        square = builder.elementwise("mul", inputs[0], inputs[0])
        return [builder.elementwise("mul", square, inputs[0])]


def test_an_op_with_a_right_product_of_its_own_is_asked() -> None:
    x, t = T.dvectors("x", "t")
    found = Rop(Cube()(x) + x, x, t)
    np.testing.assert_allclose(
        evaluate(found, {x: POINT, t: TANGENT}), (3 * POINT**2 + 1) * TANGENT
    )


def test_steps_and_what_does_not_depend() -> None:
    x, t, y = T.dvectors("x", "t", "y")
    assert evaluate(Rop(T.floor(x) * 2, x, t), {x: POINT}).tolist() == [0, 0]
    with pytest.raises(DisconnectedInputError, match=r"Rop: y .* does not depend on x "):
        Rop(y, x, t)
    with pytest.warns(UserWarning, match="does not depend"):
        Rop(y, x, t, disconnected_outputs="warn")
    ignored: dict[str, Any] = {"disconnected_outputs": "ignore"}
    assert evaluate(Rop(y, x, t, **ignored), {y: POINT}).tolist() == [0, 0]
    assert Rop([y], x, t, return_disconnected="none", **ignored) == [None]
    found = Rop((y,), x, t, return_disconnected="disconnected", **ignored)
    assert isinstance(found[0].type, DisconnectedType)


def test_errors_of_products() -> None:
    x, t = T.dvectors("x", "t")
    with pytest.raises(ValueError, match=r"the point m .* has not the rank of x"):
        Rop(x, x, T.dmatrix("m"))
    with pytest.raises(ValueError, match="wrt has 1 variables and eval_points 2"):
        Rop(x, x, [t, t])
    with pytest.raises(ValueError, match="disconnected_outputs takes raise, warn, ignore"):
        Rop(x, x, t, disconnected_outputs="no")


def test_a_chain_differentiated_in_pieces() -> None:
    x, w, v = T.dscalars("x", "w", "v")
    hidden = T.tanh(w * x)
    cost = (v * hidden) ** 2
    (of_v,), (of_hidden,) = subgraph_grad([v], [hidden], cost=cost)
    (of_w,), (of_x,) = subgraph_grad([w], [x], start={hidden: of_hidden})
    values = {x: 0.3, w: 2.0, v: -1.5}
    found = evaluate([of_v, of_w, of_x], values)
    np.testing.assert_allclose(found, evaluate(T.grad(cost, [v, w, x]), values), rtol=1e-13)


def test_what_start_and_cost_give_is_added() -> None:
    x, w, g = T.dscalars("x", "w", "g")
    hidden = w * x
    wrt, end, of_start, of_cost = subgraph_grad(
        [w], [x], start={hidden: g}, cost=w**2, details=True
    )
    values = {x: 3.0, w: 2.0, g: 5.0}
    assert evaluate([*wrt, *end, *of_start, *of_cost], values) == [19, 10, 15, 10, 4, 0]


def test_errors_of_subgraph_grad() -> None:
    x = T.dscalar("x")
    with pytest.raises(ValueError, match="needs a cost, or gradients"):
        subgraph_grad([x], [x])
    not_a_list: Any = x
    with pytest.raises(TypeError, match="wrt must be a list"):
        subgraph_grad(not_a_list, [x], cost=x)


def test_a_sparse_gradient_is_that_of_the_rows() -> None:
    x, i = T.dmatrix("x"), T.lvector("i")
    values = {x: np.arange(6.0).reshape(3, 2), i: np.array([2, 0, 2])}
    found = evaluate(T.grad((sparse_grad(x[i]) ** 2).sum(), x), values)
    np.testing.assert_array_equal(found, evaluate(T.grad((x[i] ** 2).sum(), x), values))
    with pytest.raises(TypeError, match=r"takes rows x\[indices\] .* got x "):
        sparse_grad(x)
