"""The page on dtypes says what the code does, and the code does what NumPy or Theano say."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest

from lltheano.config import config
from lltheano.tensor.variables.promotion import DTYPES
from tests.docs.promotion import PAGE, REFUSED, result, with_tables
from tests.lltheano.evaluation import ELEMENTWISE_OPS

Oracle = Callable[[Sequence[str]], str]


def kinds(dtypes: Sequence[str]) -> set[str]:
    return {np.dtype(one).kind for one in dtypes}


def numpys(dtypes: Sequence[str]) -> str:
    """NumPy's promotion of arrays."""
    return str(np.result_type(*(np.dtype(one) for one in dtypes)))


def real(dtypes: Sequence[str]) -> str:
    return REFUSED if "c" in kinds(dtypes) else numpys(dtypes)


def not_bool(dtypes: Sequence[str]) -> str:
    return REFUSED if kinds(dtypes) == {"b"} else numpys(dtypes)


def integral(dtypes: Sequence[str]) -> str:
    return "int8" if kinds(dtypes) == {"b"} else real(dtypes)


def quotient(dtypes: Sequence[str]) -> str:
    return "float64" if kinds(dtypes) <= set("biu") else numpys(dtypes)


def floating(dtypes: Sequence[str]) -> str:
    return real([analytic(dtypes)])


def analytic(dtypes: Sequence[str]) -> str:
    """Theano's rule: integers become a float of at least twice their width."""
    width = {1: "float32", 2: "float32", 4: "float64", 8: "float64"}
    floats = [
        width[np.dtype(one).itemsize] if np.dtype(one).kind in "biu" else one for one in dtypes
    ]
    return numpys(floats)


def part(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def whole(dtypes: Sequence[str]) -> str:
    """Theano's rule: complex128 where float64 or a wide integer is among the parts."""
    parts = floating([*dtypes, "float32"])
    return {"float32": "complex64", "float64": "complex128"}.get(parts, parts)


def bitwise(dtypes: Sequence[str]) -> str:
    """NumPy's, which has no bits of uint64 beside signed integers."""
    found = numpys(dtypes)
    return found if np.dtype(found).kind in "biu" else REFUSED


def shifted(dtypes: Sequence[str]) -> str:
    return "int8" if kinds(dtypes) == {"b"} else bitwise(dtypes)


# Written by hand: the rule of each op, by the name of the function that has it in the code.
ORACLES: dict[str, Oracle] = {
    "analytic": analytic,
    "angle": lambda dtypes: part(analytic(dtypes)),
    "arithmetic": numpys,
    "bits": bitwise,
    "comparison": lambda dtypes: "bool",
    "continuous": floating,
    "division": quotient,
    "integral": integral,
    "modulus": lambda dtypes: part(numpys(dtypes)),
    "parts": whole,
    "power": lambda dtypes: "int8" if kinds(dtypes) == {"b"} else numpys(dtypes),
    "predicate": lambda dtypes: "bool",
    "real_numbers": real,
    "selection": lambda dtypes: REFUSED if "c" in kinds(dtypes[:1]) else numpys(dtypes[1:]),
    "shift": shifted,
    "signed": not_bool,
    "whole": real,
}


def oracle(name: str) -> Oracle:
    return ORACLES[ELEMENTWISE_OPS[name].rule.__name__]


def test_the_tables_are_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "write them anew: python -m tests.docs.promotion"


@pytest.mark.parametrize("name", ELEMENTWISE_OPS)
def test_every_op_follows_its_rule_on_all_dtypes(name: str) -> None:
    op, wanted = ELEMENTWISE_OPS[name], oracle(name)
    arity = 2 if op.variadic else op.arity
    for dtypes in product(DTYPES, repeat=arity):
        assert result(op, dtypes) == wanted(dtypes), dtypes


def test_division_of_integers_is_of_dtype_floatx() -> None:
    with config.change_flags(floatX="float32"):
        assert result(ELEMENTWISE_OPS["true_div"], ("int64", "int64")) == "float32"
        assert result(ELEMENTWISE_OPS["true_div"], ("int64", "float32")) == "float64"
