"""The autoencoder takes NumPy's steps where the same pixels are spoiled, and restores digits."""

import numpy as np

from tests.programs.denoising_autoencoder import BATCH, RATE, first_parameters, run
from tests.programs.digits import Array, load_digits


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1)
    data, *_ = load_digits()
    (W, b, c), costs = first_parameters(), []
    for index, mask in enumerate(learned.masks):
        x = data[index * BATCH : (index + 1) * BATCH]
        hidden = sigmoid(x * mask @ W + b)
        logits = hidden @ W.T + c
        costs.append((np.logaddexp(0, logits) - x * logits).sum(1).mean())
        residual = (sigmoid(logits) - x) / BATCH
        backward = residual @ W * hidden * (1 - hidden)
        dW = (x * mask).T @ backward + residual.T @ hidden
        W, b = W - RATE / 8 * dW, b - RATE / 8 * backward.sum(0)
        c = c - RATE / 8 * residual.sum(0)
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-9)
    for got, expected in zip(learned.parameters, (W, b, c), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-10)


def test_it_restores_digits() -> None:
    learned = run()
    assert learned.after < 0.45 * learned.before
