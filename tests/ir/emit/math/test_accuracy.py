"""Every kernel keeps its published bound, on samples small enough for each run of the tests.

``python -m tests.accuracy`` measures at length; this asks the same questions of fewer points.
"""

import mpmath
import numpy as np
import pytest

from lltheano_ir.emit.math import MATH
from tests.accuracy.measure import (
    Worst,
    measure_f32,
    measure_f32_pairs,
    measure_f64,
    measure_f64_exactly,
)
from tests.accuracy.native import compiled
from tests.accuracy.reference import EXTENDED, REFERENCES

FALLING_OR_NEITHER = {
    "cosh",
    "sin",
    "cos",
    "tan",
    "acos",
    "atan2",
    "pow",
    "erfc",
    "erfcx",
    "zeta",
    "i0",
}
RISING = [name for name in MATH if name not in FALLING_OR_NEITHER]
UNARY = [name for name, f in MATH.items() if f.arity == 1]
BINARY = [name for name, f in MATH.items() if f.arity == 2]


def assert_kept(worst: Worst, bound: float) -> None:
    assert worst.count > 0
    assert worst.wrong == 0, f"NaN or sign wrong at {worst.first_wrong}"
    assert worst.ulp <= bound, f"{worst.ulp} units at {worst.at}"


def test_every_function_has_a_reference() -> None:
    assert set(REFERENCES) == set(MATH)


@pytest.mark.parametrize("name", UNARY)
def test_f32_over_all_encodings(name: str) -> None:
    # The stride is prime to 2**32's period of mantissas, so that no mantissa is favoured.
    assert_kept(measure_f32(name, stride=30011), MATH[name].ulp_f32)


@pytest.mark.parametrize("name", BINARY)
def test_f32_pairs(name: str) -> None:
    assert_kept(measure_f32_pairs(name, count=100_000, seed=5), MATH[name].ulp_f32)


@pytest.mark.skipif(not EXTENDED, reason="long double is no wider than double here")
@pytest.mark.parametrize("name", [n for n in MATH if REFERENCES[n].in_extended])
def test_f64_against_extended_precision(name: str) -> None:
    assert_kept(measure_f64(name, count=20_000, seed=6), MATH[name].ulp_f64)


@pytest.mark.parametrize("name", list(MATH))
def test_f64_against_mpmath(name: str) -> None:
    assert_kept(measure_f64_exactly(name, count=200, seed=7), MATH[name].ulp_f64)


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize("name", RISING)
def test_rising_functions_rise(name: str, dtype: str) -> None:
    reference = REFERENCES[name]
    low, high = max(reference.low, -80.0), min(reference.high, 80.0)
    x = np.linspace(low, high, 50_001).astype({"f32": np.float32, "f64": np.float64}[dtype])
    with np.errstate(over="ignore"):
        y = compiled(name, dtype, 8)(x)
    assert np.all(y[1:] >= y[:-1])


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_huge_angles(name: str) -> None:
    """The double nearest to a multiple of pi / 2, and the greatest of all, among others."""
    x = np.array([np.ldexp(6381956970095103.0, 797), 1e22, np.finfo(np.float64).max, 2.0**1000])
    with mpmath.workprec(1200):
        exact = [float(REFERENCES[name].exact(mpmath.mpf(float(v)))) for v in x]
    np.testing.assert_array_max_ulp(compiled(name, "f64", 4)(x), np.array(exact), 1)
