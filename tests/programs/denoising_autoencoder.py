"""A denoising autoencoder (Vincent et al. 2008) with tied weights restores spoiled digits."""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from tests.programs.digits import Array, load_digits

HIDDEN, BATCH = 48, 50
RATE, SPOILED = 0.5, 0.3
EPOCHS = 40


@dataclass
class Learned:
    """Parameters, the costs, what pixels each step kept, and the mean squared error of a pixel of
    spoiled test images: as they are, and restored.
    """

    parameters: list[Array]
    costs: list[float]
    masks: list[Array]
    before: float
    after: float


def first_parameters() -> list[Array]:
    """Weights for both directions, the bias of the hidden units, and that of the pixels."""
    rng = np.random.default_rng(6)
    return [rng.uniform(-0.3, 0.3, (64, HIDDEN)), np.zeros(HIDDEN), np.zeros(64)]


def run(epochs: int = EPOCHS) -> Learned:
    """Learn, then restore what is spoiled in other images."""
    learn, _, test, _ = load_digits()
    data = theano.shared(learn, name="data")
    x = T.dmatrix("x")
    names = ("W", "b", "c")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W, b, c = parameters
    random = RandomStreams(seed=31)

    mask = random.binomial(size=x.shape, n=1, p=1 - SPOILED, dtype="float64")
    hidden = T.nnet.sigmoid(T.dot(x * mask, W) + b)
    restored = T.nnet.sigmoid(T.dot(hidden, W.T) + c)
    cost = T.nnet.binary_crossentropy(restored, x).sum(axis=1).mean()
    updates = [
        (p, p - RATE / 8 * slope)
        for p, slope in zip(parameters, T.grad(cost, parameters), strict=True)
    ]
    first = T.lscalar("first")
    train = theano.function(
        [first], [cost, mask], updates=updates, givens={x: data[first : first + BATCH]}
    )
    errors = theano.function([x], [T.sqr(x * mask - x).mean(), T.sqr(restored - x).mean()])

    costs, masks = [], []
    for _ in range(epochs):
        for start in range(0, len(learn), BATCH):
            paid, drawn = train(start)
            costs.append(float(paid))
            masks.append(drawn)
    before, after = (float(value) for value in errors(test))
    return Learned([p.get_value() for p in parameters], costs, masks, before, after)


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.1f} -> {np.mean(learned.costs[-28:]):.1f}")
    print(f"squared error of a spoiled pixel {learned.before:.3f} -> {learned.after:.3f}")
