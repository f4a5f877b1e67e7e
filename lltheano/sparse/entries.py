"""Entries of sparse matrices by their places.

The key of an entry is the number of its place, line after line: in CSR lines are rows, in CSC
columns. Entries are in order when their keys rise.
"""

from typing import Any

import lltheano.tensor as T
from lltheano.sparse.components import (
    CSM,
    csm_properties,
    has_same_structure,
    is_ordered,
)
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "at_keys",
    "at_places_of",
    "columns_of",
    "from_entries",
    "from_ordered",
    "in_rows",
    "keys_at",
    "keys_of",
    "lines_of",
    "of_lines",
    "ordered",
    "rows_of",
]


def lines_of(x: Any) -> TensorVariable:
    """The line of each entry.

    >>> import scipy.sparse as sp
    >>> from lltheano.sparse import as_sparse_variable
    >>> lines_of(as_sparse_variable(sp.csr_matrix([[1.0, 2.0], [0.0, 3.0]]))).eval()
    array([0, 0, 1])
    """
    indptr = csm_properties(x)[2].astype("int64")
    lines: TensorVariable = T.repeat(T.arange(indptr.size - 1), indptr[1:] - indptr[:-1])
    return lines


def rows_of(x: Any) -> TensorVariable:
    """The row of each entry."""
    return csm_properties(x)[1].astype("int64") if x.format == "csc" else lines_of(x)


def columns_of(x: Any) -> TensorVariable:
    """The column of each entry."""
    return lines_of(x) if x.format == "csc" else csm_properties(x)[1].astype("int64")


def of_lines(op: object, x: Any, vector: Any, axis: int) -> Any:
    """For each entry of a matrix the element of a vector for its row (axis 0) or column (1)."""
    count = csm_properties(x)[3][axis]
    named = "columns" if axis else "rows"
    message = f"{op}: the matrix has {{0}} {named}, and the vector {{1}} elements"
    fits = T.eq(count, vector.size)
    vector = Requirement("sizes", message)(vector, fits, count, vector.size)
    return vector[columns_of(x) if axis else rows_of(x)]


def _sizes(format_: str, shape: Any) -> tuple[TensorVariable, TensorVariable]:
    """The number of lines, and how long they are."""
    rows, columns = (shape[axis].astype("int64") for axis in (0, 1))
    return (columns, rows) if format_ == "csc" else (rows, columns)


def keys_of(x: Any) -> TensorVariable:
    """The key of each entry."""
    _, indices, _, shape = csm_properties(x)
    keys: TensorVariable = lines_of(x) * _sizes(x.format, shape)[1] + indices
    return keys


def keys_at(format_: str, rows: Any, columns: Any, shape: Any) -> Any:
    """The keys of places that are given by row and column."""
    size = shape.astype("int64")
    return columns * size[0] + rows if format_ == "csc" else rows * size[1] + columns


def from_ordered(format_: str, keys: Any, data: Any, shape: Any) -> Any:
    """The matrix of entries whose keys rise."""
    lines, length = _sizes(format_, shape)
    indptr = T.searchsorted(keys, T.arange(lines + 1) * length)
    indices = keys % T.maximum(length, 1)
    return CSM(format_, trusted=True, ordered=True)(data, indices, indptr, shape)


def from_entries(format_: str, keys: Any, data: Any, shape: Any) -> Any:
    """The matrix of entries in any order, of which those at the same place are added up."""
    order = T.argsort(keys, kind="stable")
    arranged = keys[order]
    is_new = T.concatenate([T.ones_like(arranged[:1]), T.neq(arranged[1:], arranged[:-1])])
    place = T.cumsum(is_new) - 1
    starts = is_new.nonzero()[0]
    sums = T.inc_subtensor(T.zeros((starts.size,), data.dtype)[place], data[order])
    return from_ordered(format_, arranged[starts], sums, shape)


def in_rows(x: Any) -> Any:
    """The same matrix in CSR."""
    if x.format != "csc":
        return x
    data, _, _, shape = csm_properties(x)
    keys = keys_at("csr", rows_of(x), columns_of(x), shape)
    return from_entries("csr", keys, data, shape)


def ordered(x: Any) -> Any:
    """The matrix with its entries in order and unique."""
    if is_ordered(x):
        return x
    data, _, _, shape = csm_properties(x)
    return from_entries(x.format, keys_of(x), data, shape)


def at_places_of(x: Any, model: Any) -> TensorVariable:
    """The elements of a matrix at the places at which another has entries.

    >>> import scipy.sparse as sp
    >>> from lltheano.sparse import as_sparse_variable
    >>> x, model = (as_sparse_variable(sp.csr_matrix(one)) for one in ([[5.0, 6.0]], [[0.0, 1.0]]))
    >>> at_places_of(x, model).eval()
    array([6.])
    """
    if has_same_structure(x, model):
        result: TensorVariable = csm_properties(x)[0]
        return result
    return at_keys(x, keys_of(model))


def at_keys(x: Any, wanted: Any) -> TensorVariable:
    """The elements of a matrix at places that are given by their keys."""
    known = ordered(x)
    data = csm_properties(known)[0]
    keys = keys_of(known)
    # One more key, which is nobody's, so that there is one to look at.
    padded, values = T.concatenate([keys, [-1]]), T.concatenate([data, T.zeros((1,), data.dtype)])
    place = T.minimum(T.searchsorted(keys, wanted), keys.size)
    return T.switch(T.eq(padded[place], wanted), values[place], T.zeros((), data.dtype))
