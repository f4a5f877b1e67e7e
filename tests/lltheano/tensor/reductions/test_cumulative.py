"""Cumulative sums and products, and differences, compiled, against NumPy's."""

from collections.abc import Callable
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


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -2])
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 0, 3), (3, 1, 1), (0, 2, 9)])
def test_every_axis(axis: Any, shape: Any, rng: np.random.Generator) -> None:
    x = T.dtensor3("x")
    values = rng.normal(size=shape)
    f = function([x], [T.cumsum(x, axis), x.cumprod(axis)])
    for one in (values, values[::-1, :, ::-1], np.asfortranarray(values)):
        total, product = f(one)
        np.testing.assert_array_equal(total, np.cumsum(one, axis))
        np.testing.assert_array_equal(product, np.cumprod(one, axis))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype: Any, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = rng.integers(0, 100, (3, 40)).astype(dtype)
    total, product = function([x], [T.cumsum(x, 1), T.cumprod(x, 1)])(values)
    with np.errstate(all="ignore"):
        wanted = np.cumsum(values, 1), np.cumprod(values, 1)
    for found, one in zip((total, product), wanted, strict=True):
        np.testing.assert_array_equal(found, one)
        assert found.dtype == one.dtype


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_sums(dtype: Any, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False,))("x")
    values = (rng.normal(size=30) + 1j * rng.normal(size=30)).astype(dtype)
    np.testing.assert_array_equal(function([x], T.cumsum(x))(values), np.cumsum(values))


def test_special_values() -> None:
    x = T.dvector("x")
    f = function([x], [T.cumsum(x), T.cumprod(x)])
    for values in ([-0.0, -0.0], [np.inf, 1.0, -np.inf], [np.nan, 1.0], [5e-324, 0.5]):
        with np.errstate(all="ignore"):
            expected = [np.cumsum(values), np.cumprod(values)]
        for found, wanted in zip(f(values), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)
            np.testing.assert_array_equal(np.signbit(found), np.signbit(wanted))


GRADIENTS: dict[str, Callable[[Any], Any]] = {
    "cumsum": lambda x: T.cumsum(x, 1),
    "cumsum of all": T.cumsum,
    "cumprod": lambda x: T.cumprod(x, 0),
    "cumprod of all": T.cumprod,
    "diff": lambda x: T.diff(x, 2, axis=1),
}


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_with_zeros_and_without(name: Any, zeros: int, rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    array = rng.uniform(0.5, 1.5, size=(3, 4))
    array[[0, 1, 2], [1, 1, 3]] *= np.arange(3) >= zeros
    result = GRADIENTS[name](x)
    weights = T.constant(rng.normal(size=evaluate(result, {x: array}).shape))
    cost = (weights * result).sum()
    assert_gradient(cost, {x: array}, x)


def test_the_second_derivative_of_a_product(rng: np.random.Generator) -> None:
    x = T.dvector("x")
    values = {x: rng.uniform(0.5, 1.5, size=5)}
    first = T.grad((T.cumprod(x) ** 2).sum(), x)
    cost = (first * T.constant(rng.normal(size=5))).sum()
    assert_gradient(cost, values, x)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float32", "float64"])
@pytest.mark.parametrize(("n", "axis"), [(0, 0), (1, -1), (2, 0), (4, 1), (9, -2)])
def test_differences(dtype: Any, n: int, axis: int, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False, False))("x")
    values = rng.integers(0, 2, (3, 6)).astype(dtype)
    found = evaluate(T.diff(x, n, axis), {x: values})
    np.testing.assert_array_equal(found, np.diff(values, n, axis))
    assert found.dtype == dtype


def test_bad_arguments_are_refused() -> None:
    x = T.dvector("x")
    n: Any = T.iscalar("n")
    with pytest.raises(ValueError, match=r"x .*has 1 axes and no axis 1"):
        T.cumsum(x, 1)
    with pytest.raises(ValueError, match="modes add and mul, got 'max'"):
        T.CumOp(0, "max")(x)
    with pytest.raises(ValueError, match="n must not be negative, got -1"):
        T.diff(x, -1)
    with pytest.raises(TypeError, match="n must be a Python int"):
        T.diff(x, n)
