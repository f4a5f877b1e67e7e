"""Axes that are variables: one program for every value of the axis, with its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad
from lltheano.graph import Variable
from lltheano.tensor.shapes.symbolic_axes import along_variable
from tests.lltheano.evaluation import evaluate

SHAPE = (2, 3, 4)
ARRAY = (np.arange(24.0) * 7 % 24).reshape(SHAPE)

CASES: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, int], Any]]] = {
    "join": (lambda x, i: T.join(i, x, 2 * x), lambda a, i: np.concatenate([a, 2 * a], i)),
    "join of one": (lambda x, i: T.join(i, x), lambda a, i: a),
    "concatenate": (
        lambda x, i: T.concatenate([x, x, -x], axis=i),
        lambda a, i: np.concatenate([a, a, -a], i),
    ),
    "join of parts": (
        lambda x, i: T.join(
            i, x, T.zeros([T.switch(T.eq(i % 3, k), 2, x.shape[k]) for k in range(3)])
        ),
        lambda a, i: np.concatenate(
            [a, np.zeros([2 if i % 3 == k else n for k, n in enumerate(a.shape)])], i
        ),
    ),
    "stack": (lambda x, i: T.stack([x, -x], axis=i), lambda a, i: np.stack([a, -a], i)),
    "split: the first": (
        lambda x, i: T.split(x, [1, T.shape(x)[i] - 1], 2, axis=i)[0],
        lambda a, i: np.split(a, [1], i)[0],
    ),
    "split: the rest": (
        lambda x, i: T.Split(2)(x, i, T.stack([1, T.shape(x)[i] - 1]))[1],
        lambda a, i: np.split(a, [1], i)[1],
    ),
    "sort": (T.sort, np.sort),
    "argsort": (T.argsort, np.argsort),
    "cumsum": (lambda x, i: along_variable(x, i, T.cumsum), np.cumsum),
}
"""How much of the axis, from both ends, makes one program; what NumPy gives."""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16"])
def test_one_program_serves_every_axis(name: str, dtype: str) -> None:
    ours, numpys = CASES[name]
    x, i = T.dtensor3("x"), T.scalar("i", dtype=dtype)
    compiled = function([x, i], ours(x, i))
    ends = range(3) if dtype == "uint16" else range(-3, 3)
    for axis in ends:
        wanted = numpys(ARRAY, axis)
        np.testing.assert_array_equal(compiled(ARRAY, axis), wanted)


@pytest.mark.parametrize("name", [one for one in CASES if one != "argsort"])
def test_gradients_are_those_of_the_known_axis(name: str) -> None:
    ours, _ = CASES[name]
    x, i = T.dtensor3("x"), T.lscalar("i")

    def cost(axis: Any) -> Variable:
        result = ours(x, axis)
        slope: Variable = grad((result**2 * T.cos(result)).sum(), x)
        return slope

    compiled = function([x, i], cost(i))
    for axis in range(3):
        wanted = function([x], cost(T.constant(axis)))(ARRAY)
        np.testing.assert_allclose(compiled(ARRAY, axis), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_an_axis_out_of_range_is_an_index_error_of_the_call(name: str) -> None:
    x, i = T.dtensor3("x"), T.lscalar("i")
    compiled = function([x, i], CASES[name][0](x, i))
    for axis in (4, -5, 2**40):
        with pytest.raises(IndexError, match=r"no axis|out of range"):
            compiled(ARRAY, axis)


def test_sizes_of_other_axes_must_agree_each_for_itself() -> None:
    x, y, i = T.dtensor3("x"), T.dtensor3("y"), T.lscalar("i")
    compiled = function([x, y, i], T.join(i, x, y))
    with pytest.raises(ValueError, match="sizes on axis 0, 2 and 3, differ, and axis 2 is joined"):
        compiled(np.zeros((2, 6, 1)), np.zeros((3, 4, 1)), 2)
    assert compiled(np.zeros((2, 6, 1)), np.zeros((2, 4, 1)), 1).shape == (2, 10, 1)


def test_a_known_axis_out_of_range_is_both_errors_that_theano_and_numpy_raise() -> None:
    x = T.dmatrix("x")
    for error in (IndexError, ValueError):
        for axis in (2, -3):
            with pytest.raises(error, match=r"x .* has 2 axes and no axis"):
                T.join(axis, x, x)
            with pytest.raises(error, match=r"x .* has 2 axes and no axis"):
                T.swapaxes(x, 0, axis)
        with pytest.raises(error, match="no axis 3"):
            T.stack([x, x], axis=3)


def test_an_axis_is_an_integer_scalar() -> None:
    x = T.dmatrix("x")
    for wrong in (T.dscalar("a"), T.lvector("a"), T.scalar("a", dtype="bool")):
        with pytest.raises(TypeError, match="an axis is an integer without axes, got a"):
            T.join(wrong, x, x)
    with pytest.raises(TypeError, match="must be a Python int"):
        T.join(1.5, x, x)


def test_nothing_broadcasts_while_the_axis_is_not_known() -> None:
    row, i = T.drow("row"), T.lscalar("i")
    assert T.join(i, row, row).broadcastable == (False, False)
    assert T.join(0, row, row).broadcastable == (False, False)
    assert T.join(1, row, row).broadcastable == (True, False)
    assert T.join(T.constant(1), row, row).broadcastable == (True, False)
    compiled = function([row, i], T.join(i, row, row))
    assert compiled(np.zeros((1, 3)), 0).shape == (2, 3)
    assert compiled(np.zeros((1, 3)), 1).shape == (1, 6)


def test_the_class_is_made_without_an_axis_as_in_theano() -> None:
    x = T.dmatrix("x")
    joined = T.Join()(0, x, x)
    assert isinstance(joined.owner.op, T.Join)
    assert T.Join() == T.Join(view=0)
    assert [str(one) for one in joined.owner.inputs] == ["TensorConstant{0}", "x", "x"]
    np.testing.assert_array_equal(evaluate(joined, {x: ARRAY[0]}), np.concatenate([ARRAY[0]] * 2))
    with pytest.raises(ValueError, match="at least one tensor"):
        T.Join()(0)
    with pytest.raises(TypeError, match=r"use T\.stack"):
        T.Join()(0, T.dscalar(), T.dscalar())
