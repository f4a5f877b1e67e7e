"""The derivatives of the determinant, at regular matrices and at those of any defect."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.gradient import Rop, grad
from lltheano.tensor.variables.variable import TensorType


def minors(x: Any) -> Any:
    """The cofactors by their definition."""
    n = len(x)
    found = np.empty_like(x)
    for i in range(n):
        for j in range(n):
            rest = np.delete(np.delete(x, i, 0), j, 1)
            found[i, j] = (-1) ** (i + j) * leibniz(rest)
    return found


def leibniz(x: Any) -> Any:
    total = 0
    for order in permutations(range(len(x))):
        sign = np.linalg.det(np.eye(len(x))[list(order)]) if order else 1.0
        total = total + sign * np.prod([x[i, j] for i, j in enumerate(order)])
    return total


def of_rank(n: int, rank: int, dtype: str, rng: np.random.Generator) -> Any:
    """A matrix of small whole numbers, so that its factors have an exact 0."""
    left, right = (rng.integers(-2, 3, (n, n)).astype(dtype) for _ in range(2))
    if dtype.startswith("complex"):
        left = left + 1j * rng.integers(-2, 3, (n, n))
    return (left[:, :rank] @ right[:rank]).astype(dtype)


DTYPES = ("float32", "float64", "complex64", "complex128")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_gradient_is_the_cofactors_at_every_rank(
    n: int, dtype: str, rng: np.random.Generator
) -> None:
    x = TensorType(dtype, (False, False))("x")
    run = function([x], grad(T.nlinalg.det(x).real, x))
    tolerance = 1e-4 if dtype in ("float32", "complex64") else 1e-10
    for rank in range(n + 1):
        for _ in range(3):
            point = of_rank(n, rank, dtype, rng)
            wanted = np.conj(minors(point.astype("complex128")))
            scale = max(1.0, abs(point).max()) ** (n - 1)
            np.testing.assert_allclose(run(point), wanted, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_second_derivatives_at_every_rank(n: int, rng: np.random.Generator) -> None:
    x, direction = T.dmatrix("x"), T.dmatrix("direction")
    value = T.nlinalg.det(x)
    first = grad(value, x)
    second = grad((first * direction).sum(), x, consider_constant=[direction])
    run = function([x, direction], [Rop(value, x, direction), Rop(first, x, direction), second])
    for rank in range(n + 1):
        point, along = of_rank(n, rank, "float64", rng), rng.normal(size=(n, n))
        product, forward, back = run(point, along)
        np.testing.assert_allclose(product, (minors(point) * along).sum(), rtol=1e-9, atol=1e-9)
        # Cofactors are polynomials of a low degree: central differences with a step of 1 are near.
        step = 1e-4
        slope = (minors(point + step * along) - minors(point - step * along)) / (2 * step)
        for one in (forward, back):
            np.testing.assert_allclose(one, slope, rtol=1e-5, atol=1e-5)


def test_third_derivatives_of_regular_matrices(rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    first = grad(T.nlinalg.det(x), x)
    second = grad((first**2).sum(), x)
    third = grad((second * T.constant(np.eye(3) + 0.5)).sum(), x)
    point, step = rng.normal(size=(3, 3)), 1e-5
    at, run = function([x], (second * (np.eye(3) + 0.5)).sum()), function([x], third)
    found = run(point)
    for place in np.ndindex(3, 3):
        moved = np.zeros((3, 3))
        moved[place] = step
        slope = (at(point + moved) - at(point - moved)) / (2 * step)
        np.testing.assert_allclose(found[place], slope, rtol=1e-5, atol=1e-5)


def test_near_singular_matrices_and_stacks(rng: np.random.Generator) -> None:
    x, stack = T.dmatrix("x"), T.dtensor3("stack")
    run = function([x], grad(T.nlinalg.det(x), x))
    for small in (1e-6, 1e-12, 1e-16, 1e-30, 1e-300):
        point = np.array([[1.0, 2.0], [2.0, 4.0 + 0.0]]) + small * np.array([[0, 0], [0, 1.0]])
        np.testing.assert_allclose(run(point), [[4, -2], [-2, 1]], rtol=1e-5)
    points = np.stack([of_rank(3, rank, "float64", rng) for rank in (3, 2, 1, 0)])
    slopes = function([stack], grad(T.linalg.det(stack).sum(), stack))(points)
    for point, slope in zip(points, slopes, strict=True):
        np.testing.assert_allclose(slope, minors(point), rtol=1e-9, atol=1e-9)
    assert run(np.zeros((0, 0))).shape == (0, 0)
    assert np.isnan(run(np.full((2, 2), np.nan))).all()


def test_what_depends_on_a_determinant_that_is_zero() -> None:
    x = T.dmatrix("x")
    value = T.nlinalg.det(x)
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    cost = T.switch(T.eq(value, 0), value * 3, T.log(abs(value) + 1))
    np.testing.assert_allclose(grad(cost, x).eval({x: singular}), [[12, -6], [-6, 3]], atol=1e-9)
    logarithm = T.linalg.slogdet(x)[1]
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        function([x], grad(logarithm, x))(singular)
