from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.config import config
from lltheano.tensor.variables import promotion
from lltheano.tensor.variables.promotion import DTYPES, autocast

# Written by hand from Theano's rules, not computed by the code under test.
AUTOCAST = {
    0: "int8",
    127: "int8",
    128: "int16",
    -128: "int8",
    -129: "int16",
    32767: "int16",
    32768: "int32",
    2**31 - 1: "int32",
    2**31: "int64",
    -(2**63): "int64",
    2**63: "uint64",
    0.5: "float32",
    0.1: "float64",
    float("inf"): "float32",
    float("nan"): "float32",
    1e300: "float64",
    1 + 2j: "complex128",
}

BINARY = [
    ("int8", "int8", "int8"),
    ("int8", "uint8", "int16"),
    ("int32", "int64", "int64"),
    ("int64", "uint64", "float64"),
    ("int8", "float16", "float16"),
    ("int16", "float32", "float32"),
    ("int32", "float32", "float64"),
    ("int64", "float32", "float64"),
    ("float16", "float32", "float32"),
    ("bool", "int8", "int8"),
    ("bool", "bool", "bool"),
    ("float32", "complex64", "complex64"),
    ("float64", "complex64", "complex128"),
]

QUOTIENTS = [
    ("int8", "int8", "float64"),
    ("int64", "uint8", "float64"),
    ("bool", "bool", "float64"),
    ("int8", "float32", "float32"),
    ("int64", "float32", "float64"),
]

UNARY = {
    "bool": "float32",
    "int8": "float32",
    "uint16": "float32",
    "int32": "float64",
    "uint64": "float64",
    "float16": "float16",
    "float32": "float32",
}

SUMS = {
    "bool": "int64",
    "int8": "int64",
    "int64": "int64",
    "uint8": "uint64",
    "uint64": "uint64",
    "float16": "float16",
    "float32": "float32",
    "complex64": "complex64",
}


@pytest.mark.parametrize(("number", "dtype"), AUTOCAST.items())
def test_python_numbers(number: Any, dtype: Any) -> None:
    assert autocast(number).dtype == dtype


def test_a_number_that_no_dtype_holds() -> None:
    with pytest.raises(OverflowError, match="does not fit in any integer dtype"):
        T.iscalar() + 2**64


@pytest.mark.parametrize(("left", "right", "dtype"), BINARY)
def test_sums_take_the_dtype_that_holds_both(left: Any, right: Any, dtype: Any) -> None:
    assert (T.vector(dtype=left) + T.vector(dtype=right)).dtype == dtype
    assert (T.vector(dtype=right) * T.vector(dtype=left)).dtype == dtype


@pytest.mark.parametrize(("left", "right", "dtype"), QUOTIENTS)
def test_quotients(left: Any, right: Any, dtype: Any) -> None:
    assert (T.vector(dtype=left) / T.vector(dtype=right)).dtype == dtype


@pytest.mark.parametrize(("given", "dtype"), UNARY.items())
def test_functions_of_the_reals(given: Any, dtype: Any) -> None:
    assert T.exp(T.vector(dtype=given)).dtype == dtype


@pytest.mark.parametrize(("given", "dtype"), SUMS.items())
def test_default_dtypes_of_sums_and_products(given: Any, dtype: Any) -> None:
    assert T.vector(dtype=given).sum().dtype == dtype
    assert T.vector(dtype=given).prod().dtype == dtype


def test_what_complex_numbers_do_not_have_is_refused_while_the_graph_is_built() -> None:
    z = T.zvector("z")
    with pytest.raises(TypeError, match=r"max: complex numbers have no order, got z"):
        z.max()
    with pytest.raises(TypeError, match=r"floor: complex numbers are not supported here; got z"):
        T.floor(z)


@pytest.mark.parametrize("dtype", DTYPES)
def test_comparisons_are_bool(dtype: Any) -> None:
    x = T.vector(dtype=dtype)
    assert T.eq(x, x).dtype == "bool"
    assert T.neq(x, 1).dtype == "bool"


def test_small_constants_keep_small_dtypes() -> None:
    x = T.bvector("x")
    assert (x + 1).dtype == "int8"
    assert (x + 300).dtype == "int16"
    assert (T.fvector() * 0.5).dtype == "float32"
    assert (T.fvector() * 0.1).dtype == "float64"
    assert (T.lscalar() + T.iscalar()).dtype == "int64"


def test_means() -> None:
    assert T.ivector().mean().dtype == "float64"
    assert T.mean(T.neq(T.ivector(), 1)).dtype == "float64"
    assert T.fvector().mean().dtype == "float32"
    assert T.vector(dtype="float16").mean().dtype == "float16"
    assert T.bvector().mean(dtype="float32").dtype == "float32"


def test_floatx_below_float64_rules_python_floats() -> None:
    with config.change_flags(floatX="float32"):
        assert autocast(0.1).dtype == "float32"
        assert (T.matrix() * 0.1).dtype == "float32"
        assert (T.iscalar() / 2).dtype == "float32"
        assert (T.matrix() * T.ivector()).dtype == "float64"


def test_numpy_floatx_policy() -> None:
    with config.change_flags(cast_policy="numpy+floatX", floatX="float32"):
        assert autocast(1).dtype == "int64"
        assert autocast(0.1).dtype == "float32"
        assert (T.fvector() * T.ivector()).dtype == "float32"
        assert (T.dvector() * T.ivector()).dtype == "float64"


def test_autocast_float_can_be_set() -> None:
    for policy, dtype in [("float32", "float32"), ("float64", "float64"), ("floatX", "float64")]:
        with config.change_flags(autocast_float=policy):
            assert autocast(0.5).dtype == dtype


def test_ranges() -> None:
    assert T.arange(T.bscalar()).dtype == "int64"
    assert T.arange(T.scalar(dtype="uint8")).dtype == "int64"
    assert T.arange(T.fscalar()).dtype == "float32"
    assert T.arange(3, dtype="int8").dtype == "int8"


def test_unknown_dtypes_are_refused() -> None:
    with pytest.raises(TypeError, match="cannot have dtype 'float128'"):
        T.vector(dtype="float128")
    with pytest.raises(TypeError, match="cannot have dtype 'object'"):
        T.vector(dtype=object)


def test_predicates_cover_every_dtype() -> None:
    for dtype in DTYPES:
        kind = np.dtype(dtype).kind
        assert promotion.is_discrete(dtype) == (kind in "biu")
        assert promotion.is_float(dtype) == (kind == "f")
        assert promotion.is_complex(dtype) == (kind == "c")
        assert promotion.is_continuous(dtype) == (kind in "fc")
