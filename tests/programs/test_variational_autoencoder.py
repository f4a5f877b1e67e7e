"""The autoencoder takes NumPy's steps given the noise that was drawn, and codes digits well."""

import numpy as np

from tests.programs.digits import Array, load_digits
from tests.programs.variational_autoencoder import BATCH, RATE, first_parameters, run


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def backpropagation(parameters: list[Array], noise: Array, x: Array) -> tuple[float, list[Array]]:
    W, b, M, m, S, s, V, c, U, d = parameters
    hidden = np.tanh(x @ W + b)
    mean, log_variance = hidden @ M + m, hidden @ S + s
    spread = np.exp(log_variance / 2)
    z = mean + spread * noise
    above = np.tanh(z @ V + c)
    logits = above @ U + d
    cost = (np.logaddexp(0, logits) - x * logits).sum(1)
    cost = cost + (spread**2 + mean**2 - 1 - log_variance).sum(1) / 2
    residual = (sigmoid(logits) - x) / len(x)
    dabove = residual @ U.T * (1 - above**2)
    dz = dabove @ V.T
    dmean = dz + mean / len(x)
    dvariance = dz * noise * spread / 2 + (spread**2 - 1) / 2 / len(x)
    dhidden = (dmean @ M.T + dvariance @ S.T) * (1 - hidden**2)
    slopes = [x.T @ dhidden, dhidden.sum(0), hidden.T @ dmean, dmean.sum(0)]
    slopes += [hidden.T @ dvariance, dvariance.sum(0), z.T @ dabove, dabove.sum(0)]
    return float(cost.mean()), [*slopes, above.T @ residual, residual.sum(0)]


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(epochs=1)
    data, *_ = load_digits()
    parameters, costs = first_parameters(), []
    squares = [np.zeros_like(p) for p in parameters]
    for index, noise in enumerate(learned.noises):
        x = data[index * BATCH : (index + 1) * BATCH]
        cost, slopes = backpropagation(parameters, noise, x)
        costs.append(cost)
        squares = [0.9 * old + 0.1 * g**2 for old, g in zip(squares, slopes, strict=True)]
        parameters = [
            p - RATE / 10 * g / np.sqrt(scale + 1e-6)
            for p, g, scale in zip(parameters, slopes, squares, strict=True)
        ]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-7)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


def test_it_codes_digits() -> None:
    learned = run()
    assert learned.before > 44
    assert learned.after < 26
