"""Axes moved and reversed, against NumPy; the ops of axes and sizes by Theano's names."""

import itertools
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import assert_evaluates, evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)


def test_moveaxis_and_rollaxis() -> None:
    x = T.dtensor3("x")
    for one, other in itertools.product(range(-3, 3), range(-3, 3)):
        assert_evaluates(T.moveaxis(x, one, other), {x: ARRAY}, np.moveaxis(ARRAY, one, other))
        assert_evaluates(T.rollaxis(x, one, other), {x: ARRAY}, np.rollaxis(ARRAY, one, other))
    assert_evaluates(T.rollaxis(x, 0, 3), {x: ARRAY}, np.rollaxis(ARRAY, 0, 3))
    assert_evaluates(
        T.moveaxis(x, [0, 2], [-1, 0]), {x: ARRAY}, np.moveaxis(ARRAY, [0, 2], [-1, 0])
    )
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
    assert_evaluates(T.flip(x, axis), {x: ARRAY}, wanted)


def test_squeeze_of_named_axes() -> None:
    x = T.dtensor3("x")
    values = ARRAY[:1, :, :1]
    assert_evaluates(T.squeeze(x, (0, -1)), {x: values}, values.squeeze((0, 2)))
    assert_evaluates(x.squeeze(0), {x: values}, values.squeeze(0))
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
    assert_evaluates(T.DimShuffle((False, False), [1, "x", 0])(x), values, ARRAY[0].T[:, None])
    assert_evaluates(T.Rebroadcast((0, False), (1, False))(x), values, ARRAY[0])
    assert_evaluates(T.Reshape(2)(x, T.stack([4, 3])), values, ARRAY[0].reshape(4, 3))
    assert_evaluates(T.SpecifyShape()(x, [3, 4]), values, ARRAY[0])
    assert_evaluates([T.Shape()(x), T.Shape_i(1)(x), T.shape_i(x, -1)][0], values, [3, 4])
    assert evaluate([T.Shape_i(1)(x), T.shape_i(x, -1)], values) == [4, 4]
    assert_evaluates(T.cpu_contiguous(x), values, ARRAY[0])
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
        assert_evaluates(one, values, [[1, 2], [3, 4]])
    assert_evaluates(T.stack(tensors=(a, b), axis=1), values, [[1, 3], [2, 4]])
    assert_evaluates(T.concatenate([a, T.stack([a, b])], axis=None), values, [1, 2, 1, 2, 3, 4])
    with pytest.raises(TypeError, match="stack takes tensors and axis, got dim"):
        T.stack(a, b, dim=1)
