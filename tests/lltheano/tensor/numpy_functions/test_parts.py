"""Signs, fractions and convolutions have NumPy's values, and gradients."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad
from tests.lltheano.tensor.numpy_functions.test_values import NUMPY, SPECIAL, check

DTYPES = ["int8", "uint8", "int32", "int64", "float16", "float32", "float64"]
MODES: list[Any] = ["full", "same", "valid"]


def test_signs_of_all_pairs_of_special_numbers() -> None:
    signs = SPECIAL[~np.isnan(SPECIAL)]
    left = SPECIAL[:, None] * np.ones((1, signs.size))
    check(T.copysign, np.copysign, left, signs)
    x = T.dvector("x")
    zeros = function([x], T.copysign(0.0, x))(signs)
    np.testing.assert_array_equal(np.signbit(zeros), np.signbit(signs))
    np.testing.assert_array_equal(function([x], NUMPY.copysign(2.0, x))([-1.0, 1.0]), [-2.0, 2.0])


def test_fractions_of_special_numbers() -> None:
    check(T.modf, np.modf, SPECIAL)
    x = T.dvector("x")
    for computed, expected in zip(
        function([x], NUMPY.modf(x))(SPECIAL), np.modf(SPECIAL), strict=True
    ):
        numbers = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(computed[numbers]), np.signbit(expected[numbers]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_of_signs_and_fractions(dtype: str) -> None:
    numbers = np.array([0, 1, 3, 100]).astype(dtype)
    check(T.copysign, np.copysign, numbers, numbers[::-1])
    check(T.modf, np.modf, numbers)


def test_gradients_of_signs_and_fractions() -> None:
    x, y = T.dvectors("x", "y")
    by_x, by_y = function([x, y], grad(T.copysign(x, y).sum(), [x, y]))([1.0, -2.0], [-3.0, -4.0])
    assert (by_x.tolist(), by_y.tolist()) == ([-1.0, 1.0], [0.0, 0.0])
    fraction, whole = T.modf(x)
    slope = function([x], grad((fraction * 3 + whole).sum(), x))([1.25, -7.5])
    assert slope.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(1, 1), (5, 1), (1, 4), (5, 3), (3, 6), (4, 4)], ids=str)
def test_convolutions(sizes: tuple[int, int], mode: Any, rng: np.random.Generator) -> None:
    a, v = (rng.normal(size=size) for size in sizes)
    check(lambda x, y: T.convolve(x, y, mode), lambda x, y: np.convolve(x, y, mode), a, v)
    check(lambda x, y: np.convolve(x, y, mode), lambda x, y: np.convolve(x, y, mode), a, v)


@pytest.mark.parametrize("dtype", ["bool", *DTYPES, "complex64", "complex128"])
def test_dtypes_of_convolutions(dtype: str, rng: np.random.Generator) -> None:
    a, v = (rng.integers(0, 4, size=size).astype(dtype) for size in (6, 3))
    check(T.convolve, np.convolve, a, v)
    x, y = T.vector("x", dtype=dtype), T.vector("y", dtype=dtype)
    assert T.convolve(x, y).dtype == dtype


def test_an_infinity_reaches_only_what_it_overlaps() -> None:
    check(T.convolve, np.convolve, [1.0, np.inf, 2.0, 3.0], [1.0, 2.0])


@pytest.mark.parametrize("mode", MODES)
def test_gradients_of_convolutions(mode: Any, rng: np.random.Generator) -> None:
    T.verify_grad(
        lambda x, y: T.convolve(x, y, mode), [rng.normal(size=5), rng.normal(size=3)], rng=rng
    )


def test_what_cannot_be_convolved() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(ValueError, match="convolve takes vectors"):
        T.convolve(T.dmatrix(), y)
    with pytest.raises(ValueError, match="the mode of convolve"):
        T.convolve(x, y, "half")
    with pytest.raises(ValueError, match="convolve: a vector of 0 elements"):
        function([x, y], T.convolve(x, y))([1.0], [])
    for compute in (lambda: T.copysign(T.zvector(), 1.0), lambda: T.modf(T.zvector())):
        with pytest.raises(TypeError, match=r"complex|real"):
            compute()
