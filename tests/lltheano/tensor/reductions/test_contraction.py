import math
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate


def array(rng: np.random.Generator, *shape: Any) -> Any:
    return rng.normal(size=shape)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((), ()),
        ((), (3,)),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((2, 3), (3, 4)),
        ((2, 3, 4), (4,)),
        ((2, 3), (5, 3, 2)),
        ((2, 3, 4), (5, 4, 2)),
    ],
)
def test_dot_has_numpys_meaning(left: Any, right: Any, rng: np.random.Generator) -> None:
    x = T.tensor("float64", [False] * len(left))
    y = T.tensor("float64", [False] * len(right))
    a, b = array(rng, *left), array(rng, *right)
    np.testing.assert_allclose(evaluate(T.dot(x, y), {x: a, y: b}), np.dot(a, b), rtol=1e-12)


def test_dot_of_bools_is_whether_any_pair_holds(rng: np.random.Generator) -> None:
    x, y = T.matrix("x", dtype="bool"), T.matrix("y", dtype="bool")
    a, b = rng.integers(0, 2, (2, 3, 300)).astype(bool)
    a[0] = True  # 300 pairs, more than the least integer holds
    found = evaluate(T.dot(x, y), {x: a, y: b.T})
    assert found.dtype == bool
    np.testing.assert_array_equal(found, np.dot(a, b.T))


def test_dot_of_two_dtypes() -> None:
    x, y = T.imatrix("x"), T.fvector("y")
    a, b = np.arange(6, dtype="int32").reshape(2, 3), np.ones(3, "float32")
    found = evaluate(x.dot(y), {x: a, y: b})
    assert found.dtype == "float64"
    assert found.tolist() == [3, 12]
    m = T.imatrix("m")
    assert evaluate(T.dot(m, m.T), {m: a}).tolist() == (a @ a.T).tolist()


def test_known_sizes_are_checked_when_the_graph_is_built() -> None:
    with pytest.raises(ValueError, match=r"dot: .* has size 3 on its last axis, .* has 2 where"):
        T.dot(np.ones((4, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="has size 1 on its last axis"):
        T.dot(T.dcol("c"), np.ones(2))
    assert T.dot(np.ones((4, 3)), T.dmatrix("m")).ndim == 2


def test_sizes_are_checked(rng: np.random.Generator) -> None:
    x, y = T.dmatrices("x", "y")
    with pytest.raises(ExecutionError):
        evaluate(T.dot(x, y), {x: array(rng, 2, 3), y: array(rng, 2, 3)})


@pytest.mark.parametrize("axes", [0, 1, 2, [[0], [1]], [[2, 0], [1, 2]], [1, 0]])
def test_tensordot(axes: Any, rng: np.random.Generator) -> None:
    x, y = T.dtensor3s("x", "y")
    a, b = array(rng, 3, 3, 3), array(rng, 3, 3, 3)
    found = evaluate(T.tensordot(x, y, axes), {x: a, y: b})
    np.testing.assert_allclose(found, np.tensordot(a, b, axes), rtol=1e-12)


def test_wrong_tensordots() -> None:
    x = T.dmatrix("x")
    with pytest.raises(ValueError, match="two lists of equally many axes"):
        T.tensordot(x, x, [[0], [0, 1]])
    with pytest.raises(ValueError, match="tensordot over 3 axes"):
        T.tensordot(x, x, 3)


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        ((2, 3, 4), (2, 4, 5), "bij,bjk->bik"),
        ((2, 3), (2, 3, 5), "bj,bjk->bk"),
        ((2, 3, 4), (2, 4), "bij,bj->bi"),
        ((2, 3), (2, 3), "bj,bj->b"),
        ((2,), (2, 3), "b,bj->bj"),
    ],
)
def test_batched_dot(left: Any, right: Any, rule: Any, rng: np.random.Generator) -> None:
    x = T.tensor("float64", [False] * len(left))
    y = T.tensor("float64", [False] * len(right))
    a, b = array(rng, *left), array(rng, *right)
    found = evaluate(T.batched_dot(x, y), {x: a, y: b})
    np.testing.assert_allclose(found, np.einsum(rule, a, b), rtol=1e-12)


def test_batched_dot_of_scalars() -> None:
    with pytest.raises(TypeError, match="takes 1 axis or more, got s"):
        T.batched_dot(T.dscalar("s"), T.dvector("v"))


def test_outer(rng: np.random.Generator) -> None:
    x, y = T.dvectors("x", "y")
    a, b = array(rng, 3), array(rng, 2)
    np.testing.assert_array_equal(evaluate(T.outer(x, y), {x: a, y: b}), np.outer(a, b))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_product_of_vectors_wakes_no_threads_of_a_library(
    dtype: str, rng: np.random.Generator
) -> None:
    """Calls in several threads would have a library's own threads fight for the cores."""
    x, y = T.vector(dtype=dtype), T.vector(dtype=dtype)
    f = function([x, y], T.dot(x, y))
    assert "call " not in f.compiled.stage("loops")
    a, b = rng.normal(size=(2, 20_001)).astype(dtype)
    exact = math.fsum(a.astype("float64") * b.astype("float64"))
    bound = np.finfo(dtype).eps * 20 * float(np.abs(a * b).sum())
    assert abs(float(f(a[::-1], b[::-1])) - exact) < bound
