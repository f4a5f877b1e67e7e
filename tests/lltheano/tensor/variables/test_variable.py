import copy
import pickle
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.errors import AsTensorError, NotScalarConstantError
from lltheano.tensor.variables.variable import TensorConstant, TensorType
from tests.lltheano.evaluation import evaluate


def test_types_compare_by_dtype_and_pattern() -> None:
    assert TensorType("float32", (False, True)) == T.fcol
    assert hash(TensorType("float32", (False, True))) == hash(T.fcol)
    assert T.fcol != T.frow
    assert T.fcol != T.dcol
    assert TensorType(np.float32, [0, 1]) == T.fcol


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (T.dscalar, "TensorType(float64, scalar)"),
        (T.irow, "TensorType(int32, row)"),
        (T.btensor3, "TensorType(int8, 3D)"),
        (TensorType("bool", (True, False, True)), "TensorType(bool, (True, False, True))"),
        (TensorType("int8", (), name="flag"), "flag"),
    ],
)
def test_repr_of_types(kind: Any, text: Any) -> None:
    assert repr(kind) == text


def test_filter_keeps_what_fits() -> None:
    array = np.zeros((2, 3))
    assert T.dmatrix.filter(array) is array
    assert T.dmatrix.filter(array.astype("float32")).dtype == "float64"
    assert T.iscalar.filter(300).dtype == "int32"
    assert T.dvector.filter([1, 2]).tolist() == [1.0, 2.0]


def test_filter_refuses_what_would_lose_precision() -> None:
    with pytest.raises(TypeError, match=r"float64 of shape \(2,\) would lose precision as float32"):
        T.fvector.filter(np.zeros(2))
    with pytest.raises(TypeError, match="300 does not fit in int8, which holds -128 to 127"):
        T.bscalar.filter(300)
    with pytest.raises(TypeError, match="would lose precision"):
        T.iscalar.filter(0.5)
    assert T.fvector.filter(np.full(2, 0.1), allow_downcast=True).dtype == "float32"


def test_filter_lets_a_python_float_become_floatx_unless_told_not_to() -> None:
    with pytest.raises(TypeError, match="lose precision"):
        T.fscalar.filter(0.1)
    from lltheano.config import config

    with config.change_flags(floatX="float32"):
        assert T.fscalar.filter(0.1).dtype == "float32"
        with pytest.raises(TypeError, match="lose precision"):
            T.fscalar.filter(0.1, allow_downcast=False)


def test_filter_checks_rank_and_broadcast_pattern() -> None:
    with pytest.raises(TypeError, match="expected 2 axes"):
        T.dmatrix.filter(np.zeros(3))
    with pytest.raises(TypeError, match=r"axis 1 of TensorType.float64, col. has size 1"):
        T.dcol.filter(np.zeros((3, 2)))


def test_strict_filter_converts_nothing() -> None:
    with pytest.raises(TypeError, match="expected an array of dtype float64"):
        T.dscalar.filter(1.0, strict=True)
    assert T.dvector.is_valid_value(np.zeros(2))
    assert not T.dvector.is_valid_value([1.0])


def test_filter_refuses_symbols_and_text() -> None:
    x = T.dscalar("x")
    with pytest.raises(TypeError, match="expected a value, got the symbolic variable x"):
        T.dscalar.filter(x)
    with pytest.raises(TypeError, match="expected numbers"):
        T.dvector.filter(["a"])


def test_filter_takes_swapped_bytes() -> None:
    swapped = np.arange(3.0).astype(">f8")
    assert T.dvector.filter(swapped, allow_downcast=False).dtype == np.dtype("float64")


def test_constants_are_read_only_copies() -> None:
    array = np.arange(3.0)
    constant = T.constant(array)
    array[0] = 7
    assert constant.data.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        constant.data[0] = 1


def test_constants_of_size_one_broadcast() -> None:
    assert T.constant(np.zeros((1, 3))).broadcastable == (True, False)
    assert T.constant([1, 2], ndim=2).broadcastable == (True, False)
    with pytest.raises(ValueError, match="cannot have 0 axes"):
        T.constant([1, 2], ndim=0)


def test_constants_of_what_is_no_number() -> None:
    with pytest.raises(AsTensorError, match="cannot make a tensor of 'text'"):
        T.constant("text")
    with pytest.raises(AsTensorError, match="cannot make a tensor"):
        T.constant([[1], [2, 3]])


def test_as_tensor_variable() -> None:
    x = T.dvector("x")
    assert T.as_tensor_variable(x) is x
    assert T.as_tensor_variable(x, ndim=2).broadcastable == (True, False)
    assert T.as_tensor_variable(T.drow("r"), ndim=1).ndim == 1
    with pytest.raises(ValueError, match="its first 1 cannot be dropped"):
        T.as_tensor_variable(T.dmatrix("m"), ndim=1)
    assert T.as_tensor_variable([]).dtype == "float64"


