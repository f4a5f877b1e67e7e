"""Sums, differences and products of elements."""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import (
    csm_data,
    csm_properties,
    has_same_structure,
    like,
)
from lltheano.sparse.conversion import dense_from_sparse
from lltheano.sparse.entries import (
    columns_of,
    from_entries,
    from_ordered,
    keys_of,
    of_lines,
    ordered,
    rows_of,
)
from lltheano.sparse.op import SparseOp, as_operand, is_sparse
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = [
    "AddSD",
    "AddSS",
    "AddSSData",
    "MulSD",
    "MulSS",
    "MulSV",
    "Neg",
    "StructuredAddSV",
    "add",
    "add_s_d",
    "add_s_s",
    "add_s_s_data",
    "mul",
    "mul_s_d",
    "mul_s_s",
    "mul_s_v",
    "neg",
    "structured_add_s_v",
    "sub",
]


class _Pair(SparseOp):
    """An op of two sparse matrices, of which the second is brought to the format of the first."""

    takes = "ss"
    keeps_order = True

    def operands(self, *inputs: Any) -> list[Variable]:
        """Both; TypeError unless they have one format."""
        x, y = super().operands(*inputs)
        if x.type.format != y.type.format:  # type: ignore[attr-defined]
            raise NotImplementedError(
                f"{self} takes matrices of one format, got {x.describe()} and {y.describe()};"
                " convert one of them, which as its transpose has the other format"
            )
        return [x, y]


def _same_shape(op: object, x: Any, y: Any) -> Any:
    """The shape of both; a call raises ValueError where they differ."""
    message = f"{op}: the shapes differ, {{0}} by {{1}} and {{2}} by {{3}}"
    shape, other = csm_properties(x)[3], csm_properties(y)[3]
    sizes = (shape[0], shape[1], other[0], other[1])
    return Requirement("sizes", message)(shape, T.eq(shape, other).all(), *sizes)


class AddSS(_Pair):
    """The sum of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[1.0, 0.0, 2.0]])
    >>> add_s_s(x, sp.csr_matrix([[5.0, 1.0, 0.0]])).eval().toarray().tolist()
    [[6.0, 1.0, 2.0]]
    """

    def build(self, *operands: Any) -> Variable:
        """The entries of both, those of one place added up."""
        x, y = operands
        shape = _same_shape(self, x, y)
        keys = T.concatenate([keys_of(x), keys_of(y)])
        data = T.concatenate([csm_data(x), csm_data(y)])
        result: Variable = from_entries(x.format, keys, data, shape)
        return result


add_s_s = AddSS()


class AddSSData(_Pair):
    """The sum of two sparse matrices whose entries are at the same places.

    >>> import scipy.sparse as sp
    >>> add_s_s_data(sp.eye(2, format="csr"), sp.eye(2, format="csr")).eval().data.tolist()
    [2.0, 2.0]
    """

    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """The entries are added; a call raises ValueError where structures differ."""
        x, y = _of_one_structure(self, *operands)
        result: Variable = like(operands[0], x + y)
        return result


add_s_s_data = AddSSData()


def _of_one_structure(op: object, x: Any, y: Any) -> tuple[Any, Any]:
    """The entries of two matrices, provided that they are at the same places."""
    data, indices, indptr, _ = csm_properties(x)
    others, places, pointers, _ = csm_properties(y)
    if has_same_structure(x, y):
        return data, others
    sizes = T.eq(indices.size, places.size) & T.eq(indptr.size, pointers.size)
    most, lines = T.minimum(indices.size, places.size), T.minimum(indptr.size, pointers.size)
    agree = T.eq(indices[:most], places[:most]).all() & T.eq(indptr[:lines], pointers[:lines]).all()
    message = f"{op}: the entries of the matrices are not at the same places"
    return Requirement("value", message)(data, sizes & agree), others


class _MulSSData(_Pair):
    """The product of elements of two matrices whose entries are at the same places."""

    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """The entries are multiplied."""
        x, y = _of_one_structure(self, *operands)
        result: Variable = like(operands[0], x * y)
        return result

    def __str__(self) -> str:
        return "MulSSData"


class AddSD(SparseOp):
    """The sum of a sparse and a dense matrix, which is dense.

    >>> import scipy.sparse as sp
    >>> add_s_d(sp.eye(2, format="csr"), [[1.0, 1.0], [1.0, 1.0]]).eval().tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """

    takes = "sd"

    def build(self, *operands: Any) -> Variable:
        """Entries are added to the elements at their places."""
        x, y = operands
        if y.ndim != 2:
            raise TypeError(f"{self} takes a dense matrix, got {y.describe()}")
        result: Variable = dense_from_sparse(x) + y
        return result


add_s_d = AddSD()


class MulSS(_Pair):
    """The product of elements of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[1.0, 0.0, 2.0]])
    >>> mul_s_s(x, sp.csr_matrix([[0.0, 1.0, 3.0]])).eval().toarray().tolist()
    [[0.0, 0.0, 6.0]]
    """

    def build(self, *operands: Any) -> Variable:
        """Entries at places where both have one."""
        x, y = map(ordered, operands)
        shape = _same_shape(self, *operands)
        keys, others = keys_of(x), keys_of(y)
        padded = T.concatenate([others, [-1]])
        values = T.concatenate([csm_data(y), T.zeros((1,), y.dtype)])
        place = T.minimum(T.searchsorted(others, keys), others.size)
        both = T.eq(padded[place], keys).nonzero()[0]
        data = csm_data(x)[both] * values[place[both]]
        result: Variable = from_ordered(x.format, keys[both], data, shape)
        return result


