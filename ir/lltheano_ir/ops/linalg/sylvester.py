"""The Schur form of a matrix, and Sylvester's equation for matrices in that form.

Together they solve a x + x b = c for any matrices (R. Bartels and G. Stewart, Solution of the
matrix equation AX + XB = C, Communications of the ACM 15, 1972). What holds for all factorisations,
see `lltheano_ir.ops.linalg.factorisation`, holds for these.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import bool_
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
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
from lltheano_ir.types import ValueType

__all__ = ["FORMS", "SCHUR_FORMS", "solved_by_lapack"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]

FORMS = ("plain", "adjoint")
"""Whether `sylvester` takes a matrix as it is, or its transpose, conjugated where it is complex."""


def _infer_schur(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    dtype = number_type("schur", types, 2)
    return tensor(dtype, 2), tensor(dtype, 2), tensor(bool_, 0)


def _schur_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    size = shapes.size(operands[0], 0)
    return (size, size), (size, size), ()


def _schur_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    from scipy.linalg import schur  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    (a,) = arrays
    require_square("schur", a)
    ok = np.asarray(bool(np.isfinite(a).all()))
    if not a.size:
        return a.copy(), a.copy(), ok
    form, vectors = schur(a if ok else np.zeros_like(a))
    return or_nan(form, ok), or_nan(vectors, ok), ok


def _infer_sylvester(types: Types, attributes: Attributes) -> tuple[ValueType, ...]:
    for form in attributes:
        word("sylvester", form, FORMS)
    return tensor(number_type("sylvester", types, 2, 2, 2), 2), tensor(bool_, 0)


def _sylvester_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[2], axis) for axis in range(2)), ()


def _sylvester_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> tuple[Array, ...]:
    a, b, c = arrays
    require_square("sylvester", a)
    require_square("sylvester", b)
    if c.shape != (len(a), len(b)):
        message = f"sylvester: {c.shape} is not the shape of a solution for {len(a)} and {len(b)}"
        raise ExecutionError("sizes", message, (*c.shape, len(a), len(b)))
    finite = np.isfinite(a).all() and np.isfinite(b).all()
    if not finite:
        return or_nan(c, False), np.asarray(False)
    x, scale, info = solved_by_lapack(a, b, c, attributes)
    ok = np.asarray(info == 0)
    with np.errstate(all="ignore"):
        return or_nan((x / scale).astype(c.dtype), ok), ok


def solved_by_lapack(a: Array, b: Array, c: Array, forms: Sequence[str]) -> tuple[Array, Any, int]:
    """The solution times a scale of at most 1, against overflow; the scale; what trsyl says."""
    from scipy.linalg import get_lapack_funcs  # noqa: PLC0415  (as above)

    single = np.real(c).dtype.type
    if not c.size:
        return c.copy(), single(1), 0
    letters = {"plain": "N", "adjoint": "C" if c.dtype.kind == "c" else "T"}
    (trsyl,) = get_lapack_funcs(("trsyl",), (a, b, c))
    x, scale, info = trsyl(a, b, c, trana=letters[forms[0]], tranb=letters[forms[1]])
    return x, single(scale), info


SCHUR_FORMS = (
    Op(
        name="schur",
        arity=1,
        summary="T and Z of a = Z T Z', Z orthogonal or unitary and T upper triangular, for a real"
        " matrix with a block of two by two for each conjugate pair of eigenvalues; whether they"
        " were found",
        infer=_infer_schur,
        shape=_schur_shape,
        reference=_schur_reference,
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
    Op(
        name="sylvester",
        arity=3,
        summary="x of a x + x b = c for a and b in Schur form, each as it is or its adjoint, and"
        " whether a and -b have no eigenvalue in common, nor nearly, and are finite",
        infer=_infer_sylvester,
        shape=_sylvester_shape,
        reference=_sylvester_reference,
        attributes=(("a", Attribute.WORD), ("b", Attribute.WORD)),
        failure=Failure.SIZES,
        family="factorisation",
        long_from=MANY_MICROSECONDS,
        work=row_by_row,
    ),
)
