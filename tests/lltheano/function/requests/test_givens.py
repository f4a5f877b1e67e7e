"""`givens` replaces any variable of a graph in one function, and nothing anywhere else."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.errors import CyclicGraphError, MissingInputError, UnusedInputError
from lltheano.function import function
from lltheano.shared import shared

x, y, z = T.dscalars("x", "y", "z")
v, w = T.dvectors("v", "w")


def test_skipping_the_shared_variable() -> None:
    state = shared(0)
    inc, foo = T.iscalar("inc"), T.lscalar("foo")
    fn_of_state = state * 2 + inc
    skip_shared = function([inc, foo], fn_of_state, givens=[(state, foo)])
    result = skip_shared(1, 3)
    assert (result, result.dtype) == (7, np.int64)
    assert state.get_value() == 0


@pytest.mark.parametrize("form", [list, tuple, dict, OrderedDict])
def test_givens_come_in_many_forms(form: Callable[[Any], Any]) -> None:
    assert function([y], x + z, givens=form([(x, y * 2), (z, y)]))(3.0) == 9


def test_inputs_inner_variables_and_results_can_be_replaced() -> None:
    inner = x * 2
    outer = inner + 1
    assert function([y], outer, givens={x: y})(3.0) == 7
    assert function([y], outer, givens={inner: y})(3.0) == 4
    assert function([y], outer, givens={outer: y})(3.0) == 3
    assert function([x], outer)(3.0) == 7


def test_replacements_may_be_numbers_and_arrays() -> None:
    assert function([], x + 1, givens={x: 2})() == 3
    data = np.arange(3.0)
    double = function([], v * 2, givens={v: data})
    data[:] = 9
    np.testing.assert_array_equal(double(), [0, 2, 4])


def test_a_part_of_a_data_set_is_chosen_by_its_index() -> None:
    data, index = shared(np.arange(12.0).reshape(6, 2)), T.lscalar("index")
    batch = T.dmatrix("batch")
    total = function([index], batch.sum(), givens={batch: data[index * 2 : (index + 1) * 2]})
    assert [total(i) for i in range(3)] == [6, 22, 38]


def test_replacements_are_themselves_replaced() -> None:
    assert function([z], x + 1, givens=[(x, y * 2), (y, z)])(5.0) == 11
    assert function([z], x + 1, givens=[(y, z), (x, y * 2)])(5.0) == 11


def test_givens_and_updates_together() -> None:
    state = shared(10.0)
    step = function([y], state, updates=[(state, state + x)], givens=[(x, y * y)])
    assert step(3.0) == 10
    assert state.get_value() == 19
    override = function([y], state * 2, updates=[(state, state + 1)], givens={state: y})
    assert override(100.0) == 200
    assert state.get_value() == 101


def test_a_broadcastable_replacement_serves_for_an_ordinary_axis() -> None:
    matrix, row = T.dmatrix("matrix"), T.drow("row")
    doubled = function([row], matrix * 2, givens={matrix: row})
    np.testing.assert_array_equal(doubled([[1, 2]]), [[2, 4]])


def test_replacing_a_variable_by_itself_changes_nothing() -> None:
    assert function([x], x + 1, givens={x: x}, on_unused_input="ignore")(1.0) == 2


def test_a_variable_may_be_replaced_by_an_expression_of_itself() -> None:
    weight, step, rate = shared(2.0, "weight"), shared(10.0, "step"), 0.5
    cost = weight**2
    ahead = function([], cost, givens={weight: weight + rate * step})
    assert ahead() == 49
    assert function([], weight * 2, givens=[(weight, weight + 10)])() == 24
    inner = weight * 3
    assert function([], inner + weight, givens={inner: inner * inner})() == 38


def test_looking_ahead_of_the_parameters_and_updating_them() -> None:
    """Nesterov's momentum: the slope is taken at w + mu m, for every parameter at once."""
    weights = [shared(np.array([1.0, 2.0]), "w"), shared(3.0, "b")]
    steps = [shared(np.array([0.5, -1.0]), "m"), shared(2.0, "n")]
    cost = (weights[0] ** 2).sum() * weights[1]
    slopes = T.grad(cost, weights)
    updates = [(m, 0.9 * m - 0.1 * g) for m, g in zip(steps, slopes, strict=True)]
    ahead = {w: w + 0.9 * m for w, m in zip(weights, steps, strict=True)}
    move = function([], cost, updates=updates, givens=ahead)
    w, b = np.array([1.0, 2.0]) + 0.9 * np.array([0.5, -1.0]), 3.0 + 0.9 * 2.0
    np.testing.assert_allclose(move(), (w**2).sum() * b)
    m = np.array([0.5, -1.0])
    np.testing.assert_allclose(steps[0].get_value(), 0.9 * m - 0.1 * 2 * w * b)
    np.testing.assert_allclose(steps[1].get_value(), 0.9 * 2.0 - 0.1 * (w**2).sum())


def test_an_expression_of_itself_and_of_other_keys() -> None:
    state, other = shared(1.0), shared(5.0)
    pairs = [(state, state + other), (other, other * 2)]
    for givens in (pairs, pairs[::-1]):
        assert function([], state * 100 + other, givens=givens)() == 1110


@pytest.mark.parametrize(
    "givens",
    [
        {x: y, y: x},
        {x: y * 2, y: z + 1, z: x},
    ],
)
def test_givens_that_lead_back_to_themselves_are_an_error(givens: Any) -> None:
    with pytest.raises(CyclicGraphError, match=r"x .*->.* x"):
        function([], x + y + z, givens=givens)


@pytest.mark.parametrize(
    ("givens", "message"),
    [
        ({x: T.lscalar("i")}, r"in the place of x .*but i .* is int64, not float64; cast"),
        ({x: v}, "but v .* has 1 dimensions, not 0"),
        ({T.drow("r"): T.dmatrix("m")}, "broadcast pattern"),
        ({x: "text"}, "must be a value of its type"),
        ({x: np.zeros(2)}, "expected 0 axes"),
    ],
)
def test_a_replacement_has_the_type_of_what_it_replaces(givens: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        function([], x, givens=givens)


def test_types_may_change_when_that_is_asked_for() -> None:
    i = T.iscalar("i")
    loose = function([i], x * 2, givens={x: i}, rebuild_strict=False)
    assert loose(3).dtype == np.int32


def test_an_input_that_is_replaced_has_no_effect_and_is_refused() -> None:
    for error in (UnusedInputError, RuntimeError):
        with pytest.raises(error, match=r"givens replaces x .* also an input"):
            function([x, y], x * 2, givens={x: y})
    ignoring = function([x, y], x * 2, givens={x: y}, on_unused_input="ignore")
    assert ignoring(1.0, 5.0) == 10


def test_what_a_replacement_needs_must_have_a_value() -> None:
    with pytest.raises(MissingInputError, match="value for y"):
        function([], x, givens={x: y})


def test_the_users_graph_is_untouched() -> None:
    total = v + w
    before = total.owner
    function([v], total, givens={w: v * 2})
    assert total.owner is before
    np.testing.assert_array_equal(function([v, w], total)([1.0], [2.0]), [3])
