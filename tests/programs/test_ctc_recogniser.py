"""The recogniser takes the steps of the recursions of Graves et al. in NumPy, and recognises."""

import numpy as np

from tests.programs.ctc_recogniser import HIDDEN, RATE, first_parameters, run, utterances
from tests.programs.digits import Array

NEVER = -np.inf


def softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def of_sequence(scores: Array, labels: Array) -> tuple[float, Array]:
    """The loss of one sequence and its gradient by the scores, by the posteriors of all states."""
    p = softmax(scores)
    symbols = [0, *[each for label in labels for each in (int(label), 0)]]
    times, states = len(p), len(symbols)
    with np.errstate(divide="ignore"):
        logs = np.log(p)
    forward = np.full((times, states), NEVER)
    backward = np.full((times, states), NEVER)
    forward[0, :2] = logs[0, symbols[:2]]
    backward[-1, -2:] = 0
    for t in range(1, times):
        for s in range(states):
            skips = s > 1 and symbols[s] and symbols[s] != symbols[s - 2]
            before = forward[t - 1, max(s - (2 if skips else 1), 0) : s + 1]
            forward[t, s] = np.logaddexp.reduce(before) + logs[t, symbols[s]]
    for t in range(times - 2, -1, -1):
        for s in range(states):
            after = [s, *([s + 1] if s + 1 < states else [])]
            if s + 2 < states and symbols[s + 2] and symbols[s + 2] != symbols[s]:
                after.append(s + 2)
            terms = [backward[t + 1, k] + logs[t + 1, symbols[k]] for k in after]
            backward[t, s] = np.logaddexp.reduce(terms)
    total = np.logaddexp(forward[-1, -1], forward[-1, -2])
    posterior = np.exp(forward + backward - total)
    slope = p.copy()
    for s, symbol in enumerate(symbols):
        slope[:, symbol] -= posterior[:, s]
    return -float(total), slope


def backpropagation(
    parameters: list[Array], x: Array, labels: Array, lengths: Array
) -> tuple[float, list[Array]]:
    W, b, V, c = parameters
    h = np.zeros((x.shape[1], HIDDEN))
    joined, states = [], []
    for sound in x:
        joined.append(np.concatenate([sound, h], axis=1))
        h = np.tanh(joined[-1] @ W + b)
        states.append(h)
    scores = np.stack(states) @ V + c
    slopes, total = np.zeros_like(scores), 0.0
    for n, length in enumerate(lengths):
        loss, slopes[:length, n] = of_sequence(scores[:length, n], labels[n])
        total += loss
    slopes /= len(lengths)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    dV, dc = np.einsum("tnh,tns->hs", np.stack(states), slopes), slopes.sum((0, 1))
    dh = np.zeros_like(h)
    for t in reversed(range(len(x))):
        dz = (dh + slopes[t] @ V.T) * (1 - states[t] ** 2)
        dW += joined[t].T @ dz
        db += dz.sum(0)
        dh = (dz @ W.T)[:, x.shape[2] :]
    return total / len(lengths), [dW, db, dV, dc]


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(6)
    parameters, costs = first_parameters(), []
    squares = [np.zeros_like(p) for p in parameters]
    for seed in range(6):
        cost, slopes = backpropagation(parameters, *utterances(seed))
        costs.append(cost)
        squares = [0.9 * old + 0.1 * g**2 for old, g in zip(squares, slopes, strict=True)]
        parameters = [
            p - RATE * g / np.sqrt(square + 1e-6)
            for p, g, square in zip(parameters, slopes, squares, strict=True)
        ]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-8)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-8)


def test_it_recognises() -> None:
    assert run().error < 0.05
