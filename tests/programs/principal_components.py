"""Principal components of digits by power iteration, one after another.

A step of the iteration stops itself: by `ifelse` a vector that has settled is handed on as it is,
and the product with the data, which costs most, is not computed.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.ifelse import ifelse
from tests.programs.digits import Array, load_digits

COMPONENTS, MOST, ENOUGH = 3, 2000, 1e-12


@dataclass
class Components:
    """Directions, a row each; the variance along each; and the steps that each took."""

    directions: Array
    variances: Array
    steps: list[int]


def centred() -> Array:
    """The digits' pixels with mean 0."""
    x, *_ = load_digits()
    return np.asarray(x - x.mean(axis=0))


def run() -> Components:
    """Iterate, then take the component out of the data, and iterate again."""
    data = theano.shared(centred(), name="data")
    direction = theano.shared(np.zeros(64), name="direction")
    change = theano.shared(np.inf, name="change")
    steps = theano.shared(0, name="steps")

    moved = T.dot(data.T, T.dot(data, direction))
    moved = moved / T.sqrt((moved**2).sum())
    settled = T.le(change, ENOUGH)
    unchanged = [direction, change, steps]
    following = [moved, T.abs_(moved - direction).max(), steps + 1]
    step = theano.function(
        [],
        settled,
        updates=list(zip(unchanged, ifelse(settled, unchanged, following), strict=True)),
        name="step",
    )
    along = T.dot(data, direction)
    take_out = theano.function(
        [],
        (along**2).mean(),
        updates=[(data, data - T.outer(along, direction))],
        name="take_out",
    )

    directions, variances, taken = [], [], []
    for component in range(COMPONENTS):
        direction.set_value(np.eye(64)[20 + component])
        change.set_value(np.inf)
        steps.set_value(0)
        for _ in range(MOST):
            if step():
                break
        directions.append(direction.get_value())
        variances.append(float(take_out()))
        taken.append(int(steps.get_value()))
    return Components(np.stack(directions), np.array(variances), taken)


if __name__ == "__main__":
    components = run()
    for variance, taken in zip(components.variances, components.steps, strict=True):
        print(f"variance {variance:.4f} after {taken} steps")
