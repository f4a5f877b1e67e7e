"""Logistic regression comes to where the same steps in NumPy come to, and reads the test's 8s."""

import numpy as np

from tests.programs.digits import Array, load_digits
from tests.programs.logistic_regression import PENALTY, RATE, run


def steps_in_numpy(steps: int) -> tuple[Array, float, list[float]]:
    """The same descent, with derivatives worked out on paper."""
    x, labels, _, _ = load_digits()
    y = labels == 8
    w, b, costs = np.zeros(64), 0.0, []
    for _ in range(steps):
        z = x @ w + b
        losses = np.logaddexp(0, z) - y * z
        costs.append(losses.mean() + PENALTY * (w**2).sum())
        residual = (1 / (1 + np.exp(-z)) - y) / len(y)
        w, b = w - RATE * (x.T @ residual + 2 * PENALTY * w), b - RATE * residual.sum()
    return w, b, costs


def test_it_takes_the_steps_of_numpy_and_reads_eights() -> None:
    learned = run()
    w, b, costs = steps_in_numpy(len(learned.costs))
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-10)
    np.testing.assert_allclose(learned.w, w, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(learned.b, b, rtol=1e-9)
    assert learned.error < 0.06
