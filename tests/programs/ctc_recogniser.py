"""A recogniser of sequences: what was said, without being told when (Graves et al. 2006).

Each symbol is said for a random number of times, as a noisy vector of its own. A recurrent network
gives scores for each time; the loss adds up all alignments of the labels.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.ctc import ctc
from tests.programs.digits import Array

SYMBOLS, LABELS, TIMES, BATCH, HIDDEN = 4, 3, 14, 16, 24
RATE = 0.01
STEPS = 150


@dataclass
class Learned:
    """Parameters, the loss of a sequence before each step, and the share of new sequences of which
    a symbol is wrong.
    """

    parameters: list[Array]
    costs: list[float]
    error: float


def utterances(seed: int) -> tuple[Array, Array, Array]:
    """Sounds (times, sequences, symbols), the symbols said, from 1, and the lengths."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(1, SYMBOLS + 1, (BATCH, LABELS))
    sounds = 0.2 * rng.standard_normal((TIMES, BATCH, SYMBOLS))
    lengths = np.zeros(BATCH, "int64")
    for n in range(BATCH):
        time = 0
        for symbol in labels[n]:
            spell = int(rng.integers(2, 4))
            sounds[time : time + spell, n, symbol - 1] += 1
            time += spell + 1
        lengths[n] = time
    return sounds, labels, lengths


def first_parameters() -> list[Array]:
    """Weights of the state, and of the scores: a blank and the symbols."""
    rng = np.random.default_rng(13)
    size = SYMBOLS + HIDDEN
    return [
        rng.normal(0, 1 / np.sqrt(size), (size, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, SYMBOLS + 1)),
        np.zeros(SYMBOLS + 1),
    ]


def read_out(best: Array, length: int) -> list[int]:
    """The symbols of a path of the best scores: without repetitions, then without blanks."""
    path = best[:length]
    kept = [symbol for k, symbol in enumerate(path) if k == 0 or symbol != path[k - 1]]
    return [int(symbol) for symbol in kept if symbol]


def run(steps: int = STEPS) -> Learned:
    """Learn from new sequences at each step, by RMSprop."""
    x, labels, lengths = T.dtensor3("x"), T.lmatrix("labels"), T.lvector("lengths")
    names = ("W", "b", "V", "c")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W, b, V, c = parameters

    def step(sound: T.TensorVariable, h: T.TensorVariable) -> T.TensorVariable:
        return T.tanh(T.dot(T.concatenate([sound, h], axis=1), W) + b)

    states, _ = theano.scan(step, sequences=x, outputs_info=T.zeros((x.shape[1], HIDDEN)))
    scores = T.dot(states, V) + c
    cost = ctc(scores, labels, lengths).mean()
    updates = []
    for p, slope in zip(parameters, T.grad(cost, parameters), strict=True):
        square = theano.shared(p.get_value() * 0)
        scale = 0.9 * square + 0.1 * slope**2
        updates += [(square, scale), (p, p - RATE * slope / T.sqrt(scale + 1e-6))]
    train = theano.function([x, labels, lengths], cost, updates=updates, name="train")
    best = theano.function([x], scores.argmax(axis=2), name="best")

    costs = [float(train(*utterances(seed))) for seed in range(steps)]
    wrong = []
    for seed in range(10_000, 10_010):
        sounds, said, times = utterances(seed)
        heard = best(sounds)
        wrong += [read_out(heard[:, n], times[n]) != said[n].tolist() for n in range(BATCH)]
    return Learned([p.get_value() for p in parameters], costs, float(np.mean(wrong)))


if __name__ == "__main__":
    learned = run()
    print(f"loss of a sequence: {learned.costs[0]:.2f} -> {np.mean(learned.costs[-10:]):.3f}")
    print(f"new sequences with a wrong symbol: {learned.error:.1%}")
