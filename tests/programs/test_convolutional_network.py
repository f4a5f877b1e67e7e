"""The network takes the steps of convolutions written as loops in NumPy, and reads digits."""

import numpy as np

from tests.programs.convolutional_network import BATCH, RATE, first_parameters, run
from tests.programs.digits import Array, load_digits
from tests.programs.pages import shown


def windows(x: Array) -> Array:
    """All 3 by 3 windows: images, channels, rows, columns, 3, 3."""
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))


def convolved(x: Array, W: Array) -> Array:
    return np.asarray(
        np.einsum("nchwij,ocij->nohw", windows(x), W[:, :, ::-1, ::-1], optimize=True)
    )


def filter_slopes(x: Array, slopes: Array) -> Array:
    turned = np.einsum("nchwij,nohw->ocij", windows(x), slopes, optimize=True)
    return np.asarray(turned[:, :, ::-1, ::-1])


def slope(z: Array) -> Array:
    """That of max(z, 0), which at 0, where blank pixels are, is the mean of both sides."""
    return np.heaviside(z, 0.5)


def backpropagation(parameters: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    W1, b1, W2, b2, W3, b3 = parameters
    padded = np.pad(x.reshape(-1, 1, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    z1 = convolved(padded, W1) + b1[None, :, None, None]
    a1 = np.maximum(z1, 0)
    z2 = convolved(a1, W2) + b2[None, :, None, None]
    a2 = np.maximum(z2, 0)
    blocks = a2.reshape(len(x), -1, 3, 2, 3, 2)
    pooled = blocks.max(axis=(3, 5))
    flat = pooled.reshape(len(x), -1)
    logits = flat @ W3 + b3
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    residual = p.copy()
    residual[rows, y] -= 1
    residual /= len(y)
    dpooled = (residual @ W3.T).reshape(pooled.shape)[:, :, :, None, :, None]
    dz2 = ((blocks == pooled[:, :, :, None, :, None]) * dpooled).reshape(a2.shape) * slope(z2)
    around = np.pad(dz2, ((0, 0), (0, 0), (2, 2), (2, 2)))
    dz1 = convolved(around, W2.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]) * slope(z1)
    slopes = [filter_slopes(padded, dz1), dz1.sum((0, 2, 3)), filter_slopes(a1, dz2)]
    slopes += [dz2.sum((0, 2, 3)), flat.T @ residual, residual.sum(0)]
    return float(-np.log(p[rows, y]).mean()), slopes


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1)
    x, y, _, _ = load_digits()
    parameters, costs = first_parameters(), []
    for start in range(0, len(x), BATCH):
        rows = slice(start, start + BATCH)
        cost, slopes = backpropagation(parameters, x[rows], y[rows])
        costs.append(cost)
        parameters = [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-8)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9)


def test_it_reads_digits() -> None:
    """By what its page shows that it prints."""
    (_, misread) = shown("convolutional_network")
    assert float(misread.removeprefix("misread in the test: ").removesuffix("%")) < 3.5
