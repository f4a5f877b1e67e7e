"""A call that raises, for whatever reason, leaves every shared variable bit for bit as it was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lltheano import function, shared, tensor as T
from lltheano.runtime import pool
from lltheano.tensor.opt import Assert
from tests.lltheano.acceptance import demo_model

SIZES = (7, 3)


def test_a_training_step_that_finds_no_memory_changes_nothing_wherever_it_fails() -> None:
    model = demo_model.build()
    model.train(0)
    before, live = model.bits(), pool.statistics().live
    failed = 0
    for successes in range(100):
        with pool.failing_allocation(successes):
            try:
                model.train(1)
            except MemoryError as error:
                message = str(error)
            else:
                break
        assert "the pool:" in message
        assert model.bits() == before
        assert pool.statistics().live == live
        failed += 1
    assert 5 <= failed < 100
    assert model.bits() != before
    assert model.count.get_value() == 2


def test_a_label_out_of_range_stops_a_training_step_before_its_first_write() -> None:
    model = demo_model.build()
    labels = model.data_y.get_value()
    labels[37] = 4
    model.data_y.set_value(labels)
    before = model.bits()
    with pytest.raises(IndexError, match=r"index 4 is out of range on axis 1 of size 4") as caught:
        model.train(3)
    assert model.bits() == before
    message = str(caught.value)
    assert "train()" in message
    assert "demo_model.py:" in message
    assert "W (shared): float64 of shape (6, 4)" in message
    model.train(0)
    assert model.bits() != before


def test_data_of_other_sizes_stop_a_training_step_and_the_next_one_works() -> None:
    model = demo_model.build()
    weights = model.W.get_value()
    model.W.set_value(np.ones((5, 4)))
    before = model.bits()
    with pytest.raises(ValueError, match="inner sizes 6 and 5 differ"):
        model.train(0)
    assert model.bits() == before
    model.W.set_value(weights)
    model.train(0)


first = shared(np.zeros(SIZES), name="first")
second = shared(np.zeros(SIZES, "float32"), name="second")
count = shared(0, name="count")
i, k, v = T.lscalar("i"), T.lvector("k"), T.dvector("v")

FAILURES: list[tuple[Any, Any, Any, type[Exception]]] = [
    ([i], first[i].sum(), [7], IndexError),
    ([i], first[:, i].sum(), [-4], IndexError),
    ([k], first[k].sum(), [[0, 6, 7]], IndexError),
    ([k], T.inc_subtensor(first[k], 1.0).sum(), [[0, -8]], IndexError),
    ([v], (first + v).sum(), [[1.0, 2.0]], ValueError),
    ([v], (first + v).sum(), [[1.0]], ValueError),
    ([v], T.dot(first, v).sum(), [np.ones(4)], ValueError),
    ([i], first.reshape((i, 2)).sum(), [5], ValueError),
    ([v], T.concatenate([v.dimshuffle("x", 0), first]).sum(), [np.ones(4)], ValueError),
    ([i], T.zeros((i,)).sum(), [-1], ValueError),
    ([v], v.max(), [[]], ValueError),
    ([v], T.argmax(v), [[]], ValueError),
    ([v], Assert("positive, please")(v, T.all(v > 0)).sum(), [[1.0, np.nan]], AssertionError),
    ([i], T.zeros((i, i)), [2**30], MemoryError),
    ([v], v.sum(), [["no number"]], TypeError),
    ([v], v.sum(), [np.ones((2, 2))], TypeError),
    ([v, i], v.sum() + i, [[1.0]], TypeError),
    ([i], i + 1, [2**63], TypeError),
]


@pytest.mark.parametrize(
    ("inputs", "output", "arguments", "error"),
    FAILURES,
    ids=lambda one: one.__name__ if isinstance(one, type) else None,
)
def test_a_failing_call_updates_none_of_three_shared_variables(
    inputs: Any, output: Any, arguments: Any, error: type[Exception]
) -> None:
    one_more = [(first, first + 1), (second, second[::-1]), (count, count + 1)]
    step = function(inputs, output, updates=one_more, name="step")
    kept = (first, second, count)
    before = [one.get_value().tobytes() for one in kept]
    addresses = [one.get_value(borrow=True).ctypes.data for one in kept]
    with pytest.raises(error):
        step(*arguments)
    assert [one.get_value().tobytes() for one in kept] == before
    assert [one.get_value(borrow=True).ctypes.data for one in kept] == addresses


class _Sabotage:
    """Raises while NumPy asks it for its contents."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise KeyError("sabotage")


@pytest.mark.parametrize("place", [0, 1])
def test_an_exception_while_an_argument_is_converted_reaches_the_caller(place: int) -> None:
    total = shared(0.0, name="total")
    x, y = T.dvectors("x", "y")
    add = function([x, y], [], updates=[(total, total + x.sum() + y.sum())])
    arguments: list[Any] = [np.ones(2), np.ones(2)]
    arguments[place] = _Sabotage()
    with pytest.raises(KeyError, match="sabotage"):
        add(*arguments)
    assert total.get_value() == 0
    with pytest.raises(KeyError, match="sabotage"):
        shared(np.ones(2)).set_value(_Sabotage())


WRITERS: list[Callable[[Any], Any]] = [
    lambda s: s + s.sum(),
    lambda s: T.set_subtensor(s[1:], s[:-1]),
    lambda s: T.inc_subtensor(s[[0, 2]], 1.0),
    lambda s: s[::-1] * 2,
]


@pytest.mark.parametrize("writer", WRITERS)
def test_what_fails_last_in_the_program_fails_before_the_first_write(
    writer: Callable[[Any], Any],
) -> None:
    """The failing part depends on the very value that the update would have overwritten."""
    state, n = shared(np.arange(6.0), name="state"), T.lscalar("n")
    new = writer(state)
    late = new[T.cast(new.sum() * 0 + n, "int64")]
    step = function([n], late, updates=[(state, new)])
    with pytest.raises(IndexError):
        step(6)
    np.testing.assert_array_equal(state.get_value(), np.arange(6.0))
    step(5)
    assert not np.array_equal(state.get_value(), np.arange(6.0))
