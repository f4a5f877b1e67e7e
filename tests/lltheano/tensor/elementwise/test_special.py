"""Special functions where the tests of all elementwise ops do not look."""

from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special

import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import assert_gradient, evaluate

BELOW_AND_ABOVE_ZERO = np.array([-7.3, -2.6, -0.5, -0.1, 0.2, 1.0, 4.5])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", ["gammaln", "erfcinv", "j0", "tri_gamma"])
def test_narrow_floats_are_computed_in_float64_and_rounded_once(name: str, dtype: Any) -> None:
    x = T.vector("x", dtype=dtype)
    values = np.linspace(0.05, 0.95, 37).astype(dtype)
    wide = values.astype("float64")
    exact = {"tri_gamma": lambda x: scipy.special.polygamma(1, x)}.get(name)
    wanted = (exact or getattr(scipy.special, name))(wide)
    np.testing.assert_array_equal(function([x], getattr(T, name)(x))(values), wanted.astype(dtype))


@pytest.mark.parametrize("name", ["gammaln", "psi", "tri_gamma"])
def test_derivatives_of_the_gamma_family_hold_on_both_sides_of_zero(name: str) -> None:
    x = T.dvector("x")
    cost = getattr(T, name)(x).sum()
    given = {x: BELOW_AND_ABOVE_ZERO}
    assert_gradient(cost, given, x, step=1e-5, curvature=1e-4)


@pytest.mark.parametrize("n", range(5))
def test_polygamma(n: int) -> None:
    x = np.array([1e-3, 0.5, 2.0, 30.0, 1e6])
    np.testing.assert_allclose(T.polygamma(n, x).eval(), scipy.special.polygamma(n, x), rtol=1e-13)


def test_polygamma_refuses_integrals() -> None:
    with pytest.raises(ValueError, match="polygamma needs n >= 0, got -1"):
        T.polygamma(-1, 2.0)


def test_the_derivative_of_the_incomplete_gamma_function_at_its_corner() -> None:
    x = T.dvector("x")
    slopes = T.grad(T.gammainc(1.0, x).sum(), x)
    assert evaluate(slopes, {x: np.array([0.0, 1.0])}).tolist() == [1.0, np.exp(-1.0)]


def test_a_chi_squared_variable_is_never_negative() -> None:
    x = T.dvector("x")
    given = {x: np.array([-2.0, 2.0])}
    chances = T.chi2sf(x, 2.0)
    np.testing.assert_allclose(evaluate(chances, given), [1.0, np.exp(-1.0)])
    np.testing.assert_allclose(evaluate(T.grad(chances.sum(), x), given), [0, -np.exp(-1.0) / 2])


def test_incomplete_gamma_functions_that_are_not_regularised() -> None:
    total = T.gammal(3.5, 2.0) + T.gammau(3.5, 2.0)
    np.testing.assert_allclose(total.eval(), scipy.special.gamma(3.5))


def test_a_derivative_of_second_order_through_every_bessel_function() -> None:
    x = T.dvector("x")
    cost = (T.j0(x) + T.i0(x) * T.j1(x) + T.i1(x)).sum()
    given = {x: np.array([-1.5, 0.0, 0.7])}
    first = T.grad(cost, x)
    assert_gradient((first**2).sum(), given, x)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
def test_the_derivative_of_erfcx_keeps_its_digits_far_out(dtype: Any, tolerance: float) -> None:
    x = T.vector("x", dtype=dtype)
    points = np.array([0.5, 5.9, 6.1, 19.9, 20.1, 1e3, 1e8], dtype)
    with mpmath.workdps(60):
        exact = [
            float(2 * v * mpmath.exp(v * v) * mpmath.erfc(v) - 2 / mpmath.sqrt(mpmath.pi))
            if v < 100
            else float(-(1 - 3 / (2 * v**2) + 15 / (4 * v**4)) / (v**2 * mpmath.sqrt(mpmath.pi)))
            for v in map(mpmath.mpf, points.tolist())
        ]
    found = evaluate(T.grad(T.erfcx(x).sum(), x), {x: points})
    np.testing.assert_allclose(found, exact, rtol=tolerance)
