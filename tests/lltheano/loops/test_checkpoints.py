"""`scan_checkpoints` gives every N-th value of what `scan` gives, and trades memory for time."""

import time
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, scan, scan_checkpoints, shared
from lltheano.loops import until
from lltheano.runtime import pool


def step(row: Any, before: Any, W: Any) -> Any:
    return T.tanh(row + T.dot(before, W))


@pytest.mark.parametrize(
    ("rows", "every", "padding"),
    [(1, 5, True), (7, 5, True), (10, 5, True), (10, 5, False), (6, 1, True), (3, 9, True)],
)
def test_values_and_gradients(
    rows: int, every: int, padding: bool, rng: np.random.Generator
) -> None:
    x, W = T.dmatrices("x", "W")
    whole, _ = scan(step, x, T.zeros_like(x[0]), W)
    kept, _ = scan_checkpoints(step, x, T.zeros_like(x[0]), W, save_every_N=every, padding=padding)
    results = [[out, *T.grad((out[-1] ** 2).sum(), [x, W])] for out in (whole, kept)]
    data = rng.normal(size=(rows, 3)), rng.normal(size=(3, 3))
    expected, got = (function([x, W], one)(*data) for one in results)
    places = [min(place, rows) - 1 for place in range(every, rows + every, every)]
    np.testing.assert_allclose(got[0], expected[0][places])
    for one, other in zip(got[1:], expected[1:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_symbolic_sizes_several_outputs_and_updates() -> None:
    n, every = T.lscalars("n", "every")
    calls = shared(0, name="calls")
    (first, second), updates = scan_checkpoints(
        lambda a, b: ([a + 1, a * b], {calls: calls + 1}),
        outputs_info=[T.zeros(()), T.ones(())],
        n_steps=n,
        save_every_N=every,
    )
    run = function([n, every], [first, second], updates=updates)
    got, products = run(7, 3)
    np.testing.assert_array_equal(got, [3.0, 6.0, 7.0])
    np.testing.assert_array_equal(products, [0.0, 0.0, 0.0])
    assert int(calls.get_value()) == 7
    assert [one.tolist() for one in run(0, 3)] == [[], []]
    with pytest.raises(AssertionError, match="save_every_N is at least 1"):
        run(7, 0)
    assert int(calls.get_value()) == 7


def test_it_takes_less_memory_and_more_time(rng: np.random.Generator) -> None:
    """The gradient keeps about 2 sqrt(T) states, not T; it computes each step twice."""
    steps, width, every = 10_000, 64, 100
    h = T.dvector("h")
    n = T.lscalar("n")

    def advance(before: Any) -> Any:
        return T.tanh(before * 1.5)

    whole, _ = scan(advance, outputs_info=h, n_steps=n)
    kept, _ = scan_checkpoints(advance, outputs_info=h, n_steps=n, save_every_N=every)
    peaks, times, slopes = [], [], []
    for out in (whole, kept):
        run = function([h, n], T.grad(out[-1].sum(), h))
        data = np.full(width, 0.8)
        run(data, steps)
        before = pool.statistics().in_use
        pool.reset_peak()
        slopes.append(run(data, steps))
        peaks.append(pool.statistics().peak - before)
        times.append(min(_seconds(run, data, steps) for _ in range(5)))
    np.testing.assert_allclose(slopes[0], slopes[1])
    state = 8 * width
    assert peaks[0] >= steps * state
    assert peaks[1] < 5 * every * state
    assert times[1] > times[0]


def _seconds(run: Any, *arguments: Any) -> float:
    started = time.thread_time()  # whatever else the machine does
    run(*arguments)
    return time.thread_time() - started


ERRORS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("a tap", {"outputs_info": {"initial": T.ones(2), "taps": [-1]}}, RuntimeError, "taps"),
    ("a sequence's tap", {"sequences": [{"input": T.ones(2)}]}, RuntimeError, "taps"),
    ("no first value", {"outputs_info": [None], "n_steps": 2}, RuntimeError, "first value"),
    ("no steps", {"outputs_info": T.ones(())}, ValueError, "number of steps"),
    ("a fraction", {"outputs_info": T.ones(()), "n_steps": 1.5}, TypeError, "n_steps is an int"),
    ("no block", {"sequences": T.ones(3), "save_every_N": 0}, ValueError, "at least 1, got 0"),
]


@pytest.mark.parametrize(
    ("given", "error", "message"), [one[1:] for one in ERRORS], ids=[one[0] for one in ERRORS]
)
def test_what_is_wrong_is_said(given: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        scan_checkpoints(lambda *one: one[0], **given)


def test_until_is_refused() -> None:
    with pytest.raises(RuntimeError, match="until"):
        scan_checkpoints(lambda a: (a, until(a > 1)), outputs_info=T.ones(()), n_steps=3)


def test_a_length_that_is_promised_is_checked() -> None:
    x = T.dvector("x")
    out, _ = scan_checkpoints(
        lambda one, total: total + one, x, T.zeros(()), save_every_N=2, padding=False
    )
    run = function([x], out)
    np.testing.assert_array_equal(run(np.ones(4)), [2.0, 4.0])
    with pytest.raises(ValueError, match="scan_checkpoints: 3 elements cannot be arranged"):
        run(np.ones(3))
