"""Sorting and what is made of it, compiled, against NumPy's."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import assert_gradient, evaluate

DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
]


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -3])
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 0, 3), (1, 1, 1)])
def test_every_axis(axis: Any, shape: Any, rng: np.random.Generator) -> None:
    x = T.dtensor3("x")
    values = rng.integers(0, 4, shape).astype("float64")
    f = function([x], [T.sort(x, axis), x.argsort(axis), x.sort(axis, "stable")])
    found, places, again = f(values)
    np.testing.assert_array_equal(found, np.sort(values, axis=axis))
    np.testing.assert_array_equal(again, found)
    np.testing.assert_array_equal(places, np.argsort(values, axis=axis, kind="stable"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_and_layout(dtype: Any, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    f = function([x], [T.sort(x), T.argsort(x)])
    values = rng.integers(0, 99, (6, 80)).astype(dtype)
    for one in (values, values.T, values[::-1, ::-1], values[:, ::2], values[:, :0]):
        found, places = f(one)
        np.testing.assert_array_equal(found, np.sort(one))
        np.testing.assert_array_equal(places, np.argsort(one, kind="stable"))
        assert found.dtype == dtype
        assert places.dtype == np.int64


def test_nan_comes_last() -> None:
    x = T.dvector("x")
    values = [np.nan, 1.0, -np.inf, np.nan, np.inf, -0.0, 0.0]
    found, places = function([x], [T.sort(x), T.argsort(x)])(values)
    assert np.isnan(found[-2:]).all()
    assert places.tolist() == [2, 5, 6, 1, 4, 0, 3]


def test_what_cannot_be_sorted_is_refused() -> None:
    z, s, v = T.zvector("z"), T.dscalar("s"), T.dvector("v")
    with pytest.raises(TypeError, match=r"Sort: complex numbers have no order, got z .*argsort"):
        T.sort(z)
    with pytest.raises(ValueError, match=r"s .* has 0 axes and no axis -1"):
        T.sort(s)
    with pytest.raises(ValueError, match=r"v .* has 1 axes and no axis 1"):
        T.argsort(v, 1)
    with pytest.raises(ValueError, match="sort has kinds quicksort, mergesort, heapsort, stable"):
        T.sort(v, kind="bogosort")
    with pytest.raises(ValueError, match="order must be None"):
        T.argsort(v, order="field")
    assert evaluate(T.sort(s, axis=None), {s: 3.0}).tolist() == [3.0]


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_the_gradient_goes_back_to_where_elements_came_from(
    axis: Any, rng: np.random.Generator
) -> None:
    x = T.dmatrix("x")
    values = {x: rng.permutation(12.0 * np.arange(12)).reshape(3, 4)}
    result = T.sort(x, axis)
    weights = T.constant(rng.normal(size=evaluate(result, values).shape))
    cost = (weights * result**2).sum()
    assert_gradient(cost, values, x)


def test_the_gradient_at_ties_is_that_of_a_permutation() -> None:
    x = T.dvector("x")
    slope = T.grad((T.sort(x) * T.constant([1.0, 2.0, 3.0])).sum(), x)
    assert evaluate(slope, {x: [5.0, 1.0, 5.0]}).tolist() == [2.0, 1.0, 3.0]


@pytest.mark.parametrize("k", [1, 3, -1, -4, 5])
def test_the_greatest_and_the_least(k: Any, rng: np.random.Generator) -> None:
    x, symbolic = T.dmatrix("x"), T.iscalar("k")
    values = rng.normal(size=(4, 5))
    for axis, size in ((1, 5), (0, 4)):
        if abs(k) > size:
            continue
        chosen = slice(size - k, None) if k > 0 else slice(None, -k)
        wanted = np.moveaxis(np.moveaxis(np.sort(values, axis), axis, 0)[chosen], 0, axis)
        both = T.topk_and_argtopk(x, symbolic, axis)
        found, places = function([x, symbolic], both)(values, k)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(np.take_along_axis(values, places, axis), wanted)
        np.testing.assert_array_equal(evaluate(T.topk(x, k, axis), {x: values}), wanted)


def test_a_k_that_does_not_fit_is_refused() -> None:
    x, k = T.dvector("x"), T.iscalar("k")
    with pytest.raises(ValueError, match="k must not be 0"):
        T.topk(x, 0)
    with pytest.raises(TypeError, match="topk takes an integer k"):
        T.topk(x, 1.5)
    with pytest.raises(TypeError, match="indices of an integer dtype, got 'float32'"):
        T.argtopk(x, 1, idx_dtype="float32")
    f = function([x, k], T.topk(x, k))
    for number in (0, 4, -4):
        with pytest.raises(ValueError, match=f"k is {number} for an axis of size 3"):
            f([1.0, 2.0, 3.0], number)
    assert T.argtopk(x, 1, idx_dtype="int32").dtype == "int32"


def test_the_gradient_of_the_greatest() -> None:
    x = T.dvector("x")
    slope = T.grad((T.topk(x, 2) ** 2).sum(), x)
    assert evaluate(slope, {x: [3.0, 1.0, 2.0]}).tolist() == [6.0, 0.0, 4.0]
