"""Counts and different elements, compiled, against NumPy's."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from tests.lltheano.evaluation import assert_gradient, evaluate

INTEGERS = ["bool", "int8", "int32", "int64", "uint8", "uint64"]
DTYPES = [*INTEGERS, "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_counts_of_every_integer_dtype(dtype: Any, rng: np.random.Generator) -> None:
    x, w = T.TensorType(dtype, (False,))("x"), T.dvector("w")
    f = function([x, w], [T.bincount(x), T.bincount(x, w), T.bincount(x, minlength=5)])
    for size in (0, 1, 50):
        values = rng.integers(0, 9, size).astype(dtype)
        weights = rng.normal(size=size)
        as_int = values.astype("int64")
        wanted = [
            np.bincount(as_int),
            np.bincount(as_int, weights),
            np.bincount(as_int, minlength=5),
        ]
        for found, one in zip(f(values, weights), wanted, strict=True):
            np.testing.assert_array_equal(found, one)
            # NumPy's weighted counts of nothing are int64, against its documentation.
            assert found.dtype == one.dtype or not size


def test_weights_keep_a_float_dtype() -> None:
    x = T.ivector("x")
    assert T.bincount(x, T.fvector("w")).dtype == "float32"
    assert T.bincount(x, T.bvector("w")).dtype == "float64"


def test_what_cannot_be_counted_is_refused() -> None:
    x, w, n = T.ivector("x"), T.dvector("w"), T.iscalar("n")
    state = shared(np.zeros(1, "int64"))
    f = function([x], T.bincount(x), updates=[(state, T.bincount(x))])
    with pytest.raises(ValueError, match="bincount: an element is negative"):
        f(np.array([1, -1], "int32"))
    assert state.get_value().tolist() == [0]
    with pytest.raises(AssertionError, match="bincount: an element is negative"):
        function([x], T.bincount(x, assert_nonneg=True))(np.array([-3], "int32"))
    with pytest.raises(ValueError, match="bincount: 1 weights for 2 elements"):
        function([x, w], T.bincount(x, w))(np.array([0, 1], "int32"), [1.0])
    with pytest.raises(ValueError, match="minlength is -1; it must not be negative"):
        function([x, n], T.bincount(x, minlength=n))(np.array([0], "int32"), -1)
    with pytest.raises(TypeError, match="counts a vector of integers, got w"):
        T.bincount(w)
    with pytest.raises(TypeError, match="the minlength of bincount is an integer, got w"):
        T.bincount(x, minlength=w)
    with pytest.raises(TypeError, match="the weights of bincount are a real vector"):
        T.bincount(x, T.dmatrix("m"))


def test_the_gradient_of_weights() -> None:
    x, w = T.ivector("x"), T.dvector("w")
    values = {x: np.array([2, 0, 2], "int32"), w: np.array([1.0, 2.0, 3.0])}
    cost = (T.bincount(x, w) ** 2).sum()
    assert_gradient(cost, values, w)


@pytest.mark.parametrize("shape", [(0,), (1,), (30,), (5, 6), (2, 3, 4), (3, 0)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_different_elements_of_every_dtype(
    dtype: Any, shape: Any, rng: np.random.Generator
) -> None:
    x = T.TensorType(dtype, (False,) * len(shape))("x")
    values = rng.integers(0, 5, shape).astype(dtype)
    found = function([x], list(T.unique(x, True, True, True)))(values)
    wanted = np.unique(values, True, True, True)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    np.testing.assert_array_equal(found[0][found[2]], values)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(9, 3), (3, 9), (1, 4), (4, 1), (4, 2, 2)])
def test_different_parts_along_an_axis(shape: Any, axis: int, rng: np.random.Generator) -> None:
    x = T.TensorType("int16", (False,) * len(shape))("x")
    values = rng.integers(0, 2, shape).astype("int16")
    found = function([x], list(T.unique(x, True, True, True, axis)))(values)
    wanted = np.unique(values, True, True, True, axis)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, np.reshape(other, one.shape))
    np.testing.assert_array_equal(np.take(found[0], found[2], axis), values)


def test_different_parts_of_a_vector_along_its_axis() -> None:
    x = T.dvector("x")
    assert evaluate(T.unique(x, axis=0), {x: [3.0, 1.0, 3.0]}).tolist() == [1.0, 3.0]


@pytest.mark.parametrize("equal_nan", [True, False])
def test_nan(equal_nan: bool) -> None:
    x = T.dvector("x")
    values = np.array([np.nan, 1.0, np.nan, 0.0, -0.0, np.inf])
    found = evaluate(list(T.unique(x, False, True, True, equal_nan=equal_nan)), {x: values})
    wanted = np.unique(values, False, True, True, equal_nan=equal_nan)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_theanos_class() -> None:
    x = T.ivector("x")
    values, index, counts = T.Unique(return_index=True, return_counts=True)(x)
    found = evaluate([values, index, counts], {x: np.array([5, 5, 2], "int32")})
    assert [one.tolist() for one in found] == [[2, 5], [2, 0], [1, 2]]
    assert evaluate(T.Unique()(x), {x: np.array([1, 1], "int32")}).tolist() == [1]
    with pytest.raises(TypeError, match="complex numbers have no order, got z"):
        T.unique(T.zvector("z"))


def test_the_gradient_of_different_elements() -> None:
    x = T.dvector("x")
    slope = T.grad((T.unique(x) * T.constant([1.0, 10.0])).sum(), x)
    assert evaluate(slope, {x: [4.0, 2.0, 4.0]}).tolist() == [10.0, 1.0, 0.0]
