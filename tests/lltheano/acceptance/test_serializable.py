"""Promise 1: every call, `get_value` and `set_value` is one step, from any thread."""

from collections.abc import Callable

import numpy as np

from lltheano import function, shared, tensor as T
from lltheano.runtime import pool
from tests.lltheano.acceptance import demo_model
from tests.threads import repeated, run_together

TURNS = 150


def test_a_counter_and_an_array_counter_are_exact_whatever_their_way_of_updating() -> None:
    scalar, vector, fresh = shared(0), shared(np.zeros(3000)), shared(np.zeros(3000))
    step = function(
        [],
        [],
        updates=[
            (scalar, scalar + 1),
            (vector, vector + 1),
            (fresh, fresh[::-1] + 1),
        ],
    )
    places = [one.taken for one in step.decisions if one.stage == "in place"]
    assert sorted(places) == [False, True, True]
    run_together(*[repeated(TURNS, step)] * 4)
    assert scalar.get_value() == 4 * TURNS
    assert (vector.get_value() == 4 * TURNS).all()
    assert (fresh.get_value() == 4 * TURNS).all()


def test_transfers_between_accounts_keep_the_sum_that_readers_see() -> None:
    size = 2000
    left, right = shared(np.full(size, 5.0)), shared(np.full(size, -5.0))
    amount = T.dscalar("amount")
    there = function([amount], [], updates=[(left, left - amount), (right, right + amount)])
    back = function([amount], [], updates=[(right, right - amount), (left, left + amount)])
    total = function([], [T.max(abs(left + right)), left, right])

    def look() -> None:
        worst, a, b = total()
        assert worst == 0
        assert (a == a[0]).all()
        assert (a + b == 0).all()

    def look_at_one() -> None:
        value = left.get_value()
        assert (value == value[0]).all()

    run_together(
        repeated(TURNS, lambda: there(1.0)),
        repeated(TURNS, lambda: back(2.0)),
        repeated(TURNS, look),
        repeated(TURNS, look_at_one),
    )
    assert left.get_value()[0] == 5 - TURNS + 2 * TURNS


def test_set_value_is_seen_whole_even_when_it_changes_the_sizes() -> None:
    state = shared(np.zeros(1), name="state")
    function_of_it = function([], [state, state.shape[0], state.sum()])
    double = function([], state, updates=[(state, state * 2)])

    def write(size: int) -> None:
        state.set_value(np.full(size, 1.0 / size))

    def look() -> None:
        value, size, total = function_of_it()
        assert len(value) == size
        assert (value == value[0]).all()
        np.testing.assert_allclose(value.sum(), total)

    run_together(
        repeated(TURNS, lambda: write(1)),
        repeated(TURNS, lambda: write(1000)),
        repeated(TURNS, look),
        repeated(TURNS, double),
    )


def test_swaps_and_crossed_orders_do_not_deadlock() -> None:
    first, second = shared(np.zeros(100)), shared(np.ones(100))
    swap = function([], [first, second], updates=[(first, second), (second, first)])
    other = function([], [second, first], updates=[(second, first), (first, second)])

    def check(call: Callable[[], list[np.ndarray]]) -> None:
        one, two = call()
        assert {float(one[0]), float(two[0])} == {0.0, 1.0}
        assert (one == one[0]).all()
        assert (two == two[0]).all()

    run_together(*[repeated(TURNS, lambda: check(swap)), repeated(TURNS, lambda: check(other))] * 2)
    assert {first.get_value()[0], second.get_value()[0]} == {0.0, 1.0}


def test_failures_among_the_calls_of_others_do_not_count() -> None:
    state, k = shared(np.zeros(50)), T.lscalar("k")
    step = function([k], state[k], updates=[(state, state + 1)])

    def fail() -> None:
        try:
            step(50)
        except IndexError:
            return
        raise AssertionError("index 50 of 50 was taken")

    run_together(
        repeated(TURNS, lambda: step(3)),
        repeated(TURNS, fail),
        repeated(TURNS, lambda: step(-50)),
        repeated(TURNS, fail),
    )
    assert (state.get_value() == 2 * TURNS).all()


def test_one_training_function_serves_many_threads() -> None:
    """Each step is counted once, and temporaries are those of a call, not of the function."""
    model = demo_model.build()
    model.train(0)
    live = pool.statistics().live
    run_together(*[repeated(TURNS, lambda: model.train(1))] * 4)
    assert model.count.get_value() == 4 * TURNS + 1
    assert np.isfinite(model.W.get_value()).all()
    assert pool.statistics().live == live
