"""Diagonals, triangles and one-hot rows, against NumPy."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.variable import TensorType
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)
SHAPES = [(3, 3), (2, 4), (4, 2), (0, 3), (1, 1)]
OFFSETS = range(-4, 5)


@pytest.mark.parametrize("shape", SHAPES)
def test_diagonals_and_triangles_of_matrices(shape: Any) -> None:
    m, k = T.dmatrix("m"), T.iscalar("k")
    values = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    results = [T.diag(m, k), T.diagonal(m, k), T.tril(m, k), T.triu(m, k)]
    for offset in OFFSETS:
        found = evaluate(results, {m: values, k: offset})
        wanted = [np.diag(values, offset), np.diagonal(values, offset)]
        wanted += [np.tril(values, offset), np.triu(values, offset)]
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (0, 2), (2, 1), (-1, 0)])
def test_diagonals_along_two_axes(axes: Any) -> None:
    x = T.dtensor3("x")
    for offset in (0, 1, -2, 9):
        found = evaluate(T.diagonal(x, offset, *axes), {x: ARRAY})
        np.testing.assert_array_equal(found, np.diagonal(ARRAY, offset, *axes))


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_vector_on_a_diagonal(size: int) -> None:
    v, k = T.ivector("v"), T.lscalar("k")
    values = np.arange(1, 1 + size).astype("int32")
    for offset in OFFSETS:
        found = evaluate(T.diag(v, k), {v: values, k: offset})
        np.testing.assert_array_equal(found, np.diag(values, offset), strict=True)


def test_triangles_of_vectors_and_stacks() -> None:
    x, v = T.dtensor3("x"), T.dvector("v")
    for k in (-1, 0, 2):
        for ours, theirs in [(T.tril, np.tril), (T.triu, np.triu)]:
            found = evaluate([ours(x, k), ours(v, k)], {x: ARRAY, v: ARRAY[0, 0]})
            np.testing.assert_array_equal(found[0], theirs(ARRAY, k))
            np.testing.assert_array_equal(found[1], theirs(ARRAY[0, 0], k))


def test_zeros_stand_in_a_triangle_whatever_was_there() -> None:
    m = T.dmatrix("m")
    values = np.array([[1.0, np.nan], [np.inf, 2.0]])
    assert evaluate(T.triu(T.tril(m)), {m: values}).tolist() == [[1, 0], [0, 2]]


def test_wrong_diagonals() -> None:
    with pytest.raises(ValueError, match="a vector or a matrix"):
        T.diag(T.dtensor3("x"))
    with pytest.raises(ValueError, match="a diagonal is one of a matrix or more"):
        T.diagonal(T.dvector("v"))
    with pytest.raises(ValueError, match="has no diagonal of axes 1, -1"):
        T.diagonal(T.dmatrix("m"), 0, 1, -1)
    with pytest.raises(TypeError, match="the offset of a diagonal must be an integer"):
        T.diag(T.dvector("v"), T.dscalar("k"))
    with pytest.raises(ValueError, match="matrices or vectors"):
        T.tril(T.dscalar("s"))


def test_to_one_hot() -> None:
    y, n = T.TensorType("int8", (False,))("y"), T.lscalar("n")
    hot = function([y, n], T.to_one_hot(y, n, dtype="int32"))
    np.testing.assert_array_equal(hot([2, 0, 1], 3), np.eye(3, dtype="int32")[[2, 0, 1]])
    assert hot([], 3).shape == (0, 3)
    with pytest.raises(IndexError, match="index 3 is out of range on axis 1 of size 3"):
        hot([0, 3], 3)
    assert T.to_one_hot(y, 3).dtype == "float64"
    with pytest.raises(TypeError, match="a vector of integers"):
        T.to_one_hot(T.dvector("v"), 3)
    with pytest.raises(ValueError, match="a vector of classes"):
        T.to_one_hot(T.imatrix("m"), 3)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "complex64"])
def test_every_dtype(dtype: Any) -> None:
    array = np.array([[0, 1], [2, 3]]).astype(dtype)
    m = TensorType(dtype, (False, False))("m")
    results = [T.diag(m), T.diag(T.diag(m)), T.tril(m), T.triu(m)]
    wanted = [np.diag(array), np.diag(np.diag(array)), np.tril(array), np.triu(array)]
    for found, one in zip(evaluate(results, {m: array}), wanted, strict=True):
        np.testing.assert_array_equal(found, one, strict=True)
