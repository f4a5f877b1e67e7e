"""What each kernel gives at zeros, infinities, NaN and the borders of its domain."""

import math

import numpy as np
import pytest

from lltheano_ir.emit.math import MATH
from tests.accuracy.native import NUMPY, compiled

INF, NAN = math.inf, math.nan
PI, HALF_PI = math.pi, math.pi / 2

CASES: dict[str, list[tuple[float, float]]] = {
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0)],
    "exp2": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (10.0, 1024.0), (-3.0, 0.125)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (-200.0, -1.0)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (200.0, 1.0), (-1e4, 0.0)],
    "log": [(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-1.0, NAN)],
    "log2": [(1.0, 0.0), (8.0, 3.0), (0.125, -3.0), (0.0, -INF), (INF, INF), (-1.0, NAN)],
    "log10": [(1.0, 0.0), (1000.0, 3.0), (0.0, -INF), (INF, INF), (-1.0, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-2.0, NAN), (-INF, NAN)],
    "softplus": [(INF, INF), (-INF, 0.0), (1e4, 1e4), (-1e4, 0.0)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (1e4, INF), (-1e4, -INF)],
    "cosh": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (-1e4, INF)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (50.0, 1.0), (-50.0, -1.0)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "asin": [(0.0, 0.0), (-0.0, -0.0), (1.0, HALF_PI), (-1.0, -HALF_PI), (1.5, NAN), (INF, NAN)],
    "acos": [(1.0, 0.0), (0.0, HALF_PI), (-1.0, PI), (-1.5, NAN), (-INF, NAN)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, HALF_PI), (-INF, -HALF_PI), (1.0, PI / 4)],
    "asinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)],
    "acosh": [(1.0, 0.0), (INF, INF), (0.5, NAN), (-INF, NAN)],
    "atanh": [(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (2.0, NAN), (INF, NAN)],
    "cbrt": [(0.0, 0.0), (-0.0, -0.0), (27.0, 3.0), (-8.0, -2.0), (INF, INF), (-INF, -INF)],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (30.0, 1.0)],
    "erfc": [(0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, 2.0), (-30.0, 2.0), (200.0, 0.0)],
    "erfcx": [(0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, INF), (-30.0, INF)],
    "i0": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (1e4, INF), (-1e4, INF)],
    "i1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (-1e4, -INF)],
    "erfinv": [(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN), (-INF, NAN)],
}


def assert_same(got: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(got, wanted)
    numbers = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(got[numbers]), np.signbit(wanted[numbers]))


def test_every_function_of_one_argument_has_cases() -> None:
    assert set(CASES) == {name for name, f in MATH.items() if f.arity == 1}


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize("name", list(CASES))
def test_edges(name: str, dtype: str, lanes: int) -> None:
    x, y = np.array([*CASES[name], (NAN, NAN)]).T.astype(NUMPY[dtype])
    assert_same(compiled(name, dtype, lanes)(x), y)


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize(("name", "reference"), [("pow", np.power), ("atan2", np.arctan2)])
def test_edges_of_two_arguments(name: str, reference: np.ufunc, dtype: str) -> None:
    edges = [0.0, 1.0, 2.0, 3.0, 0.5, 2.5, 1e30, 1e-30, INF]
    edges = [*edges, *(-x for x in edges), NAN]
    first, second = (a.ravel().astype(NUMPY[dtype]) for a in np.meshgrid(edges, edges))
    with np.errstate(all="ignore"):
        wanted = reference(first.astype(np.float64), second.astype(np.float64)).astype(NUMPY[dtype])
    got = compiled(name, dtype, 4)(first, second)
    numbers = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.isnan(got), ~numbers)
    np.testing.assert_array_equal(np.signbit(got[numbers]), np.signbit(wanted[numbers]))
    np.testing.assert_array_max_ulp(got[numbers], wanted[numbers], 1)


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize(
    "name", ["expm1", "log1p", "sinh", "tanh", "sin", "tan", "asin", "atan", "asinh", "atanh"]
)
def test_subnormal_arguments_come_back(name: str, dtype: str) -> None:
    """Where f(x) rounds to x, x is the result to the bit: nothing is flushed to zero."""
    smallest = np.finfo(NUMPY[dtype]).smallest_subnormal
    x = np.arange(-40, 41).astype(NUMPY[dtype]) * smallest
    assert_same(compiled(name, dtype, 4)(x), x)


@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_subnormal_results(dtype: str) -> None:
    limits = np.finfo(NUMPY[dtype])
    exponents = np.arange(np.log2(limits.smallest_subnormal), np.log2(limits.tiny))
    x = exponents.astype(NUMPY[dtype])
    wanted = np.ldexp(np.ones_like(x), x.astype(int))
    assert_same(compiled("exp2", dtype, 4)(x), wanted)
    assert_same(compiled("log2", dtype, 4)(wanted), x)
    assert_same(compiled("pow", dtype, 4)(np.full_like(x, 2), x), wanted)


@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_overflow_is_where_it_should_be(dtype: str) -> None:
    largest = np.finfo(NUMPY[dtype]).max
    last = np.log(largest, dtype=np.longdouble).astype(NUMPY[dtype])
    if last > np.log(largest, dtype=np.longdouble):
        last = np.nextafter(last, NUMPY[dtype](0))
    x = np.array([last, np.nextafter(last, NUMPY[dtype](INF))])
    for name in ("exp", "expm1"):
        assert np.isfinite(compiled(name, dtype, 1)(x)).tolist() == [True, False]
