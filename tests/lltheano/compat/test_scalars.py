"""`theano.scalar`: what its programs call and look for."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, scalar
from lltheano.compat import scalars
from lltheano.compat.modules import install_as_theano, uninstall_as_theano
from lltheano.config import config
from lltheano.errors import ComplexError
from lltheano.scalar import float32, float64, int8, int32, uint8
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate


@pytest.fixture
def theano_scalar() -> Iterator[Any]:
    install_as_theano()
    import theano.scalar  # type: ignore[import-not-found]

    yield theano.scalar
    uninstall_as_theano()


def test_an_application_is_of_the_class_of_its_scalar_op() -> None:
    a, b, d, f = int8("a"), int32("b"), float64("d"), float32("f")
    c = scalar.complex64("c")
    for quotient in (a // b, b // a, a // d):
        assert isinstance(quotient.owner.op, scalar.IntDiv)
        assert not isinstance(quotient.owner.op, scalar.TrueDiv)
    for quotient in (b / d, d / b, f / a, d / f, f / c, a / c):
        assert isinstance(quotient.owner.op, scalar.TrueDiv)


@pytest.mark.parametrize("name", ELEMENTWISE_OPS)
def test_every_elementwise_op_is_of_the_class_of_its_scalar_op(name: str) -> None:
    op = ELEMENTWISE_OPS[name]
    kind = type(op.scalar_op)
    assert isinstance(op, kind)
    assert isinstance(op.scalar_op, kind)
    # The classes that tell scalar ops from elementwise ones hold of scalar ops only.
    assert not isinstance(op, scalar.ScalarOp | scalar.UnaryScalarOp | scalar.BinaryScalarOp)
    assert not isinstance(op, scalar.UnaryBitOp | scalar.BinaryBitOp | scalar.LogicalComparison)
    assert isinstance(op.scalar_op, scalar.ScalarOp)
    assert isinstance(op.scalar_op, scalar.UnaryScalarOp) == (op.arity == 1 and not op.variadic)
    others = [one for one in ELEMENTWISE_OPS.values() if one is not op]
    assert not any(isinstance(one, kind) for one in others)


def test_families_hold_of_their_members() -> None:
    assert isinstance(scalar.invert, scalar.UnaryBitOp)
    for op in (scalar.and_, scalar.or_, scalar.xor):
        assert isinstance(op, scalar.BinaryBitOp)
    for op in (scalar.eq, scalar.neq, scalar.lt, scalar.le, scalar.gt, scalar.ge):
        assert isinstance(op, scalar.LogicalComparison)
    for op in (scalar.isnan, scalar.isinf):
        assert isinstance(op, scalar.FixedLogicalComparison)
    assert not isinstance(scalar.add, scalar.BinaryBitOp)


class Parity(scalar.UnaryBitOp):
    def impl(self, *inputs: Any) -> Any:
        return inputs[0] & 1


class Closer(scalar.LogicalComparison):
    def impl(self, *inputs: Any) -> Any:
        return abs(inputs[0]) < abs(inputs[1])


class Odd(scalar.FixedLogicalComparison):
    def impl(self, *inputs: Any) -> Any:
        return inputs[0] % 2 == 1


class Clear(scalar.BinaryBitOp):
    def impl(self, *inputs: Any) -> Any:
        return inputs[0] & ~inputs[1]


def test_a_users_op_of_a_family_has_its_types() -> None:
    i, x = T.wvector("i"), T.dvector("x")
    assert Parity()(i).type == i.type
    assert evaluate(Parity()(i), {i: [2, 3]}).tolist() == [0, 1]
    assert Clear()(i, T.constant([1], dtype="int32")).dtype == "int32"
    assert Closer()(x, 1.0).dtype == Odd()(i).dtype == "bool"
    assert evaluate(Closer()(x, [2.0, 2.0]), {x: [1.0, -3.0]}).tolist() == [True, False]
    assert evaluate(Odd()(i), {i: [2, 3]}).tolist() == [False, True]
    assert T.grad(T.switch(Closer()(x, 1.0), x, -x).sum(), x).eval({x: [0.5, 2.0]}).tolist() == [
        1,
        -1,
    ]
    for op in (Parity(), Clear()):
        with pytest.raises(TypeError, match="an integer or bool is wanted"):
            op(*[x] * op.nin)


class WithoutInit(scalar.ScalarOp):
    def __init__(self) -> None:
        pass


def test_an_op_whose_init_does_not_call_the_bases_prints() -> None:
    assert str(WithoutInit()) == repr(WithoutInit()) == "WithoutInit"


def test_a_type_prints_as_its_dtype() -> None:
    assert [str(one) for one in scalar.all_types] == list(T.all_dtypes)
    assert T.vector(dtype=str(int8)).dtype == "int8"
    assert repr(int8) == "Scalar(int8)"


def test_several_variables_at_once(theano_scalar: Any) -> None:
    x, y, z = theano_scalar.floats("xyz")
    assert [one.name for one in (x, y, z)] == ["x", "y", "z"]
    assert x.type == float64
    assert theano_scalar.floats("x").name == "x"
    assert [one.dtype for one in theano_scalar.ints("a", "b")] == ["int64", "int64"]
    assert theano_scalar.complexs("ab")[0].dtype == "complex128"
    assert theano_scalar.complexs64(["a", "b"])[1].dtype == "complex64"
    assert theano_scalar.complexs128 is theano_scalar.complexs


def test_remainders_of_complex_numbers_are_a_complex_error() -> None:
    x, z = int32("x"), scalar.complex64("z")
    for error in (ComplexError, TypeError, NotImplementedError):
        for wrong in (
            lambda: x % z,
            lambda: z % x,
            lambda: scalars.mod_check(x, z),
            lambda: T.floor(z),
        ):
            with pytest.raises(error, match="complex numbers are not supported here"):
                wrong()
    assert scalars.mod_check(7, 4).eval() == 3


def test_quotients_by_the_types_of_the_operands() -> None:
    x, n = float64("x"), int8("n")
    assert isinstance(scalars.div_proxy(x, n).owner.op, scalar.TrueDiv)
    assert isinstance(scalars.div_proxy(n, n).owner.op, scalar.IntDiv)
    with config.change_flags(int_division="floatX"):
        assert isinstance(scalars.div_proxy(n, n).owner.op, scalar.TrueDiv)
    with config.change_flags(int_division="raise"):
        assert isinstance(scalars.div_proxy(x, n).owner.op, scalar.TrueDiv)
        with pytest.raises(scalars.IntegerDivisionError, match="write // to round"):
            scalars.div_proxy(n, n)
    assert scalars.floor_div == scalar.int_div


@pytest.mark.parametrize("openlow", [True, False])
@pytest.mark.parametrize("openhi", [True, False])
def test_in_range(openlow: bool, openhi: bool) -> None:
    op = scalars.InRange(openlow, openhi)
    x, low, high = scalars.floats("xlh")
    found = function([x, low, high], op(x, low, high))
    for value in (0.0, 1.0, 2.0, 3.0, 4.0):
        above = value > 1 if openlow else value >= 1
        below = value < 3 if openhi else value <= 3
        assert found(value, 1.0, 3.0) == (above and below)
        assert op.impl(value, 1.0, 3.0) == (above and below)
    assert isinstance(op(x, low, high).owner.op, scalars.InRange)
    assert pickle.loads(pickle.dumps(op)) == op == scalars.InRange(openlow, openhi)
    assert op != scalars.InRange(not openlow, openhi)
    with pytest.raises(TypeError, match="takes 3 operands, got 2"):
        op(x, low)


COMPOSED = {
    "gammal": ([2.0, 1.0], T.gammal),
    "gammau": ([2.0, 1.0], T.gammau),
    "complex_from_polar": ([2.0, 1.0], T.complex_from_polar),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_composed_ops_are_ops_of_their_classes(name: str) -> None:
    numbers, wanted = COMPOSED[name]
    op = getattr(scalars, name)
    x, y = T.dvectors("x", "y")
    result = op(x, y)
    assert isinstance(result.owner.op, type(op))
    assert isinstance(result.owner.op, T.Elemwise)
    assert result.owner.op.scalar_op == op == type(op)()
    values = {x: [numbers[0]], y: [numbers[1]]}
    np.testing.assert_array_equal(evaluate(result, values), evaluate(wanted(x, y), values))
    (number,) = function([x, y], result)(*values.values())
    np.testing.assert_allclose(op.impl(*numbers), number, rtol=1e-6)
    again = pickle.loads(pickle.dumps(result)).owner.op
    assert again == result.owner.op
    slope = T.grad(abs(result).sum(), y)
    np.testing.assert_array_equal(
        evaluate(slope, values), evaluate(T.grad(abs(wanted(x, y)).sum(), y), values)
    )


def test_a_product_without_zeros() -> None:
    x, y = T.lvectors("x", "y")
    found = evaluate(scalars.mul_without_zeros(x, y), {x: [2, 0, 4, 0], y: [3, 5, 0, 0]})
    assert found.tolist() == [6, 5, 4, 0]


def test_rules_for_the_types_of_results() -> None:
    assert scalars.upgrade_to_float64(float32) == (float64,)
    assert scalars.upcast_out_min8(scalar.bool) == (int8,)
    assert scalars.upcast_out_min8(scalar.bool, int32) == (int32,)
    assert scalars.same_out_min8(float32) == (float32,)
    assert scalars.real_out(scalar.complex128) == (float64,)
    assert scalars.real_out(int8) == (int8,)
    assert scalars.unary_out_lookup({int8: int32})(int8) == (int32,)
    for rule in (
        scalars.int_out_nocomplex,
        scalars.float_out_nocomplex,
        scalars.upcast_out_no_complex,
    ):
        with pytest.raises(TypeError, match="complex"):
            rule(scalar.complex64)
    for refusing in (scalars.same_out_nobool, scalars.upcast_out_nobool):
        assert refusing(uint8) == (uint8,)
        with pytest.raises(TypeError, match="bool is not supported here"):
            refusing(scalar.bool)
    with pytest.raises(TypeError, match="the table has"):
        scalars.unary_out_lookup({int8: int32})(uint8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_is_that_of_the_op(dtype: str) -> None:
    numbers = np.array([0.5, -0.5, 1.5, 2.5, -2.5, 0.49999997, 8388609.0, -0.2, np.inf, 3], dtype)
    x = T.vector("x", dtype=dtype)
    wanted = function([x], T.round_half_away_from_zero(x))(numbers[numbers != np.inf])
    found = scalars.round_half_away_from_zero_vec(numbers)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(found[numbers != np.inf], wanted, strict=True)
    assert [scalars.round_half_away_from_zero_(one) for one in (2.5, -1.2)] == [3.0, -1.0]


def test_python_floats_have_the_dtypes_of_the_context() -> None:
    f, d = T.fvector(), T.dvector()
    with scalars.autocast_float_as("float32"):
        assert (d + 1.1).dtype == "float64"
        assert (f + 1.1).dtype == "float32"
        assert (f + np.asarray(1.1, "float64")).dtype == "float64"
        assert scalars.autocast_float(1.1).dtype == "float32"
    with scalars.autocast_float_as("float64"):
        assert (f + 1.0).dtype == "float64"
        with config.change_flags(floatX="float32"):
            assert (f + 1.0).dtype == "float64"
    with scalars.autocast_float_as("float32", "float64"):
        assert (f + 1.1).dtype == "float64"
        assert (f + 1.0).dtype == "float32"
        with scalars.autocast_float_as("float32"):
            assert (f + 1.1).dtype == "float32"
        assert (f + 1.1).dtype == "float64"
    assert (f + 1.1).dtype == "float64"
    with pytest.raises(RuntimeError, match="inside"), scalars.autocast_float_as("float32"):
        raise RuntimeError("inside")
    assert (f + 1.1).dtype == "float64"


def test_numbers_are_converted_as_in_expressions() -> None:
    assert [scalars.convert(one).dtype for one in (1, 200, 2**40)] == ["int8", "int16", "int64"]
    assert [scalars.convert(one).dtype for one in (0.5, 0.1)] == ["float32", "float64"]
    assert scalars.convert(np.float64(0.5)).dtype == "float64"
    assert scalars.convert(2, "float32").dtype == "float32"
    assert scalars.autocast_int(1000).dtype == "int16"
    assert scalars.NumpyAutocaster(("float32",))(0.1).dtype == "float32"
    assert scalar.constant(2, dtype="float32").dtype == "float32"
