"""What a program says that takes a variable for a value is an error that says what to do."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import shared
from lltheano.graph import Generic

VALUES = {
    "int": 3,
    "float": 0.5,
    "complex": 1j,
    "bool": True,
    "number of NumPy's": np.float64(1),
    "truth of NumPy's": np.bool_(True),
    "array": np.ones(3),
    "shape": (2, 3),
    "shape in part": [T.lscalar("n"), 3],
}


@pytest.mark.parametrize("what", VALUES)
def test_a_comparison_with_a_value_from_either_side_says_what_to_use(what: str) -> None:
    value: Any = VALUES[what]
    for x in (T.dvector("x"), T.dmatrix("m").shape, T.constant(3), shared(np.ones(2), name="w")):
        comparisons: list[Callable[[Any], Any]] = [
            lambda x: x == value,
            lambda x: x != value,
            lambda x: value == x,
            lambda x: value != x,
            lambda x: [x].count(value),
            lambda x: value in [x, x],
        ]
        for compare in comparisons:
            with pytest.raises(TypeError, match=r"T\.eq\(x, y\) and T\.neq\(x, y\)"):
                compare(x)


def test_variables_compare_by_identity() -> None:
    x, y = T.dvectors("x", "y")
    again: Any = x
    assert x == again
    assert operator.ne(x, again) is False
    assert x != y
    assert operator.eq(x, y) is False
    assert x in [y, x]
    assert x not in [y, y]
    left = [y, x]
    left.remove(x)
    assert left == [y]
    assert [y, x].index(x) == 1
    assert {x: 1, y: 2}[x] == 1
    assert len({x, y, x}) == 2
    assert hash(x) == hash(again)


@pytest.mark.parametrize("other", [None, "x", Generic(), object, (), [], {}, ("a", 1)], ids=repr)
def test_comparisons_with_what_is_no_value_are_false(other: Any) -> None:
    x: Any = T.dvector("x")
    assert (x == other, other == x, x != other, other != x) == (False, False, True, True)


CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (lambda x: 1 if x else 2, "neither true nor false; use T.switch"),
    "if of a comparison": (lambda x: 1 if x[0] > 0 else 2, "neither true nor false"),
    "and": (lambda x: x[0] > 0 and x[1] > 0, "T.and_ and T.or_"),
    "not": (lambda x: not x, "neither true nor false"),
    "chain": (lambda x: 0 < x[0] < 1, "a chain such as 0 < x < 1 is two comparisons"),
    "bool": (bool, "neither true nor false"),
    "in": (lambda x: 3 in x, r"T.any\(T.eq\(x, item\)\)"),
    "len": (len, r"use .shape\[0\], which is symbolic"),
    "int": (lambda x: int(x[0]), r"use x.eval\({...}\)"),
    "float": (lambda x: float(x[0]), r"use x.eval\({...}\)"),
    "complex": (lambda x: complex(x[0]), r"use x.eval\({...}\)"),
    "index": (lambda x: [1, 2][x.shape[0]], "no Python int"),
    "range": (lambda x: range(x.shape[0]), r"For range\(n\) there is T.arange\(n\)"),
    "repeat": (lambda x: [0] * x.shape[0].__index__(), "no Python int"),
    "max": (lambda x: max(x.shape[0], 3), "neither true nor false"),
    "sorted": (lambda x: sorted([x[0], x[1]]), "neither true nor false"),
    "iteration": (list, "length"),
    "unpacking": (lambda x: dict([x]), "length"),
    "write": (lambda x: x.__setitem__(0, 1), r"x\[...\].set\(y\)"),
    "format": (lambda x: f"{x:.2f}", "cannot be written as '.2f'"),
    "percent": (lambda x: operator.mod("%d", x[0]), "number is required|no Python int"),
}


@pytest.mark.parametrize("what", CALLS)
def test_what_needs_a_value_says_so(what: str) -> None:
    call, message = CALLS[what]
    with pytest.raises((TypeError, ValueError), match=message):
        call(T.dvector("x"))


def test_a_variable_is_written_by_its_name() -> None:
    assert f"{T.dvector('x')} {T.dvector('x')!s} {T.dvector('x')!r}" == "x x x"
