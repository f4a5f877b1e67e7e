"""A deep belief network (Hinton, Osindero and Teh 2006): layers learned one after another without
labels, then all of them with.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from lltheano.shared import TensorSharedVariable
from tests.programs.digits import Array, load_digits

SIZES = (64, 48, 32)
BATCH, LABELLED = 50, 100
RATE, FINE_RATE = 0.1, 0.3
EPOCHS, FINE_EPOCHS = 20, 200


@dataclass
class Layer:
    """Weights, bias of the visible and of the hidden units: shared variables of one machine."""

    W: TensorSharedVariable
    a: TensorSharedVariable
    b: TensorSharedVariable


@dataclass
class Learned:
    """Weights and biases of the layers before and after the labels were shown; what the first
    layer drew; and the share of misread test digits, with and without layers learned beforehand.
    """

    before: list[Array]
    after: list[Array]
    draws: list[tuple[Array, Array]]
    error: float
    error_without: float


def first_layers() -> list[Layer]:
    """Small weights."""
    rng = np.random.default_rng(12)
    return [
        Layer(
            theano.shared(rng.normal(0, 0.1, (below, above)), name="W"),
            theano.shared(np.zeros(below), name="a"),
            theano.shared(np.zeros(above), name="b"),
        )
        for below, above in pairwise(SIZES)
    ]


def learner(layer: Layer, x: T.TensorVariable, random: RandomStreams) -> theano.Function:
    """A step of contrastive divergence: one from the data to the hidden units and back."""
    up = T.nnet.sigmoid(T.dot(x, layer.W) + layer.b)
    h = random.binomial(size=up.shape, p=up, dtype="float64")
    down = T.nnet.sigmoid(T.dot(h, layer.W.T) + layer.a)
    v = random.binomial(size=down.shape, p=down, dtype="float64")
    again = T.nnet.sigmoid(T.dot(v, layer.W) + layer.b)
    count = x.shape[0]
    updates = [
        (layer.W, layer.W + RATE * (T.dot(x.T, up) - T.dot(v.T, again)) / count),
        (layer.a, layer.a + RATE * (x - v).mean(axis=0)),
        (layer.b, layer.b + RATE * (up - again).mean(axis=0)),
    ]
    return theano.function([x], [h, v], updates=updates, name="learn")


def propagated(layers: list[Layer], x: T.TensorVariable) -> T.TensorVariable:
    """What the layers make of their input."""
    for layer in layers:
        x = T.nnet.sigmoid(T.dot(x, layer.W) + layer.b)
    return x


def pretrain(layers: list[Layer], data: Array, epochs: int) -> list[tuple[Array, Array]]:
    """Learn each layer from what those below it make of the data; tell what the first drew."""
    random = RandomStreams(seed=43)
    x = T.dmatrix("x")
    draws: list[tuple[Array, Array]] = []
    for depth, layer in enumerate(layers):
        make = theano.function([x], propagated(layers[:depth], x))
        learn = learner(layer, x, random)
        below = make(data)
        for _ in range(epochs):
            for start in range(0, len(below), BATCH):
                drawn = learn(below[start : start + BATCH])
                if depth == 0 and len(draws) < len(below) // BATCH:
                    draws.append((drawn[0], drawn[1]))
    return draws


def fine_tune(layers: list[Layer], epochs: int) -> float:
    """Learn all layers, and one that says which digit it is, from a few labelled images."""
    learn_x, learn_y, test_x, test_y = load_digits()
    x, y = T.dmatrix("x"), T.ivector("y")
    V = theano.shared(np.zeros((SIZES[-1], 10)), name="V")
    c = theano.shared(np.zeros(10), name="c")
    p = T.nnet.softmax(T.dot(propagated(layers, x), V) + c)
    cost = T.nnet.categorical_crossentropy(p, y).mean()
    parameters = [V, c, *(p for layer in layers for p in (layer.W, layer.b))]
    slopes = T.grad(cost, parameters)
    updates = [(p, p - FINE_RATE * slope) for p, slope in zip(parameters, slopes, strict=True)]
    train = theano.function([x, y], cost, updates=updates, name="train")
    error = theano.function([x, y], T.neq(p.argmax(axis=1), y).mean(), name="error")
    for _ in range(epochs):
        for start in range(0, LABELLED, 20):
            rows = slice(start, start + 20)
            train(learn_x[rows], learn_y[rows])
    return float(error(test_x, test_y))


def values(layers: list[Layer]) -> list[Array]:
    """All parameters as they are."""
    return [p.get_value() for layer in layers for p in (layer.W, layer.a, layer.b)]


def run(epochs: int = EPOCHS, fine_epochs: int = FINE_EPOCHS) -> Learned:
    """Learn layer by layer, then with labels; and with labels alone."""
    data, *_ = load_digits()
    layers = first_layers()
    draws = pretrain(layers, data, epochs)
    before = values(layers)
    error = fine_tune(layers, fine_epochs)
    return Learned(before, values(layers), draws, error, fine_tune(first_layers(), fine_epochs))


if __name__ == "__main__":
    learned = run()
    print(f"misread in the test: {learned.error:.1%}")
    print(f"without layers learned beforehand: {learned.error_without:.1%}")
