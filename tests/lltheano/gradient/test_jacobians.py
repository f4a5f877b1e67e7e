"""Jacobians and Hessians by the compiled loop, against differences and known matrices."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import DisconnectedInputError
from lltheano.gradient import (
    format_as,
    grad,
    hessian,
    hessian_vector_product,
    jacobian,
    undefined_grad,
    verify_grad,
)
from lltheano.graph import NullType
from lltheano.tensor.inner_graphs.mapping import map_index
from tests.lltheano.evaluation import evaluate

POINT = np.random.default_rng(11).normal(size=3)
MATRIX = np.random.default_rng(12).normal(size=(4, 3))


def layer(a: Any, x: Any) -> Any:
    return T.tanh(T.dot(a, x))


def test_a_jacobian_is_the_matrix_of_derivatives() -> None:
    x, a = T.dvector("x"), T.dmatrix("a")
    f = function([a, x], jacobian(layer(a, x), [x, a]))
    by_x, by_a = f(MATRIX, POINT)
    slope = 1 - np.tanh(MATRIX @ POINT) ** 2
    np.testing.assert_allclose(by_x, slope[:, None] * MATRIX, rtol=1e-12)
    expected = np.einsum("i,ij,k->ijk", slope, np.eye(4), POINT)
    np.testing.assert_allclose(by_a, expected, atol=1e-15)


def test_the_rows_are_one_loop_of_the_compiled_program() -> None:
    x, a = T.dvector("x"), T.dmatrix("a")
    text = function([a, x], jacobian(layer(a, x), x)).stages["tensor"]
    assert text.count("= loop") == 1
    outside, _, inside = text.partition("= loop")
    assert "tanh" in outside, "what does not depend on the row is computed once"
    assert "tanh" not in inside


def test_a_jacobian_in_the_interpreter_agrees() -> None:
    x, a = T.dvector("x"), T.dmatrix("a")
    found = jacobian(layer(a, x), x)
    values = {a: MATRIX, x: POINT}
    np.testing.assert_allclose(evaluate(found, values), found.eval(values), rtol=1e-13)


def test_a_jacobian_of_a_jacobian() -> None:
    x, a = T.dvector("x"), T.dmatrix("a")
    first = jacobian(layer(a, x), x)
    second = function([a, x], jacobian(first.flatten(), x))(MATRIX, POINT)
    t = np.tanh(MATRIX @ POINT)
    expected = np.einsum("i,ij,ik->ijk", -2 * t * (1 - t**2), MATRIX, MATRIX)
    np.testing.assert_allclose(second.reshape(4, 3, 3), expected, rtol=1e-11)


def test_second_derivatives_can_be_differentiated() -> None:
    verify_grad(lambda a, x: jacobian(jacobian(layer(a, x), x).flatten(), x), [MATRIX, POINT])


def test_sizes_of_zero_and_one() -> None:
    x = T.dvector("x")
    f = function([x], jacobian(x**2, x))
    assert f(np.zeros(0)).shape == (0, 0)
    assert f([3.0]).tolist() == [[6.0]]
    y = T.addbroadcast(x, 0)
    found = jacobian(y * 2, y)
    assert found.broadcastable == (True, True)


def test_a_scalar_has_its_gradient() -> None:
    x = T.dvector("x")
    assert jacobian(x.sum(), x).eval({x: [1.0, 2.0]}).tolist() == [1, 1]


def test_a_row_that_does_not_vary_is_repeated() -> None:
    x, y = T.dvectors("x", "y")
    found = jacobian(x + 0 * y[0], y, disconnected_inputs="ignore")
    assert found.eval({x: [1.0, 2.0], y: [5.0]}).tolist() == [[0], [0]]
    assert jacobian(x, y, disconnected_inputs="ignore").eval({x: [1.0], y: [5.0]}).tolist() == [[0]]


def test_errors_of_jacobian() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(ValueError, match=r"jacobian takes a vector, got m .*use \.flatten"):
        jacobian(T.dmatrix("m"), x)
    with pytest.raises(TypeError, match="takes a symbolic variable, got 3"):
        jacobian(3, x)
    with pytest.raises(DisconnectedInputError, match="does not depend on y"):
        jacobian(x * 2, y)


def test_an_integer_vector_has_no_slope() -> None:
    x = T.dvector("x")
    found = jacobian(T.cast(x, "int64"), x)
    assert found.eval({x: [1.5, 2.5]}).tolist() == [[0, 0], [0, 0]]


def test_a_hessian_is_the_matrix_of_second_derivatives() -> None:
    x = T.dvector("x")
    found = hessian(T.dot(x, x) ** 2, x).eval({x: POINT})
    expected = 8 * np.outer(POINT, POINT) + 4 * (POINT @ POINT) * np.eye(3)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_hessian_of_a_linear_cost_is_zero() -> None:
    x = T.dvector("x")
    assert hessian((2 * x).sum(), x).eval({x: [1.0, 2.0]}).tolist() == [[0, 0], [0, 0]]


def test_hessian_of_several_vectors() -> None:
    x, y = T.dvectors("x", "y")
    blocks = hessian((x**2).sum() * (y**2).sum(), (x, y))
    assert isinstance(blocks, tuple)
    found = function([x, y], list(blocks))([1.0], [3.0])
    assert [one.tolist() for one in found] == [[[18.0]], [[2.0]]]
    with pytest.raises(ValueError, match="hessian takes vectors as wrt, got m "):
        hessian(x.sum(), T.dmatrix("m"))
    with pytest.raises(TypeError, match="the cost must be a scalar"):
        hessian(x, x)


def test_a_hessian_vector_product_is_that_product() -> None:
    x, p = T.dvectors("x", "p")
    cost = T.exp(x).sum() * (x**3).sum()
    values = {x: POINT, p: np.array([1.0, -2.0, 0.5])}
    expected = hessian(cost, x).eval({x: POINT}) @ values[p]
    np.testing.assert_allclose(
        hessian_vector_product(cost, x, p).eval(values), expected, rtol=1e-12
    )


def test_a_direction_is_held_constant() -> None:
    x = T.dvector("x")
    found = hessian_vector_product((x**3).sum(), x, x).eval({x: [2.0]})
    assert found.tolist() == [24.0]
    with pytest.raises(ValueError, match="wrt has 1 variables and p has 2"):
        hessian_vector_product(x.sum(), x, [x, x])


def test_rows_of_a_mapping_see_the_index() -> None:
    i, x = T.lscalar("i"), T.dvector("x")
    powers, numbers = map_index(i, [x**i, i * 2], 3)
    found = function([x], [powers, numbers])([2.0, 3.0])
    assert found[0].tolist() == [[1, 1], [2, 3], [4, 9]]
    assert found[1].tolist() == [0, 2, 4]


def test_the_gradient_of_a_mapping_adds_up_that_of_its_rows() -> None:
    i, x, w = T.lscalar("i"), T.dvector("x"), T.dscalar("w")
    (powers,) = map_index(i, [w * x ** (i + 1)], 3)
    cost = (powers**2).sum()
    direct = ((w * x) ** 2).sum() + ((w * x**2) ** 2).sum() + ((w * x**3) ** 2).sum()
    values = {x: np.array([0.5, 2.0]), w: 1.5}
    for one in (x, w):
        np.testing.assert_allclose(
            evaluate(grad(cost, one), values), evaluate(grad(direct, one), values), rtol=1e-12
        )


def test_two_results_of_which_one_uses_the_other() -> None:
    i, x = T.lscalar("i"), T.dvector("x")
    square = x[i] ** 2
    first, second = map_index(i, [square, T.exp(square)], x.shape[0])
    found = grad(first.sum() + second.sum(), x).eval({x: [0.5]})
    np.testing.assert_allclose(found, [1 + np.exp(0.25)])


def test_rows_must_have_one_shape() -> None:
    i = T.lscalar("i")
    (ragged,) = map_index(i, [T.zeros((i + 1,))], 2)
    with pytest.raises(ValueError, match="had size 1 on axis 0 and then 2"):
        function([], ragged)()


def test_an_index_must_be_a_leaf() -> None:
    i = T.iscalar("i")
    with pytest.raises(TypeError, match="the index must be an int64 scalar leaf, got i"):
        map_index(i, [i], 3)
    with pytest.raises(TypeError, match="the count of a mapping is an integer"):
        map_index(T.lscalar(), [T.dvector()], 2.0)


def test_an_undefined_gradient_inside_says_why() -> None:
    i, x = T.lscalar("i"), T.dvector("x")
    (rows,) = map_index(i, [undefined_grad(x[i])], 2)
    found = grad(rows.sum(), x, null_gradients="return")
    assert isinstance(found.type, NullType)
    assert "undefined_grad" in found.type.why


def test_format_as() -> None:
    assert format_as(True, False, 1) == [1]
    assert format_as(False, False, [1]) == 1
    with pytest.raises(ValueError, match="not both"):
        format_as(True, True, 1)
    with pytest.raises(ValueError, match="2 outputs cannot be given as one"):
        format_as(False, False, [1, 2])
