"""Axes moved and reversed, against NumPy; the ops of axes and sizes by Theano's names."""

import itertools
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)


def check(expression: Any, values: Any, wanted: Any) -> None:
    np.testing.assert_array_equal(evaluate(expression, values), wanted)


def test_moveaxis_and_rollaxis() -> None:
    x = T.dtensor3("x")
    for one, other in itertools.product(range(-3, 3), range(-3, 3)):
        check(T.moveaxis(x, one, other), {x: ARRAY}, np.moveaxis(ARRAY, one, other))
        check(T.rollaxis(x, one, other), {x: ARRAY}, np.rollaxis(ARRAY, one, other))
    check(T.rollaxis(x, 0, 3), {x: ARRAY}, np.rollaxis(ARRAY, 0, 3))
    check(T.moveaxis(x, [0, 2], [-1, 0]), {x: ARRAY}, np.moveaxis(ARRAY, [0, 2], [-1, 0]))
    with pytest.raises(ValueError, match="2 axes for 1 positions"):
        T.moveaxis(x, [0, 1], 2)
    with pytest.raises(ValueError, match="named twice"):
        T.moveaxis(x, [0, -3], [0, 1])
    with pytest.raises(ValueError, match="no axis 4"):
        T.rollaxis(x, 0, 4)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), []])
def test_flip(axis: Any) -> None:
    x = T.dtensor3("x")
    wanted = ARRAY if axis == [] else np.flip(ARRAY, axis)
    check(T.flip(x, axis), {x: ARRAY}, wanted)


def test_squeeze_of_named_axes() -> None:
    x = T.dtensor3("x")
    values = ARRAY[:1, :, :1]
    check(T.squeeze(x, (0, -1)), {x: values}, values.squeeze((0, 2)))
    check(x.squeeze(0), {x: values}, values.squeeze(0))
    with pytest.raises(ExecutionError, match="size"):
        evaluate(T.squeeze(x, 1), {x: values})
    with pytest.raises(ValueError, match="has size 3, so it cannot broadcast"):
        T.squeeze(np.zeros(3), 0)


def test_an_axis_may_be_a_constant() -> None:
    x = T.dmatrix("x")
    assert T.concatenate([x, x], axis=T.constant(1)).ndim == 2
    joined: Any = T.join_(T.constant(-1), x, x)
    assert joined.owner.inputs[0].data == 1


def test_ops_are_made_as_in_theano() -> None:
    x = T.dmatrix("x")
    values = {x: ARRAY[0]}
    check(T.DimShuffle((False, False), [1, "x", 0])(x), values, ARRAY[0].T[:, None])
    check(T.Rebroadcast((0, False), (1, False))(x), values, ARRAY[0])
    check(T.Reshape(2)(x, T.stack([4, 3])), values, ARRAY[0].reshape(4, 3))
    check(T.SpecifyShape()(x, [3, 4]), values, ARRAY[0])
    check([T.Shape()(x), T.Shape_i(1)(x), T.shape_i(x, -1)][0], values, [3, 4])
    assert evaluate([T.Shape_i(1)(x), T.shape_i(x, -1)], values) == [4, 4]
    check(T.cpu_contiguous(x), values, ARRAY[0])
    with pytest.raises(TypeError, match=r"is for 1 axes, got x"):
        T.DimShuffle((False,), [0])(x)
    with pytest.raises(ValueError, match="names an axis twice"):
        T.DimShuffle((False,), [0, 0])
    with pytest.raises(ValueError, match=r"x .* has no axis 2"):
        T.Rebroadcast((2, True))(x)
    with pytest.raises(ValueError, match="different axes"):
        T.Rebroadcast((0, True), (0, False))
    with pytest.raises(ValueError, match="has 2 axes and no axis 2"):
        T.shape_i(x, 2)


def test_equal_ops_are_one() -> None:
    assert T.DimShuffle((False,), [0, "x"]) == T.DimShuffle([False], (0, "x"))
    assert hash(T.Rebroadcast((1, True), (0, False))) == hash(T.Rebroadcast((0, False), (1, True)))
    assert T.Rebroadcast((0, True)) != T.Rebroadcast((0, False))


def test_sizes_that_cannot_fit_are_found_when_the_graph_is_built() -> None:
    n = T.lscalar("n")
    with pytest.raises(ValueError, match=r"has 6 elements, which cannot be reshaped to \[4, 2\]"):
        T.zeros((2, 3)).reshape((4, 2))
    with pytest.raises(ValueError, match=r"cannot be reshaped to \[4, -1\]"):
        T.constant(np.zeros(6)).reshape((4, -1))
    with pytest.raises(ValueError, match=r"cannot be reshaped to \[-1, 0\]"):
        T.zeros((0, 3)).reshape((-1, 0))
    assert T.zeros((n, 3)).reshape((4, 2)).ndim == 2
    with pytest.raises(ValueError, match=r"has size 3, not 4"):
        T.specify_shape(T.zeros((n, 3)), (None, 4))
    with pytest.raises(ValueError, match="the same size on axis 1"):
        T.concatenate([T.zeros((n, 3)), np.zeros((2, 4))])
    with pytest.raises(ValueError, match="has 1 axes, the pattern 2"):
        T.patternbroadcast(T.dvector(), (True, False))


def test_old_spellings_of_stack() -> None:
    a, b = T.dvector("a"), T.dvector("b")
    values = {a: [1.0, 2.0], b: [3.0, 4.0]}
    for one in (T.stack(a, b), T.stack([a, b]), T.stack(tensors=[a, b]), T.stack((a, b), 0)):
        check(one, values, [[1, 2], [3, 4]])
    check(T.stack(tensors=(a, b), axis=1), values, [[1, 3], [2, 4]])
    check(T.concatenate([a, T.stack([a, b])], axis=None), values, [1, 2, 1, 2, 3, 4])
    with pytest.raises(TypeError, match="stack takes tensors and axis, got dim"):
        T.stack(a, b, dim=1)
