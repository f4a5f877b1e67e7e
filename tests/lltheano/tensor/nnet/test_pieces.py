"""Normalisation, classes, blocks and losses of integer targets, against NumPy."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor import nnet
from lltheano.tensor.nnet.blocksparse import SparseBlockGemv, SparseBlockOuter

Array = np.ndarray[Any, Any]
AXES: list[Any] = ["per-activation", "spatial", (1, 3), (0, 1, 2, 3)]


def over(axes: Any) -> tuple[int, ...]:
    named: dict[Any, tuple[int, ...]] = {"per-activation": (0,), "spatial": (0, 2, 3)}
    found: tuple[int, ...] = named.get(axes, axes)
    return found


@pytest.mark.parametrize("axes", AXES, ids=str)
@pytest.mark.parametrize("full", [True, False])
def test_batch_normalisation(axes: Any, full: bool, rng: np.random.Generator) -> None:
    x = rng.normal(2, 3, (5, 2, 3, 4))
    averaged = over(axes)
    wide = tuple(1 if axis in averaged else size for axis, size in enumerate(x.shape))
    shape = wide if full else tuple(s for axis, s in enumerate(x.shape) if axis not in averaged)
    gamma, beta, old_mean, old_var = (rng.uniform(0.5, 2, shape) for _ in range(4))
    got = [
        one.eval()
        for one in nnet.batch_normalization_train(
            x, gamma, beta, axes, 1e-3, 0.2, old_mean, old_var
        )
    ]
    mean, variance = (f(x, axis=averaged, keepdims=True) for f in (np.mean, np.var))
    scale, offset = gamma.reshape(wide), beta.reshape(wide)
    expected = (x - mean) / np.sqrt(variance + 1e-3) * scale + offset
    np.testing.assert_allclose(got[0], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(got[1], mean.reshape(shape), rtol=1e-10)
    np.testing.assert_allclose(got[2], 1 / np.sqrt(variance + 1e-3).reshape(shape), rtol=1e-10)
    count = x.size / mean.size
    new_mean = 0.8 * old_mean + 0.2 * mean.reshape(shape)
    new_var = 0.8 * old_var + 0.2 * (variance * count / (count - 1)).reshape(shape)
    np.testing.assert_allclose(got[3], new_mean, rtol=1e-10)
    np.testing.assert_allclose(got[4], new_var, rtol=1e-10)
    assert got[3].shape == got[4].shape == shape
    test = nnet.batch_normalization_test(x, gamma, beta, old_mean, old_var, axes, 1e-3).eval()
    middle, spread = old_mean.reshape(wide), old_var.reshape(wide)
    expected = (x - middle) / np.sqrt(spread + 1e-3) * scale + offset
    np.testing.assert_allclose(test, expected, rtol=1e-10, atol=1e-12)


def test_gradients_of_batch_normalisation(rng: np.random.Generator) -> None:
    x, gamma, beta = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=3)
    T.verify_grad(
        lambda *given: nnet.batch_normalization_train(*given)[0],
        [x, gamma, beta],
        rng=np.random.RandomState(1),
    )
    mean, spread = np.abs(rng.normal(size=3)), np.abs(rng.normal(size=3)) + 0.5
    T.verify_grad(
        nnet.batch_normalization_test, [x, gamma, beta, mean, spread], rng=np.random.RandomState(1)
    )
    T.verify_grad(
        nnet.batch_normalization, [x, gamma, beta, mean, spread], rng=np.random.RandomState(1)
    )


def test_what_batch_normalisation_refuses() -> None:
    x, v = T.dmatrix("x"), T.dvector("v")
    for build, message in (
        (lambda: nnet.batch_normalization_train(v, v, v), "two axes"),
        (lambda: nnet.batch_normalization_train(x, v, v, "rows"), "'per-activation'"),
        (lambda: nnet.batch_normalization_train(x, v, v, (2,)), "no axis 2"),
        (lambda: nnet.batch_normalization_train(x, v.sum(), v), "needs parameters of 1 or 2 axes"),
        (lambda: nnet.batch_normalization_train(x, v, v, epsilon=1e-9), "at least 1e-05"),
        (lambda: nnet.batch_normalization_train(x, v, v, running_mean=v), "give both"),
        (lambda: nnet.batch_normalization(x, v, v, v, v, "fast"), "low_mem"),
    ):
        with pytest.raises(ValueError, match=message):
            build()


def softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def test_hierarchical_softmax(rng: np.random.Generator) -> None:
    batch, features, classes, inside, outputs = 6, 4, 3, 5, 13
    x = rng.normal(size=(batch, features))
    W1, b1 = rng.normal(size=(features, classes)), rng.normal(size=classes)
    W2, b2 = rng.normal(size=(classes, features, inside)), rng.normal(size=(classes, inside))
    sizes = (batch, outputs, classes, inside)
    whole = nnet.h_softmax(x, *sizes, W1, b1, W2, b2).eval()
    joint = softmax(x @ W1 + b1)[:, :, None] * softmax(np.einsum("nf,cfo->nco", x, W2) + b2)
    np.testing.assert_allclose(whole, joint.reshape(batch, -1)[:, :outputs], rtol=1e-10)
    target = np.array([0, 3, 5, 7, 12, 1])
    asked = nnet.h_softmax(x, *sizes, W1, b1, W2, b2, target).eval()
    np.testing.assert_allclose(asked, whole[np.arange(batch), target], rtol=1e-10)
    T.verify_grad(
        lambda x, W1, b1, W2, b2: nnet.h_softmax(x, *sizes, W1, b1, W2, b2, target),
        [x, W1, b1, W2, b2],
        rng=np.random.RandomState(1),
    )


def test_products_of_blocks(rng: np.random.Generator) -> None:
    W, b = rng.normal(size=(4, 5, 3, 2)), rng.normal(size=(5, 2))
    h = rng.normal(size=(6, 2, 3))
    inputs = np.stack([rng.permutation(4)[:2] for _ in range(6)])
    outputs = np.stack([rng.permutation(5)[:3] for _ in range(6)])
    expected = np.zeros((6, 3, 2))
    outer = np.zeros_like(W)
    y = rng.normal(size=(6, 3, 2))
    for n in range(6):
        for j, k in enumerate(outputs[n]):
            expected[n, j] = b[k] + sum(h[n, i] @ W[m, k] for i, m in enumerate(inputs[n]))
            for i, m in enumerate(inputs[n]):
                outer[m, k] += 0.5 * np.outer(h[n, i], y[n, j])
    got = nnet.sparse_block_dot(W, h, inputs, b, outputs).eval()
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    one = nnet.sparse_block_dot(W, h[2], inputs[2], b, outputs[2]).eval()
    np.testing.assert_allclose(one, expected[2], rtol=1e-10, atol=1e-12)
    added = SparseBlockOuter()(np.zeros_like(W), h, y, inputs, outputs, 0.5).eval()
    np.testing.assert_allclose(added, outer, rtol=1e-10, atol=1e-12)
    T.verify_grad(
        lambda W, h, b: nnet.sparse_block_dot(W, h, inputs, b, outputs),
        [W, h, b],
        rng=np.random.RandomState(1),
    )
    with pytest.raises(TypeError, match="4 axes"):
        SparseBlockGemv()(y, W[0], h, inputs, outputs)


def test_losses_of_integer_targets(rng: np.random.Generator) -> None:
    x, b = rng.normal(size=(5, 4)), rng.normal(size=4)
    y = np.array([0, 3, 2, 2, 1], dtype="int32")
    p = softmax(x + b)
    loss = -np.log(p[np.arange(5), y])
    parts = nnet.crossentropy_softmax_argmax_1hot_with_bias(x, b, y)
    for got, expected in zip(parts, (loss, p, p.argmax(1)), strict=True):
        np.testing.assert_allclose(got.eval(), expected, rtol=1e-10)
    four = nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias(x, b, y)
    for got, expected in zip(four, (loss, p, p.max(1), p.argmax(1)), strict=True):
        np.testing.assert_allclose(got.eval(), expected, rtol=1e-10)
    plain = nnet.crossentropy_softmax_1hot(x + b, y)
    np.testing.assert_allclose(plain[0].eval(), loss, rtol=1e-10)
    np.testing.assert_allclose(nnet.crossentropy_categorical_1hot(p, y).eval(), loss, rtol=1e-10)
    scores = T.dmatrix("scores")
    found = function([scores], T.grad(nnet.crossentropy_softmax_1hot(scores, y)[0].sum(), scores))
    np.testing.assert_allclose(found(x), softmax(x) - np.eye(4)[y], rtol=1e-9, atol=1e-12)
    far = np.array([[0.0, 2000.0]])
    assert nnet.crossentropy_softmax_1hot(far, [0])[0].eval() == [2000.0]
    index = T.ivector("index")
    outside = function([index], nnet.crossentropy_softmax_1hot(x, index)[0])
    with pytest.raises(IndexError):
        outside([0, 1, 2, 3, 4])


def test_confusion_and_columns(rng: np.random.Generator) -> None:
    actual, guess = rng.integers(3, 7, 50), rng.integers(3, 7, 50)
    counts, order = (one.eval() for one in nnet.confusion_matrix(actual, guess))
    expected = np.array([[((actual == a) & (guess == g)).sum() for g in order] for a in order])
    np.testing.assert_array_equal(counts, expected)
    assert order.tolist() == [3, 4, 5, 6]
    with pytest.raises(ValueError, match="vectors"):
        nnet.confusion_matrix(T.lmatrix(), T.lvector())
    matrix = rng.normal(size=(3, 2))
    np.testing.assert_array_equal(
        nnet.prepend_scalar_to_each_row(2.5, matrix).eval(), np.insert(matrix, 0, 2.5, axis=1)
    )
    assert nnet.prepend_1_to_each_row(np.zeros((2, 0))).eval().tolist() == [[1.0], [1.0]]
    with pytest.raises(TypeError, match="scalar and a matrix"):
        nnet.prepend_0_to_each_row(T.dvector())
