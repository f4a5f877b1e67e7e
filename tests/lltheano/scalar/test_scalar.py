"""Numbers and their ops under Theano's names, and elementwise ops of a user's own."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, scalar
from lltheano.errors import MethodNotDefined, MissingInputError
from lltheano.scalar import BinaryScalarOp, Composite, UnaryScalarOp
from lltheano.tensor import Elemwise
from lltheano.tensor.variables.promotion import DTYPES
from tests.lltheano.evaluation import ELEMENTWISE_OPS, assert_gradient, evaluate


@pytest.mark.parametrize("name", ELEMENTWISE_OPS)
def test_every_elementwise_op_is_one_on_numbers(name: str) -> None:
    op = ELEMENTWISE_OPS[name]
    assert isinstance(op, Elemwise)
    assert Elemwise(op.scalar_op) is op
    assert op.scalar_op.name == name
    kind = type(op.scalar_op)
    assert getattr(scalar, kind.__name__) is kind
    assert kind() == op.scalar_op
    assert op.scalar_op.nin == op.arity


def test_a_cast_is_an_elementwise_op_too() -> None:
    node = T.cast(T.dvector("x"), "int8").owner
    assert node is not None
    assert isinstance(node.op, Elemwise)
    assert isinstance(node.op.scalar_op, scalar.Cast)
    assert Elemwise(scalar.convert_to_int8) == node.op


def test_what_moves_elements_is_not_an_elementwise_op() -> None:
    transposed: Any = T.dmatrix("x").T
    assert not isinstance(transposed.owner.op, Elemwise)
    with pytest.raises(TypeError, match=r"Elemwise needs an op of lltheano\.scalar, got <function"):
        Elemwise(lambda x: x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_scalar_is_a_tensor_without_axes(dtype: Any) -> None:
    kind = getattr(scalar, dtype)
    assert kind in scalar.all_types
    x = kind("x")
    assert isinstance(x, scalar.ScalarVariable)
    plain = T.TensorType(dtype, ())
    assert kind == plain
    assert plain == kind
    assert hash(kind) == hash(plain)
    assert kind != T.TensorType(dtype, (False,))
    assert T.eq(x, x).type == scalar.bool


def test_scalar_variables_are_inputs_of_functions() -> None:
    x, n = scalar.float64("x"), scalar.int32("n")
    assert function([x, n], scalar.mul(x, n) + scalar.identity(x))(1.5, 3) == 6.0


def test_numbers_become_constants_and_tensors_with_axes_do_not() -> None:
    assert scalar.as_scalar(300).type == scalar.int16
    assert scalar.as_scalar(np.float32(1)).type == scalar.float32
    with pytest.raises(TypeError, match=r"a scalar has no axes, and v .* has 1"):
        scalar.as_scalar(T.dvector("v"))
    with pytest.raises(TypeError, match="needs a number, got"):
        scalar.constant([1, 2])


def test_types_promote_as_everywhere() -> None:
    assert scalar.upcast("int8", "uint8", "float32") == "float32"
    assert scalar.upgrade_to_float(scalar.int32, scalar.float32) == (scalar.float64,)
    assert scalar.upcast_out(scalar.int8, scalar.bool) == (scalar.int8,)
    with pytest.raises(TypeError, match=r"complex numbers are not supported here, got Scalar\(com"):
        scalar.upgrade_to_float_no_complex(scalar.complex64)
    with pytest.raises(TypeError, match=r"a float is wanted, got Scalar\(int8\)"):
        scalar.same_out_float_only(scalar.int8)


def test_names_that_no_op_has() -> None:
    for name in ("no_such_op", "Sum", "sum", "NoSuchOp", "eQ"):
        assert not hasattr(scalar, name)


class Hinge(BinaryScalarOp):
    """max(0, 1 - x * y)."""

    def impl(self, x: Any, y: Any) -> Any:
        return max(0.0, 1.0 - x * y)

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        (x, y), (g,) = inputs, output_gradients
        inside = scalar.lt(scalar.mul(x, y), 1)
        return [scalar.switch(inside, -g * y, 0), scalar.switch(inside, -g * x, 0)]


def test_an_op_of_a_users_own_says_its_types_and_has_a_gradient() -> None:
    hinge = Elemwise(Hinge(scalar.upgrade_to_float, name="hinge"))
    x, y = T.dmatrix("x"), T.ivector("y")
    node = hinge(x, y).owner
    assert str(node.op) == "Elemwise{hinge}"
    assert isinstance(node.op, Elemwise)
    assert isinstance(node.op.scalar_op, Hinge)
    assert node.out.type == T.dmatrix().type
    given = {x: np.array([[0.5, -2.0], [3.0, 0.1]]), y: np.array([1, -1], "int32")}
    expression = T.maximum(0, 1 - x * y)
    f = function([x, y], [node.out, T.grad(node.out.sum(), x)])
    value, slope = f(*given.values())
    np.testing.assert_allclose(value, evaluate(expression, given))
    assert_gradient(expression.sum(), given, x, gradient=slope)


def test_an_op_of_a_users_own_repeats_declared_axes_only() -> None:
    hinge = Elemwise(Hinge(scalar.upgrade_to_float, name="hinge"))
    x, row = T.dmatrix("x"), T.drow("row")
    f = function([x, row], hinge(x, row))
    assert f(np.zeros((2, 3)), np.ones((1, 3))).tolist() == [[1.0] * 3] * 2
    g = function([x], hinge(x, x[:1]))
    with pytest.raises(ValueError, match=r"axis 0 of .* has size 2, and of .* 1; an axis is repea"):
        g(np.zeros((2, 3)))


def test_an_op_of_a_users_own_that_is_not_complete() -> None:
    class Nothing(UnaryScalarOp):
        pass

    with pytest.raises(MethodNotDefined, match="Nothing does not say what its result is"):
        Elemwise(Nothing())(1)
    with pytest.raises(MethodNotDefined, match="nothing has no impl"):
        Nothing(scalar.same_out, name="nothing").impl(1)
    with pytest.raises(TypeError, match="output_types_preference is a function"):
        Nothing("float64")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="hinge} takes 2 operands, got 1"):
        Elemwise(Hinge(scalar.upgrade_to_float, name="hinge"))(1)


def test_a_composite_is_one_op() -> None:
    x, y = scalar.float64("x"), scalar.float64("y")
    both = Composite([x, y], [x + y, x * y])
    assert both.impl(2.0, 3.0) == (5.0, 6.0)
    assert both.output_types([scalar.int8, scalar.float32]) == [scalar.float32, scalar.float32]
    a = T.dvector("a")
    found = evaluate(Elemwise(both)(a, 2.0), {a: np.array([1.0, 4.0])})
    assert [one.tolist() for one in found] == [[3.0, 6.0], [2.0, 8.0]]
    with pytest.raises(TypeError, match=r"Elemwise{Composite} takes 2 operands, got 1"):
        both(a)
    node = both.make_node(x * x, y)
    assert isinstance(node.op, Composite)
    assert isinstance(node.op, Elemwise)
    assert [one.type for one in node.outputs] == [scalar.float64, scalar.float64]
    assert isinstance(both(x, y)[0].owner.op, Composite)
    assert T.grad(both(x, y)[1], x).eval({x: 2.0, y: 5.0}) == 5.0
    with pytest.raises(MissingInputError, match="Composite needs y"):
        Composite([x], [x + y])
