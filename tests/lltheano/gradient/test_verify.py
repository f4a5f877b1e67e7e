from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.errors import GradientError
from lltheano.gradient import zero_grad
from lltheano.graph import Apply, Op


class WrongSquare(Op):
    """A square whose gradient lacks the 2."""

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [inputs[0] * output_gradients[0]]

    def lower(self, builder: Any, node: Any, inputs: Any) -> Any:
        return [builder.elementwise("mul", inputs[0], inputs[0])]


def test_a_right_gradient_passes() -> None:
    point = [np.array([[0.5, -1.0]]), np.array([2.0, 3.0])]
    T.verify_grad(lambda x, y: T.exp(x) * y, point)
    T.verify_grad(lambda x: T.tanh(x).sum(), [np.array([0.3], "float32")])


def test_a_wrong_gradient_is_shown() -> None:
    with pytest.raises(GradientError, match=r"input 0 is .* at \(1,\), by differences"):
        T.verify_grad(WrongSquare(), [np.array([0.0, 3.0])])


def test_tolerances_can_be_named() -> None:
    T.verify_grad(WrongSquare(), [np.array([0.5])], abs_tol=10)


def test_only_floats_are_verified() -> None:
    with pytest.raises(TypeError, match="needs arrays of float or complex, got int"):
        T.verify_grad(lambda x: x * 1.0, [np.array([1])])
    with pytest.raises(TypeError, match="needs arrays of float or complex, got int"):
        T.numeric_grad(lambda x: x, np.array([1]))


def test_the_point_is_not_written_to() -> None:
    x, y = np.array([1.0, 2.0]), np.array(3.0)
    found = T.numeric_grad(lambda x, y: (x * y).sum(), [x, y]).gf
    np.testing.assert_allclose(found[0], [3, 3])
    np.testing.assert_allclose(found[1], 3)
    assert x.tolist() == [1, 2]


def test_axes_of_size_one_are_repeated() -> None:
    T.verify_grad(lambda a, b: a + b, [np.ones((2, 3)), np.ones((2, 1))])
    T.verify_grad(lambda a, b: a * b, [np.ones((1, 3)), np.ones((2, 1))])
    T.verify_grad(lambda a: T.alloc(a, 2, 3), [np.ones((1, 3))])
    T.verify_grad(lambda a, b: a / b, [np.ones((1, 1)), np.full((2, 2), 2.0)])


def test_outputs_of_integers_and_what_does_not_depend_on_its_arguments() -> None:
    point = [np.array([0.31, 0.12, 0.75, 0.26])]
    for function in (
        T.argsort,
        lambda a: T.gt(a, 0.5),
        lambda a: (a * 10).astype("int8"),
        T.ones_like,
        T.zeros_like,
        lambda a: a[[]],
        lambda a: T.set_subtensor(a[:], 1.0),
        T.shape,
    ):
        T.verify_grad(function, point, rng=np.random.default_rng(0))
    T.verify_grad(lambda a, b: a * 2, [np.ones(2), np.ones(3)])
    with pytest.raises(GradientError):
        T.verify_grad(lambda a: T.exp(a) * zero_grad(a), point)
