"""A call that fails says why in the user's terms, and has changed nothing."""

import re

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.function import function
from lltheano.runtime import pool
from lltheano.runtime.errors import DeadlockError
from lltheano.shared import shared

v, w = T.dvectors("v", "w")
index = T.lscalar("index")


def test_sizes_that_disagree_are_a_value_error_with_shapes_and_line() -> None:
    s = shared(np.arange(3.0), name="s")
    add = function([v, w], v + w, updates=[(s, s + 1)], name="add")
    with pytest.raises(
        ValueError, match=r"add\(\): add: sizes on axis 0, 2 and 3 differ"
    ) as caught:
        add([1, 2], np.ones(3))
    message = str(caught.value)
    assert re.search(r"in .*test_faults.py:\d+: add = function\(\[v, w\], v \+ w", message)
    assert "with v: float64 of shape (2,)" in message
    assert "with w: float64 of shape (3,)" in message
    assert "with s (shared): float64 of shape (3,)" in message
    assert s.get_value().tolist() == [0, 1, 2]


def test_a_size_of_one_does_not_broadcast_at_run_time() -> None:
    with pytest.raises(ValueError, match="sizes on axis 0"):
        function([v, w], v + w)([1], [1, 2])


@pytest.mark.parametrize("wrong", [3, -4, 2**40])
def test_an_index_out_of_range_is_an_index_error(wrong: int) -> None:
    s, count = shared(np.arange(3.0), name="s"), shared(0)
    take = function([index], s[index], updates=[(count, count + 1)], name="take")
    assert take(-1) == 2
    with pytest.raises(IndexError, match=rf"take\(\): .*{wrong} is out of range .*size 3"):
        take(wrong)
    assert count.get_value() == 1


def test_a_failed_assertion_is_an_assertion_error() -> None:
    s = shared(1.0)
    checked = T.opt.Assert("v must not be empty")(v, v.shape[0] > 0)
    mean = function([v], checked.mean(), updates=[(s, s * 2)], name="mean")
    assert mean([1, 3]) == 2
    with pytest.raises(AssertionError, match=r"mean\(\): .*v must not be empty"):
        mean([])
    assert s.get_value() == 2


def test_a_step_of_zero_is_a_value_error_as_in_numpy() -> None:
    s = shared(1.0)
    step = T.bscalar("step")
    skip = function([v, step], v[::step], updates=[(s, s * 2)], name="skip")
    assert skip([1, 2, 3], -2).tolist() == [3, 1]
    with pytest.raises(ValueError, match=r"skip\(\): the step of a slice cannot be 0"):
        skip([1, 2, 3], 0)
    assert s.get_value() == 2


def test_a_specified_shape_that_does_not_hold_says_which_size_was_found() -> None:
    with pytest.raises(AssertionError, match="axis 0 of v has size 2, not 3"):
        function([v], T.specify_shape(v, (3,)))([1, 2])
    n = T.lscalar("n")
    with pytest.raises(ValueError, match="alloc of a value: sizes on axis 1, 2 and 3, differ"):
        function([v, n], T.alloc(v, 4, n))([1, 2], 3)


def test_no_memory_is_a_memory_error_with_the_state_of_the_pool() -> None:
    s = shared(np.ones(1000), name="s")
    double = function([], s * 2, updates=[(s, s + 1)])
    double()
    with pool.failing_allocation(0), pytest.raises(MemoryError, match="in use"):
        double()
    assert s.get_value().tolist() == [2] * 1000
    assert double().tolist() == [4] * 1000


def test_a_leased_variable_cannot_be_updated_by_the_same_thread() -> None:
    s = shared(1.0, name="s")
    step = function([], s, updates=[(s, s + 1)])
    with s.borrowed(), pytest.raises(DeadlockError, match="leases shared variable 's'"):
        step()
    assert step() == 1


def test_named_outputs_and_kept_inputs_fail_alike() -> None:
    s = shared(np.zeros(2))
    both = function([v], {"sum": s + v}, updates=[(s, s + v)], name="both")
    with pytest.raises(ValueError, match=r"both\(\): add: sizes"):
        both([1, 2, 3])
    assert s.get_value().tolist() == [0, 0]
    assert both([1, 2])["sum"].tolist() == [1, 2]


def test_a_high_verbosity_shows_values_strides_and_the_graph() -> None:
    a, b = T.dvectors("a", "b")
    add = function([a, b], T.exp(a + b), name="add")
    with pytest.raises(ValueError, match="with b") as low:
        add([1.0, 2.5], np.arange(30.0))
    assert "strides" not in str(low.value)
    with (
        config.change_flags(exception_verbosity="high"),
        pytest.raises(ValueError, match="with b") as high,
    ):
        add([1.0, 2.5], np.arange(30.0))
    assert "with a: float64 of shape (2,), strides (8,): [1. , 2.5]" in str(high.value)
    assert "27., 28., 29.]" in str(high.value)
    assert "exp(" in str(high.value)