def test_lists_with_variables_are_stacked() -> None:
    a, b = T.dscalars("a", "b")
    value = evaluate(T.as_tensor_variable([[a, b], [b, 1]]), {a: 2.0, b: 3.0})
    assert value.tolist() == [[2, 3], [3, 1]]


def test_python_bools_are_refused() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(AsTensorError, match=r"T\.eq\(v, w\)"):
        T.switch(x == y, 0, 1)
    assert T.constant(True).dtype == "bool"


def test_a_variable_has_no_truth_value() -> None:
    x = T.dscalar("x")
    with pytest.raises(TypeError, match=r"neither true nor false; use T\.switch"):
        bool(x > 0)
    with pytest.raises(TypeError, match="0 < x < 1 is two comparisons"):
        _ = 0 < x < 1
    with pytest.raises(TypeError, match=r"use \.shape\[0\]"):
        len(T.dvector("v"))
    conversions: tuple[Any, ...] = (int, float, complex)
    for convert in conversions:
        with pytest.raises(TypeError, match="has no value yet"):
            convert(x)


def test_iteration_needs_a_known_length() -> None:
    m = T.dmatrix("m")
    rows, columns = m.shape
    assert evaluate([rows, columns], {m: np.zeros((2, 3))}) == [2, 3]
    with pytest.raises(ValueError, match=r"length of v .* is not known yet"):
        list(T.dvector("v"))
    with pytest.raises(TypeError, match=r"m .* is not a vector"):
        list(m)


def test_arrays_leave_operators_to_variables() -> None:
    x = T.dvector("x")
    for expression in (np.arange(3.0) + x, np.float64(2) * x, np.arange(3) < x):
        assert isinstance(expression, T.TensorVariable)


def test_variables_are_hashed_by_identity() -> None:
    x, y = T.dscalars("x", "y")
    assert (x == y) is False
    assert {x: 1, y: 2}[y] == 2


def test_every_operator() -> None:
    x, y = T.ivectors("x", "y")
    a, b = np.array([7, -7, 5], "int32"), np.array([2, 3, -4], "int32")
    expressions = {
        "x + y": x + y,
        "x - y": x - y,
        "x * y": x * y,
        "x / y": x / y,
        "x // y": x // y,
        "x % y": x % y,
        "x ** abs(y)": x ** abs(y),
        "x & y": x & y,
        "x | y": x | y,
        "x ^ y": x ^ y,
        "x << abs(y)": x << abs(y),
        "x >> abs(y)": x >> abs(y),
        "-x": -x,
        "~x": ~x,
        "abs(x)": abs(x),
        "x < y": x < y,
        "x <= y": x <= y,
        "x > y": x > y,
        "x >= y": x >= y,
        "x @ y": x @ y,
        "divmod(x, y)[1]": divmod(x, y)[1],
        "2 - x": 2 - x,
        "2 // x": 2 // x,
        "2 % x": 2 % x,
        "6 & x": 6 & x,
        "6 | x": 6 | x,
        "6 ^ x": 6 ^ x,
    }
    for text, expression in expressions.items():
        wanted = eval(text, {"x": a, "y": b})
        np.testing.assert_array_equal(evaluate(expression, {x: a, y: b}), wanted, err_msg=text)


def test_constants_compare_by_value() -> None:
    assert T.constant([1, 2]).signature() == T.constant([1, 2]).signature()
    assert T.constant([1, 2]).signature() != T.constant([1, 3]).signature()
    assert T.constant(0.0).signature() != T.constant(-0.0).signature()
    assert isinstance(T.constant(1), TensorConstant)


def test_copies_and_pickles_keep_the_graph() -> None:
    x = T.dvector("x")
    for other in (copy.deepcopy(x * 2 + 1), pickle.loads(pickle.dumps(x * 2 + 1))):
        assert other.owner is not None
        assert other.owner.op is T.add
        assert other.type == x.type


def test_scalar_constants_are_found_behind_casts() -> None:
    assert T.get_scalar_constant_value(3) == 3
    assert T.constant(3).dimshuffle("x").astype("float32").get_scalar_constant_value() == 3
    assert T.get_scalar_constant_value(T.zeros_like(T.dvector("v"))) == 0
    with pytest.raises(NotScalarConstantError, match="value of x"):
        T.get_scalar_constant_value(T.dscalar("x"))
    with pytest.raises(NotScalarConstantError):
        T.get_scalar_constant_value(T.constant(3).astype("int32"), only_process_constants=True)


def test_copy_is_a_variable_of_its_own() -> None:
    x = T.dvector("x")
    y = x.copy(name="y")
    assert y is not x
    assert y.name == "y"


def test_a_type_has_at_most_32_axes() -> None:
    assert T.TensorType("int8", (False,) * 32).ndim == 32
    with pytest.raises(ValueError, match="at most 32 axes; got a broadcast pattern for 33"):
        T.TensorType("int8", (False,) * 33)
    with pytest.raises(ValueError, match="at most 32 axes"):
        T.shape_padleft(T.TensorType("int8", (False,) * 32)("x"))
