"""Hamiltonian Monte Carlo (Neal 2011): samples of a density of which only a formula is known.

A walk of leapfrog steps is one scan; a scan with `until` finds a first step size (Hoffman and
Gelman 2014, algorithm 4); `givens` puts the state of the chains in the place of the position that
the formulas are written for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.loops import until
from lltheano.random import RandomStreams
from tests.programs.digits import Array

CHAINS, STEPS = 200, 5
SAMPLES, SETTLE = 150, 30
COVARIANCE = np.array([[1.0, 0.8, 0.0], [0.8, 2.0, -0.5], [0.0, -0.5, 0.5]])
PRECISION = np.linalg.inv(COVARIANCE)

Energy = Callable[[T.TensorVariable], T.TensorVariable]


@dataclass
class Move:
    """What a call of `sample` drew and did: momenta, uniform numbers, positions after."""

    momenta: Array
    uniforms: Array
    positions: Array


@dataclass
class Sampled:
    """The size of a step, the moves, and the share of them that were accepted."""

    size: float
    moves: list[Move]
    accepted: float


def energy(q: T.TensorVariable) -> T.TensorVariable:
    """That of a normal density, for each row of `q`."""
    return (T.dot(q, PRECISION) * q).sum(axis=1) / 2


def leapfrog(
    q: T.TensorVariable, p: T.TensorVariable, size: T.TensorVariable
) -> tuple[T.TensorVariable, T.TensorVariable]:
    """A step of the motion, which conserves energy to the second order."""

    def force(q: T.TensorVariable) -> T.TensorVariable:
        return -T.grad(energy(q).sum(), q)

    p = p + size / 2 * force(q)
    q = q + size * p
    return q, p + size / 2 * force(q)


def hamiltonian(q: T.TensorVariable, p: T.TensorVariable) -> T.TensorVariable:
    """Energy of position and of momentum, a row each."""
    return energy(q) + (p**2).sum(axis=1) / 2


def find_size(q: T.TensorVariable, p: T.TensorVariable) -> T.TensorVariable:
    """Halve the step until a first one is likelier than not to be accepted."""

    def halve(size: T.TensorVariable) -> tuple[T.TensorVariable, until]:
        after = hamiltonian(*leapfrog(q, p, size / 2))
        likely = T.exp(hamiltonian(q, p) - after).clip(0, 1).mean()
        return size / 2, until(likely > 0.8)

    sizes, _ = theano.scan(halve, outputs_info=16.0, n_steps=60)
    last: T.TensorVariable = sizes[-1]
    return last


def run(samples: int = SAMPLES) -> Sampled:
    """Find a step size, then sample."""
    random = RandomStreams(seed=23)
    position = theano.shared(np.ones((CHAINS, 3)), name="position")
    size = theano.shared(0.0, name="size")
    q = T.dmatrix("q")
    p = random.normal((CHAINS, 3))

    prepare = theano.function([], updates=[(size, find_size(q, p))], givens={q: position})

    (positions, momenta), _ = theano.scan(
        leapfrog,
        outputs_info=[q, p],
        non_sequences=size,
        n_steps=STEPS,
    )
    uniforms = random.uniform((CHAINS,))
    accept = T.log(uniforms) < hamiltonian(q, p) - hamiltonian(positions[-1], momenta[-1])
    following = T.switch(accept.dimshuffle(0, "x"), positions[-1], q)
    sample = theano.function(
        [],
        [p, uniforms, following, accept.mean()],
        updates=[(position, following)],
        givens={q: position},
        name="sample",
    )

    prepare()
    moves, accepted = [], []
    for _ in range(samples):
        *move, share = sample()
        moves.append(Move(*move))
        accepted.append(float(share))
    return Sampled(float(size.get_value()), moves, float(np.mean(accepted)))


if __name__ == "__main__":
    sampled = run()
    settled = np.concatenate([move.positions for move in sampled.moves[SETTLE:]])
    print(f"step {sampled.size}, accepted {sampled.accepted:.0%}")
    print(np.cov(settled.T).round(1))
