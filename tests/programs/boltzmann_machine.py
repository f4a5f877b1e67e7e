"""A restricted Boltzmann machine, learned by persistent contrastive divergence (Tieleman 2008).

The chains are a shared variable: a call of `train` walks each some steps further, by scan with
random numbers inside, learns from where they are, and keeps them. All of that, or nothing.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from tests.programs.digits import Array, load_digits

HIDDEN, BATCH, WALK = 32, 50, 3
RATE = 0.05
EPOCHS = 50


@dataclass
class Step:
    """What a step of learning drew: hidden units in each step of the walk, then visible ones, with
    the probabilities of these.
    """

    hidden: Array
    visible: Array
    probabilities: Array


@dataclass
class Learned:
    """Weights and biases, the chains, what was drawn in the first steps, and how well a picture of
    the test is restored from the hidden units: the cross-entropy of a pixel before and after.
    """

    W: Array
    visible_bias: Array
    hidden_bias: Array
    chains: Array
    steps: list[Step]
    before: float
    after: float


def pictures() -> tuple[Array, Array]:
    """Digits in black and white, to learn from and to test with."""
    learn, _, test, _ = load_digits(learn=1400)
    return (learn > 0.5).astype("float64"), (test > 0.5).astype("float64")


def first_weights() -> Array:
    """Small weights, 64 visible by HIDDEN units."""
    return np.asarray(np.random.default_rng(11).normal(0, 0.05, (64, HIDDEN)))


def run(epochs: int = EPOCHS, kept: int = 4) -> Learned:
    """Learn; of the first `kept` steps tell what was drawn."""
    learn, test = pictures()
    data = theano.shared(learn, name="data")
    W = theano.shared(first_weights(), name="W")
    a = theano.shared(np.zeros(64), name="a")
    b = theano.shared(np.zeros(HIDDEN), name="b")
    chains = theano.shared(learn[:BATCH], name="chains")
    random = RandomStreams(seed=17)

    def free_energy(v: T.TensorVariable) -> T.TensorVariable:
        return -T.dot(v, a) - T.nnet.softplus(T.dot(v, W) + b).sum(axis=1)

    def gibbs(v: T.TensorVariable) -> list[T.TensorVariable]:
        likely = T.nnet.sigmoid(T.dot(v, W) + b)
        h = random.binomial(size=(BATCH, HIDDEN), p=likely, dtype="float64")
        p = T.nnet.sigmoid(T.dot(h, W.T) + a)
        return [h, random.binomial(size=(BATCH, 64), p=p, dtype="float64"), p]

    (hidden, visible, probabilities), walked = theano.scan(
        gibbs, outputs_info=[None, chains, None], n_steps=WALK
    )
    end = visible[-1]
    v = T.dmatrix("v")
    cost = free_energy(v).mean() - free_energy(end).mean()
    slopes = T.grad(cost, [W, a, b], consider_constant=[end])
    updates = [(p, p - RATE * slope) for p, slope in zip([W, a, b], slopes, strict=True)]
    first = T.lscalar("first")
    train = theano.function(
        [first],
        [hidden, visible, probabilities],
        updates=[*updates, (chains, end), *walked.items()],
        givens={v: data[first : first + BATCH]},
        name="train",
    )
    restored = T.nnet.sigmoid(T.dot(T.nnet.sigmoid(T.dot(v, W) + b), W.T) + a)
    entropy = theano.function([v], T.nnet.binary_crossentropy(restored, v).mean(), name="entropy")

    before = float(entropy(test))
    steps: list[Step] = []
    for _ in range(epochs):
        for start in range(0, len(learn), BATCH):
            drawn = train(start)
            if len(steps) < kept:
                steps.append(Step(*drawn))
    return Learned(
        W.get_value(),
        a.get_value(),
        b.get_value(),
        chains.get_value(),
        steps,
        before,
        float(entropy(test)),
    )


if __name__ == "__main__":
    learned = run()
    print(f"cross-entropy of a restored pixel: {learned.before:.3f} -> {learned.after:.3f}")
