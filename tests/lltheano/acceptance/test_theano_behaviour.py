"""What Theano's programs rely on, case by case, where it is no op of its own that is tested."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.variables.variable import TensorType

A = np.arange(1.0, 13.0).reshape(3, 4)


@pytest.mark.parametrize("ranks", [(1, 1), (1, 2), (1, 4), (4, 1), (2, 4), (4, 2), (3, 4), (4, 4)])
def test_batched_dot_of_any_ranks(ranks: tuple[int, int], rng: np.random.Generator) -> None:
    left = (2, 3, 4, 5)[: ranks[0]]
    right = (2, 3, 4, 5)[: ranks[1]]
    if min(ranks) > 1:
        right = {2: (2, left[-1]), 3: (2, left[-1], 7), 4: (2, 6, left[-1], 7)}[ranks[1]]
    x, y = (TensorType("float64", (False,) * rank)() for rank in ranks)
    values = rng.normal(size=left), rng.normal(size=right)
    found = function([x, y], T.batched_dot(x, y))(*values)
    wanted = np.stack([np.dot(one, other) for one, other in zip(*values, strict=True)])
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("rcond", [1.0, 2.0, 0.0, -1.0, 1e-3, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cutoffs_of_least_squares_are_lapacks(rcond: float, dtype: str) -> None:
    x, y, s = TensorType(dtype, (False, False))(), TensorType(dtype, (False,))(), T.dscalar()
    given = np.array([[2.0, 1.0], [3.0, 4.0]], dtype), np.array([1.0, 2.0], dtype)
    found = function([x, y, s], T.nlinalg.lstsq()(x, y, s))(*given, rcond)
    wanted = np.linalg.lstsq(*given, rcond)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-4)
    assert found[2] == wanted[2]


def test_solve_takes_float16() -> None:
    a, b = T.matrix(dtype="float16"), T.vector(dtype="float16")
    result = T.slinalg.solve(a, b)
    assert result.dtype == "float32"
    values = np.array([[2, 1], [0, 4]], "float16"), np.array([4, 8], "float16")
    np.testing.assert_allclose(function([a, b], result)(*values), [1, 2])
    assert T.slinalg.solve(a, T.dmatrix()).dtype == "float64"
    slope = T.grad(result.sum(), a)
    assert slope.type == a.type
    np.testing.assert_allclose(function([a, b], slope)(*values), [[-0.5, -1], [-0.125, -0.25]])


@pytest.mark.parametrize("lower", [True, False])
def test_the_gradient_of_a_factor_that_there_is_not_is_nan(lower: bool) -> None:
    x = T.dmatrix("x")
    op = T.slinalg.Cholesky(lower=lower, on_error="nan")
    run = function([x], T.grad(op(x).sum(), x))
    assert np.isnan(run([[1.0, 2.0], [2.0, 1.0]])).all()
    sure = function([x], T.grad(T.slinalg.Cholesky(lower=lower)(x).sum(), x))
    definite = [[4.0, 1.0], [1.0, 3.0]]
    np.testing.assert_array_equal(run(definite), sure(definite))


@pytest.mark.parametrize(
    ("pattern", "rank", "wanted"),
    [
        ((False, True, True, True), 2, (False, True)),
        ((False, True, False, True), 2, (False, False)),
        ((True, True), 1, (True,)),
        ((True, False, True), 2, (True, False)),
        ((True, True, True), 2, (True, True)),
        ((False, True), 1, (False,)),
        ((), 1, (True,)),
    ],
)
def test_flattened_patterns(pattern: Any, rank: int, wanted: Any) -> None:
    x = TensorType("float64", pattern)("x")
    flat = x.flatten(rank)
    assert flat.broadcastable == wanted
    value = np.ones([1 if one else 3 for one in pattern])
    assert function([x], flat)(value).shape == value.reshape((*value.shape[: rank - 1], -1)).shape


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "float32", "float64"])
def test_quotients_rounded_up(dtype: str) -> None:
    x, y = (TensorType(dtype, (False,))() for _ in range(2))
    limits = (0, 200) if dtype.startswith("u") else (-100, 100)
    tops = np.arange(*limits, 7).astype(dtype)
    for bottom in (1, 2, 3, 7, 100):
        bottoms = np.full_like(tops, bottom)
        found = function([x, y], T.ceil_intdiv(x, y))(tops, bottoms)
        wanted = -(-tops.astype("float64") // bottom)
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == dtype
    assert function([x, y], T.ceil_intdiv(x / 2, y))(tops, np.full_like(tops, 3)).dtype.kind == "f"


def test_kinds_of_norms_as_words() -> None:
    x, v = T.dmatrix("x"), T.dvector("v")
    for word, number in (("inf", np.inf), ("-inf", -np.inf)):
        found = T.nlinalg.norm(x, word).eval({x: A})
        np.testing.assert_array_equal(found, np.linalg.norm(A, number))
        found = T.nlinalg.norm(v, word).eval({v: A[0]})
        np.testing.assert_array_equal(found, np.linalg.norm(A[0], number))


@pytest.mark.parametrize("sort", [T.sort, T.argsort])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_variable_may_name_the_axis_of_a_sort(
    sort: Any, rank: int, rng: np.random.Generator
) -> None:
    x, axis = TensorType("float64", (False,) * rank)("x"), T.iscalar("axis")
    value = rng.normal(size=(3, 4, 5)[:rank])
    result = sort(x, axis)
    assert result.broadcastable == x.broadcastable
    run = function([x, axis], result)
    reference = np.sort if sort is T.sort else np.argsort
    for one in range(-rank, rank):
        np.testing.assert_array_equal(run(value, one), reference(value, one))
    for wrong in (rank, -rank - 1):
        with pytest.raises(IndexError, match="there is no axis"):
            run(value, wrong)
    if sort is T.sort:
        weights = rng.normal(size=value.shape)
        for one in range(rank):
            slope, known = (
                T.grad((T.sort(x, place) * weights).sum(), x, disconnected_inputs="ignore")
                for place in (axis, one)
            )
            np.testing.assert_array_equal(slope.eval({x: value, axis: one}), known.eval({x: value}))


def test_the_axis_of_a_sort_is_an_integer() -> None:
    x = T.dmatrix("x")
    with pytest.raises(TypeError, match="an axis is an integer without axes"):
        T.sort(x, T.dscalar("axis"))
