"""A multilayer perceptron with momentum and dropout (Srivastava et al. 2014) reads digits.

What is dropped is drawn by the compiled step itself; the step gives it back, so that it can be
followed.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from tests.programs.digits import Array, load_digits

HIDDEN, BATCH = 64, 50
RATE, MOMENTUM, KEPT = 0.1, 0.9, 0.7
EPOCHS = 12


@dataclass
class Learned:
    """Parameters; the cost before each step and what it kept; the share of misread test digits."""

    parameters: list[Array]
    costs: list[float]
    masks: list[Array]
    error: float


def first_parameters() -> list[Array]:
    """Weights and biases of two layers."""
    rng = np.random.default_rng(2)
    return [
        rng.normal(0, np.sqrt(2 / 64), (64, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, np.sqrt(1 / HIDDEN), (HIDDEN, 10)),
        np.zeros(10),
    ]


def run(epochs: int = EPOCHS) -> Learned:
    """Learn, then read the test digits with all units."""
    learn_x, learn_y, test_x, test_y = load_digits()
    data_x, data_y = theano.shared(learn_x, name="data_x"), theano.shared(learn_y, name="data_y")
    x, y = T.dmatrix("x"), T.ivector("y")
    names = ("W", "b", "V", "c")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W, b, V, c = parameters
    random = RandomStreams(seed=29)

    hidden = T.nnet.relu(T.dot(x, W) + b)
    mask = random.binomial(size=hidden.shape, p=KEPT, dtype="float64")
    noisy = T.nnet.softmax(T.dot(hidden * mask / KEPT, V) + c)
    cost = T.nnet.categorical_crossentropy(noisy, y).mean()
    updates = []
    for p, slope in zip(parameters, T.grad(cost, parameters), strict=True):
        speed = theano.shared(p.get_value() * 0, name=f"speed of {p.name}")
        faster = MOMENTUM * speed - RATE * slope
        updates += [(speed, faster), (p, p + faster)]
    first = T.lscalar("first")
    rows = slice(first, first + BATCH)
    train = theano.function(
        [first], [cost, mask], updates=updates, givens={x: data_x[rows], y: data_y[rows]}
    )
    whole = T.dot(hidden, V) + c
    error = theano.function([x, y], T.neq(whole.argmax(axis=1), y).mean(), name="error")

    costs, masks = [], []
    for _ in range(epochs):
        for start in range(0, len(learn_x), BATCH):
            paid, drawn = train(start)
            costs.append(float(paid))
            masks.append(drawn)
    wrong = float(error(test_x, test_y))
    return Learned([p.get_value() for p in parameters], costs, masks, wrong)


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.3f} -> {np.mean(learned.costs[-28:]):.3f}")
    print(f"misread in the test: {learned.error:.1%}")
