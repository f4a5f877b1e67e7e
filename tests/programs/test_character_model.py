"""The model takes the steps of backpropagation in NumPy, and writes words of its text."""

import numpy as np

from tests.programs.character_model import (
    HIDDEN,
    LETTERS,
    RATE,
    TEXT,
    extracts,
    first_parameters,
    run,
)
from tests.programs.digits import Array
from tests.programs.pages import shown


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def backpropagation(parameters: list[Array], text: Array) -> tuple[float, list[Array]]:
    E, U, C, b, V, c = parameters
    n = HIDDEN
    h, kept, states = np.zeros((text.shape[1], n)), [], []
    for letters in text[:-1]:
        z = E[letters] + b
        gates = sigmoid(z[:, : 2 * n] + h @ U)
        keep, reset = gates[:, :n], gates[:, n:]
        new = np.tanh(z[:, 2 * n :] + (reset * h) @ C)
        kept.append((letters, keep, reset, new, h))
        h = keep * h + (1 - keep) * new
        states.append(h)
    logits = np.stack(states) @ V + c
    p = np.exp(logits - logits.max(2, keepdims=True))
    p /= p.sum(2, keepdims=True)
    chosen = np.eye(len(LETTERS))[text[1:]]
    cost = -np.log((p * chosen).sum(2)).mean()
    residual = (p - chosen) / text[1:].size
    dE, dU, dC, db, dV, dc = (np.zeros_like(parameter) for parameter in parameters)
    dh = np.zeros_like(h)
    for t in reversed(range(len(kept))):
        letters, keep, reset, new, before = kept[t]
        dV += states[t].T @ residual[t]
        dc += residual[t].sum(0)
        dh = dh + residual[t] @ V.T
        dnew = dh * (1 - keep) * (1 - new**2)
        dreset = dnew @ C.T
        dkeep = dh * (before - new) * keep * (1 - keep)
        dgate = dreset * before * reset * (1 - reset)
        dz = np.concatenate([dkeep, dgate, dnew], axis=1)
        np.add.at(dE, letters, dz)
        db += dz.sum(0)
        dU += before.T @ dz[:, : 2 * n]
        dC += (reset * before).T @ dnew
        dh = dh * keep + dz[:, : 2 * n] @ U.T + dreset * reset
    return float(cost), [dE, dU, dC, db, dV, dc]


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(10)
    parameters, costs = first_parameters(), []
    squares = [np.zeros_like(p) for p in parameters]
    for seed in range(10):
        cost, slopes = backpropagation(parameters, extracts(seed))
        costs.append(cost)
        squares = [0.9 * old + 0.1 * g**2 for old, g in zip(squares, slopes, strict=True)]
        parameters = [
            p - RATE * g / np.sqrt(square + 1e-6)
            for p, g, square in zip(parameters, slopes, squares, strict=True)
        ]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-7)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-7)


def test_it_writes_words_of_its_text() -> None:
    """By what its page shows that it prints."""
    costs, written = shown("character_model")
    assert float(costs.rpartition(" ")[2]) < 0.4
    words = written.replace(".", "").replace(",", "").split()[:-1]
    known = set(TEXT.replace(".", "").replace(",", "").split())
    assert np.mean([word in known for word in words]) > 0.8
