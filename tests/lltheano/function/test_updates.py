"""The accumulator of the tutorial, and all that can be said and got wrong about updates."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.function import function
from lltheano.shared import shared


def test_the_accumulator_and_the_decrementor() -> None:
    state = shared(0)
    inc = T.iscalar("inc")
    accumulator = function([inc], state, updates=[(state, state + inc)])
    result = accumulator(1)
    assert (result, result.dtype, result.shape) == (0, np.int64, ())
    assert state.get_value() == 1
    assert accumulator(300) == 1
    assert state.get_value() == 301
    state.set_value(-1)
    assert accumulator(3) == -1
    assert state.get_value() == 2
    decrementor = function([inc], state, updates=[(state, state - inc)])
    assert decrementor(2) == 2
    assert state.get_value() == 0


Pairs = Callable[[list[tuple[Any, Any]]], Any]


@pytest.mark.parametrize("form", [list, tuple, dict, OrderedDict, lambda pairs: map(list, pairs)])
def test_updates_come_in_many_forms(form: Pairs) -> None:
    first, second = shared(1), shared(10)
    swap = function([], updates=form([(first, second), (second, first)]))
    assert swap() == []
    assert (first.get_value(), second.get_value()) == (10, 1)


def test_new_values_are_computed_from_the_old_ones() -> None:
    a, b = shared(np.arange(3.0)), shared(np.ones(3))
    step = function([], [a, b], updates=[(a, a + b), (b, a * 2)])
    old_a, old_b = step()
    np.testing.assert_array_equal(old_a, [0, 1, 2])
    np.testing.assert_array_equal(old_b, [1, 1, 1])
    np.testing.assert_array_equal(a.get_value(), [1, 2, 3])
    np.testing.assert_array_equal(b.get_value(), [0, 2, 4])


def test_a_new_value_may_be_a_number_an_array_or_of_another_size() -> None:
    count, table = shared(7), shared(np.zeros((2, 2)))
    function([], updates={count: 0, table: np.ones((3, 1))})()
    assert count.get_value() == 0
    np.testing.assert_array_equal(table.get_value(), np.ones((3, 1)))


def test_a_shared_variable_may_become_another_without_sharing_its_memory() -> None:
    a, b = shared(np.zeros(3)), shared(np.ones(3))
    function([], updates=[(a, b)])()
    with a.borrowed() as array:
        array[:] = 5
    np.testing.assert_array_equal(b.get_value(), [1, 1, 1])


inc = T.iscalar("inc")
x = T.dvector("x")
state = shared(0, name="state")
row = shared(np.ones((1, 3)), name="row", broadcastable=(True, False))
GOT = r"the new value of {0} \({1}, made at .*test_updates.py:\d+\) must have its type, but"


@pytest.mark.parametrize(
    ("updates", "error", "message"),
    [
        ([(state, state + inc), (state, 1)], ValueError, r"updates name state .* twice"),
        ([(inc, state)], TypeError, r"updates: inc .*is not a shared variable"),
        ([(state, state * 0.5)], TypeError, GOT.format("state", ".*") + ".*float64, not int64"),
        ([(state, x)], TypeError, GOT.format("state", ".*") + " x .* has 1 dimensions, not 0"),
        (
            [(row, T.dmatrix("m"))],
            TypeError,
            GOT.format("row", ".*") + r".*broadcast pattern \(False, False\), not \(True, False\)",
        ),
        ([(state, 0.5)], TypeError, "the new value of state .*must be a value of its type"),
        ([(state, [1, 2])], TypeError, "the new value of state .*expected 0 axes"),
        ([(state, None)], TypeError, "the new value of state .*must be a value of its type"),
        ([state], TypeError, r"updates\[0\] must be a pair"),
    ],
)
def test_wrong_updates_are_found_before_anything_runs(
    updates: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        function([inc, x], updates=updates, on_unused_input="ignore")


def test_default_updates_happen_unless_told_otherwise() -> None:
    counter = shared(0)
    counter.default_update = counter + 1
    assert [function([], counter)() for _ in range(3)] == [0, 1, 2]
    assert function([], counter, no_default_updates=True)() == 3
    assert function([], counter, no_default_updates=[counter])() == 3
    assert function([], counter, updates=[(counter, counter + 10)])() == 3
    assert counter.get_value() == 13


def test_default_updates_follow_from_one_another() -> None:
    first, second = shared(1), shared(2)
    second.default_update = second * 2
    first.default_update = first + second
    function([], first)()
    assert (first.get_value(), second.get_value()) == (3, 4)


def test_a_replaced_variable_has_no_default_update() -> None:
    counter, other = shared(0), T.lscalar("other")
    counter.default_update = counter + 1
    assert function([other], counter, givens={counter: other})(5) == 5
    assert counter.get_value() == 0


@pytest.mark.parametrize("value", [3, [3], "counter"])
def test_no_default_updates_takes_bools_and_shared_variables(value: Any) -> None:
    with pytest.raises(TypeError, match="no_default_updates"):
        function([], state, no_default_updates=value)


def test_clones_are_the_variable_itself() -> None:
    original = shared(np.zeros(2))
    clone = original.clone()
    function([], updates=[(clone, original + clone + 1)])()
    np.testing.assert_array_equal(original.get_value(), [1, 1])
    with pytest.raises(ValueError, match="updated twice"):
        function([], updates=[(original, clone + 1), (clone, original)])
