"""The ops of fuzzed steps: how each is written in the tensor language, and what it is in NumPy.

All are smooth, or of slopes that are the same in both forms, and keep numbers near 1. A step deals
with scalars, vectors of one length and square matrices of that length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano import scan
from lltheano.ifelse import ifelse

__all__ = ["STEP_OPS", "StepOp"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class StepOp:
    """An op of a step.

    Attributes
    ----------
    symbolic, numpy
        What it is of operands, in the tensor language and in NumPy.
    ranks
        How many axes each operand has; None is 0 or 1.
    result
        How many axes the result has; None is the most that an operand has.
    """

    symbolic: Callable[..., Any]
    numpy: Callable[..., Any]
    ranks: tuple[int | None, ...]
    result: int | None = None


def _running(x: Any, factor: Any) -> Any:
    """A scan inside the step, which uses what is around it."""
    start = T.zeros_like(factor)
    sums, _ = scan(lambda one, total: T.tanh(one + total * factor), x, start)
    return sums


def _running_numpy(x: Array, factor: Array) -> Array:
    total, rows = np.zeros_like(factor), []
    for one in x:
        total = np.tanh(one + total * factor)
        rows.append(total)
    return np.array(rows, x.dtype)


def _first_replaced(x: Array, new: Array) -> Array:
    result = x.copy()
    result[0] = new
    return result


STEP_OPS: Mapping[str, StepOp] = {
    "mean": StepOp(lambda x, y: (x + y) * _half(x), lambda x, y: (x + y) * _half(x), (None, None)),
    "sub": StepOp(lambda x, y: x - y * _half(x), lambda x, y: x - y * _half(x), (None, None)),
    "mul": StepOp(lambda x, y: x * y, lambda x, y: x * y, (None, None)),
    "tanh": StepOp(T.tanh, np.tanh, (None,)),
    "sin": StepOp(T.sin, np.sin, (None,)),
    "sigmoid": StepOp(T.sigmoid, lambda x: 1 / (1 + np.exp(-x)), (None,)),
    "maximum": StepOp(T.maximum, np.maximum, (None, None)),
    "switch": StepOp(
        lambda c, x, y: T.switch(c > 0, x, y), lambda c, x, y: np.where(c > 0, x, y), (0, 1, 1), 1
    ),
    "ifelse": StepOp(
        lambda c, x, y: ifelse(c > 0, T.tanh(x), x * y),
        lambda c, x, y: np.tanh(x) if c > 0 else x * y,
        (0, 1, 1),
        1,
    ),
    "total": StepOp(lambda x: T.tanh(x.sum()), lambda x: np.tanh(x.sum()), (1,), 0),
    "inner": StepOp(lambda x, y: T.tanh(T.dot(x, y)), lambda x, y: np.tanh(x @ y), (1, 1), 0),
    "product": StepOp(lambda x, w: T.tanh(T.dot(x, w)), lambda x, w: np.tanh(x @ w), (1, 2), 1),
    "transposed": StepOp(
        lambda x, w: T.tanh(T.dot(w.T, T.dot(w, x))),
        lambda x, w: np.tanh(w.T @ (w @ x)),
        (1, 2),
        1,
    ),
    "turned": StepOp(lambda x: x[::-1], lambda x: x[::-1], (1,), 1),
    "last": StepOp(lambda x: x[-1], lambda x: x[-1], (1,), 0),
    "first_replaced": StepOp(lambda x, y: T.set_subtensor(x[0], y), _first_replaced, (1, 0), 1),
    "running": StepOp(_running, _running_numpy, (1, 0), 1),
}
"""Every op that steps use, by the name that recipes are written with."""


def _half(x: Any) -> Any:
    return np.asarray(0.5, x.dtype)
