"""Theano's in-place ops: their results have the type of the first operand."""

import pickle
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad
from lltheano.tensor.elementwise.op import Elementwise
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate
from tests.lltheano.gradient.covered import BITS

OPS = [name for name in ELEMENTWISE_OPS if "." not in name]
DTYPES = ("bool", "int8", "uint64", "float32", "float64", "complex64")


def _both(name: str, *operands: Any) -> tuple[Any, Any]:
    """The results of the op and of its in-place form; None where the op takes no such operands."""
    plain, inplace = ELEMENTWISE_OPS[name], getattr(T.inplace, f"{name}_inplace")
    try:
        result = plain(*operands)
    except TypeError:
        return None, None
    if name in BITS and result.dtype == "float64":
        return None, None
    if result.dtype.startswith("complex") and not operands[0].dtype.startswith("complex"):
        with pytest.raises(TypeError, match="the result is complex, and"):
            inplace(*operands)
        return None, None
    return result, inplace(*operands)


@pytest.mark.parametrize("name", OPS)
def test_the_result_has_the_type_of_the_first_operand(name: str) -> None:
    arity = ELEMENTWISE_OPS[name].arity
    for first in DTYPES:
        for other in DTYPES:
            operands = [T.vector(dtype=other if place else first) for place in range(arity)]
            plain, inplace = _both(name, *operands)
            if plain is None:
                continue
            assert inplace.type == operands[0].type
            values = {one: np.full(2, place + 1, one.dtype) for place, one in enumerate(operands)}
            with np.errstate(all="ignore"):
                wanted = evaluate(plain.astype(first), values)
                np.testing.assert_array_equal(evaluate(inplace, values), wanted, strict=True)


def test_compiled_results_are_converted() -> None:
    i, x = T.lvector("i"), T.dvector("x")
    outputs = [T.inplace.add_inplace(i, x), T.inplace.sqrt_inplace(i), T.inplace.lt_inplace(x, i)]
    found = function([i, x], outputs)([1, 9], [0.75, 9.5])
    assert [one.dtype for one in found] == ["int64", "int64", "float64"]
    assert [one.tolist() for one in found] == [[1, 18], [1, 3], [1.0, 0.0]]


def test_functions_that_are_no_elementwise_ops() -> None:
    second = T.inplace.second_inplace(T.lvector(), T.dscalar())
    assert second.type == T.lvector
    assert T.inplace.transpose_inplace(T.fmatrix()).type == T.fmatrix
    assert T.inplace.second_inplace.__name__ == "second_inplace"


def test_a_result_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not fit in the place of row"):
        T.inplace.add_inplace(T.drow("row"), T.dmatrix("m"))
    with pytest.raises(ValueError, match=r"does not fit in the place of s"):
        T.inplace.add_inplace(T.dscalar("s"), T.dvector("v"))


def test_the_gradient_is_that_of_the_op() -> None:
    x, y = T.dvectors("x", "y")
    cost = (T.inplace.mul_inplace(x, y) ** 2).sum()
    slopes = function([x, y], grad(cost, [x, y]))([3.0], [2.0])
    assert [one.tolist() for one in slopes] == [[24.0], [36.0]]
    i = T.lvector("i")
    assert grad(T.inplace.mul_inplace(i, x).sum(), x).eval({x: [1.0]}).tolist() == [0.0]


def test_the_ops_are_ops_and_have_names() -> None:
    assert isinstance(T.inplace.exp_inplace, Elementwise)
    result: Any = T.inplace.exp_inplace(T.dscalar())
    assert isinstance(result.owner.op, T.Elemwise)
    assert T.inplace.exp_inplace.scalar_op == T.exp.scalar_op
    assert pickle.loads(pickle.dumps(T.inplace.exp_inplace)) is T.inplace.exp_inplace
    assert str(T.inplace.abs__inplace) == "abs__inplace"
    with pytest.raises(AttributeError, match="the tensor language has no frobnicate"):
        _ = T.inplace.frobnicate_inplace
    assert not hasattr(T.inplace, "exp")
