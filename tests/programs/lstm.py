"""Long short-term memory (Hochreiter and Schmidhuber 1997) by scan, learned by Adam.

The first vector of a sequence is one of four symbols, all later ones are noise; at the end the
network says which symbol it was.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.shared import TensorSharedVariable
from tests.programs.digits import Array

LENGTH, BATCH, SYMBOLS, HIDDEN = 20, 32, 4, 24
RATE, DECAY, DECAY_OF_SQUARES, TINY = 0.01, 0.9, 0.999, 1e-8
STEPS = 200


@dataclass
class Learned:
    """The parameters, the cost before each step, and the share of wrong answers in the end."""

    parameters: list[Array]
    costs: list[float]
    error: float


def first_parameters() -> list[Array]:
    """Weights and bias of the four gates (in, forget, out, cell), and those of the answer."""
    rng = np.random.default_rng(5)
    size = SYMBOLS + HIDDEN
    bias = np.zeros(4 * HIDDEN)
    bias[HIDDEN : 2 * HIDDEN] = 1  # what is remembered stays, to begin with
    return [
        rng.normal(0, 1 / np.sqrt(size), (size, 4 * HIDDEN)),
        bias,
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, SYMBOLS)),
        np.zeros(SYMBOLS),
    ]


def sequences(seed: int) -> tuple[Array, Array]:
    """Sequences, time by batch by symbols, and the symbol that each begins with."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, SYMBOLS, BATCH)
    x = 0.1 * rng.standard_normal((LENGTH, BATCH, SYMBOLS))
    x[0] = np.eye(SYMBOLS)[y]
    return x, y.astype("int64")


def adam(
    cost: T.TensorVariable, parameters: list[TensorSharedVariable]
) -> list[tuple[T.TensorVariable, T.TensorVariable]]:
    """The updates of Kingma and Ba (2015), algorithm 1."""
    count = theano.shared(0.0, name="count")
    t = count + 1
    updates: list[tuple[T.TensorVariable, T.TensorVariable]] = [(count, t)]
    for p, slope in zip(parameters, T.grad(cost, parameters), strict=True):
        mean = theano.shared(p.get_value() * 0, name=f"mean of {p.name}")
        square = theano.shared(p.get_value() * 0, name=f"square of {p.name}")
        m = DECAY * mean + (1 - DECAY) * slope
        v = DECAY_OF_SQUARES * square + (1 - DECAY_OF_SQUARES) * slope**2
        step = RATE * (m / (1 - DECAY**t)) / (T.sqrt(v / (1 - DECAY_OF_SQUARES**t)) + TINY)
        updates += [(mean, m), (square, v), (p, p - step)]
    return updates


def run(steps: int = STEPS) -> Learned:
    """Learn from new sequences at each step."""
    x, y = T.dtensor3("x"), T.lvector("y")
    names = ("W", "b", "V", "c")
    parameters = [
        theano.shared(value, name=name)
        for value, name in zip(first_parameters(), names, strict=True)
    ]
    W, b, V, c = parameters

    def step(
        x_t: T.TensorVariable, h: T.TensorVariable, cell: T.TensorVariable
    ) -> list[T.TensorVariable]:
        gates = T.dot(T.concatenate([x_t, h], axis=1), W) + b
        enters, stays, leaves = (
            T.nnet.sigmoid(gates[:, gate * HIDDEN : (gate + 1) * HIDDEN]) for gate in range(3)
        )
        cell = stays * cell + enters * T.tanh(gates[:, 3 * HIDDEN :])
        return [leaves * T.tanh(cell), cell]

    nothing = T.zeros((x.shape[1], HIDDEN))
    (states, _), _ = theano.scan(step, sequences=x, outputs_info=[nothing, nothing])
    answer = T.nnet.softmax(T.dot(states[-1], V) + c)
    cost = T.nnet.categorical_crossentropy(answer, y).mean()
    train = theano.function([x, y], cost, updates=adam(cost, parameters), name="train")
    error = theano.function([x, y], T.neq(answer.argmax(axis=1), y).mean(), name="error")

    costs = [float(train(*sequences(seed))) for seed in range(steps)]
    wrong = float(np.mean([error(*sequences(10_000 + seed)) for seed in range(10)]))
    return Learned([p.get_value() for p in parameters], costs, wrong)


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.3f} -> {learned.costs[-1]:.4f}")
    print(f"wrong answers to new sequences: {learned.error:.1%}")
