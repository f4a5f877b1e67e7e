"""Gradients of what moves, repeats and picks elements, against central differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from tests.lltheano.evaluation import assert_gradient, evaluate

MASK = T.constant([True, False, True])

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "mask": lambda x: x[MASK],
    "mask of all": lambda x: x[x > 0],
    "mask and array": lambda x: x[MASK, [0, 3]],
    "mask without axes": lambda x: x[T.constant(True)],
    "set mask": lambda x: T.set_subtensor(x[MASK], x[:2] ** 2),
    "set mask to one value": lambda x: T.set_subtensor(x[x > 0], x[0, 0]),
    "inc mask": lambda x: T.inc_subtensor(x[:, x[0] > 0], x[1, 1]),
    "set rows twice": lambda x: T.set_subtensor(x[[0, 0, 1]], x * 2),
    "set elements twice": lambda x: T.set_subtensor(x[[0, 1, 0], :, None][:, 2], x[:, :1]),
    "ignore duplicates": lambda x: T.inc_subtensor(x[[0, 0, 1]], x * 2, ignore_duplicates=True),
    "negative step": lambda x: x[::-2, 3:0:-1],
    "apart": lambda x: T.stack([x, x])[[0, 1], :, [2, 2]],
    "transposed part": lambda x: T.inc_subtensor(x[[0, 2]].T, x[:2].T),
    "reshaped part": lambda x: T.set_subtensor(x[:2].reshape((4, 2)), x[0, :2]),
    "take": lambda x: T.take(x, [[1, -1]], axis=1, mode="wrap"),
    "choose": lambda x: T.choose([[0], [1], [0]], [x, x**2]),
    "choose from a table": lambda x: T.choose([2, 0, 1, 1], x),
    "fill_diagonal": lambda x: T.fill_diagonal(x, x[2, 3] ** 2),
    "fill_diagonal_offset": lambda x: T.fill_diagonal_offset(x, x[0, 0], 2),
    "tile": lambda x: T.tile(x, (2, 1, 3)),
    "repeat": lambda x: T.repeat(x, 2, axis=1),
    "repeat by a vector": lambda x: T.repeat(x, [2, 0, 1], axis=0),
    "roll": lambda x: T.roll(x, 5),
    "pad": lambda x: T.pad(x, 2, "reflect"),
    "pad with a value": lambda x: T.pad(x, 1),
    "broadcast_to": lambda x: T.broadcast_to(x, (2, 3, 4)),
    "split": lambda x: T.split(x, [1, 3], 2, axis=1)[1],
    "parts of a split": lambda x: T.outer(*(one[0] for one in T.split(x, [1, 2], 2))),
    "moveaxis": lambda x: T.moveaxis(x, 0, 1),
    "rollaxis": lambda x: T.rollaxis(x, 1),
    "flip": T.flip,
    "squeeze": lambda x: T.squeeze(x[:1], 0),
    "diagonal": lambda x: T.diagonal(x, 1),
    "diag": lambda x: T.diag(x[0], -1),
    "tril": lambda x: T.tril(x, 1),
    "triu": lambda x: T.triu(x, -1),
    "meshgrid": lambda x: T.meshgrid(x[0], x[1])[0] * T.meshgrid(x[0], x[1])[1],
    "linspace": lambda x: T.linspace(x[0, 0], x[1, 1], 4),
    "arange": lambda x: T.arange(x[0, 0] - 2, x[1, 1] + 2, 0.25 + x[0, 0] ** 2 / 16),
    "cpu_contiguous": T.cpu_contiguous,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_a_matrix(name: str, rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    value = FUNCTIONS[name](x)
    values = {x: rng.uniform(0.1, 1, size=(3, 4)) * rng.choice([-1, 1], size=(3, 4))}
    weights = T.constant(rng.normal(size=evaluate(value, values).shape))
    cost = (value * weights).sum()
    assert_gradient(cost, values, x)
