"""Products of matrices of which at least one is sparse."""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import as_sparse, csm_properties, like
from lltheano.sparse.conversion import csc_from_dense, csr_from_dense, dense_from_sparse, transpose
from lltheano.sparse.entries import from_entries, in_rows, keys_at, lines_of
from lltheano.sparse.kernels import csc_dot, csr_dot, csr_sampled_dot
from lltheano.sparse.op import SparseOp, as_operand, is_sparse
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import upcast

__all__ = [
    "Dot",
    "SamplingDot",
    "StructuredDot",
    "TrueDot",
    "Usmm",
    "dot",
    "sampling_dot",
    "structured_dot",
    "true_dot",
    "usmm",
]


def _times_dense(op: object, x: Any, y: Any) -> Any:
    """A sparse matrix times a dense matrix or vector."""
    dtype = upcast(x.dtype, y.dtype)
    data, indices, indptr, shape = csm_properties(x)
    message = f"{op}: the matrix has {{0}} columns, and the other operand {{1}} rows"
    fits = T.eq(shape[1], y.shape[0])
    y = Requirement("sizes", message)(y.astype(dtype), fits, shape[1], y.shape[0])
    parts = data.astype(dtype), indices, indptr, y
    return csc_dot(*parts, shape[0]) if x.format == "csc" else csr_dot(*parts)


def _times_sparse(op: object, x: Any, y: Any) -> Any:
    """The product of two sparse matrices, in the format of the first.

    All products of entries are written out, and those at one place added up (N. Bell, S. Dalton and
    L. Olson, Exposing fine-grained parallelism in algebraic multigrid methods, SIAM Journal on
    Scientific Computing 34, 2012).
    """
    if x.format == y.format == "csc":
        return transpose(_times_sparse(op, transpose(y), transpose(x)))
    format_ = x.format
    x, y = (in_rows(one) for one in (x, y))
    (data, indices, _, shape), (others, places, pointers, widths) = map(csm_properties, (x, y))
    message = f"{op}: the first matrix has {{0}} columns, and the second {{1}} rows"
    shape = Requirement("sizes", message)(shape, T.eq(shape[1], widths[0]), shape[1], widths[0])
    starts = pointers[indices].astype("int64")
    counts = pointers[indices + 1].astype("int64") - starts
    entry = T.repeat(T.arange(indices.size), counts)
    before = T.concatenate([[0], T.cumsum(counts)])[:-1]
    other = starts[entry] + T.arange(entry.size) - before[entry]
    size = T.stack([shape[0], widths[1]])
    row, column = lines_of(x)[entry], places[other]
    keys = keys_at(format_, row, column, size)
    return from_entries(format_, keys, data[entry] * others[other], size)


class StructuredDot(SparseOp):
    """The product of a sparse matrix with a dense or sparse one; sparse if both are.

    >>> import scipy.sparse as sp
    >>> structured_dot(sp.eye(2, format="csr") * 2, [[1.0], [3.0]]).eval().tolist()
    [[2.0], [6.0]]
    """

    takes = "s."
    keeps_order = True

    def operands(self, *inputs: Any) -> list[Variable]:
        """Two matrices, or a matrix and a vector."""
        x, y = super().operands(*inputs)
        if not is_sparse(y) and y.type.ndim not in (1, 2):  # type: ignore[attr-defined]
            raise NotImplementedError(f"{self} takes a matrix or vector, got {y.describe()}")
        return [x, y]

    def build(self, *operands: Any) -> Variable:
        """A compiled product, or one of all entries."""
        x, y = operands
        result: Variable = (_times_sparse if is_sparse(y) else _times_dense)(self, x, y)
        return result


_structured_dot = StructuredDot()


def _either_way(op: SparseOp, x: Any, y: Any) -> Any:
    """The product by an op whose first operand is sparse."""
    x, y = as_operand(x), as_operand(y)
    if is_sparse(x):
        return op(x, y)
    if not is_sparse(y):
        raise TypeError(f"{op} takes a sparse matrix, got {x.describe()} and {y.describe()}")
    turned = op(transpose(y), x.T if x.ndim == 2 else x)
    return transpose(turned) if is_sparse(turned) else turned.T


def structured_dot(x: Any, y: Any) -> Any:
    """Return the product of two matrices, one of them sparse; sparse if both are.

    The gradient of a sparse operand has entries where that has.

    Raises TypeError when neither is sparse; a call raises ValueError when the sizes do not fit.

    >>> import scipy.sparse as sp
    >>> structured_dot([[1.0, 3.0]], sp.eye(2, format="csr") * 2).eval().tolist()
    [[2.0, 6.0]]
    """
    return _either_way(_structured_dot, x, y)


