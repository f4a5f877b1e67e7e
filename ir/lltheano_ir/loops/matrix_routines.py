"""The routines of LAPACK that `call` may name: what buffers each takes, and what it means in NumPy.

BLAS and LAPACK count by columns. The matrices that LAPACK's routines work on are therefore the
transposes of those that a program means, which is what the names of buffers say: `turned[j, i]` is
element i, j. Only where a matrix is symmetric, or a factor's transpose is another factor, do rows
stay rows. A routine overwrites its first output, which is also its first input.

Buffers are described by a letter and a rank: `x2` is a matrix of the numbers computed with, `r1` a
vector of their real parts' dtype, `i1` one of i32, `l0` a single i64.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import i32, i64
from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.loops.routine import Buffers, Routine, Shape
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.matrices import row_by_row
from lltheano_ir.ops.reflectors import assembled, eliminated, packed_vectors, substituted
from lltheano_ir.ops.sylvester import FORMS, solved_by_lapack

__all__ = ["MATRIX_ROUTINES"]

Arrays = tuple[Array, ...]

_INTEGERS = {"i": i32, "l": i64}


def _getrf(turned: Array) -> Arrays:
    factors, pivots = eliminated(turned.T)
    return factors.T, (pivots + 1).astype(np.int32)


def _potrf(a: Array) -> Arrays:
    try:
        return np.linalg.cholesky(a), np.asarray(0)
    except np.linalg.LinAlgError:
        return a, np.asarray(1)


def _trsm(triangle: str) -> Callable[..., Arrays]:
    def solved(b: Array, a: Array) -> Arrays:
        with np.errstate(all="ignore"):
            return (substituted(a, b, triangle),)

    return solved


def _geqrf(turned: Array) -> Arrays:
    packed, scales = np.linalg.qr(turned.T, mode="raw")
    return packed, scales


def _orgqr(turned: Array, scales: Array) -> Arrays:
    with np.errstate(all="ignore"):
        return (assembled(turned.T, scales).T,)


def _gesdd(vectors: str) -> Callable[..., Arrays]:
    def decomposed(a: Array) -> Arrays:
        if vectors == "none":
            return a, np.linalg.svd(a, compute_uv=False), np.asarray(0)
        return (a, *np.linalg.svd(a, full_matrices=vectors == "full"), np.asarray(0))

    return decomposed


def _syevd(vectors: str) -> Callable[..., Arrays]:
    def decomposed(a: Array) -> Arrays:
        values, columns = np.linalg.eigh(np.tril(a))
        return (columns.conj().T if vectors == "full" else a, values, np.asarray(0))

    return decomposed


def _geev(vectors: str) -> Callable[..., Arrays]:
    def decomposed(turned: Array) -> Arrays:
        values, columns = np.linalg.eig(turned.T)
        packed = packed_vectors(values, columns, turned.dtype).T
        parts = (np.real(values), np.imag(values)) if turned.dtype.kind == "f" else (values,)
        return (turned, *parts, *((packed,) if vectors == "full" else ()), np.asarray(0))

    return decomposed


def _gees(turned: Array) -> Arrays:
    from scipy.linalg import schur  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    if not turned.size:
        return turned, turned, np.asarray(0)
    form, vectors = schur(turned.T)
    return form.T, vectors.T, np.asarray(0)


def _trsyl(*forms: str) -> Callable[..., Arrays]:
    def solved(turned: Array, a: Array, b: Array) -> Arrays:
        x, scale, info = solved_by_lapack(a.T, b.T, turned.T, forms)
        return x.T, np.asarray(scale), np.asarray(info)

    return solved


def _routine(
    outputs: Sequence[str], inputs: Sequence[str], meaning: Callable[..., Arrays]
) -> Routine:
    kinds = (*outputs, *inputs)

    def require(written: Buffers, read: Buffers) -> None:
        for buffer, kind in zip((*written, *read), kinds, strict=True):
            _require_kind(buffer, kind, written[0])
        for buffer in written:
            if buffer.strides is not None:
                raise ValueError(f"LAPACK writes row-major memory, %{buffer.name} has strides")

    def means(given: Sequence[Array], shapes: Sequence[Shape]) -> Arrays:
        return meaning(*given)

    return Routine(len(outputs), len(inputs), require, means, exact=False, work=row_by_row)


def _require_kind(buffer: Buffer, kind: str, first: Buffer) -> None:
    letter, rank = kind[0], kind[1:]
    wanted = first.dtype.real if letter == "r" else _INTEGERS.get(letter, first.dtype)
    if first.dtype.name not in ("f32", "f64", "c64", "c128"):
        raise ValueError(f"LAPACK does not compute in {first.dtype}")
    if buffer.dtype is not wanted or len(buffer.sizes) != int(rank):
        raise ValueError(f"%{buffer.name} should hold {wanted}, on {rank} axes")


MATRIX_ROUTINES: Mapping[str, Routine] = {
    "getrf": _routine(("x2", "i1"), ("x2",), _getrf),
    "potrf": _routine(("x2", "l0"), ("x2",), _potrf),
    **{
        f"trsm_{triangle}": _routine(("x2",), ("x2", "x2"), _trsm(triangle))
        for triangle in ("lower", "upper", "unit_lower", "unit_upper")
    },
    "geqrf": _routine(("x2", "x1"), ("x2",), _geqrf),
    "orgqr": _routine(("x2",), ("x2", "x1"), _orgqr),
    "gesdd_none": _routine(("x2", "r1", "l0"), ("x2",), _gesdd("none")),
    "gesdd_reduced": _routine(("x2", "x2", "r1", "x2", "l0"), ("x2",), _gesdd("reduced")),
    "gesdd_full": _routine(("x2", "x2", "r1", "x2", "l0"), ("x2",), _gesdd("full")),
    "syevd_none": _routine(("x2", "r1", "l0"), ("x2",), _syevd("none")),
    "syevd_full": _routine(("x2", "r1", "l0"), ("x2",), _syevd("full")),
    "gees": _routine(("x2", "x2", "l0"), ("x2",), _gees),
    **{
        f"trsyl_{a}_{b}": _routine(("x2", "r0", "l0"), ("x2", "x2", "x2"), _trsyl(a, b))
        for a in FORMS
        for b in FORMS
    },
    "geev_complex_none": _routine(("x2", "x1", "l0"), ("x2",), _geev("none")),
    "geev_complex_full": _routine(("x2", "x1", "x2", "l0"), ("x2",), _geev("full")),
    "geev_none": _routine(("x2", "x1", "x1", "l0"), ("x2",), _geev("none")),
    "geev_full": _routine(("x2", "x1", "x1", "x2", "l0"), ("x2",), _geev("full")),
}
"""By name; the rest of a name is the triangle that is read, the vectors that are wanted, or whether
matrices are transposed."""
