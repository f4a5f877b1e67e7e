"""Logistic regression by gradient descent: is this digit an 8?

All that is learned is in two shared variables, and a call of `train` is one step.
"""

from dataclasses import dataclass

import lltheano as theano
import lltheano.tensor as T
from tests.programs.digits import Array, load_digits

RATE = 0.5
PENALTY = 0.001
STEPS = 400


@dataclass
class Learned:
    """Weights, bias, the cost before each step, and the share of test images that are misread."""

    w: Array
    b: Array
    costs: list[float]
    error: float


def run(steps: int = STEPS) -> Learned:
    """Learn from the digits."""
    learn_x, learn_y, test_x, test_y = load_digits()

    x = T.dmatrix("x")
    y = T.dvector("y")
    w = theano.shared(learn_x[0] * 0, name="w")
    b = theano.shared(0.0, name="b")

    p = 1 / (1 + T.exp(-T.dot(x, w) - b))
    loss = -y * T.log(p) - (1 - y) * T.log(1 - p)
    cost = loss.mean() + PENALTY * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])

    train = theano.function(
        [x, y], cost, updates=[(w, w - RATE * gw), (b, b - RATE * gb)], name="train"
    )
    error = theano.function([x, y], T.mean(T.neq(p > 0.5, y)), name="error")

    is_eight = (learn_y == 8).astype("float64")
    costs = [float(train(learn_x, is_eight)) for _ in range(steps)]
    return Learned(
        w.get_value(), b.get_value(), costs, float(error(test_x, (test_y == 8).astype("float64")))
    )


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.4f} -> {learned.costs[-1]:.4f}")
    print(f"misread in the test: {learned.error:.1%}")
