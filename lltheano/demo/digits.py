"""Softmax regression on handwritten digits, as a program for LLTheano is written.

This is tutorial code: read it from top to bottom. The data go into two shared variables once; a
call of a compiled function passes nothing but row numbers, and `givens` puts the rows in the place
of the symbolic inputs. One call of `train` is a whole step of learning: it slices a batch, computes
the cost and its gradients, and updates the weights.

>>> model = write_down(*split_digits(seed=0))
>>> train = compile_train(model)
>>> float(train(0).round(4)), float(train(1)) < 2.3
(2.3026, True)
"""
# ruff: noqa: N806 - W is what everybody calls the weights.

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano.config import config
from lltheano.data import load_optdigits
from lltheano.function import Function, function
from lltheano.shared import TensorSharedVariable, shared
from lltheano.tensor import TensorVariable

__all__ = [
    "BATCH",
    "RATE",
    "TEST",
    "TRAIN",
    "VALIDATE",
    "Model",
    "compile_evaluate",
    "compile_train",
    "split_digits",
    "write_down",
]

TRAIN: Final = range(1200)
"""The rows that are learned from."""

VALIDATE: Final = range(1200, 1400)
"""The rows that decide when to stop."""

TEST: Final = range(1400, 1797)
"""The rows that are looked at once, at the very end."""

BATCH: Final = 50
RATE: Final = 0.5


@dataclass(frozen=True)
class Model:
    """A graph: nothing is computed yet.

    Attributes
    ----------
    data_x, data_y
        All images, one a row, and what digit each is: shared variables.
    W, b
        What is learned: the weights, 64 pixels by 10 digits, and a bias for each digit.
    x, y
        Stand for the rows that a function works on.
    cost, error
        The mean cross-entropy, and the share of misread digits, in those rows.
    """

    data_x: TensorSharedVariable
    data_y: TensorSharedVariable
    W: TensorSharedVariable
    b: TensorSharedVariable
    x: TensorVariable
    y: TensorVariable
    cost: TensorVariable
    error: TensorVariable


def split_digits(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The images and labels in an order that depends on `seed` alone.

    The file is sorted by writer, so rows must be mixed before they are split into parts.
    """
    images, labels = load_optdigits()
    order = np.random.default_rng(seed).permutation(len(images))
    return images[order], labels[order]


def write_down(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Model:
    """Softmax regression: the most probable digit is a linear function of the pixels."""
    # Images in `floatX`, float64 unless it is set otherwise, with pixels from 0 to 1.
    data_x = shared(np.asarray(images / 16, config.floatX), name="data_x")
    data_y = shared(labels.astype(np.int32), name="data_y")
    W = shared(np.zeros((64, 10), config.floatX), name="W")
    b = shared(np.zeros(10, config.floatX), name="b")

    x = T.matrix("x")
    y = T.ivector("y")
    p = T.nnet.softmax(T.dot(x, W) + b)  # a row of ten probabilities for each image
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    error = T.mean(T.neq(T.argmax(p, axis=1), y))
    return Model(data_x, data_y, W, b, x, y, cost, error)


def compile_train(model: Model) -> Function:
    """`train(index)` learns from batch number `index` and returns what it cost before."""
    W, b, n = model.W, model.b, BATCH
    gW, gb = T.grad(model.cost, [W, b])
    index = T.lscalar("index")
    return function(
        [index],
        model.cost,
        updates=[(W, W - RATE * gW), (b, b - RATE * gb)],
        givens={
            model.x: model.data_x[index * n : (index + 1) * n],
            model.y: model.data_y[index * n : (index + 1) * n],
        },
        name="train",
    )


def compile_evaluate(model: Model) -> Function:
    """`evaluate(first, last)` returns cost and error in the rows from `first` up to `last`."""
    first, last = T.lscalar("first"), T.lscalar("last")
    return function(
        [first, last],
        [model.cost, model.error],
        givens={model.x: model.data_x[first:last], model.y: model.data_y[first:last]},
        name="evaluate",
    )
