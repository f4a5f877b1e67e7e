"""The matrix functions on complex numbers, compiled: values against NumPy's, gradients against
central differences in both parts.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import MethodNotDefined
from lltheano.tensor import linalg
from tests.lltheano.tensor.linalg.costs import weighted

DTYPES = {"complex64": 3e-4, "complex128": 1e-10}


def general(rng: np.random.Generator, *shape: int) -> Any:
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def square(rng: np.random.Generator, size: int) -> Any:
    return general(rng, size, size)


def definite(rng: np.random.Generator, size: int) -> Any:
    wide = general(rng, size, size + 2)
    return wide @ wide.conj().T / (size + 1) + np.eye(size)


UNARY: dict[
    str,
    tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[np.random.Generator, int], Any]],
] = {
    "inverse": (linalg.matrix_inverse, np.linalg.inv, square),
    "det": (linalg.det, np.linalg.det, square),
    "sign": (lambda x: linalg.slogdet(x)[0], lambda a: np.linalg.slogdet(a)[0], square),
    "log": (lambda x: linalg.slogdet(x)[1], lambda a: np.linalg.slogdet(a)[1], square),
    "cholesky": (linalg.cholesky, np.linalg.cholesky, definite),
    "upper cholesky": (
        linalg.Cholesky(lower=False),
        lambda a: np.linalg.cholesky(a).conj().T,
        definite,
    ),
    "eigenvalues": (linalg.eigvalsh, np.linalg.eigvalsh, definite),
    "expm": (linalg.expm, scipy.linalg.expm, square),
    "pinv": (linalg.pinv, np.linalg.pinv, lambda rng, n: general(rng, n, n + 2)),
    "q": (
        lambda x: linalg.qr(x)[0],
        lambda a: np.linalg.qr(a)[0],
        lambda rng, n: general(rng, n + 2, n),
    ),
    "r": (lambda x: linalg.qr(x, "r"), lambda a: np.linalg.qr(a, "r"), square),
    "raw": (lambda x: linalg.qr(x, "raw")[0], lambda a: np.linalg.qr(a, "raw")[0], square),
    "nuclear": (lambda x: linalg.norm(x, "nuc"), lambda a: np.linalg.norm(a, "nuc"), square),
    "frobenius": (linalg.norm, np.linalg.norm, square),
    "one": (lambda x: linalg.norm(x, 1), lambda a: np.linalg.norm(a, 1), square),
    "solution": (
        lambda x: linalg.solve(x, x[:, :2]),
        lambda a: np.linalg.solve(a, a[:, :2]),
        square,
    ),
    "upper solution": (
        lambda x: linalg.solve_upper_triangular(x, x[0]),
        lambda a: scipy.linalg.solve_triangular(a, a[0]),
        definite,
    ),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_matrix(name: str, dtype: str, rng: np.random.Generator) -> None:
    ours, theirs, example = UNARY[name]
    x = T.matrix("x", dtype=dtype)
    run = function([x], ours(x))
    for size in (1, 3, 6):
        a = example(rng, size).astype(dtype)
        wanted = np.asarray(theirs(a.astype("complex128")))
        for given in (a, np.asfortranarray(a)):
            found = run(given)
            assert (found.shape, found.dtype.kind) == (wanted.shape, wanted.dtype.kind)
            assert found.itemsize * 2 == wanted.itemsize * (1 if dtype == "complex64" else 2)
            scale = max(1.0, np.abs(wanted).max(initial=0))
            np.testing.assert_allclose(found, wanted, atol=DTYPES[dtype] * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_factors_are_those_of_the_matrix(dtype: str, rng: np.random.Generator) -> None:
    x, tolerance = T.matrix("x", dtype=dtype), 10 * DTYPES[dtype]
    a, h = general(rng, 5, 3).astype(dtype), definite(rng, 5).astype(dtype)
    for full in (True, False):
        u, s, v = function([x], linalg.svd(x, full))(a)
        np.testing.assert_allclose((u[:, :3] * s) @ v, a, atol=tolerance)
        np.testing.assert_allclose(u.conj().T @ u, np.eye(u.shape[1]), atol=tolerance)
    for side in "LU":
        read = h.copy()
        read[np.triu_indices(5, 1) if side == "L" else np.tril_indices(5, -1)] = np.nan
        w, q = function([x], linalg.eigh(x, side))(read)
        np.testing.assert_allclose((q * w) @ q.conj().T, h, atol=tolerance)
    q, r = function([x], linalg.qr(x, "complete"))(a)
    np.testing.assert_allclose(q @ r, a, atol=tolerance)
    w, v = function([x], linalg.eig(x))(a[:3])
    np.testing.assert_allclose(a[:3] @ v, v * w, atol=tolerance)


@pytest.mark.parametrize("lower", [True, False])
def test_generalised_eigenvalues(lower: bool, rng: np.random.Generator) -> None:
    a, b = T.zmatrices("a", "b")
    left, right = definite(rng, 4), definite(rng, 4)
    found = function([a, b], linalg.Eigvalsh(lower)(a, b))(left, right)
    np.testing.assert_allclose(found, scipy.linalg.eigvalsh(left, right))


def test_least_squares(rng: np.random.Generator) -> None:
    x, y = T.zmatrix("x"), T.zvector("y")
    a, b = general(rng, 6, 3), general(rng, 6)
    run = function([x, y], linalg.lstsq()(x, y, None))
    for found, wanted in zip(run(a, b), np.linalg.lstsq(a, b, rcond=None), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-10)


Example = Callable[[np.random.Generator], Any]

GRADIENTS: dict[str, tuple[Callable[[Any], Any], Example]] = {
    "inverse": (lambda x: weighted(linalg.matrix_inverse(x)), lambda rng: square(rng, 3)),
    "det": (lambda x: weighted(linalg.det(x)), lambda rng: square(rng, 3)),
    "sign": (lambda x: weighted(linalg.slogdet(x)[0]), lambda rng: square(rng, 3)),
    "log": (lambda x: linalg.slogdet(x)[1], lambda rng: square(rng, 3)),
    "solution": (lambda x: weighted(linalg.solve(x, x[:, 0])), lambda rng: square(rng, 3)),
    "triangular": (
        lambda x: weighted(linalg.solve_lower_triangular(x, x)),
        lambda rng: definite(rng, 3),
    ),
    "cholesky": (lambda x: weighted(linalg.cholesky(x)), lambda rng: definite(rng, 3)),
    "upper cholesky": (
        lambda x: weighted(linalg.Cholesky(lower=False)(x)),
        lambda rng: definite(rng, 3),
    ),
    "eigenvalues": (lambda x: weighted(linalg.eigvalsh(x)), lambda rng: definite(rng, 3)),
    "eigenvectors": (lambda x: weighted(abs(linalg.eigh(x)[1]) ** 2), lambda rng: definite(rng, 3)),
    "upper eigenvectors": (
        lambda x: weighted(abs(linalg.eigh(x, "U")[1]) ** 2),
        lambda rng: definite(rng, 3),
    ),
    "singular values": (
        lambda x: weighted(linalg.svd(x, compute_uv=False)),
        lambda rng: general(rng, 4, 3),
    ),
    "expm": (lambda x: weighted(linalg.expm(x)), lambda rng: square(rng, 3)),
    "pinv": (lambda x: weighted(linalg.pinv(x)), lambda rng: general(rng, 4, 3)),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name: str, rng: np.random.Generator) -> None:
    """The gradient's real part is the slope in the real part, and so for the imaginary part."""
    build, example = GRADIENTS[name]
    value = example(rng)
    x = T.zmatrix("x")
    cost = build(x)
    run, slope = function([x], cost), function([x], T.grad(cost, x))(value)
    for place in np.ndindex(value.shape):
        for step, part in ((1e-5, slope[place].real), (1e-5j, slope[place].imag)):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * step
                ends.append(float(run(moved)))
            assert part == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-5)


def test_gradients_that_are_for_real_matrices_alone_say_so() -> None:
    x = T.zmatrix("x")
    with pytest.raises(MethodNotDefined, match="is defined for real matrices alone"):
        T.grad(weighted(linalg.qr(x)[0]), x)
    with pytest.raises(MethodNotDefined, match="is defined for real matrices alone"):
        T.grad(weighted(linalg.svd(x, full_matrices=False)[0]), x)
