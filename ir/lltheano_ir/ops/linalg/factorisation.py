"""Matrix factorisations and triangular systems: what LAPACK does and no composition could.

The ops are few; determinants, inverses, solutions, pseudo-inverses and the like are compositions in
the frontend. All take matrices of one dtype, `f32`, `f64`, `c64` or `c128`, and read only what they
are said to read. Where a matrix of complex numbers is transposed it is conjugated too; what is
symmetric is Hermitian there, and singular values, and eigenvalues of such matrices, are real. An
algorithm that may end without a result has a last result `ok: bool[]`, and where that is false the
others hold NaN: the caller decides whether that is an error. Elements that are not finite are never
an error here, and never make an op run forever.

Factors are unique up to signs, or up to rotations where eigenvalues coincide; a program may rely on
what their products are, not on which of them it gets.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Narrowed,
    Op,
    ShapeArithmetic,
)
from lltheano_ir.ops.linalg.matrices import (
    MANY_MICROSECONDS,
    number_type,
    or_nan,
    require_square,
    row_by_row,
    tensor,
    word,
)
from lltheano_ir.ops.linalg.reflectors import assembled, eliminated, packed_vectors, substituted
from lltheano_ir.types import ValueType

__all__ = ["FACTORISATIONS", "TRIANGLES"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]

TRIANGLES = ("lower", "upper", "unit_lower", "unit_upper")
"""Which elements `triangular_solve` reads; a unit triangle has ones on its diagonal, unread."""

_VECTORS = ("none", "reduced", "full")


def _quiet(function: Callable[[], Array]) -> Array:
    with np.errstate(all="ignore"):
        return function()


def _infer_lu(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("lu", types, 2)
    return tensor(dtype, 2), tensor(i64, 1), tensor(i64, 0)


def _lu_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    rows, columns = (shapes.size(operands[0], axis) for axis in range(2))
    return (rows, columns), (rows,), ()


def _lu_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    factors, pivots = eliminated(arrays[0])
    order = np.arange(len(factors))
    for row, pivot in enumerate(pivots):
        order[[row, pivot]] = order[[pivot, row]]
    swaps = np.asarray(np.sum(pivots != np.arange(len(pivots)), dtype=np.int64))
    return factors, order, swaps


def _infer_cholesky(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("cholesky", types, 2)
    return tensor(dtype, 2), tensor(bool_, 0)


def _square_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    size = shapes.size(operands[0], 0)
    return (size, size), ()


def _cholesky_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    (a,) = arrays
    require_square("cholesky", a)
    if np.isfinite(np.tril(a)).all():
        try:
            return np.linalg.cholesky(a), np.asarray(True)
        except np.linalg.LinAlgError:
            pass
    return or_nan(a, False), np.asarray(False)


def _infer_triangular_solve(types: Types, attributes: Attributes) -> ValueType:
    word("triangular_solve", attributes[0], TRIANGLES)
    return tensor(number_type("triangular_solve", types, 2, 2), 2)


def _triangular_solve_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[1], axis) for axis in range(2))


def _triangular_solve_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> Array:
    a, b = arrays
    require_square("triangular_solve", a)
    if len(a) != len(b):
        message = f"triangular_solve: {len(b)} rows for a matrix of {len(a)}"
        raise ExecutionError("sizes", message, (len(a), len(b)))
    (triangle,) = attributes
    lower, unit = triangle.endswith("lower"), triangle.startswith("unit")
    return _quiet(lambda: substituted(a, b, lower=lower, unit=unit))


def _infer_qr(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("qr", types, 2)
    return tensor(dtype, 2), tensor(dtype, 1)


def _qr_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    rows, columns = (shapes.size(operands[0], axis) for axis in range(2))
    return (rows, columns), (shapes.apply("minimum", rows, columns),)


def _qr_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    packed, scales = np.linalg.qr(arrays[0], mode="raw")
    return np.ascontiguousarray(packed.T), scales


def _infer_reflectors(types: Types, attributes: Attributes) -> ValueType:
    return tensor(number_type("reflectors", types, 2, 1), 2)


def _reflectors_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(2))


def _reflectors_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    packed, scales = arrays
    rows, columns = packed.shape
    if not len(scales) <= columns <= rows:
        sizes = (len(scales), rows, columns)
        message = f"reflectors: {sizes[0]} cannot be applied to {rows} by {columns} elements"
        raise ExecutionError("sizes", message, sizes)
    return _quiet(lambda: assembled(packed, scales))


def _infer_svd(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("svd", types, 2)
    values, ok = tensor(dtype.real, 1), tensor(bool_, 0)
    if word("svd", attributes[0], _VECTORS) == "none":
        return values, ok
    return tensor(dtype, 2), values, tensor(dtype, 2), ok


def _svd_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    rows, columns = (shapes.size(operands[0], axis) for axis in range(2))
    least = shapes.apply("minimum", rows, columns)
    if attributes[0] == "none":
        return (least,), ()
    left, right = (least, least) if attributes[0] == "reduced" else (rows, columns)
    return (rows, left), (least,), (right, columns), ()


def _svd_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    (a,), (vectors,) = arrays, attributes
    ok = np.asarray(bool(np.isfinite(a).all()))
    decomposed = np.linalg.svd(
        a if ok else np.zeros_like(a),
        full_matrices=vectors == "full",
        compute_uv=vectors != "none",
    )
    parts = [decomposed] if vectors == "none" else list(decomposed)
    return (*(or_nan(part, ok) for part in parts), ok)


def _infer_eigh(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("eigh", types, 2)
    word("eigh", attributes[0], ("none", "full"))
    vectors = () if attributes[0] == "none" else (tensor(dtype, 2),)
    return tensor(dtype.real, 1), *vectors, tensor(bool_, 0)


def _eigh_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    size = shapes.size(operands[0], 0)
    vectors = () if attributes[0] == "none" else ((size, size),)
    return (size,), *vectors, ()


def _eigh_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    (a,) = arrays
    require_square("eigh", a)
    lower = np.tril(a)
    ok = np.asarray(bool(np.isfinite(lower).all()))
    values, vectors = np.linalg.eigh(lower if ok else np.zeros_like(a))
    parts = [values] if attributes[0] == "none" else [values, vectors]
    return (*(or_nan(part, ok) for part in parts), ok)


def _infer_eig(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("eig", types, 2)
    word("eig", attributes[0], ("none", "full"))
    vectors = () if attributes[0] == "none" else (tensor(dtype, 2),)
    return tensor(dtype.real, 1), tensor(dtype.real, 1), *vectors, tensor(bool_, 0)


def _eig_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    size = shapes.size(operands[0], 0)
    vectors = () if attributes[0] == "none" else ((size, size),)
    return (size,), (size,), *vectors, ()


def _eig_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    (a,) = arrays
    require_square("eig", a)
    ok = np.asarray(bool(np.isfinite(a).all()))
    values, vectors = np.linalg.eig(a if ok else np.zeros_like(a))
    single = types[0].dtype.real.numpy
    parts = [np.real(values).astype(single), np.imag(values).astype(single)]
    if attributes[0] != "none":
        parts.append(packed_vectors(values, vectors, a.dtype))
    return (*(or_nan(part, ok) for part in parts), ok)


def _without_vectors(*vectors: int) -> Callable[[Attributes, frozenset[int]], Narrowed | None]:
    """Where the results at these positions, the vectors, are not taken, none are computed."""

    def narrow(attributes: Attributes, taken: frozenset[int]) -> Narrowed | None:
        if attributes[0] == "none" or taken & set(vectors):
            return None
        return ("none",), {one: one - sum(place < one for place in vectors) for one in taken}

    return narrow


_WORD = Attribute.WORD

FACTORISATIONS = (
    Op(
        name="lu",
        arity=1,
        summary="L below and U on and above the diagonal, the order of the rows, the rows swapped",
        infer=_infer_lu,
        shape=_lu_shape,
        reference=_lu_reference,
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="cholesky",
        arity=1,
        summary="the lower factor L of a = L L', from the lower triangle of a, and whether it is",
        infer=_infer_cholesky,
        shape=_square_shape,
        reference=_cholesky_reference,
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="triangular_solve",
        arity=2,
        summary="x of a x = b, from one triangle of a",
        infer=_infer_triangular_solve,
        shape=_triangular_solve_shape,
        reference=_triangular_solve_reference,
        attributes=(("triangle", _WORD),),
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="qr",
        arity=1,
        summary="R on and above the diagonal, below it the reflectors that make Q; their scales",
        infer=_infer_qr,
        shape=_qr_shape,
        reference=_qr_reference,
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="reflectors",
        arity=2,
        summary="the first columns of the product of reflectors, as many as the operand has",
        infer=_infer_reflectors,
        shape=_reflectors_shape,
        reference=_reflectors_reference,
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="svd",
        arity=1,
        summary="U, the singular values from the greatest down, V', and whether they were found",
        infer=_infer_svd,
        shape=_svd_shape,
        reference=_svd_reference,
        attributes=(("vectors", _WORD),),
        narrow=_without_vectors(0, 2),
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="eigh",
        arity=1,
        summary="ascending eigenvalues and eigenvectors of a symmetric matrix, given its lower"
        " triangle, and whether they were found",
        infer=_infer_eigh,
        shape=_eigh_shape,
        reference=_eigh_reference,
        attributes=(("vectors", _WORD),),
        narrow=_without_vectors(1),
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="eig",
        arity=1,
        summary="real and imaginary parts of eigenvalues; eigenvectors, for a conjugate pair of a"
        " real matrix the real part and then the imaginary; whether they were found",
        infer=_infer_eig,
        shape=_eig_shape,
        reference=_eig_reference,
        attributes=(("vectors", _WORD),),
        narrow=_without_vectors(2),
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
)
