"""Stacks of matrices: each is what the function gives of it alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor import linalg


def definite(rng: np.random.Generator, *outer: int) -> Any:
    wide = rng.normal(size=(*outer, 3, 5))
    return wide @ np.swapaxes(wide, -1, -2) + np.eye(3)


UNARY: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "inverse": (linalg.matrix_inverse, np.linalg.inv),
    "det": (linalg.det, np.linalg.det),
    "slogdet": (lambda x: linalg.slogdet(x)[1], lambda a: np.linalg.slogdet(a)[1]),
    "cholesky": (linalg.cholesky, np.linalg.cholesky),
    "singular values": (lambda x: linalg.svd(x, compute_uv=False), lambda a: np.linalg.svd(a)[1]),
    "eigenvalues": (lambda x: linalg.eigh(x)[0], np.linalg.eigvalsh),
    "pinv": (linalg.pinv, np.linalg.pinv),
    "r": (lambda x: linalg.qr(x, "r"), lambda a: np.linalg.qr(a, "r")),
}


@pytest.mark.parametrize("name", UNARY)
def test_of_one_stack(name: str, rng: np.random.Generator) -> None:
    ours, theirs = UNARY[name]
    x = T.dtensor4("x")
    run = function([x], ours(x))
    for outer in ((2, 4), (1, 1), (0, 2)):
        a = definite(rng, *outer)
        wanted = theirs(a)
        found = run(a)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_of_several_results(rng: np.random.Generator) -> None:
    x = T.dtensor3("x")
    a = rng.normal(size=(4, 3, 2))
    u, s, v = function([x], linalg.svd(x, full_matrices=False))(a)
    np.testing.assert_allclose((u * s[:, None]) @ v, a, atol=1e-12)


@pytest.mark.parametrize("right", [(4, 3, 2), (3, 2), (3,)])
def test_of_linear_systems(right: tuple[int, ...], rng: np.random.Generator) -> None:
    a, b = T.dtensor3("a"), T.tensor("float64", [False] * len(right))
    left, values = definite(rng, 4), rng.normal(size=right)
    wanted = np.stack([np.linalg.solve(m, v) for m, v in zip(left, _each(values), strict=True)])
    np.testing.assert_allclose(function([a, b], linalg.solve(a, b))(left, values), wanted)


def _each(values: Any) -> list[Any]:
    return list(values) if values.ndim == 3 else [values] * 4


def test_gradients_pass_through_the_loop(rng: np.random.Generator) -> None:
    x = T.dtensor3("x")
    a = definite(rng, 3)
    slope = function([x], T.grad(linalg.slogdet(x)[1].sum(), x))(a)
    np.testing.assert_allclose(slope, np.swapaxes(np.linalg.inv(a), 1, 2), atol=1e-12)


def test_one_singular_matrix_is_enough(rng: np.random.Generator) -> None:
    x = T.dtensor3("x")
    a = definite(rng, 3)
    a[1] = 0
    with pytest.raises(np.linalg.LinAlgError, match="the matrix is singular"):
        function([x], linalg.matrix_inverse(x))(a)


def test_stacks_of_other_sizes_are_refused(rng: np.random.Generator) -> None:
    a, b = T.dtensor3("a"), T.dtensor3("b")
    run = function([a, b], linalg.solve(a, b))
    with pytest.raises(ValueError, match="stacks of matrices have sizes 2 and 3 on axis 0"):
        run(definite(rng, 3), rng.normal(size=(2, 3, 1)))
    with pytest.raises(TypeError, match="takes stacks of as many axes"):
        linalg.solve(a, T.dtensor4("c"))


def test_operands_may_be_named(rng: np.random.Generator) -> None:
    a, b = T.dtensor3("a"), T.dtensor3("b")
    left, right = definite(rng, 2), rng.normal(size=(2, 3, 1))
    found = function([a, b], linalg.solve(A=a, b=b))(left, right)
    np.testing.assert_allclose(found, np.linalg.solve(left, right))
    (inverse,) = linalg.matrix_inverse(x=a, return_list=True)
    np.testing.assert_allclose(function([a], inverse)(left), np.linalg.inv(left))
