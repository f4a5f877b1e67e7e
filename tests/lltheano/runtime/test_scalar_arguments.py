"""Python numbers as arguments: each routine takes exactly what its rule says, to the last bit."""

import ctypes
from typing import Any

import numpy as np
import pytest

from lltheano.runtime.calls.plan import Input
from lltheano.runtime.native_code import native_code
from lltheano.runtime.scalar_arguments import ROUTINES, NumberRule, rule_for

RULES = pytest.mark.parametrize("rule", ROUTINES, ids=lambda rule: rule.symbol)

FLOATS = (0.0, -0.0, 0.1, 1e300, 1e-320, float("inf"), float("nan"), 3.0)


def take(rule: NumberRule, value: object) -> Any:
    """The element that the routine stores; None where it takes nothing."""
    prototype = ctypes.PYFUNCTYPE(ctypes.c_bool, ctypes.py_object, ctypes.c_size_t, ctypes.c_void_p)
    slot = (ctypes.c_int64 * 2)(-1, -1)
    taken = prototype(native_code().address(rule.symbol))(value, id(type(value)), slot)
    itemsize = np.dtype(rule.dtype).itemsize
    stored = bytes(slot)
    assert stored[itemsize:] == b"\xff" * (16 - itemsize), "it stored beyond the element"
    if not taken:
        assert stored == b"\xff" * 16, "it stored what it did not take"
        return None
    return np.frombuffer(stored[:itemsize], rule.dtype)[0]


@RULES
def test_integers_are_taken_where_they_are_exact(rule: NumberRule) -> None:
    least, most = rule.exact_integers
    values = {0, 1, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 2**64, -(2**70)}
    values |= {edge + step for edge in (least, most) for step in (-1, 0, 1)}
    for value in values:
        element = take(rule, value)
        if rule.ints and least <= value <= most:
            assert element is not None
            assert int(element) == value
        else:
            assert element is None


@RULES
def test_every_integer_beyond_the_limits_of_a_float_may_be_inexact(rule: NumberRule) -> None:
    least, most = rule.exact_integers
    if rule.dtype.startswith("float"):
        assert int(np.dtype(rule.dtype).type(most + 1)) != most + 1
        assert least == -most


@RULES
def test_floats_are_taken_as_numpy_rounds_them(rule: NumberRule) -> None:
    for value in FLOATS:
        element = take(rule, value)
        if not rule.floats:
            assert element is None
            continue
        with np.errstate(over="ignore", under="ignore"):
            rounded = np.asarray(value).astype(rule.dtype)
        assert element.tobytes() == rounded.tobytes()


@RULES
def test_nothing_else_is_taken(rule: NumberRule) -> None:
    for value in (True, 1j, "1", None, np.float64(1), np.int64(1), np.ones(())):
        assert take(rule, value) is None


@pytest.mark.parametrize("dtype", ["bool", "float16", "complex64", "complex128"])
def test_other_dtypes_take_no_python_number(dtype: str) -> None:
    assert rule_for(np.dtype(dtype), ints=True, floats=True) is None


def test_an_input_with_dimensions_takes_no_number() -> None:
    vector = Input("x", np.dtype("float64"), 1, takes_int=True, takes_float=True)
    assert vector.numbers is None
    scalar = Input("x", np.dtype("float64"), 0, takes_int=True, takes_float=True)
    assert scalar.numbers == NumberRule("float64", ints=True, floats=True)
