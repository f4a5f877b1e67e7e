"""The first layer takes NumPy's steps from what was drawn, labels change all layers as in NumPy,
and layers learned beforehand read digits better.
"""

import numpy as np

from tests.programs.deep_belief_network import BATCH, FINE_RATE, RATE, first_layers, run, values
from tests.programs.digits import Array, load_digits


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def test_the_first_layer_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1, fine_epochs=0)
    data, *_ = load_digits()
    W, a, b = values(first_layers())[:3]
    for index, (h, v) in enumerate(learned.draws):
        x = data[index * BATCH : (index + 1) * BATCH]
        up, again = sigmoid(x @ W + b), sigmoid(v @ W + b)
        assert set(np.unique(h)) <= {0.0, 1.0}
        assert abs(v.mean() - sigmoid(h @ W.T + a).mean()) < 0.05
        W = W + RATE * (x.T @ up - v.T @ again) / len(x)
        a, b = a + RATE * (x - v).mean(0), b + RATE * (up - again).mean(0)
    for got, expected in zip(learned.before[:3], (W, a, b), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-11)


def test_labels_change_the_layers_as_in_numpy() -> None:
    learned = run(epochs=1, fine_epochs=1)
    x, y, *_ = load_digits()
    W, a, b, U, c, d = learned.before
    V, e = np.zeros((U.shape[1], 10)), np.zeros(10)
    for start in range(0, 100, 20):
        rows = slice(start, start + 20)
        low = sigmoid(x[rows] @ W + b)
        high = sigmoid(low @ U + d)
        p = np.exp(high @ V + e)
        residual = (p / p.sum(1, keepdims=True) - np.eye(10)[y[rows]]) / 20
        dhigh = residual @ V.T * high * (1 - high)
        dlow = dhigh @ U.T * low * (1 - low)
        V, e = V - FINE_RATE * high.T @ residual, e - FINE_RATE * residual.sum(0)
        U, d = U - FINE_RATE * low.T @ dhigh, d - FINE_RATE * dhigh.sum(0)
        W, b = W - FINE_RATE * x[rows].T @ dlow, b - FINE_RATE * dlow.sum(0)
    for got, expected in zip(learned.after, (W, a, b, U, c, d), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-11)


def test_layers_learned_beforehand_read_better() -> None:
    learned = run()
    assert learned.error < 0.15
    assert learned.error < learned.error_without
