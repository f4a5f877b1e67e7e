"""Theano's `scan_utils`."""

from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import function, scan, shared
from lltheano.loops import until
from lltheano.loops.utilities import (
    equal_computations,
    expand_empty,
    get_updates_and_outputs,
    isNaN_or_Inf_or_None,
    safe_new,
)


def test_safe_new() -> None:
    x = T.row("x", dtype="float32")
    fresh = safe_new(x, "[t]")
    assert fresh is not x
    assert (fresh.type, fresh.name, fresh.owner) == (x.type, "x[t]", None)
    assert safe_new(x, dtype="float64").dtype == "float64"
    assert safe_new(2.5).eval() == 2.5
    number = safe_new(T.constant(3, name="three"), "_copy")
    assert (number.name, int(number.data)) == ("three_copy", 3)


def test_safe_new_has_the_test_value() -> None:
    with lltheano.config.change_flags(compute_test_value="raise"):
        x = T.dvector("x")
        x.tag.test_value = np.array([1.5, 2.5])
        np.testing.assert_array_equal(safe_new(x).tag.test_value, [1.5, 2.5])
        assert safe_new(x, dtype="int64").tag.test_value.tolist() == [1, 2]


def sums(x: Any, factor: float) -> Any:
    return scan(lambda one, total: total + factor * one, x, T.zeros(()))[0]


def test_equal_computations() -> None:
    x, y = T.dvectors("x", "y")
    assert equal_computations([x * 2, x], [x * 2, x])
    assert not equal_computations([x * 2], [x * 3])
    assert not equal_computations([x * 2], [y * 2])
    assert equal_computations([x * 2], [y * 2], [x], [y])
    assert not equal_computations([x], [x.astype("float32")])
    with pytest.raises(ValueError, match="1 and 2 results"):
        equal_computations([x], [x, x])


def test_scans_are_equal_when_their_steps_are() -> None:
    x, y = T.dvectors("x", "y")
    assert equal_computations([sums(x, 2)], [sums(x, 2)])
    assert equal_computations([sums(x, 2)], [sums(y, 2)], [x], [y])
    assert not equal_computations([sums(x, 2)], [sums(x, 3)])
    ops = [sums(x, factor).owner.op for factor in (2, 2, 3)]
    assert ops[0] == ops[1] != ops[2]
    assert hash(ops[0]) == hash(ops[1])


def test_expand_empty() -> None:
    x = T.dmatrix("x")
    size = T.lscalar("size")
    assert expand_empty(x, 0) is x
    got = function([x, size], expand_empty(x, size))(np.ones((2, 3)), 2)
    assert got.shape == (4, 3)
    np.testing.assert_array_equal(got[:2], np.ones((2, 3)))


def test_what_says_nothing_about_a_number_of_steps() -> None:
    nothing = [None, float("nan"), np.inf, T.constant(np.nan)]
    something = [0, 3, 2.5, T.constant(3), T.lscalar(), "None", np.int64(2)]
    assert all(isNaN_or_Inf_or_None(one) for one in nothing)
    assert not any(isNaN_or_Inf_or_None(one) for one in something)


def test_get_updates_and_outputs() -> None:
    x, count = T.dvector("x"), shared(0, name="count")
    assert get_updates_and_outputs(x) == (None, [x], {})
    new = count + 1
    assert get_updates_and_outputs(([x, x], {count: new})) == (None, [x, x], {count: new})
    condition, outputs, updates = get_updates_and_outputs((x, [(count, new)], until(x[0] > 1)))
    assert condition is not None
    assert (outputs, updates) == ([x], {count: new})
