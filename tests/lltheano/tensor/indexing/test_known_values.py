"""What is known of values while a graph is built."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.errors import NotScalarConstantError
from lltheano.tensor.shapes.make_vector import MakeVector
from lltheano.tensor.variables.variable import TensorType

x, n, s = T.dmatrix("x"), T.lscalar("n"), T.dscalar("s")
row = T.drow("row")
three = T.constant(3)

KNOWN: dict[str, tuple[Callable[[], Any], Any]] = {
    "a number": (lambda: 3, 3),
    "a constant": (lambda: three, 3),
    "a sum": (lambda: T.constant(2) + T.constant(3), 5),
    "a product": (lambda: three * 2, 6),
    "a quotient": (lambda: three / 2, 1.5),
    "a comparison": (lambda: T.gt(three, 2), True),
    "a function": (lambda: T.exp(T.constant(0.0)) - 1, 0),
    "several ops": (lambda: T.maximum(-three, 2) ** 2 + T.switch(T.lt(three, 4), 1, 7), 5),
    "an integer that wraps round": (lambda: T.constant(np.int8(127)) + np.int8(1), -128),
    "a cast": (lambda: T.constant(3.7).astype("int8"), 3),
    "new axes": (lambda: (three + 1).dimshuffle("x", "x"), 4),
    "repeated": (lambda: T.alloc(three + 1, n, 2), 4),
    "filled": (lambda: T.fill(x, three + 1), 4),
    "of a filled tensor": (lambda: T.ones_like(x) * 2 + 1, 3),
    "an element of a stack": (lambda: T.stack([n, three * 2])[1], 6),
    "an element of a vector made": (lambda: MakeVector("int64")(n, T.constant(4))[1], 4),
    "an asserted value": (lambda: T.opt.Assert()(three, T.constant(True)), 3),
    "an asserted value, computed": (lambda: T.opt.Assert()(three, T.gt(three, 2)), 3),
    "a size": (lambda: row.shape[0], 1),
    "a size of zeros": (lambda: T.zeros((3, n)).shape[0] * 2, 6),
    "an element of a constant": (lambda: T.constant([5, 6, 7])[1], 6),
    "of a computed constant": (lambda: (T.constant([5, 6, 7]) * 2)[-1], 14),
    "of a part": (lambda: T.constant([5, 6, 7])[1:][0], 6),
    "rebroadcast": (lambda: T.unbroadcast(T.constant([[4]]), 0), 4),
}

UNKNOWN: dict[str, Callable[[], Any]] = {
    "a variable": lambda: s,
    "a sum with a variable": lambda: s + 1,
    "several elements": lambda: T.constant([1, 2]),
    "an element that is a variable": lambda: T.stack([n, three])[0],
    "an assertion that may not hold": lambda: T.opt.Assert()(three, n > 0),
    "an assertion that does not hold": lambda: T.opt.Assert()(three, T.constant(False)),
    "a place that is a variable": lambda: T.constant([5, 6])[n],
    "a size": lambda: x.shape[0],
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_values(name: str) -> None:
    build, wanted = KNOWN[name]
    found = T.get_scalar_constant_value(build())
    assert found.shape == ()
    assert found == wanted
    if isinstance(built := build(), T.TensorVariable):
        assert found.dtype == built.dtype


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_values(name: str) -> None:
    with pytest.raises(NotScalarConstantError, match="is not known yet"):
        T.get_scalar_constant_value(UNKNOWN[name]())


def test_how_far_is_looked() -> None:
    deep: Any = three
    for _ in range(6):
        deep = deep + 1
    assert T.get_scalar_constant_value(deep) == 9
    for options in ({"max_recur": 5}, {"elemwise": False}, {"only_process_constants": True}):
        with pytest.raises(NotScalarConstantError):
            T.get_scalar_constant_value(deep, **options)
    assert T.get_scalar_constant_value(three, only_process_constants=True) == 3
    matrix = TensorType("float64", (False, False))("m")
    assert T.get_scalar_constant_value(T.fill(matrix, 2.0), elemwise=False) == 2
