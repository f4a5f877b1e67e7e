"""A character model: a gated recurrent network (Cho et al. 2014) learns to go on in a text.

Learning is by whole lines at once; what it writes is drawn letter by letter inside a scan.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from tests.programs.digits import Array

TEXT = (
    "a graph of arrays is written down before it is run. "
    "what is shared is kept between the calls of a function. "
    "a call is one step, and changes everything or nothing. "
    "the loops of a graph are run by the machine itself. "
) * 3
LETTERS = sorted(set(TEXT))
LENGTH, BATCH, HIDDEN = 30, 16, 64
RATE = 0.01
STEPS = 250


@dataclass
class Learned:
    """The parameters, the cost of a letter before each step (nats), and what it writes."""

    parameters: list[Array]
    costs: list[float]
    written: str


def first_parameters() -> list[Array]:
    """Weights of update gate, reset gate and candidate, from the letter and from the state, with
    biases; then those of the next letter.
    """
    rng = np.random.default_rng(9)
    count = len(LETTERS)
    return [
        rng.normal(0, 0.3, (count, 3 * HIDDEN)),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, 2 * HIDDEN)),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, HIDDEN)),
        np.zeros(3 * HIDDEN),
        rng.normal(0, 0.1, (HIDDEN, count)),
        np.zeros(count),
    ]


def extracts(seed: int) -> Array:
    """Pieces of the text as numbers of letters, LENGTH + 1 by BATCH."""
    numbers = np.array([LETTERS.index(letter) for letter in TEXT])
    starts = np.random.default_rng(seed).integers(0, len(numbers) - LENGTH, BATCH)
    return np.stack([numbers[start : start + LENGTH + 1] for start in starts], axis=1)


def run(steps: int = STEPS) -> Learned:
    """Learn by steps of RMSprop, then write."""
    parameters = [theano.shared(value, name=f"p{k}") for k, value in enumerate(first_parameters())]
    E, U, C, b, V, c = parameters
    text = T.lmatrix("text")

    def step(letter: T.TensorVariable, h: T.TensorVariable) -> T.TensorVariable:
        given = E[letter] + b
        gates = T.nnet.sigmoid(given[:, : 2 * HIDDEN] + T.dot(h, U))
        keep, reset = gates[:, :HIDDEN], gates[:, HIDDEN:]
        new = T.tanh(given[:, 2 * HIDDEN :] + T.dot(reset * h, C))
        return keep * h + (1 - keep) * new

    states, _ = theano.scan(
        step, sequences=text[:-1], outputs_info=T.zeros((text.shape[1], HIDDEN))
    )
    logits = T.dot(states, V) + c
    p = T.nnet.softmax(logits.reshape((-1, len(LETTERS))))
    cost = T.nnet.categorical_crossentropy(p, text[1:].flatten()).mean()
    updates = []
    for parameter, slope in zip(parameters, T.grad(cost, parameters), strict=True):
        square = theano.shared(parameter.get_value() * 0)
        scale = 0.9 * square + 0.1 * slope**2
        change = RATE * slope / T.sqrt(scale + 1e-6)
        updates += [(square, scale), (parameter, parameter - change)]
    train = theano.function([text], cost, updates=updates, name="train")

    random = RandomStreams(seed=41)

    def write(letter: T.TensorVariable, h: T.TensorVariable) -> list[T.TensorVariable]:
        h = step(letter, h)
        drawn = random.multinomial(pvals=T.nnet.softmax(2 * (T.dot(h, V) + c)), dtype="int64")
        return [drawn.argmax(axis=1), h]

    start = T.lvector("start")
    (letters, _), drawn = theano.scan(
        write, outputs_info=[start, T.zeros((start.shape[0], HIDDEN))], n_steps=120
    )
    writes = theano.function([start], letters[:, 0], updates=drawn, name="writes")

    costs = [float(train(extracts(seed))) for seed in range(steps)]
    numbers = writes([LETTERS.index("a")])
    written = "a" + "".join(LETTERS[number] for number in numbers)
    return Learned([p.get_value() for p in parameters], costs, written)


if __name__ == "__main__":
    learned = run()
    print(f"nats of a letter: {learned.costs[0]:.2f} -> {learned.costs[-1]:.2f}")
    print(learned.written)
