"""The plan of a call's memory says what the pool is then asked for, and nothing more is drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Function, function, scan, shared, sparse
from lltheano.runtime import pool
from tests.garbage import collect_garbage

Case = tuple[Function[Any], tuple[Any, ...]]


def _chain(rng: np.random.Generator) -> Case:
    x = h = T.dvector("x")
    for _ in range(10):
        h = T.tanh(h * 1.1) + 1
    return function([x], h), (rng.normal(size=100_000),)


def _training_step(rng: np.random.Generator) -> Case:
    x, y = T.fmatrix("x"), T.lvector("y")
    w = shared(rng.normal(size=(64, 32)).astype("float32"), "w")
    v = shared(rng.normal(size=(32, 10)).astype("float32"), "v")
    p = T.nnet.softmax(T.dot(T.nnet.relu(T.dot(x, w)), v))
    cost = T.nnet.categorical_crossentropy(p, y).mean()
    steps = zip((w, v), T.grad(cost, [w, v]), strict=True)
    updates = [(one, one - np.float32(0.1) * slope) for one, slope in steps]
    step = function([x, y], cost, updates=updates)
    return step, (rng.normal(size=(128, 64)).astype("float32"), np.zeros(128, "int64"))


def _scan(rng: np.random.Generator) -> Case:
    x = T.dvector("x")
    found, updates = scan(lambda a: T.tanh(a) + T.sort(a), outputs_info=x, n_steps=20)
    return function([x], found[-1], updates=updates), (rng.normal(size=5000),)


def _sorts(rng: np.random.Generator) -> Case:
    x = T.dvector("x")
    return function([x], [T.argsort(x), T.sort(x)]), (rng.normal(size=20_000),)


def _decomposition(rng: np.random.Generator) -> Case:
    m = T.dmatrix("m")
    return function([m], T.nlinalg.svd(m)), (rng.normal(size=(80, 50)),)


def _convolution(rng: np.random.Generator) -> Case:
    images, filters = T.ftensor4("images"), T.ftensor4("filters")
    made = T.nnet.relu(T.nnet.conv2d(images, filters))
    shapes = (4, 3, 20, 20), (8, 3, 5, 5)
    return function([images, filters], made), tuple(
        rng.normal(size=one).astype("float32") for one in shapes
    )


def _transform(rng: np.random.Generator) -> Case:
    x = T.dmatrix("x")
    return function([x], T.fft.rfft(x)), (rng.normal(size=(8, 1000)),)


def _columns(rng: np.random.Generator) -> Case:
    m = T.dmatrix("m")
    return function([m], m.sum(axis=0)), (rng.normal(size=(500, 3000)),)


CASES: dict[str, Callable[[np.random.Generator], Case]] = {
    "ten operations": _chain,
    "a training step": _training_step,
    "a scan": _scan,
    "sorts": _sorts,
    "a decomposition": _decomposition,
    "a convolution": _convolution,
    "a transform": _transform,
    "sums of columns": _columns,
}


TOLD_BY_THE_RUN = {"a transform"}
"""Cases whose work space has a size that is computed from the factors of a length."""


@pytest.mark.parametrize("name", CASES)
def test_the_plan_is_what_the_pool_is_asked_for(name: str, rng: np.random.Generator) -> None:
    step, arguments = CASES[name](rng)
    step(*arguments)
    collect_garbage()
    before = pool.statistics().in_use
    pool.reset_peak()
    step(*arguments)
    drawn = pool.statistics().peak - before
    plan = step.memory_plan(*arguments)
    assert plan.is_complete == (name not in TOLD_BY_THE_RUN)
    assert plan.peak_bytes <= drawn
    # The pool rounds each block up: by a quarter at most, and small ones to a line.
    rounded = 1.25 * plan.peak_bytes + 128 * len(plan.blocks)
    assert drawn <= rounded or not plan.is_complete
    assert step.memory_plan(*(np.shape(one) for one in arguments)) == plan


@pytest.mark.parametrize("name", CASES)
def test_calls_of_known_sizes_ask_the_system_for_nothing(
    name: str, rng: np.random.Generator
) -> None:
    step, arguments = CASES[name](rng)
    for _ in range(2):
        step(*arguments)
    before = pool.statistics().misses
    for _ in range(5):
        step(*arguments)
    assert pool.statistics().misses == before


def test_ten_operations_take_one_output(rng: np.random.Generator) -> None:
    step, (x,) = _chain(rng)
    plan = step.memory_plan(x)
    assert plan.peak_bytes == x.nbytes == plan.total("output")


def test_a_plan_is_a_table() -> None:
    x = T.dmatrix("x")
    plan = function([x], T.exp(x).sum(axis=1)).memory_plan(x=(1000, 50))
    *rows, last = str(plan).splitlines()
    assert rows[-1].split() == ["output", "out0", "f64[1000]", "8,000"]
    assert last == "at most 8,000 bytes at a time"


def test_what_depends_on_elements_is_not_known() -> None:
    x = T.dvector("x")
    plan = function([x], x[T.nonzero(x > 0)[0]]).memory_plan((10,))
    assert not plan.is_complete
    assert "what only a call can tell" in str(plan)


def test_shared_variables_count_with_the_shapes_that_they_have() -> None:
    w = shared(np.zeros(1000), "w")
    read = function([], w * 2)
    assert read.memory_plan().peak_bytes == 8000
    w.set_value(np.zeros(10))
    assert read.memory_plan().peak_bytes == 80


def test_arguments_that_cannot_be_planned_for() -> None:
    x, a = T.dmatrix("x"), sparse.csr_matrix("a")
    plain = function([x], x.sum(axis=0), name="plain")
    with pytest.raises(ValueError, match=r"plain\(\): x has 2 axes, got the shape \(3,\)"):
        plain.memory_plan((3,))
    with pytest.raises(TypeError, match="missing"):
        plain.memory_plan()
    product = function([a, x], sparse.structured_dot(a, x), name="product")
    with pytest.raises(
        TypeError, match=r"product\(\): the memory .* it is sparse, or a Python object"
    ):
        product.memory_plan((3, 4), (4, 5))
