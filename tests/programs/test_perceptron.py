"""The perceptron takes NumPy's steps where the same units are dropped, and reads digits."""

import numpy as np

from tests.programs.digits import Array, load_digits
from tests.programs.perceptron import BATCH, KEPT, MOMENTUM, RATE, first_parameters, run


def backpropagation(
    parameters: list[Array], mask: Array, x: Array, y: Array
) -> tuple[float, list[Array]]:
    W, b, V, c = parameters
    z = x @ W + b
    kept = np.maximum(z, 0) * mask / KEPT
    logits = kept @ V + c
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    residual = p.copy()
    residual[rows, y] -= 1
    residual /= len(y)
    dz = residual @ V.T * mask / KEPT * (z > 0)
    slopes = [x.T @ dz, dz.sum(0), kept.T @ residual, residual.sum(0)]
    return float(-np.log(p[rows, y]).mean()), slopes


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1)
    x, y, _, _ = load_digits()
    parameters, costs = first_parameters(), []
    speeds = [np.zeros_like(p) for p in parameters]
    for index, mask in enumerate(learned.masks):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        cost, slopes = backpropagation(parameters, mask, x[rows], y[rows])
        costs.append(cost)
        speeds = [MOMENTUM * s - RATE * g for s, g in zip(speeds, slopes, strict=True)]
        parameters = [p + s for p, s in zip(parameters, speeds, strict=True)]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-8)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9)


def test_it_drops_units_as_often_as_it_should() -> None:
    masks = np.stack(run(epochs=1).masks)
    assert set(np.unique(masks)) == {0.0, 1.0}
    assert abs(masks.mean() - KEPT) < 4 * np.sqrt(KEPT * (1 - KEPT) / masks.size)


def test_it_reads_digits() -> None:
    assert run().error < 0.04
