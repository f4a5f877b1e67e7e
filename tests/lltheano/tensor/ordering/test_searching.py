"""Bisection, compiled, against NumPy's."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import evaluate

DTYPES = ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32", "float64"]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_size_and_side(dtype: Any, side: Any, rng: np.random.Generator) -> None:
    x = T.TensorType(dtype, (False,))("x")
    v = T.TensorType(dtype, (False, False))("v")
    f = function([x, v], T.searchsorted(x, v, side))
    for size in (0, 1, 2, 7, 8, 100):
        values = np.sort(rng.integers(0, 20, size)).astype(dtype)
        wanted = rng.integers(0, 22, (3, 5)).astype(dtype)
        found = f(values, wanted)
        np.testing.assert_array_equal(found, np.searchsorted(values, wanted, side))
        assert found.dtype == np.int64


@pytest.mark.parametrize("side", ["left", "right"])
def test_nan_and_infinities(side: Any) -> None:
    x, v = T.dvector("x"), T.dvector("v")
    hard = np.array([-np.inf, -1.0, -0.0, 0.0, 2.0, np.inf, np.nan, np.nan])
    found = evaluate(T.searchsorted(x, v, side), {x: hard, v: hard})
    np.testing.assert_array_equal(found, np.searchsorted(hard, hard, side))


def test_a_scalar_a_sorter_and_mixed_dtypes(rng: np.random.Generator) -> None:
    x, v = T.ivector("x"), T.dscalar("v")
    f = function([x, v], x.searchsorted(v, sorter=T.argsort(x)))
    values = rng.permutation(10).astype("int32")
    for wanted in (-1.0, 3.0, 3.5, 20.0):
        found = f(values, wanted)
        assert found.shape == ()
        assert found == np.searchsorted(values, wanted, sorter=np.argsort(values))


def test_bad_arguments_are_refused() -> None:
    x, v, m, z = T.dvector("x"), T.dvector("v"), T.dmatrix("m"), T.zvector("z")
    with pytest.raises(ValueError, match="sides left and right, got 'middle'"):
        T.searchsorted(x, v, "middle")
    with pytest.raises(ValueError, match="looks into a vector, got m"):
        T.searchsorted(m, v)
    with pytest.raises(TypeError, match="complex numbers have no order: z"):
        T.searchsorted(x, z)
    with pytest.raises(TypeError, match="sorter of searchsorted is an integer vector, got v"):
        T.searchsorted(x, v, sorter=v)
    f = function([x, v], T.searchsorted(x, v, sorter=[5]))
    with pytest.raises(IndexError, match="index 5 is out of range"):
        f([1.0, 2.0], [1.0])


def test_the_gradient_is_zero() -> None:
    x, v = T.dvector("x"), T.dvector("v")
    place = T.searchsorted(x, v)
    slope = T.grad((place * v).sum(), v)
    assert evaluate(slope, {x: [1.0, 2.0], v: [0.0, 1.5, 9.0]}).tolist() == [0, 1, 2]
