"""NumPy's functions and operators on variables build graphs."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.tensor.numpy_protocol import UFUNCS
from tests.lltheano.evaluation import evaluate

FLOATS = [
    name for name in UFUNCS if np.dtype("float64").char in {t[0] for t in getattr(np, name).types}
]
ORDINARY = np.array([0.25, 0.5, 0.75])


@pytest.mark.parametrize("name", UFUNCS)
def test_a_function_of_numpys_is_that_of_the_tensor_language(name: str) -> None:
    ufunc: Any = getattr(np, name)
    dtype = "float64" if name in FLOATS else "int64"
    values = (ORDINARY + (name == "arccosh")) if name in FLOATS else np.array([1, 2, 3])
    x = T.vector("x", dtype=dtype)
    operands = [x, values[::-1].copy()][: ufunc.nin]
    wanted = ufunc(*[values, values[::-1]][: ufunc.nin])
    if name == "conjugate":
        assert ufunc(x).dtype == "float64"
    np.testing.assert_allclose(evaluate(ufunc(*operands), {x: values}), wanted, rtol=1e-13)


@pytest.mark.parametrize("name", UFUNCS)
def test_variables_have_methods_of_the_names_of_functions(name: str) -> None:
    method = getattr(T.dvector("x"), name, None)
    if method is not None and UFUNCS[name] == name and getattr(np, name).nin == 1:
        assert method().owner.op is getattr(T, name)


def test_arrays_and_numbers_of_numpys_leave_operators_to_the_variable() -> None:
    x = T.dvector("x")
    given = {x: ORDINARY}
    for found, wanted in [
        (np.ones(3) + x, 1 + ORDINARY),
        (np.float64(2) * x, 2 * ORDINARY),
        (np.ones(3) - x, 1 - ORDINARY),
        (np.full(3, 0.5) < x, ORDINARY > 0.5),
        (np.arange(3) ** x, np.arange(3) ** ORDINARY),
    ]:
        np.testing.assert_array_equal(evaluate(found, given), wanted)


def test_an_array_that_a_variable_is_added_to_is_not_written() -> None:
    x = T.dvector("x")
    start = np.zeros(3)
    total: Any = start
    total += x
    assert evaluate(total, {x: ORDINARY}).tolist() == ORDINARY.tolist()
    assert start.tolist() == [0, 0, 0]


def test_other_functions_of_numpys_are_refused() -> None:
    x: Any = T.dvector("x")
    calls: list[Any] = [lambda: np.hypot(x, x), lambda: np.add.reduce(x), lambda: np.equal(x, x)]
    for refused in calls:
        with pytest.raises(TypeError, match="returned NotImplemented"):
            refused()
    with pytest.raises(TypeError, match="returned NotImplemented"):
        np.add(x, 1, dtype="float32")


def test_division_by_its_older_name() -> None:
    x = T.dvector("x")
    assert evaluate([x.__div__(2), x.__rdiv__(2)], {x: np.array([4.0])}) == [[2.0], [0.5]]


@pytest.mark.parametrize("value", [np.float64(1), np.ones(3), np.bool_(True)], ids=repr)
def test_equality_compares_identity_from_either_side(value: Any) -> None:
    x: Any = T.dvector("x")
    assert (value == x, x == value, value != x, x != value) == (False, False, True, True)
    assert x in [value, x]
