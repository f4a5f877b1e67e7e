"""A convolutional network reads digits: two convolutions, a pooling, a layer of ten."""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.tensor.signal.pool import pool_2d
from tests.programs.digits import Array, load_digits

FIRST, SECOND, BATCH = 8, 16, 50
RATE = 0.1
EPOCHS = 10


@dataclass
class Learned:
    """The parameters, the cost before each step, and the share of misread test digits."""

    parameters: list[Array]
    costs: list[float]
    error: float


def first_parameters() -> list[Array]:
    """Filters (out, in, rows, columns) and biases of both convolutions, and the last layer."""
    rng = np.random.default_rng(4)
    return [
        rng.normal(0, np.sqrt(2 / 9), (FIRST, 1, 3, 3)),
        np.zeros(FIRST),
        rng.normal(0, np.sqrt(2 / (9 * FIRST)), (SECOND, FIRST, 3, 3)),
        np.zeros(SECOND),
        rng.normal(0, np.sqrt(1 / (9 * SECOND)), (9 * SECOND, 10)),
        np.zeros(10),
    ]


def run(epochs: int = EPOCHS) -> Learned:
    """Learn in batches."""
    learn_x, learn_y, test_x, test_y = load_digits()
    data_x, data_y = theano.shared(learn_x, name="data_x"), theano.shared(learn_y, name="data_y")
    x, y = T.dmatrix("x"), T.ivector("y")
    names = ("W1", "b1", "W2", "b2", "W3", "b3")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W1, b1, W2, b2, W3, b3 = parameters

    images = x.reshape((-1, 1, 8, 8))
    maps = T.nnet.relu(
        T.nnet.conv2d(images, W1, border_mode="half") + b1.dimshuffle("x", 0, "x", "x")
    )
    maps = T.nnet.relu(T.nnet.conv2d(maps, W2) + b2.dimshuffle("x", 0, "x", "x"))
    pooled = pool_2d(maps, (2, 2), ignore_border=True)
    p = T.nnet.softmax(T.dot(pooled.flatten(2), W3) + b3)
    cost = T.nnet.categorical_crossentropy(p, y).mean()
    slopes = T.grad(cost, parameters)
    updates = [(p, p - RATE * slope) for p, slope in zip(parameters, slopes, strict=True)]
    first = T.lscalar("first")
    rows = slice(first, first + BATCH)
    train = theano.function(
        [first], cost, updates=updates, givens={x: data_x[rows], y: data_y[rows]}, name="train"
    )
    error = theano.function([x, y], T.neq(p.argmax(axis=1), y).mean(), name="error")

    starts = range(0, len(learn_x), BATCH)
    costs = [float(train(start)) for _ in range(epochs) for start in starts]
    return Learned([p.get_value() for p in parameters], costs, float(error(test_x, test_y)))


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.3f} -> {np.mean(learned.costs[-28:]):.3f}")
    print(f"misread in the test: {learned.error:.1%}")
