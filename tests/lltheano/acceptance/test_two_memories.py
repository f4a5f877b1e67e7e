"""Promise 3: managed memory and the callers' memory never meet unless `borrow` or `mutable` let
them, and no aliasing makes an update in place wrong.
"""

import ctypes
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano import In, Out, function, shared, tensor as T
from lltheano.runtime import pool

Array = NDArray[Any]
BASE = np.random.default_rng(0).standard_normal((37, 37))
N = len(BASE)


def changed(array: Array, place: Any, value: Any) -> Array:
    copy = array.copy()
    copy[place] = value
    return copy


SELF_UPDATES: dict[str, tuple[Callable[[Any], Any], Array]] = {
    "transposed": (lambda s: s.T, BASE.T),
    "plus its transpose": (lambda s: s + s.T, BASE + BASE.T),
    "backwards": (lambda s: s[::-1, ::-1] * 2, BASE[::-1, ::-1] * 2),
    "plus its first row": (lambda s: s + s[0], BASE + BASE[0]),
    "divided by its maximum": (lambda s: s / s.max(), BASE / BASE.max()),
    "moved down": (
        lambda s: T.set_subtensor(s[1:], s[:-1]),
        np.vstack([BASE[:1], BASE[:-1]]),
    ),
    "columns from rows": (
        lambda s: T.set_subtensor(s[:, 1:], s.T[:, :-1]),
        np.hstack([BASE[:, :1], BASE.T[:, :-1]]),
    ),
    "overlapping sum": (
        lambda s: T.inc_subtensor(s[1:5], s[2:6]),
        changed(BASE, slice(1, 5), BASE[1:5] + BASE[2:6]),
    ),
    "gathered backwards": (lambda s: s[T.arange(N)[::-1]], BASE[::-1]),
    "diagonal from first row": (
        lambda s: T.set_subtensor(s[T.arange(N), T.arange(N)], s[0]),
        changed(BASE, (np.arange(N), np.arange(N)), BASE[0]),
    ),
    "shorter": (lambda s: s[1:, ::2], BASE[1:, ::2]),
    "itself": (lambda s: s, BASE),
}


@pytest.mark.parametrize("case", SELF_UPDATES)
def test_a_value_made_of_other_parts_of_the_old_one_is_right(case: str) -> None:
    new, wanted = SELF_UPDATES[case]
    state = shared(BASE, name="state")
    (old,) = function([], [state], updates=[(state, new(state))])()
    np.testing.assert_array_equal(old, BASE)
    np.testing.assert_array_equal(state.get_value(), wanted)


def in_place(new: Callable[[Any], Any], outputs: Callable[[Any], list[Any]] | None = None) -> bool:
    """Whether an update is made in place, as decided and as its address shows."""
    state = shared(BASE, name="state")
    step = function([], outputs(state) if outputs else [], updates=[(state, new(state))])
    (decision,) = [one for one in step.decisions if one.stage == "in place"]
    assert decision.reason
    before = state.get_value(borrow=True).ctypes.data
    step()
    assert (state.get_value(borrow=True).ctypes.data == before) == decision.taken
    return decision.taken


def test_an_update_is_made_in_place_exactly_where_nothing_can_tell() -> None:
    assert in_place(lambda s: s * 2 + 1)
    assert in_place(lambda s: T.inc_subtensor(s[[0, 0, 1]], 1.0))
    assert in_place(lambda s: T.set_subtensor(s[3], 0.0))
    assert in_place(lambda s: s / s.max())
    assert in_place(lambda s: s * 2, lambda s: [s, s.sum()])
    assert not in_place(lambda s: s[::-1])
    assert not in_place(lambda s: s + s[0])
    assert not in_place(lambda s: s[1:])


def test_cycles_of_updates_read_old_values_only() -> None:
    values = [np.arange(4.0), np.arange(4.0) + 10, np.arange(4.0) - 5]
    a, b, c = (shared(one) for one in values)
    swap = function([], [a, b], updates=[(a, b), (b, a)])
    for one, wanted in zip(swap(), values[:2], strict=True):
        np.testing.assert_array_equal(one, wanted)
    np.testing.assert_array_equal(a.get_value(), values[1])
    np.testing.assert_array_equal(b.get_value(), values[0])
    swap()
    function([], updates=[(a, b + c), (b, c * a), (c, a - b)])()
    np.testing.assert_array_equal(a.get_value(), values[1] + values[2])
    np.testing.assert_array_equal(b.get_value(), values[2] * values[0])
    np.testing.assert_array_equal(c.get_value(), values[0] - values[1])
    kept = [one.get_value(borrow=True) for one in (a, b, c)]
    assert not any(itertools.starmap(np.shares_memory, itertools.combinations(kept, 2)))


