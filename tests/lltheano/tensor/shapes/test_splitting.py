"""Tensors taken apart along an axis."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.tensor.variables.variable import TensorConstant
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(("axis", "sizes"), [(0, [1, 1]), (1, [0, 3]), (-1, [1, 2, 1]), (2, [4])])
def test_split(axis: int, sizes: Any) -> None:
    x, v = T.dtensor3("x"), T.lvector("v")
    wanted = np.split(ARRAY, np.cumsum(sizes)[:-1], axis)
    for found in (
        evaluate(T.split(x, sizes, len(sizes), axis), {x: ARRAY}),
        evaluate(T.split(x, v, len(sizes), axis), {x: ARRAY, v: sizes}),
    ):
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


def test_the_op_takes_the_axis_as_an_input_as_in_theano() -> None:
    x = T.dtensor3("x")
    first, second = T.Split(2)(x, 1, [1, 2])
    np.testing.assert_array_equal(evaluate(second, {x: ARRAY}), ARRAY[:, 1:])
    assert first.broadcastable == (False, True, False)
    assert isinstance(first.owner.inputs[1], TensorConstant)


def test_wrong_splits() -> None:
    x, n, v = T.dvector("x"), T.lscalar("n"), T.lvector("v")
    s = shared(1.0)
    split = function([x, n], T.split(x, [n, 2], 2), updates=[(s, s + 1)])
    assert [one.tolist() for one in split([1, 2, 3], 1)] == [[1], [2, 3]]
    for wrong in (2, 0):
        with pytest.raises(ValueError, match=f"sizes add up to {wrong + 2}, axis 0 has size 3"):
            split([1, 2, 3], wrong)
    with pytest.raises(ValueError, match="size"):
        function([x, n], T.split(x, [n, 2 - n], 2))([1, 2], -1)
    assert s.get_value() == 2
    with pytest.raises(ValueError, match=r"add up to 3, axis 0 .* has size 4"):
        T.split(np.zeros(4), [1, 2], 2)
    with pytest.raises(ValueError, match="expected 3 sizes, got 2"):
        T.split(x, [1, 2], 3)
    negative = function([x], T.split(x, [-1, 2], 2))
    with pytest.raises(ValueError, match="size"):
        negative([1.0, 2.0])
    with pytest.raises(ValueError, match=r"length of v .* is not known yet"):
        T.split(x, v)
    with pytest.raises(ValueError, match="has 1 axes and no axis 1"):
        T.split(x, [1, 2], 2, axis=1)
    with pytest.raises(TypeError, match="an axis is an integer without axes"):
        T.Split(2)(x, T.dscalar(), [1, 2])
