"""The program learns, and takes the steps that SciPy and NumPy take."""

import numpy as np

from tests.programs.sparse_regression import (
    BATCH,
    DECAY,
    DOCUMENTS,
    PASSES,
    RATE,
    WORDS,
    documents,
    run,
)


def test_it_learns_to_tell_topics_apart() -> None:
    learned = run()
    assert learned.costs[-1] < 0.35 * learned.costs[0]
    assert learned.errors < 0.12


def test_the_steps_are_those_of_scipy() -> None:
    x, y = documents(DOCUMENTS, seed=1)
    w, b = np.zeros(WORDS), 0.0
    for _ in range(PASSES):
        for i in range(0, DOCUMENTS, BATCH):
            rows, wanted = x[i : i + BATCH], y[i : i + BATCH]
            error = (1 / (1 + np.exp(-(rows @ w) - b)) - wanted) / BATCH
            w, b = w - RATE * (rows.T @ error + 2 * DECAY * w), b - RATE * error.sum()
    learned = run()
    np.testing.assert_allclose(learned.weights, w, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(learned.bias, b, rtol=1e-8)