def test_outputs_share_memory_with_nothing() -> None:
    x, state = T.dvector("x"), shared(np.arange(6.0))
    array = np.arange(6.0)
    f = function([x], [x, x, x[::-1], x + 1, x + 1, state, state[1:], state, Out(x, borrow=True)])
    results = f(array)
    memories = [*results[:-1], state.get_value(borrow=True)]
    assert not any(itertools.starmap(np.shares_memory, itertools.combinations(memories, 2)))
    assert not any(np.shares_memory(one, array) for one in memories)
    for one in results:
        one[:] = -1
    np.testing.assert_array_equal(state.get_value(), np.arange(6.0))
    np.testing.assert_array_equal(f(np.arange(6.0))[3], np.arange(6.0) + 1)


def test_arguments_are_never_written_unless_they_are_offered() -> None:
    x, y = T.dvectors("x", "y")
    array = np.arange(5.0)
    array.setflags(write=False)
    plain = function([x, y], [x + 1, y * 2, T.inc_subtensor(x[1:], 1.0)])
    for _ in range(2):
        plain(array, array)
    np.testing.assert_array_equal(array, np.arange(5.0))


def test_an_argument_that_is_offered_twice_still_gives_right_answers() -> None:
    x, y = T.dvectors("x", "y")
    offered = function([In(x, mutable=True), In(y, mutable=True)], [x + 1, y * 2, x - y[::-1]])
    array = np.arange(5.0)
    sums, products, differences = offered(array, array)
    np.testing.assert_array_equal(sums, np.arange(5.0) + 1)
    np.testing.assert_array_equal(products, np.arange(5.0) * 2)
    np.testing.assert_array_equal(differences, np.arange(5.0) - np.arange(5.0)[::-1])


DISGUISES: dict[str, Callable[[Array], Array]] = {
    "as it is": lambda one: one,
    "view": lambda one: one[:],
    "buffer": lambda one: np.frombuffer(one.data),
    "ndarray": lambda one: np.ndarray((6,), buffer=one),
    "strided": lambda one: np.lib.stride_tricks.as_strided(one, (6,), (8,)),
    "dlpack": np.from_dlpack,
    "address": lambda one: np.ctypeslib.as_array(
        (ctypes.c_double * 6).from_address(one.ctypes.data)
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_borrowed_value_can_be_passed_while_it_is_updated(disguise: str) -> None:
    """However NumPy came by it: no base tells whose memory it is."""
    state, x = shared(np.arange(6.0)), T.dvector("x")
    step = function([x], x * 1, updates=[(state, state + x[::-1])])
    returned = step(DISGUISES[disguise](state.get_value(borrow=True)))
    np.testing.assert_array_equal(returned, np.arange(6.0))
    np.testing.assert_array_equal(state.get_value(), np.full(6, 5.0))


def test_a_result_can_be_the_next_argument() -> None:
    x, state = T.dvector("x"), shared(np.ones(4))
    step = function([x], state + x, updates=[(state, state + x)])
    result = np.zeros(4)
    for _ in range(5):
        result = step(result)
    np.testing.assert_array_equal(result, np.full(4, 16.0))
    np.testing.assert_array_equal(state.get_value(), result)


def test_memory_that_was_handed_out_outlives_everything() -> None:
    state, x = shared(np.arange(1000.0)), T.dvector("x")
    grow = function([x], x + 1, updates=[(state, T.concatenate([state, x]))])
    view = state.get_value(borrow=True)
    result = grow(view)
    for _ in range(3):
        grow(np.ones(1000))
    del state, grow
    pool.trim()
    np.testing.assert_array_equal(view, np.arange(1000.0))
    np.testing.assert_array_equal(result, np.arange(1000.0) + 1)


@pytest.mark.parametrize("borrow", [False, True])
def test_no_two_shared_variables_share_memory_even_if_made_of_one_array(borrow: bool) -> None:
    array = np.zeros(5)
    first, second = shared(array, borrow=borrow), shared(array, borrow=borrow)
    function([], updates=[(first, first + 1)])()
    np.testing.assert_array_equal(second.get_value(), np.zeros(5))
    second.set_value(first.get_value(borrow=True), borrow=True)
    function([], updates=[(first, first + 1)])()
    np.testing.assert_array_equal(second.get_value(), np.ones(5))
    array[:] = 7
    np.testing.assert_array_equal(first.get_value(), np.full(5, 2.0))


def test_memory_is_aligned_to_64_bytes() -> None:
    x = T.fvector("x")
    double = function([x], x + x)
    for size in (1, 3, 17, 1000, 100_003):
        assert double(np.ones(size, "float32")).ctypes.data % 64 == 0
        assert shared(np.ones(size, "int8")).get_value(borrow=True).ctypes.data % 64 == 0
