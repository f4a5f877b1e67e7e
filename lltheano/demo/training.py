"""Running the demonstration to its end: compile, learn, stop in time, test once.

The split is honest: batches come from the rows of TRAIN, the epoch to stop at and the weights to
keep are chosen on the rows of VALIDATE, and the rows of TEST are read once, with those weights.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lltheano.demo.digits import (
    BATCH,
    TEST,
    TRAIN,
    VALIDATE,
    Model,
    compile_evaluate,
    compile_train,
    split_digits,
    write_down,
)
from lltheano.function import Function
from lltheano.runtime.native_code import native_code

__all__ = ["PATIENCE", "Epoch", "Outcome", "Setup", "learn", "set_up"]

PATIENCE: Final = 10
"""Epochs without a lower cost in the validation rows after which learning stops."""

_LEAST_GAIN: Final = 1e-4


@dataclass(frozen=True)
class Setup:
    """A model with its compiled functions, and the seconds that each took to make.

    `compile_seconds` has "start-up" (loading LLVM and the run time, once in a process), "train" and
    "evaluate".
    """

    model: Model
    train: Function
    evaluate: Function
    compile_seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the training rows came to; `seconds` are those of the pass alone."""

    number: int
    train_cost: float
    validation_cost: float
    validation_error: float
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What was learned.

    Attributes
    ----------
    epochs
        All epochs that were run.
    best
        The one whose weights were kept.
    test_cost, test_error
        In the test rows, with those weights.
    W, b
        The weights.
    """

    epochs: tuple[Epoch, ...]
    best: Epoch
    test_cost: float
    test_error: float
    W: NDArray[Any]
    b: NDArray[Any]

    @property
    def seconds_per_epoch(self) -> float:
        """The median time of a pass over the training rows."""
        return float(np.median([epoch.seconds for epoch in self.epochs]))


def set_up(seed: int) -> Setup:
    """Load the digits and compile the two functions."""
    seconds: dict[str, float] = {}

    def timed(name: str, make: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = make()
        seconds[name] = time.perf_counter() - start
        return result

    timed("start-up", native_code)
    model = write_down(*split_digits(seed))
    train = timed("train", lambda: compile_train(model))
    evaluate = timed("evaluate", lambda: compile_evaluate(model))
    return Setup(model, train, evaluate, seconds)


def learn(setup: Setup, epochs: int, report: Callable[[Epoch], object]) -> Outcome:
    """Learn for so many epochs at most; `report` is called after each.

    ValueError when `epochs` is not at least 1.
    """
    if epochs < 1:
        raise ValueError(f"learning takes at least one epoch, got {epochs}")
    weights, biases = setup.model.W, setup.model.b
    past: list[Epoch] = []
    best, kept = None, (weights.get_value(), biases.get_value())
    for number in range(1, epochs + 1):
        epoch = _run_epoch(setup, number)
        past.append(epoch)
        report(epoch)
        if best is None or epoch.validation_cost < best.validation_cost - _LEAST_GAIN:
            best, kept = epoch, (weights.get_value(), biases.get_value())
        elif number - best.number >= PATIENCE:
            break
    assert best is not None
    weights.set_value(kept[0])
    biases.set_value(kept[1])
    test_cost, test_error = setup.evaluate(TEST.start, TEST.stop)
    return Outcome(tuple(past), best, float(test_cost), float(test_error), *kept)


def _run_epoch(setup: Setup, number: int) -> Epoch:
    train = setup.train
    start = time.perf_counter()
    costs = [train(index) for index in range(len(TRAIN) // BATCH)]
    seconds = time.perf_counter() - start
    cost, error = setup.evaluate(VALIDATE.start, VALIDATE.stop)
    return Epoch(number, float(np.mean(costs)), float(cost), float(error), seconds)
