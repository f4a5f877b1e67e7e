"""Learning takes NumPy's steps from what was drawn, what was drawn has its probabilities, and
pictures are restored.
"""

import numpy as np

from tests.programs.boltzmann_machine import BATCH, HIDDEN, RATE, first_weights, pictures, run
from tests.programs.digits import Array


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1, kept=28)
    data, _ = pictures()
    W, a, b, chains = first_weights(), np.zeros(64), np.zeros(HIDDEN), data[:BATCH]
    drawn = expected = 0.0
    for index, step in enumerate(learned.steps):
        for h, v, p in zip(step.hidden, step.visible, step.probabilities, strict=True):
            np.testing.assert_allclose(p, sigmoid(h @ W.T + a), rtol=1e-9)
            likely = sigmoid(chains @ W + b)
            drawn, expected = drawn + h.sum() + v.sum(), expected + likely.sum() + p.sum()
            chains = v
        v = data[index * BATCH : (index + 1) * BATCH]
        positive, negative = sigmoid(v @ W + b), sigmoid(chains @ W + b)
        W = W + RATE * (v.T @ positive - chains.T @ negative) / BATCH
        a = a + RATE * (v - chains).mean(0)
        b = b + RATE * (positive - negative).mean(0)
    np.testing.assert_allclose(learned.W, W, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(learned.visible_bias, a, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(learned.hidden_bias, b, rtol=1e-8, atol=1e-11)
    np.testing.assert_array_equal(learned.chains, chains)
    assert abs(drawn - expected) < 0.01 * expected


def test_it_restores_pictures() -> None:
    learned = run()
    assert learned.before > 0.6
    assert learned.after < 0.27
