"""Tensors of no elements: what has a natural result has it, and what NumPy refuses is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import evaluate

Case = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _log_sum_exp(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x).sum(1))


CASES: dict[str, Case] = {
    "softmax": (T.nnet.softmax, np.exp),
    "softmax written out": (lambda x: T.exp(x) / T.exp(x).sum(1, keepdims=True), np.exp),
    "log of softmax": (lambda x: T.log(T.nnet.softmax(x)), np.exp),
    "logsoftmax": (T.nnet.logsoftmax, np.exp),
    "softmax_with_bias": (lambda x: T.nnet.softmax_with_bias(x, x.sum(0)), np.exp),
    "cross-entropy": (
        lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), T.nnet.softmax(x)),
        lambda x: x.sum(1),
    ),
    "logsumexp": (lambda x: T.logsumexp(x, axis=1), _log_sum_exp),
    "log of sum of exp": (lambda x: T.log(T.exp(x).sum(1)), _log_sum_exp),
    "sum": (lambda x: x.sum(1), lambda x: x.sum(1)),
    "prod": (lambda x: x.prod(1), lambda x: x.prod(1)),
    "mean": (lambda x: x.mean(1), lambda x: np.full(len(x), np.nan if x.shape[1] == 0 else 0)),
    "norm": (lambda x: x.norm(2, axis=1), lambda x: np.sqrt((x**2).sum(1))),
    "all": (lambda x: T.all(x, axis=1), lambda x: x.all(1)),
    "any": (lambda x: T.any(x, axis=1), lambda x: x.any(1)),
    "cumsum": (lambda x: T.cumsum(x, axis=1), lambda x: x.cumsum(1)),
    "sort": (lambda x: T.sort(x, axis=1), lambda x: np.sort(x, 1)),
    "median": (lambda x: T.median(x, axis=1), lambda x: np.full(len(x), np.nan)),
    "dot": (lambda x: T.dot(x, x.T), lambda x: x @ x.T),
}


def value(x: Any, result: Any, point: Any, compiled: bool) -> Any:
    return function([x], result)(point) if compiled else evaluate(result, {x: point})


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [(2, 0), (0, 3), (0, 0)])
@pytest.mark.parametrize("name", CASES)
def test_results_of_nothing(name: str, shape: tuple[int, int], compiled: bool) -> None:
    x = T.dmatrix("x")
    build, reference = CASES[name]
    result = build(x)
    wanted = reference(np.zeros(shape))
    np.testing.assert_array_equal(value(x, result, np.zeros(shape), compiled), wanted)
    if result.dtype == "float64":
        slope = T.grad(result.sum(), x)
        assert value(x, slope, np.zeros(shape), compiled).shape == shape


@pytest.mark.parametrize("build", [T.max, T.min, T.argmax, T.argmin, T.ptp])
def test_there_is_no_extremum_of_nothing(build: Any) -> None:
    x = T.dmatrix("x")
    run = function([x], build(x, axis=1))
    with pytest.raises(ValueError, match="of no elements does not exist"):
        run(np.zeros((2, 0)))
    assert run(np.zeros((0, 2))).shape == (0,)
