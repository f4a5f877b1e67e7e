"""Losses as programs write them, at logits where every exponential over- or underflows."""

from typing import Any

import numpy as np
import pytest
import scipy.special

import lltheano.tensor as T
from lltheano import config, function
from lltheano.function.modes.mode import Mode

LOGITS = (-1e4, -800.0, -90.0, -1.0, 0.0, 1.0, 90.0, 800.0, 1e4)
TARGETS = (1, 0, 1, 0, 1, 0, 1, 0, 0)
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


def sigmoid(x: Any) -> Any:
    e = np.exp(-np.abs(np.asarray(x, "float64")))
    return np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))


def compiled(inputs: list[Any], output: Any) -> Any:
    """A function that takes numbers of any precision."""
    return function(inputs, output, allow_input_downcast=True, on_unused_input="ignore")


def close(found: Any, wanted: Any, dtype: str) -> None:
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=1e-37)


SIGMOIDS: dict[str, Any] = {
    "sigmoid": T.nnet.sigmoid,
    "1 / (1 + exp(-x))": lambda x: 1 / (1 + T.exp(-x)),
    "1. / (1. + exp(-x))": lambda x: 1.0 / (1.0 + T.exp(-x)),
    "exp(x) / (1 + exp(x))": lambda x: T.exp(x) / (1 + T.exp(x)),
    "inv(1 + exp(-x))": lambda x: T.inv(1 + T.exp(-x)),
    "(1 + exp(-x))**-1": lambda x: (1 + T.exp(-x)) ** -1,
}
BINARY: dict[str, Any] = {
    "mean": lambda p, y: (-y * T.log(p) - (1 - y) * T.log(1 - p)).mean(),
    "divided": lambda p, y: (-y * T.log(p) - (1 - y) * T.log(1 - p)).sum() / y.shape[0],
    "switch": lambda p, y: T.switch(T.eq(y, 1), -T.log(p), -T.log(1 - p)).mean(),
    "powers": lambda p, y: -T.log(p**y * (1 - p) ** (1 - y)).mean(),
    "function": lambda p, y: T.nnet.binary_crossentropy(p, y).mean(),
    "log1p": lambda p, y: (-y * T.log(p) - (1 - y) * T.log1p(-p)).mean(),
    "masked": lambda p, y: (
        ((-y * T.log(p) - (1 - y) * T.log(1 - p)) * T.ge(y, 0)).sum() / T.ge(y, 0).sum()
    ),
    "reshaped": lambda p, y: (-y * T.log(p) - (1 - y) * T.log(1 - p)).reshape((3, 3)).mean(),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", BINARY)
@pytest.mark.parametrize("form", SIGMOIDS)
def test_logistic_regression(form: str, loss: str, dtype: str) -> None:
    """Theano's own tutorial, and its relatives."""
    with config.change_flags(floatX=dtype):
        x, y = T.vectors("x", "y")
        gradient = T.grad(BINARY[loss](SIGMOIDS[form](x), y), x)
        found = compiled([x, y], gradient)(LOGITS, TARGETS)
    wanted = (sigmoid(LOGITS) - np.array(TARGETS)) / len(LOGITS)
    # The tail of the sigmoid is subnormal in float32, where products round to nothing.
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=1e-37)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_second_use_of_the_probability(dtype: str) -> None:
    """Focal loss, and a penalty on the mean activation that is itself saturated."""
    with config.change_flags(floatX=dtype):
        x = T.vector("x")
        p = 1 / (1 + T.exp(-x))
        focal = T.grad((-((1 - p) ** 2) * T.log(p)).mean(), x)
        found = compiled([x], focal)(LOGITS)
        rate, mean = 0.05, T.nnet.sigmoid(x).mean()
        penalty = rate * T.log(rate / mean) + (1 - rate) * T.log((1 - rate) / (1 - mean))
        rates = compiled([x], T.grad(penalty, x))(np.full(5, -500.0))
    q, s = sigmoid(np.negative(LOGITS)), sigmoid(LOGITS)
    log_p = -np.logaddexp(0, np.negative(np.array(LOGITS)))
    wanted = (2 * q * q * s * log_p - q**3) / len(LOGITS)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-30)
    np.testing.assert_allclose(rates, -rate / 5, rtol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_derivative_of_a_saturated_loss(dtype: str) -> None:
    with config.change_flags(floatX=dtype):
        x, y, v = T.vectors("x", "y", "v")
        p = 1 / (1 + T.exp(-x))
        losses = -y * T.log(p) - (1 - y) * T.log(1 - p)
        slope = compiled([x, y], T.jacobian(losses, x))(LOGITS, TARGETS)
        right = compiled([x, y, v], T.Rop(losses, x, v))(LOGITS, TARGETS, np.ones(9))
        left = compiled([x, y, v], T.Lop(losses, x, v))(LOGITS, TARGETS, np.ones(9))
        curved = compiled([x, y], T.hessian(losses.mean(), x))(LOGITS, TARGETS)
    wanted = sigmoid(LOGITS) - np.array(TARGETS)
    for found in (np.diag(slope), right, left):
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=1e-37)
    second = sigmoid(LOGITS) * sigmoid(np.negative(LOGITS)) / 9
    np.testing.assert_allclose(np.diag(curved), second, rtol=1e-4, atol=1e-37)


