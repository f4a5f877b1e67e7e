"""An Elman network by scan: it has to say what bit it was shown two steps ago.

The state goes from step to step through a matrix; the gradient goes back through all of them.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from tests.programs.digits import Array

LENGTH, BATCH, HIDDEN = 12, 32, 16
RATE = 0.5
STEPS = 400
DELAY = 2

Parameters = list[Array]


@dataclass
class Learned:
    """The parameters, the cost before each step, and the share of wrong bits in new sequences."""

    parameters: Parameters
    costs: list[float]
    error: float


def first_parameters() -> Parameters:
    """Small weights from input to state, from state to state, and from state to output."""
    rng = np.random.default_rng(3)
    return [
        rng.normal(0, 0.5, (1, HIDDEN)),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 0.5, (HIDDEN, 1)),
        np.zeros(1),
    ]


def sequences(seed: int) -> tuple[Array, Array]:
    """Bits, time by batch by 1, and the bits of DELAY steps before; 0 where there are none."""
    x = np.random.default_rng(seed).integers(0, 2, (LENGTH, BATCH, 1)).astype("float64")
    y = np.zeros_like(x)
    y[DELAY:] = x[:-DELAY]
    return x, y


def run(steps: int = STEPS) -> Learned:
    """Learn from new sequences at each step."""
    x, y = T.dtensor3("x"), T.dtensor3("y")
    names = ("W_in", "W", "b", "W_out", "b_out")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W_in, W, b, W_out, b_out = parameters

    def step(x_t: T.TensorVariable, h: T.TensorVariable) -> T.TensorVariable:
        return T.tanh(T.dot(x_t, W_in) + T.dot(h, W) + b)

    states, _ = theano.scan(step, sequences=x, outputs_info=T.zeros((x.shape[1], HIDDEN)))
    logits = T.dot(states, W_out) + b_out
    cost = T.nnet.binary_crossentropy(T.nnet.sigmoid(logits), y).mean()
    slopes = T.grad(cost, parameters)
    updates = [(p, p - RATE * slope) for p, slope in zip(parameters, slopes, strict=True)]
    train = theano.function([x, y], cost, updates=updates, name="train")
    error = theano.function([x, y], T.neq(logits > 0, y).mean(), name="error")

    costs = [float(train(*sequences(seed))) for seed in range(steps)]
    wrong = float(error(*sequences(steps)))
    return Learned([p.get_value() for p in parameters], costs, wrong)


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.3f} -> {learned.costs[-1]:.4f}")
    print(f"wrong bits in new sequences: {learned.error:.1%}")
