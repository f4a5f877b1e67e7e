"""Ops made of Python functions by `as_op`."""

import pickle
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import as_op, function


@as_op([T.dvector, T.lscalar], [T.dvector])
def shifted(x: Any, by: Any) -> Any:
    return np.roll(x, by)


@as_op(T.dmatrix, [T.dvector, T.dvector], infer_shape=lambda node, s: [(s[0][0],), (s[0][1],)])
def sums(x: Any) -> Any:
    return x.sum(1), x.sum(0)


def test_a_function_becomes_an_op() -> None:
    x, by = T.dvector("x"), T.lscalar("by")
    assert function([x, by], shifted(x, by) * 2)([1.0, 2.0, 3.0], 1).tolist() == [6.0, 2.0, 4.0]
    assert str(shifted) == "FromFunctionOp{shifted}"
    with pytest.raises(lltheano.errors.MethodNotDefined, match="has no gradient"):
        T.grad(shifted(x, by).sum(), x)


def test_one_type_may_stand_for_a_list_and_sizes_may_be_told() -> None:
    x = T.dmatrix("x")
    rows, columns = sums(x)
    f = function([x], [rows, columns, columns.shape[0]])
    found = f([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert [one.tolist() for one in found] == [[6.0, 15.0], [5.0, 7.0, 9.0], 3]


def test_another_number_of_outputs_is_an_error() -> None:
    op = as_op([T.dscalar], [T.dscalar, T.dscalar])(lambda x: x)
    x = T.dscalar("x")
    with pytest.raises(ValueError, match="gave 1 outputs, wanted 2"):
        function([x], op(x)[0])(1.0)


def test_types_must_be_types() -> None:
    wrong: Any = ["float64"]
    with pytest.raises(TypeError, match="as_op takes types such as"):
        as_op(wrong, [T.dscalar])(lambda x: x)
    with pytest.raises(TypeError, match="infer_shape must be a function"):
        as_op([T.dscalar], [T.dscalar], infer_shape=wrong)
    with pytest.raises(ValueError, match="name its otypes"):
        as_op([T.dscalar], [])(lambda x: x)


def test_ops_of_one_function_are_equal() -> None:
    def same(x: Any) -> Any:
        return x

    make = as_op([T.dscalar], [T.dscalar])
    assert make(same) == make(same)


def test_an_op_is_pickled_by_its_name() -> None:
    class Module:
        pass

    anonymous = as_op([T.dscalar], [T.dscalar])(lambda x: x)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(anonymous)
    assert shifted.__reduce__()[1] == (__name__, "shifted")
