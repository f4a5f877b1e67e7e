"""The values of the matrix functions, compiled, against NumPy's and SciPy's."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import scipy.linalg

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor import linalg

DTYPES = {"float32": 3e-4, "float64": 1e-10}
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "reversed": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
}
SIZES = (0, 1, 2, 5, 70)


def general(rng: np.random.Generator, size: int) -> Any:
    return rng.normal(size=(size, size)) + 3 * np.eye(size)


def definite(rng: np.random.Generator, size: int) -> Any:
    wide = rng.normal(size=(size, size + 2))
    return wide @ wide.T / (size + 1) + np.eye(size)


def close(found: Any, wanted: Any, dtype: str = "float64") -> None:
    tolerance = DTYPES[dtype]
    wanted = np.asarray(wanted)
    assert found.shape == wanted.shape
    assert found.dtype == dtype
    scale = max(1.0, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance * scale)


def signs(found: Any, wanted: Any) -> Any:
    """The columns of `found` with the signs of those of `wanted`."""
    return found * np.sign(np.sum(found * wanted, axis=0))


SQUARE: dict[
    str,
    tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[np.random.Generator, int], Any]],
] = {
    "matrix_inverse": (linalg.matrix_inverse, np.linalg.inv, general),
    "det": (linalg.det, np.linalg.det, lambda rng, n: general(rng, n) / 5),
    "slogdet": (lambda x: linalg.slogdet(x)[1], lambda a: np.linalg.slogdet(a)[1], general),
    "cholesky": (linalg.cholesky, np.linalg.cholesky, definite),
    "upper cholesky": (linalg.Cholesky(lower=False), lambda a: np.linalg.cholesky(a).T, definite),
    "eigvalsh": (linalg.eigvalsh, np.linalg.eigvalsh, definite),
    "expm": (linalg.expm, scipy.linalg.expm, lambda rng, n: general(rng, n) / (n + 1)),
    "pinv": (linalg.pinv, np.linalg.pinv, general),
    "cube": (lambda x: linalg.matrix_power(x, 3), lambda a: a @ a @ a, definite),
    "inverse square": (
        lambda x: linalg.matrix_power(x, -2),
        lambda a: np.linalg.matrix_power(a, -2),
        general,
    ),
    "power 0": (lambda x: linalg.matrix_power(x, 0), lambda a: np.eye(len(a)), general),
    "trace": (linalg.trace, np.trace, general),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SQUARE)
def test_functions_of_square_matrices(name: str, dtype: str, rng: np.random.Generator) -> None:
    ours, theirs, example = SQUARE[name]
    x = T.matrix("x", dtype=dtype)
    run = function([x], ours(x))
    for size in SIZES:
        a = example(rng, size).astype(dtype)
        for arrange in LAYOUTS.values():
            wanted = theirs(a.astype("float64")) if size else theirs(a)
            close(run(arrange(a)), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "structure", ["general", "symmetric", "lower_triangular", "upper_triangular"]
)
@pytest.mark.parametrize("vector", [True, False])
def test_linear_systems(structure: str, dtype: str, vector: bool, rng: np.random.Generator) -> None:
    a, b = T.matrix("a", dtype=dtype), (T.vector if vector else T.matrix)("b", dtype=dtype)
    run = function([a, b], linalg.Solve(structure)(a, b))
    read = {"lower_triangular": np.tril, "upper_triangular": np.triu}.get(structure, np.array)
    for size in SIZES:
        left = definite(rng, size).astype(dtype)
        right = rng.normal(size=size if vector else (size, 3)).astype(dtype)
        wanted = np.linalg.solve(read(left).astype("float64"), right.astype("float64"))
        close(run(left, right), wanted, dtype)
        close(run(np.asfortranarray(left), right[::-1].copy()[::-1]), wanted, dtype)


def test_solutions_take_the_dtype_that_holds_both_sides() -> None:
    a, b = T.fmatrix("a"), T.ivector("b")
    found = linalg.solve(a, b)
    assert found.dtype == "float64"
    wanted = np.linalg.solve(np.array([[2.0, 1.0], [0.0, 4.0]]), [4, 8])
    np.testing.assert_allclose(function([a, b], found)([[2, 1], [0, 4]], [4, 8]), wanted)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 1), (0, 3), (3, 0)])
@pytest.mark.parametrize("mode", ["reduced", "complete", "r", "raw"])
def test_qr(mode: str, shape: tuple[int, int], rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    found = linalg.qr(x, mode)
    a = rng.normal(size=shape)
    if mode == "r":
        close(function([x], found)(a), np.linalg.qr(a, "r"))
        return
    wanted = np.linalg.qr(a, cast(Any, mode))
    for one, other in zip(function([x], found)(a), wanted, strict=True):
        close(one, other)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 1), (0, 3), (3, 0), (60, 50)])
@pytest.mark.parametrize("full", [True, False])
def test_svd(full: bool, shape: tuple[int, int], dtype: str, rng: np.random.Generator) -> None:
    x = T.matrix("x", dtype=dtype)
    a = rng.normal(size=shape).astype(dtype)
    u, s, v = function([x], linalg.svd(x, full_matrices=full))(a)
    wanted = np.linalg.svd(a, full_matrices=full)
    assert [u.shape, s.shape, v.shape] == [one.shape for one in wanted]
    close(s, wanted[1], dtype)
    close(u.T @ u, np.eye(u.shape[1]), dtype)
    close(v @ v.T, np.eye(v.shape[0]), dtype)
    close((u[:, : len(s)] * s) @ v[: len(s)], a, dtype)
    close(function([x], linalg.svd(x, compute_uv=0))(a), s, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("side", ["L", "U"])
def test_eigh(side: str, dtype: str, rng: np.random.Generator) -> None:
    x = T.matrix("x", dtype=dtype)
    run = function([x], linalg.eigh(x, side))
    for size in SIZES:
        a = definite(rng, size).astype(dtype)
        read = a.copy()
        read[np.triu_indices(size, 1) if side == "L" else np.tril_indices(size, -1)] = np.nan
        w, v = run(read)
        wanted = np.linalg.eigh(a.astype("float64"))
        close(w, wanted[0], dtype)
        close((v * w) @ v.T, a, dtype)
        if size <= 5:
            np.testing.assert_allclose(signs(v, wanted[1]), wanted[1], atol=1e3 * DTYPES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_eig(dtype: str, rng: np.random.Generator) -> None:
    x = T.matrix("x", dtype=dtype)
    run = function([x], linalg.eig(x))
    for size in (0, 1, 2, 5, 8):
        for a in (general(rng, size), definite(rng, size), np.triu(general(rng, size))):
            a = a.astype(dtype)
            w, v = run(a)
            assert w.dtype == v.dtype == ("complex64" if dtype == "float32" else "complex128")
            tolerance = 20 * DTYPES[dtype]
            np.testing.assert_allclose(a @ v, v * w, atol=tolerance)
            np.testing.assert_allclose(np.linalg.norm(v, axis=0), np.ones(size), atol=tolerance)
            wanted = np.linalg.eigvals(a)
            apart = np.abs(w[:, None] - wanted)
            for axis in (0, 1):
                assert apart.min(axis=axis, initial=np.inf).max(initial=0) < 10 * tolerance


@pytest.mark.parametrize("lower", [True, False])
def test_generalised_eigenvalues(lower: bool, rng: np.random.Generator) -> None:
    a, b = T.dmatrices("a", "b")
    run = function([a, b], linalg.Eigvalsh(lower)(a, b))
    for size in SIZES:
        left, right = general(rng, size), definite(rng, size)
        wanted = scipy.linalg.eigvalsh(left, right, lower=lower) if size else np.zeros(0)
        close(run(left, right), wanted)


@pytest.mark.parametrize("scale", [1e-8, 0.1, 1.0, 30.0, 1e3])
def test_expm_at_every_scale(scale: float, rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    a = rng.normal(size=(6, 6)) * scale / 6
    a -= scale * np.eye(6)
    wanted = scipy.linalg.expm(a)
    np.testing.assert_allclose(
        function([x], linalg.expm(x))(a), wanted, rtol=1e-11, atol=1e-11 * np.abs(wanted).max()
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_expm_of_elements_that_are_not_finite_ends(bad: float) -> None:
    x = T.dmatrix("x")
    assert np.isnan(function([x], linalg.expm(x))([[bad, 0.0], [1.0, 2.0]])).any()


@pytest.mark.parametrize("kind", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_matrix_norms(kind: Any, rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    a = rng.normal(size=(4, 3))
    close(function([x], linalg.norm(x, kind))(a), np.linalg.norm(a, kind))


@pytest.mark.parametrize("kind", [None, 0, 1, 2, 3, -1, 0.5, np.inf, -np.inf])
def test_vector_norms(kind: Any, rng: np.random.Generator) -> None:
    x = T.dvector("x")
    a = np.append(rng.normal(size=5), 0.0 if kind != -1 else 1.0)
    close(function([x], linalg.norm(x, kind))(a), np.linalg.norm(a, kind))


def test_norms_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="no norm of kind 3 of m"):
        linalg.norm(T.dmatrix("m"), 3)
    with pytest.raises(ValueError, match="vector or a matrix, got t"):
        linalg.norm(T.dtensor3("t"))


@pytest.mark.parametrize(
    "shapes", [((2, 3), (4, 5)), ((3,), (2, 2)), ((2,), (3,)), ((0, 2), (2, 1))]
)
def test_kron(shapes: Any, rng: np.random.Generator) -> None:
    x, y = (T.tensor("float64", [False] * len(shape)) for shape in shapes)
    a, b = (rng.normal(size=shape) for shape in shapes)
    close(function([x, y], linalg.kron(x, y))(a, b), np.kron(a, b))


@pytest.mark.parametrize("shape", [(6, 3), (3, 3), (3, 6)])
@pytest.mark.parametrize("vector", [True, False])
def test_lstsq(shape: tuple[int, int], vector: bool, rng: np.random.Generator) -> None:
    x, y = T.dmatrix("x"), (T.dvector if vector else T.dmatrix)("y")
    a = rng.normal(size=shape)
    b = rng.normal(size=shape[0] if vector else (shape[0], 2))
    run = function([x, y], linalg.lstsq()(x, y, -1 if vector else None))
    solved: Any = np.linalg.lstsq(a, b, rcond=None)
    for found, wanted in zip(run(a, b), solved, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-10)
    deficient = a.copy()
    deficient[:, 1] = deficient[:, 0]
    run = function([x, y], linalg.lstsq()(x, y, 1e-10))
    solved = np.linalg.lstsq(deficient, b, 1e-10)
    for found, wanted in zip(run(deficient, b), solved, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-8)


@pytest.mark.parametrize(("shape", "ind"), [((4, 6, 8, 3), 2), ((24, 8, 3), 1)])
def test_tensorinv(shape: Any, ind: int, rng: np.random.Generator) -> None:
    x = T.tensor("float64", [False] * len(shape))
    a = rng.normal(size=shape)
    close(function([x], linalg.tensorinv(x, ind))(a), np.linalg.tensorinv(a, ind))
    close(function([x], linalg.TensorInv(ind)(x))(a), np.linalg.tensorinv(a, ind))


@pytest.mark.parametrize("axes", [None, [0, 2]])
def test_tensorsolve(axes: Any, rng: np.random.Generator) -> None:
    shape, right = ((2, 3, 6), (2, 3)) if axes is None else ((2, 6, 3), (6,))
    x, y = (T.tensor("float64", [False] * len(one)) for one in (shape, right))
    a, b = rng.normal(size=shape), rng.normal(size=right)
    close(function([x, y], linalg.tensorsolve(x, y, axes))(a, b), np.linalg.tensorsolve(a, b, axes))
    close(function([x, y], linalg.TensorSolve(axes)(x, y))(a, b), np.linalg.tensorsolve(a, b, axes))


@pytest.mark.parametrize("offset", [-7, -2, -1, 0, 1, 3, 9])
def test_diagonals(offset: int, rng: np.random.Generator) -> None:
    x, v, t = T.dmatrix("x"), T.dvector("v"), T.dtensor4("t")
    a, b, c = (rng.normal(size=shape) for shape in ((4, 6), (3,), (2, 3, 4, 5)))
    np.testing.assert_array_equal(function([x], T.diag(x, offset))(a), np.diag(a, offset))
    np.testing.assert_array_equal(function([v], T.diag(v, offset))(b), np.diag(b, offset))
    for axes in ((0, 1), (3, 1), (-1, -3)):
        found = function([t], t.diagonal(offset, *axes))(c)
        np.testing.assert_array_equal(found, np.diagonal(c, offset, *axes))
    made = function([x], T.AllocDiag(offset, 2, 0)(x))(a)
    np.testing.assert_array_equal(np.diagonal(made, offset, 2, 0), a)


def test_products_of_matrices(rng: np.random.Generator) -> None:
    x, y = T.dmatrices("x", "y")
    a, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    close(function([x, y], linalg.matrix_dot(x, y, y.T))(a, b), a @ b @ b.T)


def test_a_bound_of_the_spectral_radius(rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    a = definite(rng, 5)
    bound = function([x], linalg.spectral_radius_bound(x, 6))(a)
    greatest = np.linalg.eigvalsh(a)[-1]
    assert greatest * (1 - 1e-12) <= bound <= 1.03 * greatest


def test_integers_are_taken_as_float64() -> None:
    x = T.imatrix("x")
    found = linalg.matrix_inverse(x)
    assert found.dtype == "float64"
    close(function([x], found)([[2, 0], [0, 4]]), [[0.5, 0], [0, 0.25]])


def test_half_precision_is_refused() -> None:
    x = T.matrix("x", dtype="float16")
    for op in (linalg.det, linalg.svd, linalg.cholesky, linalg.eigh, linalg.qr, linalg.expm):
        with pytest.raises(TypeError, match="computes in float32 or float64, got x"):
            op(x)


def test_other_ranks_are_refused() -> None:
    x = T.dvector("x")
    for op in (linalg.det, linalg.svd, linalg.cholesky, linalg.eigh, linalg.qr, linalg.trace):
        with pytest.raises(TypeError, match="takes a matrix, got x"):
            op(x)
