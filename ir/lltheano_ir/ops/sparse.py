"""Products with a sparse matrix in compressed rows (CSR) or columns (CSC), as SciPy lays them out.

`indptr` has an element for each row (column) and one more: the entries of row i are those from
`indptr[i]` up to `indptr[i + 1]`, at the columns that `indices` names. Entries may stand in any
order, and repeat: then they add up. The indices are checked before any of them is followed.

Sums over the entries of a row have the fixed order of sums over leading axes, those over a last
axis that of sums over last axes (`lltheano_ir.ops.summation`). Entries in compressed columns come
row by row in no order: each is added to its element in turn, as `scatter` adds.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lltheano_ir.dtypes import i32, i64
from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.elementwise.complexes import multiply
from lltheano_ir.ops.structure import require_extents, require_indices
from lltheano_ir.ops.summation import fold_last_axis, fold_leading_axes
from lltheano_ir.types import ValueType

__all__ = ["SPARSE"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]


def _require_structure(name: str, indices: ValueType, indptr: ValueType) -> None:
    for what, one in (("indices", indices), ("indptr", indptr)):
        if one.rank != 1 or one.dtype not in (i32, i64):
            raise TypeRuleError(f"{name} needs a vector of i32 or i64 as {what}, got {one}")


def _require_numbers(name: str, first: ValueType, second: ValueType) -> None:
    if first.dtype is not second.dtype or first.dtype.is_bool:
        raise TypeRuleError(f"{name} needs numbers of one dtype, got {first} and {second}")


def _infer_product(name: str, types: Types) -> ValueType:
    data, other, indices, indptr = types[:4]
    _require_structure(name, indices, indptr)
    _require_numbers(name, data, other)
    if data.rank != 1 or other.rank not in (1, 2):
        raise TypeRuleError(f"{name} needs entries and a vector or matrix, got {data} and {other}")
    return ValueType(other.dtype, (False, *other.broadcast[1:]))


def _infer_csr_dot(types: Types, attributes: Attributes) -> ValueType:
    return _infer_product("csr_dot", types)


def _infer_csc_dot(types: Types, attributes: Attributes) -> ValueType:
    require_indices("csc_dot", types[4:])
    return _infer_product("csc_dot", types)


def _infer_csr_sampled_dot(types: Types, attributes: Attributes) -> ValueType:
    x, y, indices, indptr = types
    _require_structure("csr_sampled_dot", indices, indptr)
    _require_numbers("csr_sampled_dot", x, y)
    if (x.rank, y.rank) != (2, 2):
        raise TypeRuleError(f"csr_sampled_dot needs two matrices, got {x} and {y}")
    return ValueType(x.dtype, (False,))


def _csr_dot_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    others = [shapes.size(operands[1], axis) for axis in range(1, types[1].rank)]
    rows = shapes.apply("sub", shapes.size(operands[3], 0), shapes.integer(1))
    return (shapes.apply("maximum", rows, shapes.integer(0)), *others)


def _csc_dot_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    others = [shapes.size(operands[1], axis) for axis in range(1, types[1].rank)]
    return (operands[4], *others)


def _csr_sampled_dot_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return (shapes.size(operands[2], 0),)


def _require_equal(what: str, first: int, second: int) -> None:
    if first != second:
        raise ExecutionError("sizes", f"{what} {first} and {second} differ", (first, second))


def _rows(indices: Array, indptr: Array, minor: int) -> Iterator[slice]:
    """The entries of each row, of so many elements, or column; the structure must hold."""
    if not indptr.size:
        raise ExecutionError("sizes", "indptr needs an element at least")
    first, last, count = int(indptr[0]), int(indptr[-1]), indices.size
    if first != 0 or last != count:
        message = f"indptr goes from {first} to {last}, not from 0 to the {count} entries"
        raise ExecutionError("value", message, (first, last, count))
    if (np.diff(indptr.astype(np.int64)) < 0).any():
        raise ExecutionError("value", "indptr falls")
    for index in (int(indices.min()), int(indices.max())) if count else ():
        if not 0 <= index < minor:
            message = f"an index of {index} is out of range: it must lie from 0 to below {minor}"
            raise ExecutionError("index", message, (index, minor))
    bounds = [int(one) for one in indptr]
    return (slice(begin, end) for begin, end in pairwise(bounds))


def _csr_dot_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    data, other, indices, indptr = arrays
    _require_equal("numbers of entries and of indices,", data.size, indices.size)
    rows = list(_rows(indices, indptr, len(other)))
    result = np.empty((len(rows), *other.shape[1:]), other.dtype)
    with np.errstate(all="ignore"):
        for place, row in enumerate(rows):
            entries = data[row].reshape(-1, *[1] * (other.ndim - 1))
            terms = multiply(entries, other[indices[row]])
            result[place] = fold_leading_axes("add", terms, (0,))
    return result


def _csc_dot_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    data, other, indices, indptr, count = arrays
    _require_equal("numbers of entries and of indices,", data.size, indices.size)
    _require_equal("columns and rows,", max(indptr.size - 1, 0), len(other))
    require_extents([int(count)])
    result = np.zeros((int(count), *other.shape[1:]), other.dtype)
    with np.errstate(all="ignore"):
        for place, column in enumerate(_rows(indices, indptr, int(count))):
            for entry, row in zip(data[column], indices[column], strict=True):
                result[row] = result[row] + multiply(np.asarray(entry), other[place])
    return result


def _csr_sampled_dot_reference(
    arrays: Sequence[Array], types: Types, attributes: Attributes
) -> Array:
    x, y, indices, indptr = arrays
    _require_equal("rows of the structure and of x,", max(indptr.size - 1, 0), len(x))
    _require_equal("columns of x and of y,", x.shape[1], y.shape[1])
    result = np.empty(indices.size, x.dtype)
    with np.errstate(all="ignore"):
        for place, row in enumerate(_rows(indices, indptr, len(y))):
            result[row] = fold_last_axis("add", multiply(x[place], y[indices[row]]))
    return result


SPARSE = (
    Op(
        name="csr_dot",
        arity=4,
        summary="entries, other, indices, indptr: a matrix in compressed rows times the other",
        infer=_infer_csr_dot,
        shape=_csr_dot_shape,
        reference=_csr_dot_reference,
        failure=Failure.DATA,
        steady=2,
    ),
    Op(
        name="csc_dot",
        arity=5,
        summary="the same in compressed columns, of so many rows, each entry added in turn",
        infer=_infer_csc_dot,
        shape=_csc_dot_shape,
        reference=_csc_dot_reference,
        failure=Failure.DATA,
        steady=2,
    ),
    Op(
        name="csr_sampled_dot",
        arity=4,
        summary="x, y, indices, indptr: the elements of x y' at the places in compressed rows",
        infer=_infer_csr_sampled_dot,
        shape=_csr_sampled_dot_shape,
        reference=_csr_sampled_dot_reference,
        failure=Failure.DATA,
        steady=2,
    ),
)
