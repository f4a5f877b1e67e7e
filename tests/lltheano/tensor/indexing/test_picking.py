"""Functions that pick elements by index."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(20.0).reshape(4, 5)
FAR = np.array([[-7, 9], [0, 2]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("indices", [2, [0, 2, 1], [[0, -1], [1, 0]], []], ids=repr)
def test_take(axis: Any, indices: Any) -> None:
    x = T.dmatrix("x")
    wanted = ARRAY.take(np.array(indices, int), axis=axis)
    np.testing.assert_array_equal(evaluate(x.take(indices, axis=axis), {x: ARRAY}), wanted)
    i = T.TensorType("int32", [False] * np.ndim(indices))("i")
    found = evaluate(T.take(x, i, axis), {x: ARRAY, i: np.array(indices, "int32")})
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("mode", ["wrap", "clip"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_take_beyond_the_ends(mode: Any, axis: Any) -> None:
    x = T.dmatrix("x")
    found = evaluate(T.take(x, FAR, axis=axis, mode=mode), {x: ARRAY})
    np.testing.assert_array_equal(found, ARRAY.take(FAR, axis=axis, mode=mode))


def test_wrong_takes() -> None:
    x = T.dmatrix("x")
    with pytest.raises(ValueError, match="modes raise, wrap and clip"):
        T.take(x, FAR, mode="stop")
    with pytest.raises(ValueError, match="has 2 axes and no axis 2"):
        T.take(x, FAR, axis=2)
    with pytest.raises(TypeError, match="take needs indices that are integers"):
        T.take(x, [0.5])
    for mode in ("raise", "wrap", "clip"):
        with pytest.raises(ExecutionError, match="out of range"):
            evaluate(T.take(x, [0], axis=0, mode=mode), {x: np.ones((0, 3))})


NUMBERS = np.array([[0, 2, 1], [1, 1, 0]])
CHOICES = [np.arange(3.0), np.full((2, 1), 10.0), np.array(20.0)]


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_choose_from_a_list(mode: Any) -> None:
    numbers = NUMBERS if mode == "raise" else NUMBERS * 3 - 2
    a = T.lmatrix("a")
    found = evaluate(T.choose(a, CHOICES, mode=mode), {a: numbers})
    np.testing.assert_array_equal(found, np.choose(numbers, CHOICES, mode=mode))


@pytest.mark.parametrize("shape", [(3,), (3, 3), (3, 2, 3), (3, 2, 1), (3, 4, 2, 3)])
@pytest.mark.parametrize("numbers", [NUMBERS, NUMBERS[:1], NUMBERS[0], NUMBERS[0, 1]])
def test_choose_from_a_table(shape: Any, numbers: Any) -> None:
    table = np.arange(float(np.prod(shape))).reshape(shape)
    found = evaluate(T.choose(T.constant(numbers), T.constant(table)))
    np.testing.assert_array_equal(found, np.choose(numbers, list(table)))


def test_methods() -> None:
    a = T.lmatrix("a")
    found = evaluate([a.choose(CHOICES), a.diagonal(1)], {a: NUMBERS})
    np.testing.assert_array_equal(found[0], NUMBERS.choose(CHOICES))
    np.testing.assert_array_equal(found[1], NUMBERS.diagonal(1))


def test_choose_of_one_choice_has_the_shape_of_all() -> None:
    found = evaluate(T.choose([[0], [0]], [T.constant([1.5, 2.5])]))
    np.testing.assert_array_equal(found, [[1.5, 2.5], [1.5, 2.5]])
    assert (
        evaluate(T.choose([0, 1], [T.constant(1, dtype="int8"), np.float64(2.5)])).dtype
        == "float64"
    )


def test_wrong_choices() -> None:
    a = T.lvector("a")
    compiled = function([a], T.choose(a, [1, 2]))
    assert compiled([0, 1, 1]).tolist() == [1, 2, 2]
    for numbers in ([0, 2], [-1]):
        with pytest.raises(ValueError, match="choose: a number is not below 2"):
            compiled(numbers)
    with pytest.raises(ValueError, match="at least one choice"):
        T.choose(a, [])
    with pytest.raises(ValueError, match="modes raise, wrap and clip"):
        T.choose(a, [1], mode="stop")
    with pytest.raises(TypeError, match="does not write to `out`"):
        T.choose(a, [1], out=np.zeros(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="integers"):
        T.choose([0.5], [1])
    with pytest.raises(TypeError, match="a list of choices"):
        T.choose(a, T.dscalar("c"))


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (0, 3), (3, 3, 3), (1, 1)])
def test_fill_diagonal(shape: Any) -> None:
    a = T.TensorType("float64", [False] * len(shape))("a")
    values = np.arange(float(np.prod(shape))).reshape(shape)
    wanted = values.copy()
    if shape == (4, 2):
        wanted[[0, 1], [0, 1]] = -1  # NumPy repeats the diagonal in tall matrices, Theano does not
    else:
        np.fill_diagonal(wanted, -1)
    np.testing.assert_array_equal(evaluate(T.fill_diagonal(a, -1), {a: values}), wanted)


def test_wrong_diagonals() -> None:
    with pytest.raises(ExecutionError, match="axes of one size, got 3 and 2"):
        evaluate(T.fill_diagonal(T.zeros((3, 2, 3)), 0))
    with pytest.raises(ValueError, match="at least two axes"):
        T.fill_diagonal(T.dvector("v"), 0)
    with pytest.raises(TypeError, match="one value, which has no axes"):
        T.fill_diagonal(T.dmatrix("m"), [1.0, 2.0])
    with pytest.raises(TypeError, match="would lose precision"):
        T.fill_diagonal(T.imatrix("m"), 0.5)
    with pytest.raises(ValueError, match="needs a matrix"):
        T.fill_diagonal_offset(T.dtensor3("t"), 0, 1)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_fill_diagonal_offset(shape: Any) -> None:
    a, k = T.dmatrix("a"), T.iscalar("k")
    values = np.arange(float(np.prod(shape))).reshape(shape)
    result = T.fill_diagonal_offset(a, -1, k)
    for offset in range(-5, 6):
        wanted = np.where(np.eye(shape[0], shape[1], k=offset) > 0, -1, values)
        np.testing.assert_array_equal(evaluate(result, {a: values, k: offset}), wanted)


def test_theano_names_of_the_ops() -> None:
    x = np.arange(6.0).reshape(3, 2)
    assert evaluate(T.advanced_subtensor1(x, [2, 0])).tolist() == [[4, 5], [0, 1]]
    assert evaluate(T.advanced_set_subtensor1(x, 9, [1])).tolist() == [[0, 1], [9, 9], [4, 5]]
    twice = T.advanced_inc_subtensor1(x, [[1.0, 2.0], [3.0, 4.0]], [1, 1])
    assert evaluate(twice).tolist() == [[0, 1], [6, 9], [4, 5]]
