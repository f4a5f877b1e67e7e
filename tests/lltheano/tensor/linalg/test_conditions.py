"""Condition numbers and ranks are NumPy's, for all dtypes and shapes of matrices."""

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function


@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (5, 2)], ids=str)
def test_values(dtype: str, shape: tuple[int, int], rng: np.random.Generator) -> None:
    value = rng.integers(-9, 10, size=shape).astype(dtype)
    x = T.matrix("x", dtype=dtype)
    compute = function([x], [T.linalg.cond(x), T.linalg.cond(x, -2), T.linalg.matrix_rank(x)])
    wide, narrow, rank = compute(value)
    tolerance = 1e-3 if dtype in ("float32", "complex64") else 1e-10
    np.testing.assert_allclose(wide, np.linalg.cond(value), tolerance)
    np.testing.assert_allclose(narrow, np.linalg.cond(value, -2), tolerance)
    assert rank == np.linalg.matrix_rank(value)


@pytest.mark.parametrize("rank", range(5))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ranks(rank: int, dtype: str, rng: np.random.Generator) -> None:
    value = (rng.normal(size=(6, rank)) @ rng.normal(size=(rank, 4))).astype(dtype)
    x = T.matrix("x", dtype=dtype)
    assert function([x], T.linalg.matrix_rank(x))(value) == rank
    assert function([x], T.linalg.matrix_rank(x, 1e6))(value) == 0


def test_the_gradient_of_a_condition_number(rng: np.random.Generator) -> None:
    T.verify_grad(T.linalg.cond, [rng.normal(size=(3, 3)) + 3 * np.eye(3)], rng=rng)


def test_what_has_none() -> None:
    with pytest.raises(ValueError, match="cond takes a matrix"):
        T.linalg.cond(T.dvector())
    with pytest.raises(ValueError, match="matrix_rank takes a matrix"):
        T.linalg.matrix_rank(T.dvector())
    with pytest.raises(ValueError, match="cond takes p of None, 2 and -2"):
        T.linalg.cond(T.dmatrix(), 1)
