"""Arguments of every form give right answers or a TypeError that names the parameter."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from lltheano import tensor as T
from lltheano.config import config
from lltheano.function import Function, In, function
from lltheano.tensor.variables.promotion import DTYPES

x = T.dvector("x")
i = T.iscalar("i")


@pytest.fixture(scope="module")
def double() -> Function:
    return function([x], x * 2, name="double")


@pytest.fixture(scope="module")
def successor() -> Function:
    return function([i], i + 1, name="successor")


def _misaligned(values: Any) -> Any:
    raw = np.frombuffer(b"\0" + np.asarray(values).tobytes(), np.uint8)
    return raw[1:].view(np.asarray(values).dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arguments_off_their_alignment_give_the_same_bits(dtype: str) -> None:
    """Code takes aligned elements for granted: what begins at another byte reaches it as a copy."""
    x = T.vector("x", dtype=dtype)
    moved = function([x], [x, x[::-1]])
    elements = np.frombuffer(bytes(range(256)) * 2, np.uint8) % 2
    elements = elements.astype(dtype)[:33]
    for offset in range(elements.dtype.alignment):
        memory = np.zeros(elements.nbytes + 16, np.uint8)
        argument = memory[offset : offset + elements.nbytes].view(dtype)
        argument[...] = elements
        assert argument.flags.aligned == (argument.ctypes.data % elements.dtype.alignment == 0)
        for given in (argument, argument[::3]):
            same, backwards = moved(given)
            assert same.tobytes() == np.array(given).tobytes()
            assert backwards.tobytes() == np.array(given[::-1]).tobytes()


@pytest.mark.parametrize(
    "argument",
    [
        np.arange(4.0),
        np.arange(8.0)[::2],
        np.arange(8.0)[::-2],
        np.arange(12.0).reshape(4, 3)[:, 1],
        np.arange(4, dtype=">f8"),
        np.broadcast_to(np.float64(3), (5,)),
        _misaligned(np.arange(4.0)),
        np.zeros(0),
        np.zeros(0)[::-1],
        np.arange(4, dtype="int32"),
        np.arange(4, dtype="float32"),
        np.array([True, False]),
        [1, 2, 3],
        (1.5, -0.0),
        [],
        range(3),
        [np.nan, np.inf, -np.inf],
    ],
    ids=lambda value: type(value).__name__,
)
def test_arrays_and_lists_of_any_layout_give_right_answers(double: Function, argument: Any) -> None:
    before = np.array(argument, copy=True)
    got = double(argument)
    np.testing.assert_array_equal(got, np.asarray(argument, "float64") * 2)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(argument, before)


def test_matrices_of_any_strides_give_right_answers() -> None:
    m = T.fmatrix("m")
    total = function([m], [m + 1, m.sum(axis=0)])
    base = np.arange(24, dtype="float32").reshape(4, 6)
    for argument in (base.T, base[::-1, ::3], base[:, ::-2].T, base[:0], base[:, :0]):
        plus, sums = total(argument)
        np.testing.assert_array_equal(plus, argument + 1)
        np.testing.assert_array_equal(sums, argument.sum(axis=0))


def test_results_belong_to_the_caller(double: Function) -> None:
    mine = np.arange(3.0)
    (same,) = function([x], [x])(mine)
    assert not np.shares_memory(same, mine)
    first, second = double(mine), double(mine)
    first[:] = 9
    np.testing.assert_array_equal(second, [0, 2, 4])


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (np.zeros((2, 2)), r"expected 1 axes.*passed an array of dtype float64 and shape \(2, 2\)"),
        (3.0, "expected 1 axes.*passed float 3.0"),
        (np.zeros(2, "complex64"), "would lose precision as float64"),
        (None, "passed NoneType None"),
        ("text", "passed str 'text'"),
        (["a"], "passed list"),
        ([[1], [1, 2]], "expected numbers"),
        (np.array([1, 2], dtype=object), "expected numbers"),
        (np.ma.masked_array([1.0], [True]), "masked"),
        (T.dvector("other"), "symbolic variable other"),
        (object(), "passed object"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_arguments_are_type_errors(double: Function, argument: Any, message: str) -> None:
    with pytest.raises(TypeError, match=rf"double\(\) argument 'x' \(.*made at .*\): .*{message}"):
        double(argument)


@pytest.mark.parametrize(
    "argument", [3, np.int32(3), np.int64(3), np.array(3, "int8"), True, -(2**31)]
)
def test_integers_that_fit_are_taken(successor: Function, argument: Any) -> None:
    assert successor(argument) == np.int32(int(argument)) + 1


@pytest.mark.parametrize(
    "argument", [2**31, -(2**31) - 1, 2**70, 1.5, np.nan, np.inf, 1j, np.array(3, "int64")]
)
def test_numbers_that_do_not_fit_are_refused(successor: Function, argument: Any) -> None:
    with pytest.raises(TypeError, match=r"successor\(\) argument 'i'"):
        successor(argument)


def test_a_python_float_becomes_a_lesser_float_only_as_floatx() -> None:
    f = T.fscalar("f")
    identity = function([f], f + 0)
    assert identity(0.5) == 0.5
    with pytest.raises(TypeError, match="would lose precision"):
        identity(0.1)
    with config.change_flags(floatX="float32"):
        assert function([f], f + 0)(0.1) == np.float32(0.1)
        with pytest.raises(TypeError, match="would lose precision"):
            function([f], f + 0, allow_input_downcast=False)(0.1)
        with pytest.raises(TypeError, match="would lose precision"):
            function([f], f + 0)(np.array(0.1))


def test_downcasts_happen_where_they_are_allowed() -> None:
    b, f = T.bvector("b"), T.fscalar("f")
    lenient = function([b, f], [b, f], allow_input_downcast=True)
    got_b, got_f = lenient(np.array([1.9, -1.9, 127.5]), 0.1)
    assert got_b.tolist() == [1, -1, 127]
    assert got_f == np.float32(0.1)
    assert lenient(np.array([300]), 0)[0].tolist() == [44]
    one = function([b, In(f, allow_downcast=False)], [b, f], allow_input_downcast=True)
    with pytest.raises(TypeError, match="argument 'f'"):
        one([1], 0.1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 128.0, -129.0, 1e300])
def test_a_float_that_no_integer_stands_for_has_no_downcast(value: float) -> None:
    b = T.bvector("b")
    lenient = function([b], b, allow_input_downcast=True)
    with pytest.raises(TypeError, match="have no value in"):
        lenient(np.array([value]))


def test_the_configuration_says_what_function_does_not() -> None:
    b = T.bvector("b")
    with config.change_flags(allow_input_downcast="True"):
        assert function([b], b)([1.5]).tolist() == [1]


def test_strict_inputs_convert_nothing() -> None:
    strict = function([In(x, strict=True), In(i, strict=True)], [x, i])
    np.testing.assert_array_equal(strict(np.ones(2), np.array(1, "int32"))[0], [1, 1])
    for arguments in (([1.0], np.array(1, "int32")), (np.ones(1), 1), (np.ones(1, "f4"), 1)):
        with pytest.raises(TypeError, match="expected an array of dtype"):
            strict(*arguments)


def test_a_broadcastable_axis_must_have_size_one() -> None:
    r = T.drow("r")
    identity = function([r], r * 1)
    assert identity([[1, 2]]).shape == (1, 2)
    for wrong in (np.ones((2, 2)), np.ones((0, 2))):
        with pytest.raises(TypeError, match="axis 0"):
            identity(wrong)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_goes_in_and_comes_out(dtype: str) -> None:
    scalar, matrix = T.TensorType(dtype, ())("s"), T.TensorType(dtype, (False, False))("m")
    identity = function([scalar, matrix], [scalar, matrix])
    number, array = np.ones((), dtype), np.ones((2, 3), dtype)
    for got, given in zip(identity(number, array), (number, array), strict=True):
        np.testing.assert_array_equal(got, given)
        assert got.dtype == given.dtype
    assert identity(1, array)[0] == number


def test_arguments_are_matched_as_python_does() -> None:
    a, b = T.dscalars("a", "b")
    subtract = function([a, b], a - b, name="subtract")
    assert subtract(3, 1) == subtract(3, b=1) == subtract(b=1, a=3) == 2
    for arguments, message in (
        (((), {}), "missing 2 required arguments: 'a' and 'b'"),
        (((1,), {}), "missing 1 required argument: 'b'"),
        (((1, 2, 3), {}), "takes 2 positional arguments but 3 were given"),
        (((1, 2), {"b": 3}), "got multiple values for argument 'b'"),
        (((1,), {"c": 3}), "got an unexpected keyword argument 'c'"),
    ):
        with pytest.raises(TypeError, match=rf"subtract\(\) {message}"):
            subtract(*arguments[0], **arguments[1])


@pytest.mark.parametrize("value", ["3", b"3", None, {}, object(), Decimal(3), Fraction(1, 2)])
def test_what_is_no_number_is_none_even_if_it_has_a_value_as_a_float(value: object) -> None:
    number = T.dscalar("number")
    half = function([number], number / 2)
    with pytest.raises(TypeError, match="number"):
        half(value)
    assert half(3.0) == 1.5


def test_a_size_beyond_all_memory_is_refused_though_every_element_is_the_same() -> None:
    """The compiler proves things of sizes from the greatest one that there can be."""
    element = np.zeros(1, np.int8)
    bytes_ = T.vector("bytes", dtype="int8")
    size_of = function([bytes_], bytes_.shape[0])
    assert size_of(as_strided(element, (2**48,), (0,))) == 2**48
    with pytest.raises(ValueError, match="size 281474976710657 in dimension 0 is more than"):
        size_of(as_strided(element, (2**48 + 1,), (0,)))
