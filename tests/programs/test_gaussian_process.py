"""The Gaussian process takes the steps that NumPy takes, and finds the sine and its noise."""

import numpy as np
import scipy.linalg

from tests.programs.digits import Array
from tests.programs.gaussian_process import RATE, observations, run


def steps_in_numpy(steps: int) -> tuple[Array, list[float], Array, Array]:
    """The same with an inverse: the gradient is that of Rasmussen and Williams (2006), (5.9)."""
    x, y, at = observations()
    logs, costs = np.array([0.0, 0.0, -1.0]), []

    def kernel(a: Array, b: Array) -> Array:
        squares = ((a[:, None] - b[None, :]) / np.exp(logs[1])) ** 2
        return np.asarray(np.exp(2 * logs[0] - squares / 2))

    for _ in range(steps):
        signal = kernel(x, x)
        noise = np.exp(2 * logs[2]) * np.eye(len(x))
        inverse = scipy.linalg.inv(signal + noise)
        weights = inverse @ y
        squares = ((x[:, None] - x[None, :]) / np.exp(logs[1])) ** 2
        _, logdet = np.linalg.slogdet(signal + noise)
        costs.append((y @ weights + logdet + len(x) * np.log(2 * np.pi)) / 2)
        outer = inverse - np.outer(weights, weights)
        slopes = np.array(
            [np.sum(outer * slope) / 2 for slope in (2 * signal, signal * squares, 2 * noise)]
        )
        logs = logs - RATE * slopes / (1 + np.linalg.norm(slopes))
    inverse = scipy.linalg.inv(kernel(x, x) + np.exp(2 * logs[2]) * np.eye(len(x)))
    across = kernel(x, at)
    variances = np.exp(2 * logs[0]) - np.einsum("ij,ik,kj->j", across, inverse, across)
    return logs, costs, across.T @ inverse @ y, variances


def test_it_takes_the_steps_of_numpy_and_finds_the_sine() -> None:
    learned = run()
    logs, costs, means, variances = steps_in_numpy(len(learned.costs))
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-8)
    np.testing.assert_allclose(learned.logs, logs, rtol=1e-7)
    np.testing.assert_allclose(learned.means, means, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(learned.variances, variances, rtol=1e-5, atol=1e-8)
    _, _, at = observations()
    assert np.abs(learned.means - np.sin(2 * at)).max() < 0.25
    assert 0.05 < np.exp(learned.logs[2]) < 0.2
