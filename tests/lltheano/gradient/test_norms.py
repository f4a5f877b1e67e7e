"""Gradients of norms are right where the squares of the elements overflow or underflow."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad

X = np.array([[3.0, -4.0, 1.0], [2.0, 5.0, -6.0]])
WEIGHTS = np.array([1.0, -2.0, 3.0])

NORMS: dict[str, Callable[[Any, Any, bool], Any]] = {
    "power": lambda x, axis, keep: T.sqrt((x**2).sum(axis, keepdims=keep)),
    "sqr": lambda x, axis, keep: T.sqrt(T.sqr(x).sum(axis, keepdims=keep)),
    "product": lambda x, axis, keep: T.sqrt((x * x).sum(axis, keepdims=keep)),
    "half": lambda x, axis, keep: (x**2).sum(axis, keepdims=keep) ** 0.5,
}
"""Ways to write a norm along axes."""

COSTS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "log": (lambda x, n: T.log(n).sum(), lambda x, n: x / n / n),
    "log of several uses": (
        lambda x, n: (2 * T.log(n) + n / n).sum(),
        lambda x, n: 2 * x / n / n,
    ),
    "unit": (
        lambda x, n: (WEIGHTS.astype(x.dtype) * (x / n)).sum(),
        lambda x, n: WEIGHTS / n - _summed_as(WEIGHTS * x, n) / n**3 * x,
    ),
}
"""Costs of a matrix and a norm of it, and their gradients by the matrix."""


def _summed_as(values: Any, like: Any) -> Any:
    """Sums along the axes on which `like` has size 1."""
    return values.sum(tuple(np.flatnonzero(np.array(like.shape) == 1)), keepdims=True)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)], ids=str)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("cost", COSTS)
def test_gradients_by_norms_at_all_scales(norm: str, cost: str, axis: Any) -> None:
    """A gradient by x * s is that by x over s, for powers of two that square out of range."""
    for dtype, exponents in (("float32", (0, -100, 100)), ("float64", (0, -700, 700))):
        x = T.matrix("x", dtype=dtype)
        length = NORMS[norm](x, axis, True)
        compute = function([x], grad(COSTS[cost][0](x, length), x))
        expected = COSTS[cost][1](X, np.sqrt((X**2).sum(axis, keepdims=True)))
        for exponent in exponents:
            computed = compute(np.ldexp(X, exponent).astype(dtype))
            back = np.ldexp(computed.astype("float64"), exponent)
            tolerance = 1e-5 if dtype == "float32" else 1e-12
            np.testing.assert_allclose(back, expected, tolerance, tolerance)


@pytest.mark.parametrize("exponent", [-700, 0, 700])
def test_norms_of_all_elements(exponent: int) -> None:
    """Those of matrices, too, whose axes are merged before they are added up."""
    for value in (X, X[0], X[:, :, None]):
        x = T.TensorType("float64", [False] * value.ndim)("x")
        length = T.sqrt((x**2).sum())
        scaled = np.ldexp(value, exponent)
        norm = np.ldexp(np.sqrt((value**2).sum()), exponent)
        root, slope = function([x], [length, grad(length, x)])(scaled)
        np.testing.assert_allclose(root, norm, 1e-12)
        np.testing.assert_allclose(slope, scaled / norm, 1e-12)


def test_a_norm_whose_own_gradient_is_asked_for() -> None:
    """Nobody looks through it."""
    x = T.dvector("x")
    length = T.sqrt((x**2).sum())
    by_norm, by_x = function([x], grad(T.log(length), [length, x]))([3.0, 4.0])
    np.testing.assert_allclose(by_norm, 1 / 5)
    np.testing.assert_allclose(by_x, [3 / 25, 4 / 25])


def test_second_derivatives_of_the_logarithm_of_a_norm() -> None:
    x = T.dvector("x")
    slope = grad(T.log(T.sqrt((x**2).sum())), x)
    found = function([x], grad(slope[0], x))([3.0, 4.0])
    np.testing.assert_allclose(found, [(25 - 18) / 625, -24 / 625])
