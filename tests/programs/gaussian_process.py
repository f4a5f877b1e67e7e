"""A Gaussian process: the noise and the length scale are learned by the marginal likelihood.

The likelihood goes through a Cholesky factor, and its gradient through that factor's.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.tensor import slinalg
from tests.programs.digits import Array

STEPS = 150
RATE = 0.05


@dataclass
class Learned:
    """The logarithms of amplitude, length scale and noise; -log likelihoods; means and variances
    at the points asked for.
    """

    logs: Array
    costs: list[float]
    means: Array
    variances: Array


def observations() -> tuple[Array, Array, Array]:
    """Thirty noisy values of a sine, where they were taken, and where more are wanted."""
    rng = np.random.default_rng(7)
    x = rng.uniform(-3, 3, 30)
    return x, np.sin(2 * x) + 0.1 * rng.standard_normal(30), np.linspace(-2.5, 2.5, 41)


def run(steps: int = STEPS) -> Learned:
    """Learn, then predict."""
    seen, values, wanted = observations()
    x, y, at = T.dvector("x"), T.dvector("y"), T.dvector("at")
    logs = theano.shared(np.array([0.0, 0.0, -1.0]), name="logs")
    amplitude, scale, noise = T.exp(logs[0]), T.exp(logs[1]), T.exp(logs[2])

    def kernel(a: T.TensorVariable, b: T.TensorVariable) -> T.TensorVariable:
        distance = (a.dimshuffle(0, "x") - b.dimshuffle("x", 0)) / scale
        return amplitude**2 * T.exp(-(distance**2) / 2)

    factor = slinalg.cholesky(kernel(x, x) + noise**2 * T.eye(x.shape[0]))
    white = slinalg.solve_lower_triangular(factor, y)
    cost = (white**2).sum() / 2 + T.log(T.diag(factor)).sum() + x.size * np.log(2 * np.pi) / 2

    slopes = T.grad(cost, logs)
    step = RATE * slopes / (1 + T.sqrt((slopes**2).sum()))
    train = theano.function([x, y], cost, updates=[(logs, logs - step)], name="train")

    across = slinalg.solve_lower_triangular(factor, kernel(x, at))
    predict = theano.function(
        [x, y, at], [T.dot(across.T, white), amplitude**2 - (across**2).sum(axis=0)], name="predict"
    )

    costs = [float(train(seen, values)) for _ in range(steps)]
    means, variances = predict(seen, values, wanted)
    return Learned(logs.get_value(), costs, means, variances)


if __name__ == "__main__":
    learned = run()
    amplitude, scale, noise = np.exp(learned.logs)
    print(f"-log likelihood {learned.costs[0]:.2f} -> {learned.costs[-1]:.2f}")
    print(f"amplitude {amplitude:.2f}, length scale {scale:.2f}, noise {noise:.3f}")
