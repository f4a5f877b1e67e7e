"""Sizes and states of random numbers, under the names that programs of Theano's import."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.compat.tensor.random_names import infer_ndim_bcast, randomstate_constructor
from lltheano.random.raw import uniform
from lltheano.random.state import RandomState

row, m, n = T.drow("row"), T.dmatrix("m"), T.iscalar("n")


@pytest.mark.parametrize(
    ("ndim", "shape", "parameters", "pattern", "sizes"),
    [
        (None, (2, n), (), (False, False), [2, 5]),
        (None, (4, -1, -1), (row,), (False, True, False), [4, 1, 3]),
        (None, None, (row, m), (False, False), [2, 3]),
        (3, None, (row,), (True, True, False), [1, 1, 3]),
        (None, (), (), (), []),
        (2, [1, 6], (), (True, False), [1, 6]),
        (None, T.stack([n, n]), (), (False, False), [5, 5]),
        (None, np.array([2, 3]), (), (False, False), [2, 3]),
    ],
)
def test_rank_sizes_and_pattern(
    ndim: Any, shape: Any, parameters: Any, pattern: Any, sizes: Any
) -> None:
    rank, vector, found = infer_ndim_bcast(ndim, shape, *parameters)
    f = function([row, m, n], vector, on_unused_input="ignore")
    assert (rank, found) == (len(sizes), pattern)
    assert vector.type == T.lvector
    assert f(np.zeros((1, 3)), np.zeros((2, 3)), 5).tolist() == sizes


@pytest.mark.parametrize(
    ("ndim", "shape", "parameters", "error", "message"),
    [
        (3, (2, 2), (), ValueError, "ndim=3 contradicts"),
        (None, (2,), (m,), ValueError, "drawn has 1 axes, but a parameter has 2"),
        (None, (-2,), (), ValueError, "cannot be negative, got -2"),
        (None, (2.5,), (), TypeError, "sizes are integers"),
        (1, T.dvector("v"), (), TypeError, "sizes are integers, got v"),
        (2, m, (), TypeError, "a vector or a tuple, got m"),
    ],
)
def test_sizes_that_mean_nothing(
    ndim: Any, shape: Any, parameters: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        infer_ndim_bcast(ndim, shape, *parameters)


def test_a_state_is_made_of_numpys() -> None:
    state = randomstate_constructor(np.random.RandomState(3), name="state")
    same = randomstate_constructor(np.random.RandomState(3))
    other = randomstate_constructor(RandomState(4))
    draws = [function([], uniform(one, (3,))[1])().tolist() for one in (state, same, other)]
    assert draws[0] == draws[1] != draws[2]
    with pytest.raises(TypeError, match="a RandomState is wanted, got int"):
        randomstate_constructor(3)
    assert shared(3).get_value() == 3
