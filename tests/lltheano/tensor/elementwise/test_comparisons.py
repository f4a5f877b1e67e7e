"""Comparisons are exact: of every pair of dtypes, at the ends of their ranges and beside powers of
two that floats do not tell apart; complex numbers by their parts, as in NumPy.
"""

import operator
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.promotion import INTEGER_DTYPES
from lltheano.tensor.variables.variable import TensorType
from tests.lltheano.evaluation import evaluate

OPS = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
NEAR = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1, -(2**53) - 1, -(2**63)]


def points(dtype: str) -> Any:
    limits = np.iinfo(dtype)
    all_of_them = [0, 1, -1, 100, -100, limits.max, limits.min, *NEAR]
    return np.array([one for one in all_of_them if limits.min <= one <= limits.max], dtype)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("first", INTEGER_DTYPES)
@pytest.mark.parametrize("second", ["int8", "int64", "uint64"])
def test_integers(first: str, second: str, compiled: bool) -> None:
    x, y = TensorType(first, (False, True))(), TensorType(second, (True, False))()
    given = points(first)[:, None], points(second)[None]
    results = [getattr(T, name)(*pair) for name in OPS for pair in ((x, y), (y, x))]
    found = (
        function([x, y], results)(*given)
        if compiled
        else evaluate(results, {x: given[0], y: given[1]})
    )
    wide = given[0].astype(object), given[1].astype(object)
    wanted = [compare(*pair) for compare in OPS.values() for pair in (wide, wide[::-1])]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other.astype(bool))


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_python_numbers(dtype: str) -> None:
    x, values = TensorType(dtype, (False,))(), points(dtype)
    for number in NEAR:
        for name, compare in OPS.items():
            found = evaluate(getattr(T, name)(x, number), {x: values})
            assert found.tolist() == [compare(int(one), number) for one in values]
    assert evaluate(x > 2**53, {x: values}).tolist() == [int(one) > 2**53 for one in values]


def test_what_is_made_of_comparisons() -> None:
    i, u = T.lvector("i"), T.vector("u", dtype="uint64")
    given = {i: np.array([2**53 + 1, 2**53, -1]), u: np.array([2**53, 2**53, 2**64 - 1], "uint64")}
    assert evaluate(T.switch(T.eq(i, u), 1, 0), given).tolist() == [0, 1, 0]
    for side in ("left", "right"):
        x = np.array([-5, 2**53, 2**53 + 1, 2**63 - 1])
        v = np.array([0, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1], "uint64")
        found = evaluate(T.searchsorted(i, u, side), {i: x, u: v})
        wanted = np.searchsorted(x.astype(object), v.astype(object), side)
        assert found.tolist() == wanted.tolist()
        turned = evaluate(T.searchsorted(u, i, side), {u: v, i: x})
        wanted = np.searchsorted(v.astype(object), x.astype(object), side)
        assert turned.tolist() == wanted.tolist()
    b = T.bvector("b")
    near = evaluate(T.isclose(b, -b), {b: np.array([-128, 100, 0], "int8")})
    assert near.tolist() == np.isclose([-128, 100, 0], [-128, -100, 0]).tolist()


PARTS = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_by_real_then_imaginary_part(dtype: str, compiled: bool) -> None:
    numbers = np.array([complex(re, im) for re in PARTS for im in PARTS], dtype)
    x, y = TensorType(dtype, (False, True))(), TensorType(dtype, (True, False))()
    given = numbers[:, None], numbers[None]
    names = [*OPS, "maximum", "minimum"]
    results = [getattr(T, name)(x, y) for name in names]
    found = (
        function([x, y], results)(*given)
        if compiled
        else evaluate(results, {x: given[0], y: given[1]})
    )
    references: list[Any] = [*OPS.values(), np.maximum, np.minimum]
    with np.errstate(invalid="ignore"):
        wanted = [compare(*given) for compare in references]
    for name, one, other in zip(names, found, wanted, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_real_and_complex_numbers_and_a_gradient() -> None:
    x, z = T.dvector("x"), T.zvector("z")
    given = {x: [1.0, 2.0, 3.0], z: [1 + 1j, 2 - 1j, 3]}
    assert evaluate(T.ge(x, z), given).tolist() == [False, True, True]
    slopes = T.grad(abs(T.maximum(z, x)).sum(), [z, x])
    on_z, on_x = evaluate(slopes, given)
    np.testing.assert_allclose(on_z, [(1 + 1j) / np.sqrt(2), 0, 1])
    np.testing.assert_allclose(on_x, [0, 1, 0])
