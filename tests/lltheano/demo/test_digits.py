"""The demonstration learns what it should, and as honestly as it says."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.demo.digits import (
    BATCH,
    RATE,
    TEST,
    TRAIN,
    VALIDATE,
    compile_evaluate,
    compile_train,
    split_digits,
    write_down,
)
from lltheano.demo.training import PATIENCE, Epoch, Outcome, learn, set_up


def test_the_parts_are_all_rows_and_share_none() -> None:
    images, _ = split_digits(0)
    rows = [*TRAIN, *VALIDATE, *TEST]
    assert rows == list(range(len(images)))
    assert len(TRAIN) % BATCH == 0


def test_the_split_depends_on_the_seed_alone() -> None:
    (images, labels), (again, _), (other, _) = split_digits(1), split_digits(1), split_digits(2)
    assert (images == again).all()
    assert (images != other).any()
    assert labels.min() == 0
    assert labels.max() == 9


class Reference:
    """The same regression in NumPy."""

    def __init__(self, seed: int, dtype: Any) -> None:
        images, labels = split_digits(seed)
        self.x = (images / 16).astype(dtype)
        self.y = labels.astype(np.int64)
        self.weights = np.zeros((64, 10), dtype)
        self.biases = np.zeros(10, dtype)

    def probabilities(self, rows: slice) -> NDArray[Any]:
        scores = self.x[rows] @ self.weights + self.biases
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[Any] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def evaluate(self, rows: slice) -> tuple[float, float]:
        p, y = self.probabilities(rows), self.y[rows]
        cost = -np.log(p[np.arange(len(y)), y]).mean()
        return float(cost), float((p.argmax(axis=1) != y).mean())

    def train(self, index: int) -> float:
        rows = slice(index * BATCH, (index + 1) * BATCH)
        cost, _ = self.evaluate(rows)
        slope = self.probabilities(rows)
        slope[np.arange(BATCH), self.y[rows]] -= 1
        self.weights -= self.weights.dtype.type(RATE) * (self.x[rows].T @ slope) / BATCH
        self.biases -= self.biases.dtype.type(RATE) * slope.mean(axis=0)
        return cost


@pytest.mark.parametrize(("dtype", "close"), [("float64", 1e-12), ("float32", 1e-4)])
def test_every_step_is_that_of_numpy(dtype: str, close: float) -> None:
    with config.change_flags(floatX=dtype):
        model = write_down(*split_digits(3))
        train, evaluate = compile_train(model), compile_evaluate(model)
    reference = Reference(3, dtype)
    assert model.W.get_value().dtype == dtype
    for index in range(len(TRAIN) // BATCH):
        assert float(train(index)) == pytest.approx(reference.train(index), rel=close)
    np.testing.assert_allclose(model.W.get_value(), reference.weights, rtol=close, atol=close)
    np.testing.assert_allclose(model.b.get_value(), reference.biases, rtol=close, atol=close)
    cost, error = evaluate(TEST.start, TEST.stop)
    assert (float(cost), float(error)) == pytest.approx(
        reference.evaluate(slice(TEST.start, TEST.stop)), rel=close
    )


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return learn(set_up(0), 1000, lambda epoch: None)


def test_at_most_six_in_a_hundred_are_misread(outcome: Outcome) -> None:
    assert outcome.test_error <= 0.06


def test_learning_stops_when_the_validation_cost_stops_falling(outcome: Outcome) -> None:
    assert len(outcome.epochs) == outcome.best.number + PATIENCE
    assert outcome.best is outcome.epochs[outcome.best.number - 1]
    assert outcome.epochs[-1].validation_cost >= outcome.best.validation_cost - 1e-3


def test_the_weights_kept_are_those_that_were_tested(outcome: Outcome) -> None:
    reference = Reference(0, "float64")
    reference.weights, reference.biases = outcome.W, outcome.b
    cost, error = reference.evaluate(slice(VALIDATE.start, VALIDATE.stop))
    assert cost == pytest.approx(outcome.best.validation_cost, rel=1e-9)
    assert error == outcome.best.validation_error
    cost, error = reference.evaluate(slice(TEST.start, TEST.stop))
    assert (cost, error) == pytest.approx((outcome.test_cost, outcome.test_error), rel=1e-9)


def test_each_epoch_is_reported_and_the_limit_kept() -> None:
    seen: list[Epoch] = []
    found = learn(set_up(1), 2, seen.append)
    assert seen == list(found.epochs)
    assert len(seen) == 2
    assert found.seconds_per_epoch > 0
    with pytest.raises(ValueError, match="at least one epoch"):
        learn(set_up(1), 0, seen.append)


def test_compile_times_are_those_of_each_function() -> None:
    seconds = set_up(1).compile_seconds
    assert list(seconds) == ["start-up", "train", "evaluate"]
    assert all(one > 0 for one in seconds.values())
