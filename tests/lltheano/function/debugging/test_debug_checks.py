"""Checks by test values, for the `make_node` of the user's ops."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Apply, Op, config, shared
from lltheano.errors import MissingTestValueError
from lltheano.function.debugging.debug_checks import (
    debug_assert,
    debug_error_message,
    get_debug_values,
)


class Dot(Op):
    """Checks by test values that its inputs fit."""

    def make_node(self, x: Any, y: Any) -> Apply:
        for a, b in get_debug_values(x, y):
            debug_assert(a.shape == b.shape, f"shapes {a.shape} and {b.shape}")
        return Apply(self, [x, y], [T.dscalar()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = inputs[0] @ inputs[1]


def with_value(value: Any) -> Any:
    x = T.dvector("x")
    x.tag.test_value = np.asarray(value)
    return x


def test_a_mistake_is_found_where_the_graph_is_built() -> None:
    x, y = with_value([1.0, 2.0]), with_value([1.0, 2.0, 3.0])
    assert Dot()(x, y).owner is not None
    with config.change_flags(compute_test_value="raise"):
        assert Dot()(x, shared(np.array([3.0, 4.0]))).tag.test_value == 11.0
        with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\)"):
            Dot()(x, y)
    with config.change_flags(compute_test_value="warn"), pytest.warns(UserWarning, match="oh"):
        debug_error_message("oh")


def test_a_missing_value_is_told_as_the_flag_says() -> None:
    x, y = with_value([1.0]), T.dvector("y")
    with config.change_flags(compute_test_value="raise"):
        with pytest.raises(MissingTestValueError, match=r"y .* has no test value"):
            list(get_debug_values(x, y))
        with pytest.raises(MissingTestValueError):
            Op._get_test_value(y)
        assert Op._get_test_value(x).tolist() == [1.0]
    with config.change_flags(compute_test_value="warn"), pytest.warns(UserWarning, match="y"):
        assert list(get_debug_values(x, y)) == []
    with config.change_flags(compute_test_value="ignore"):
        assert list(get_debug_values(x, y)) == []
