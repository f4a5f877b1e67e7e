"""The loss of CTC is the logarithm of a sum over all alignments, and its gradient is right."""

import itertools
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.ctc import ConnectionistTemporalClassification, ctc, ctc_available

Array = np.ndarray[Any, Any]


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    """A path without repetitions, and then without blanks."""
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol)


def by_all_paths(scores: Array, labels: list[int]) -> float:
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    total = 0.0
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        if collapsed(path) == tuple(labels):
            total += float(np.prod(p[np.arange(len(path)), path]))
    return float(-np.log(total))


SEQUENCES: list[list[int]] = [[1, 2], [2, 2], [1], [], [2, 1, 2]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_alignments(dtype: str, rng: np.random.Generator) -> None:
    times, lengths = 5, [5, 4, 2, 3, 5]
    scores = rng.normal(size=(times, len(SEQUENCES), 3)).astype(dtype)
    labels = np.full((len(SEQUENCES), 3), -1, "int32")
    for row, one in zip(labels, SEQUENCES, strict=True):
        row[: len(one)] = one
    x, y, n = T.tensor3("x", dtype=dtype), T.imatrix("y"), T.ivector("n")
    f = function([x, y, n], ctc(x, y, n))
    got = f(scores, labels, np.array(lengths, "int32"))
    expected = [
        by_all_paths(scores[:length, k], labels)
        for k, (labels, length) in enumerate(zip(SEQUENCES, lengths, strict=True))
    ]
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-4 if dtype == "float32" else 1e-10)


def test_the_gradient(rng: np.random.Generator) -> None:
    """Also where a sequence ends before its time: what comes after has none."""
    labels, lengths = np.array([[1, 2], [2, -1]]), np.array([4, 2])
    T.verify_grad(
        lambda x: ctc(x, labels, lengths),
        [rng.normal(size=(4, 2, 3))],
        rng=np.random.RandomState(1),
    )
    x = T.dtensor3("x")
    slope = function([x], T.grad(ctc(x, labels, lengths).sum(), x))(rng.normal(size=(4, 2, 3)))
    assert (slope[2:, 1] == 0).all()
    np.testing.assert_allclose(slope.sum(axis=2), 0, atol=1e-12)
    far = 1e3 * rng.normal(size=(4, 2, 3))
    assert np.isfinite(function([x], T.grad(ctc(x, labels, lengths).sum(), x))(far)).all()


def test_what_it_takes() -> None:
    x, y, n = T.dtensor3("x"), T.lmatrix("y"), T.lvector("n")
    out = ctc(x, y, n)
    assert out.owner is not None
    assert isinstance(out.owner.op, ConnectionistTemporalClassification)
    assert ctc_available()
    with pytest.raises(ValueError, match="activations must have 3 axes"):
        ctc(x[0], y, n)
    with pytest.raises(TypeError, match="labels must be integers"):
        ctc(x, y.astype("float64"), n)
    with pytest.raises(TypeError, match="activations must be floats"):
        ctc(x.astype("int64"), y, n)


@pytest.mark.parametrize(
    ("labels", "lengths", "message"),
    [
        ([[1]], [4], "input_lengths are from 1 to 4, but must be from 1 to 3"),
        ([[1]], [0], "input_lengths are from 0 to 1"),
        ([[2]], [3], "there is a label 2, and activations are of 2 symbols"),
        ([[1], [1]], [3], "activations are of 1 sequences, labels of 2"),
        ([[1]], [3, 3], "activations are of 1 sequences, input_lengths of 2"),
    ],
)
def test_what_does_not_fit_is_an_error(labels: Any, lengths: Any, message: str) -> None:
    y, n = T.lmatrix("y"), T.lvector("n")
    f = function([y, n], ctc(T.constant(np.zeros((3, 1, 2))), y, n))
    with pytest.raises(ValueError, match=message):
        f(labels, lengths)