class TrueDot(SparseOp):
    """The product of a sparse matrix with another one, as a sparse matrix.

    Parameters
    ----------
    grad_preserves_dense
        Whether the gradient of a dense operand is dense; otherwise it is sparse in Theano, and an
        expression of its entries here.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> true_dot(sp.eye(2, format="csr") * 2, [[1.0], [0.0]]).eval().nnz
    1
    """

    takes = "s."
    keeps_order = True

    def __init__(self, grad_preserves_dense: bool = True) -> None:
        self.grad_preserves_dense = bool(grad_preserves_dense)

    def build(self, *operands: Any) -> Variable:
        """Where the other operand is dense, the entries of the product that are not 0."""
        x, y = operands
        if is_sparse(y):
            return _times_sparse(self, x, y)  # type: ignore[no-any-return]
        sparse = csc_from_dense if x.format == "csc" else csr_from_dense
        return sparse(_times_dense(self, x, y))  # type: ignore[no-any-return]


def true_dot(x: Any, y: Any, grad_preserves_dense: bool = True) -> Any:
    """Return the product of two matrices, one of them sparse, as a sparse matrix.

    Raises TypeError when neither is sparse; a call raises ValueError when the sizes do not fit.

    >>> import scipy.sparse as sp
    >>> true_dot(sp.eye(2, format="csr"), sp.eye(2, format="csr")).eval().format
    'csr'
    """
    return _either_way(TrueDot(grad_preserves_dense), x, y)


class Dot(SparseOp):
    """The product of two matrices, one of them sparse, as a dense matrix.

    >>> import scipy.sparse as sp
    >>> dot(sp.eye(2, format="csr") * 2, [[1.0], [3.0]]).eval().tolist()
    [[2.0], [6.0]]
    """

    takes = ".."

    def build(self, *operands: Any) -> Variable:
        """The dense operand is the second one, or a sparse one made dense."""
        x, y = operands
        if not is_sparse(x):
            turned: Variable = _times_dense(self, transpose(y), x.T if x.ndim == 2 else x).T
            return turned
        result: Variable = _times_dense(self, x, dense_from_sparse(y) if is_sparse(y) else y)
        return result


_dot = Dot()


def dot(x: Any, y: Any) -> Any:
    """Return the product of two matrices, one of them sparse, as a dense matrix.

    Raises TypeError when neither is sparse; a call raises ValueError when the sizes do not fit.

    >>> import scipy.sparse as sp
    >>> dot([[1.0, 3.0]], sp.eye(2, format="csr") * 2).eval().tolist()
    [[2.0, 6.0]]
    """
    x, y = as_operand(x), as_operand(y)
    if not is_sparse(x) and not is_sparse(y):
        raise TypeError(f"dot takes a sparse matrix, got {x.describe()} and {y.describe()}")
    return _dot(x, y)


class Usmm(SparseOp):
    """alpha x y + z, of which x or y is sparse.

    >>> import scipy.sparse as sp
    >>> usmm(2.0, sp.eye(1, format="csr"), [[3.0]], [[1.0]]).eval().tolist()
    [[7.0]]
    """

    takes = "d..d"

    def operands(self, *inputs: Any) -> list[Variable]:
        """A number, two matrices of which one is sparse, and a dense one."""
        alpha, x, y, z = super().operands(*inputs)
        if not is_sparse(x) and not is_sparse(y):
            raise TypeError(f"{self} takes a sparse matrix, got {x.describe()} and {y.describe()}")
        return [alpha, x, y, z]

    def build(self, *operands: Any) -> Variable:
        """A product, and a sum."""
        alpha, x, y, z = operands
        if alpha.ndim == 2:
            alpha = alpha.dimshuffle()
        result: Variable = alpha * dot(x, y) + z
        return result


usmm = Usmm()


class SamplingDot(SparseOp):
    """The elements of x y' where p has entries, each times that entry.

    >>> import scipy.sparse as sp
    >>> p = sp.csr_matrix([[0.0, 2.0]])
    >>> sampling_dot([[3.0]], [[4.0], [5.0]], p).eval().toarray().tolist()
    [[0.0, 30.0]]
    """

    takes = "dds"
    keeps_order = True
    structure_from = 2

    def operands(self, *inputs: Any) -> list[Variable]:
        """Two dense matrices and a sparse one; vectors are one row."""
        x, y, p = super().operands(*inputs)
        dense = [as_tensor_variable(one, ndim=2) for one in (x, y)]
        return [*dense, as_sparse(p)]

    def build(self, *operands: Any) -> Variable:
        """Only the products that are wanted."""
        x, y, p = operands
        dtype = upcast(x.dtype, y.dtype, p.dtype)
        data, indices, indptr, shape = csm_properties(p)
        message = "SamplingDot: p is {0} by {1}, and there are {2} and {3} rows"
        fits = T.eq(shape[0], x.shape[0]) & T.eq(shape[1], y.shape[0])
        sizes = (shape[0], shape[1], x.shape[0], y.shape[0])
        x = Requirement("sizes", message)(x.astype(dtype), fits, *sizes)
        rows, columns = (y.astype(dtype), x) if p.format == "csc" else (x, y.astype(dtype))
        products = csr_sampled_dot(indices, indptr, rows, columns)
        result: Variable = like(p, products * data.astype(dtype))
        return result


sampling_dot = SamplingDot()
