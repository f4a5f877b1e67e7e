"""What ops mean on complex numbers: NumPy's values, C99's special values, and cuts of two sides."""

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest

from fuzz.comparison import differences
from lltheano_ir.dtypes import c64, c128
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.elementwise.complexes import COMPLEX_REFERENCES, joined, multiply, product
from lltheano_ir.ops.summation import fold_last_axis
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import ValueType

INF, NAN = np.inf, np.nan
UNARY = [name for name in COMPLEX_REFERENCES if name != "pow"]
LIKE_NUMPY = [name for name in UNARY if name not in ("exp2", "expm1", "log1p", "sign")]
PARTS = [0.0, -0.0, 1.0, -2.5, 700.0, INF, -INF, NAN]


def reference(name: str, *arrays: Any) -> Array:
    """An op on c128."""
    given = [np.asarray(one, np.complex128) for one in arrays]
    found = OPS[name].reference
    assert found is not None
    return np.asarray(found(given, [ValueType(c128, (False,) * one.ndim) for one in given], ()))


def plane(parts: list[float]) -> Array:
    pairs = np.array(list(itertools.product(parts, parts)))
    return joined(pairs[:, 0], pairs[:, 1])


@pytest.mark.parametrize("name", LIKE_NUMPY)
def test_special_values_are_numpys(name: str) -> None:
    """Glibc's, which are the signs that Annex G leaves open."""
    z = plane(PARTS)
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(z)
    found = reference(name, z)
    np.testing.assert_array_equal(np.isnan(found.real), np.isnan(wanted.real))
    np.testing.assert_array_equal(np.isnan(found.imag), np.isnan(wanted.imag))
    for part in ("real", "imag"):
        got, want = getattr(found, part), getattr(wanted, part)
        there = ~np.isnan(want)
        np.testing.assert_array_equal(np.signbit(got)[there], np.signbit(want)[there])
        np.testing.assert_allclose(got[there], want[there], rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", UNARY)
def test_single_precision_is_rounded_once(name: str) -> None:
    z = plane(PARTS).astype(np.complex64)
    found = OPS[name].reference
    assert found is not None
    got = np.asarray(found([z], [ValueType(c64, (False,))], ()))
    with np.errstate(all="ignore"):
        assert not differences(got, reference(name, z).astype(got.dtype)).any()


@pytest.mark.parametrize(
    ("name", "z", "wanted"),
    [
        ("exp2", complex(INF, 0.0), complex(INF, 0.0)),
        ("exp2", complex(-INF, NAN), 0j),
        ("exp2", complex(3.0, 0.0), 8 + 0j),
        ("expm1", complex(1e-20, 0.0), 1e-20 + 0j),
        ("expm1", complex(-INF, NAN), -1 + 0j),
        ("expm1", complex(INF, -0.0), complex(INF, -0.0)),
        ("expm1", complex(-0.0, -0.0), complex(-0.0, -0.0)),
        ("log1p", complex(1e-20, 0.0), 1e-20 + 0j),
        ("log1p", complex(-1.0, 0.0), complex(-INF, 0.0)),
        ("log1p", complex(-2.0, -0.0), complex(0.0, -np.pi)),
        ("sign", complex(0.0, -0.0), 0j),
        ("sign", complex(3e307, -4e307), 0.6 - 0.8j),
        ("sign", complex(0.0, 5e-324), 1j),
        ("sign", complex(-INF, 7.0), -1 + 0j),
        ("sign", complex(2.0, -INF), complex(0.0, -1.0)),
        ("sign", complex(NAN, 1.0), complex(NAN, NAN)),
        ("sign", complex(INF, INF), complex(NAN, NAN)),
        ("abs", complex(NAN, -INF), INF),
        ("abs", complex(3e307, 4e307), 5e307),
    ],
)
def test_what_numpy_does_not_do_as_well(name: str, z: complex, wanted: complex) -> None:
    found, expected = reference(name, z), np.asarray(wanted, reference(name, z).dtype)
    for got, want in ((found.real, expected.real), (found.imag, expected.imag)):
        np.testing.assert_allclose(got, want, rtol=1e-15)
        assert np.isnan(want) or np.signbit(got) == np.signbit(want)


@pytest.mark.parametrize(
    ("name", "on_the_cut"),
    [
        ("log", -2.0),
        ("sqrt", -2.0),
        ("log1p", -3.0),
        ("arccosh", -2.0),
        ("arcsin", 2.0),
        ("arcsin", -2.0),
        ("arccos", 2.0),
        ("arctanh", 2.0),
        ("arcsinh", 2j),
        ("arctan", 2j),
        ("arctan", -2j),
    ],
)
def test_each_side_of_a_cut_has_its_own_values(name: str, on_the_cut: complex) -> None:
    """The sign of the zero says which side; either value is that of the numbers nearby."""
    z = complex(on_the_cut)
    values = []
    for side in (1.0, -1.0):
        exact, beside = (moved_across(z, side * distance) for distance in (0.0, 1e-12))
        values.append(reference(name, exact))
        np.testing.assert_allclose(values[-1], reference(name, beside), atol=1e-6)
    above, below = values
    assert not np.isclose(above, below)


def moved_across(z: complex, distance: float) -> complex:
    """From an axis in the other part."""
    return complex(z.real, distance) if z.imag == 0 else complex(distance, z.imag)


@pytest.mark.parametrize("name", ["log1p", "expm1", "exp2"])
def test_formulas_of_our_own_are_exact(name: str) -> None:
    exact: Any = {
        "log1p": lambda z: mpmath.log(1 + z),
        "expm1": lambda z: mpmath.exp(z) - 1,
        "exp2": lambda z: mpmath.power(2, z),
    }[name]
    rng = np.random.default_rng(2)
    z = np.ldexp(rng.normal(size=(200, 2)), rng.integers(-40, 6, (200, 2))) @ np.array([1, 1j])
    with mpmath.workprec(200):
        wanted = np.array([complex(exact(mpmath.mpc(one))) for one in z])
    assert np.all(np.abs(reference(name, z) - wanted) <= 2e-15 * np.abs(wanted))


def test_whole_powers_are_products() -> None:
    z = np.array([1 + 2j, -3j, 0.5 + 0j])
    np.testing.assert_array_equal(reference("pow", z, np.full(3, 2)), multiply(z, z))
    np.testing.assert_array_equal(reference("pow", z, np.full(3, 0)), np.ones(3))
    np.testing.assert_array_equal(reference("pow", z, np.full(3, 1)), z)
    np.testing.assert_array_equal(reference("pow", z, np.full(3, 3)), np.power(z, 3))
    np.testing.assert_array_equal(reference("pow", z, np.full(3, -1)), 1 / z)


def test_powers_of_zero() -> None:
    exponents = np.array([0, 1, 0.5, 2 + 1j, -1, 1j, -2 + 1j])
    found = reference("pow", np.zeros(7), exponents)
    assert found[:4].tolist() == [1, 0, 0, 0]
    assert np.isnan(found[4:]).all()


def test_a_factor_of_one_changes_nothing() -> None:
    """Neither the sign of a zero nor an infinity, which a multiplication would."""
    z = plane(PARTS)
    one = np.ones_like(z)
    with np.errstate(invalid="ignore"):
        assert not differences(product(one, z), z).any()
        assert not differences(product(z, one), z).any()
        assert np.isnan(multiply(one, z)[np.isinf(z)]).any()


def test_a_product_over_elements_does_not_depend_on_what_fills_the_lanes() -> None:
    rng = np.random.default_rng(4)
    z = np.exp(1j * rng.uniform(0, 6, 1000))
    np.testing.assert_allclose(fold_last_axis("mul", z), np.prod(z), rtol=1e-12)
    alone = np.array([complex(-0.0, INF)])
    with np.errstate(invalid="ignore"):
        assert not differences(fold_last_axis("mul", alone), alone[0]).any()
    assert fold_last_axis("mul", z[:0]) == 1
