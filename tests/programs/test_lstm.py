"""The network takes the steps of an LSTM and of Adam in NumPy, and remembers for twenty steps."""

import numpy as np

from tests.programs.digits import Array
from tests.programs.lstm import (
    DECAY,
    DECAY_OF_SQUARES,
    HIDDEN,
    RATE,
    TINY,
    first_parameters,
    run,
    sequences,
)


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def backpropagation(parameters: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    """The cost and its gradients, derived by hand."""
    W, b, V, c = parameters
    h = cell = np.zeros((x.shape[1], HIDDEN))
    kept = []
    for x_t in x:
        joined = np.concatenate([x_t, h], axis=1)
        z = joined @ W + b
        i, f, o = (sigmoid(z[:, k * HIDDEN : (k + 1) * HIDDEN]) for k in range(3))
        g = np.tanh(z[:, 3 * HIDDEN :])
        kept.append((joined, i, f, o, g, cell))
        cell = f * cell + i * g
        h = o * np.tanh(cell)
    logits = h @ V + c
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    cost = -np.log(p[rows, y]).mean()

    residual = p.copy()
    residual[rows, y] -= 1
    residual /= len(y)
    dW, db, dV, dc = np.zeros_like(W), np.zeros_like(b), h.T @ residual, residual.sum(0)
    dh, dcell = residual @ V.T, np.zeros_like(cell)
    for joined, i, f, o, g, before in reversed(kept):
        now = np.tanh(f * before + i * g)
        dcell = dcell + dh * o * (1 - now**2)
        slopes = [dcell * g * i * (1 - i), dcell * before * f * (1 - f)]
        slopes += [dh * now * o * (1 - o), dcell * i * (1 - g**2)]
        dz = np.concatenate(slopes, axis=1)
        dW += joined.T @ dz
        db += dz.sum(0)
        dh = (dz @ W.T)[:, x.shape[2] :]
        dcell = dcell * f
    return float(cost), [dW, db, dV, dc]


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(15)
    parameters, costs = first_parameters(), []
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    for seed in range(15):
        cost, slopes = backpropagation(parameters, *sequences(seed))
        costs.append(cost)
        for k, slope in enumerate(slopes):
            means[k] = DECAY * means[k] + (1 - DECAY) * slope
            squares[k] = DECAY_OF_SQUARES * squares[k] + (1 - DECAY_OF_SQUARES) * slope**2
            m = means[k] / (1 - DECAY ** (seed + 1))
            v = squares[k] / (1 - DECAY_OF_SQUARES ** (seed + 1))
            parameters[k] = parameters[k] - RATE * m / (np.sqrt(v) + TINY)
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-8)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


def test_it_remembers() -> None:
    learned = run()
    assert learned.error < 0.02
    assert learned.costs[-1] < 0.1
