"""Indices of axes and of elements in one row, against NumPy."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import evaluate

SIZES = (3, 4, 2)
PLACES = np.arange(24).reshape(2, 12)


@pytest.mark.parametrize("order", ["C", "F"])
def test_there_and_back(order: Any) -> None:
    i, dims = T.lmatrix("i"), T.lvector("dims")
    wanted = np.unravel_index(PLACES, SIZES, order)
    for given in (SIZES, dims):
        parts = T.unravel_index(i, given, order, ndim=3)
        back = T.ravel_multi_index(parts, given, order=order)
        *found, there = evaluate([*parts, back], {i: PLACES, dims: SIZES})
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)
        np.testing.assert_array_equal(there, PLACES)


def test_one_axis_and_scalars() -> None:
    (only,) = T.unravel_index(5, 7)
    assert evaluate(only) == 5
    assert evaluate(T.ravel_multi_index((1, 2), (3, 4))) == 6
    assert [evaluate(one).tolist() for one in T.unravel_index([], (2, 3))] == [[], []]


@pytest.mark.parametrize("mode", ["wrap", "clip", ("wrap", "clip")])
def test_indices_beyond_the_ends(mode: Any) -> None:
    parts = np.array([[-7], [0], [9]]), np.array([-1, 2, 5])
    found = evaluate(T.ravel_multi_index(parts, (3, 4), mode))
    np.testing.assert_array_equal(found, np.ravel_multi_index(parts, (3, 4), mode))


def test_wrong_indices() -> None:
    i = T.lvector("i")
    unravel = function([i], list(T.unravel_index(i, (2, 3))))
    ravel = function([i], T.ravel_multi_index((i, 0), (2, 3)))
    for wrong in ([0, 6], [-1]):
        with pytest.raises(ValueError, match="negative or not below 6, the number of elements"):
            unravel(wrong)
        with pytest.raises(ValueError, match="an index of axis 0 is negative or not below 2"):
            ravel(wrong)
    with pytest.raises(ValueError, match="orders C and F"):
        T.unravel_index(i, (2, 3), order="A")
    with pytest.raises(ValueError, match="expected 2 sizes, got 3"):
        T.ravel_multi_index((i, i), (2, 3, 4))
    with pytest.raises(ValueError, match="modes raise, wrap and clip"):
        T.ravel_multi_index((i, i), (2, 3), mode=("wrap", "stop"))
    with pytest.raises(TypeError, match="indices that are integers"):
        T.unravel_index([0.5], (2, 3))
