"""The network takes the steps that backpropagation through time takes in NumPy, and remembers."""

import numpy as np

from tests.programs.digits import Array
from tests.programs.elman_network import HIDDEN, RATE, Parameters, first_parameters, run, sequences


def backpropagation(parameters: Parameters, x: Array, y: Array) -> tuple[float, Parameters]:
    """The cost, and its gradient by each parameter, derived by hand."""
    W_in, W, b, W_out, b_out = parameters
    states = [np.zeros((x.shape[1], HIDDEN))]
    for x_t in x:
        states.append(np.tanh(x_t @ W_in + states[-1] @ W + b))
    logits = np.stack(states[1:]) @ W_out + b_out
    cost = (np.logaddexp(0, logits) - y * logits).mean()
    residual = (1 / (1 + np.exp(-logits)) - y) / y.size
    slopes = [np.zeros_like(p) for p in parameters]
    backward = np.zeros_like(states[0])
    for t in reversed(range(len(x))):
        slopes[3] += states[t + 1].T @ residual[t]
        slopes[4] += residual[t].sum(0)
        backward = (residual[t] @ W_out.T + backward) * (1 - states[t + 1] ** 2)
        slopes[0] += x[t].T @ backward
        slopes[1] += states[t].T @ backward
        slopes[2] += backward.sum(0)
        backward = backward @ W.T
    return float(cost), slopes


def test_it_takes_the_steps_of_numpy() -> None:
    learned = run(20)
    parameters, costs = first_parameters(), []
    for seed in range(20):
        cost, slopes = backpropagation(parameters, *sequences(seed))
        costs.append(cost)
        parameters = [p - RATE * slope for p, slope in zip(parameters, slopes, strict=True)]
    np.testing.assert_allclose(learned.costs, costs, rtol=1e-10)
    for got, expected in zip(learned.parameters, parameters, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-11)


def test_it_remembers() -> None:
    learned = run()
    assert learned.error < 0.01
    assert learned.costs[-1] < 0.05