mul_s_s = MulSS()


class MulSD(SparseOp):
    """The product of elements of a sparse matrix and a number, row, column or matrix.

    >>> import scipy.sparse as sp
    >>> mul_s_d(sp.eye(2, format="csr"), [[3.0, 1.0], [1.0, 4.0]]).eval().data.tolist()
    [3.0, 4.0]
    """

    takes = "sd"
    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """Each entry times the element at its place."""
        x, y = operands
        data = csm_data(x)
        if y.ndim == 0:
            factors = y
        elif y.ndim == 1:
            factors = y[columns_of(x)]
        elif y.ndim == 2:
            rows, columns = y.broadcastable
            factors = y[0 if rows else rows_of(x), 0 if columns else columns_of(x)]
            if not rows and not columns:
                data = _fitting(self, x, y, data)
        else:
            raise TypeError(f"{self} takes a number or a matrix, got {y.describe()}")
        result: Variable = like(x, data * factors)
        return result


def _fitting(op: object, x: Any, y: Any, data: Any) -> Any:
    """The entries, provided that a dense matrix has the shape of a sparse one."""
    shape = csm_properties(x)[3]
    sizes = (shape[0], shape[1], y.shape[0], y.shape[1])
    message = f"{op}: the shapes differ, {{0}} by {{1}} and {{2}} by {{3}}"
    same = T.eq(sizes[0], sizes[2]) & T.eq(sizes[1], sizes[3])
    return Requirement("sizes", message)(data, same, *sizes)


mul_s_d = MulSD()


class MulSV(SparseOp):
    """The product of a sparse matrix and a vector with an element for each column.

    >>> import scipy.sparse as sp
    >>> mul_s_v(sp.csr_matrix([[1.0, 1.0], [1.0, 0.0]]), [3.0, 4.0]).eval().toarray().tolist()
    [[3.0, 4.0], [3.0, 0.0]]
    """

    takes = "sd"
    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """Each entry times the element of its column."""
        x, y = operands
        if y.ndim != 1:
            raise TypeError(f"{self} takes a vector, got {y.describe()}")
        result: Variable = like(x, csm_data(x) * of_lines(self, x, y, 1))
        return result


mul_s_v = MulSV()


class StructuredAddSV(SparseOp):
    """The sum of the entries of a sparse matrix and a vector with an element for each column; where
    there is no entry there is none afterwards.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[1.0, 1.0], [1.0, 0.0]])
    >>> structured_add_s_v(x, [3.0, 4.0]).eval().toarray().tolist()
    [[4.0, 5.0], [4.0, 0.0]]
    """

    takes = "sd"
    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """Each entry plus the element of its column."""
        x, y = operands
        if y.ndim != 1:
            raise TypeError(f"{self} takes a vector, got {y.describe()}")
        result: Variable = like(x, csm_data(x) + of_lines(self, x, y, 1))
        return result


structured_add_s_v = StructuredAddSV()


class Neg(SparseOp):
    """The negative of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> neg(sp.eye(2, format="csr")).eval().data.tolist()
    [-1.0, -1.0]
    """

    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """The negatives of the entries."""
        (x,) = operands
        result: Variable = like(x, -csm_data(x))
        return result


neg = Neg()


def _one_sparse(name: str, x: Any, y: Any) -> tuple[Any, Any]:
    operands = as_operand(x), as_operand(y)
    if not any(map(is_sparse, operands)):
        raise TypeError(f"{name} of sparse matrices got none; tensors have operators of their own")
    return operands


def add(x: Any, y: Any) -> Any:
    """Return the sum: sparse if both are, dense if one is.

    TypeError if neither is; NotImplementedError for two formats.

    >>> import scipy.sparse as sp
    >>> add(sp.eye(2, format="csr"), sp.eye(2, format="csr")).eval().data.tolist()
    [2.0, 2.0]
    """
    x, y = _one_sparse("add", x, y)
    if not is_sparse(x):
        return add_s_d(y, x)
    if not is_sparse(y):
        return add_s_d(x, y)
    return add_s_s_data(x, y) if has_same_structure(x, y) else add_s_s(x, y)


def sub(x: Any, y: Any) -> Any:
    """Return the difference: sparse if both are, dense if one is.

    >>> import scipy.sparse as sp
    >>> sub(sp.eye(2, format="csr"), sp.eye(2, format="csr")).eval().data.tolist()
    [0.0, 0.0]
    """
    return add(x, neg(y) if is_sparse(y) else -as_tensor_variable(y))


def mul(x: Any, y: Any) -> Any:
    """Return the product of elements, which is sparse.

    TypeError if neither is; NotImplementedError for two formats.

    >>> import scipy.sparse as sp
    >>> mul(sp.eye(2, format="csr"), 3.0).eval().data.tolist()
    [3.0, 3.0]
    """
    x, y = _one_sparse("mul", x, y)
    if not is_sparse(x):
        return mul_s_d(y, x)
    if not is_sparse(y):
        return mul_s_d(x, y)
    return _MulSSData()(x, y) if has_same_structure(x, y) else mul_s_s(x, y)