SOFTMAXES: dict[str, Any] = {
    "softmax": T.nnet.softmax,
    "keepdims": lambda m: T.exp(m) / T.exp(m).sum(1, keepdims=True),
    "dimshuffle": lambda m: T.exp(m) / T.exp(m).sum(1).dimshuffle(0, "x"),
    "shifted": lambda m: SOFTMAXES["keepdims"](m - m.max(1, keepdims=True)),
    "transposed": lambda m: (T.exp(m).T / T.exp(m).sum(1)).T,
    "reciprocal": lambda m: T.exp(m) * (1 / T.exp(m).sum(1, keepdims=True)),
    "filled": lambda m: T.exp(m) / T.fill(T.exp(m), T.exp(m).sum(1, keepdims=True)),
    "ones": lambda m: T.exp(m) / (T.ones_like(m) * T.exp(m).sum(1, keepdims=True)),
    "indexed": lambda m: T.exp(m) / T.exp(m).sum(1)[:, None],
}  # fmt: skip
CLASSES: dict[str, Any] = {
    "picked": lambda p, t, q: -T.log(p)[T.arange(t.shape[0]), t].mean(),
    "picked first": lambda p, t, q: -T.log(p[T.arange(t.shape[0]), t]).mean(),
    "distribution": lambda p, t, q: -(q * T.log(p)).sum(axis=1).mean(),
    "crossentropy": lambda p, t, q: T.nnet.categorical_crossentropy(p, t).mean(),
    "crossentropy of a distribution": (
        lambda p, t, q: T.nnet.categorical_crossentropy(p, q).mean()
    ),
}
SCORES = np.array([[1e4, 0, -1e4], [0, 800, 700], [-1e4, -9999, 0], [100, -100, 90]])
LABELS = np.array([2, 0, 1, 2], "int32")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", CLASSES)
@pytest.mark.parametrize("form", SOFTMAXES)
def test_softmax_regression(form: str, loss: str, dtype: str) -> None:
    with config.change_flags(floatX=dtype):
        m, t, q = T.matrix("m"), T.ivector("t"), T.matrix("q")
        gradient = T.grad(CLASSES[loss](SOFTMAXES[form](m), t, q), m)
        run = compiled([m, t, q], gradient)
        found = run(SCORES, LABELS, np.eye(3)[LABELS])
    powers = np.exp(SCORES - SCORES.max(1, keepdims=True))
    wanted = (powers / powers.sum(1, keepdims=True) - np.eye(3)[LABELS]) / 4
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=1e-37)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_of_exponentials(dtype: str) -> None:
    """log(exp(a) + exp(b)), a mixture of densities, and the tail of a normal distribution."""
    with config.change_flags(floatX=dtype):
        a, b = T.vectors("a", "b")
        both = T.grad(T.log(T.exp(a) + T.exp(b)).mean(), [a, b])
        left, right = compiled([a, b], both)([1e4, -1e4, 0, 100], [-1e4, -1e4, 1, 101])
        squares = (a.dimshuffle(0, "x") - np.array([0, 1], dtype)) ** 2
        mixture = T.log(T.exp(-50 * squares).sum(1)).mean()
        pulled = compiled([a], T.grad(mixture, a))([50.0, -30.0])
        tail = compiled([a], T.grad(T.log(T.erfc(a)).mean(), a))([30.0, 1e4])
    shares = sigmoid(np.array([2e4, 0, -1, -1])) / 4
    close(left, shares, dtype)
    close(right, 0.25 - shares, dtype)
    np.testing.assert_allclose(pulled, [-2450, 1500], rtol=1e-4)
    slopes = -1 / np.sqrt(np.pi) / scipy.special.erfcx([30.0, 1e4])
    np.testing.assert_allclose(tail, slopes, rtol=1e-5)


def test_a_variable_by_whose_name_a_gradient_is_asked_for_stays() -> None:
    x = T.dvector("x")
    p = 1 / (1 + T.exp(-x))
    cost = -T.log(p).sum() + (1 - p).sum()
    in_p, in_x = compiled([x], T.grad(cost, [p, x]))([0.0, 2.0])
    s = sigmoid([0.0, 2.0])
    np.testing.assert_allclose(in_p, -1 / s - 1)
    np.testing.assert_allclose(in_x, (-1 / s - 1) * s * (1 - s))


@pytest.mark.parametrize("build", [lambda x: x / x, lambda x: x * 2 * x / x, lambda x: x**2 / x,
                                   lambda x: abs(4 * x) / abs(2 * x)])  # fmt: skip
def test_factors_that_may_be_0_cancel_where_it_is_asked_for(build: Any) -> None:
    x = T.dvector("x")
    value = np.array([0.0, 1.0, -3.0, np.inf])
    with np.errstate(all="ignore"):
        wanted = build(value)
    np.testing.assert_array_equal(compiled([x], build(x))(value), wanted)
    assert np.isnan(wanted[0])
    with config.change_flags(optimizer_including="cancel"):
        flagged = compiled([x], build(x))(value)
    asked = function([x], build(x), mode=Mode().including("cancel"))(value)
    assert not np.isnan(asked[:3]).any()
    np.testing.assert_array_equal(asked, flagged)
