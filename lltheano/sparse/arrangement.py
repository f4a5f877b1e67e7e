"""Diagonals, blocks beside and below each other, and matrices of rows."""

from collections.abc import Sequence
from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import CSM, as_sparse, csm_data, csm_shape
from lltheano.sparse.entries import at_keys, columns_of, from_entries, keys_at, rows_of
from lltheano.sparse.op import SparseOp
from lltheano.sparse.variables import SparseType
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.promotion import canonical_dtype, upcast

__all__ = [
    "ConstructSparseFromList",
    "Diag",
    "HStack",
    "SquareDiagonal",
    "VStack",
    "construct_sparse_from_list",
    "diag",
    "hstack",
    "square_diagonal",
    "vstack",
]


class Diag(SparseOp):
    """The diagonal of a square sparse matrix, a vector.

    >>> import scipy.sparse as sp
    >>> diag(sp.csc_matrix([[1.0, 2.0], [0.0, 0.0]])).eval()
    array([1., 0.])
    """

    def build(self, *operands: Any) -> Variable:
        """The elements at the places of the diagonal."""
        (x,) = operands
        shape = csm_shape(x)
        message = "Diag: the matrix is {0} by {1}, and must be square"
        size = Requirement("sizes", message)(shape[0], T.eq(shape[0], shape[1]), shape[0], shape[1])
        result: Variable = at_keys(x, T.arange(size) * (shape[1].astype("int64") + 1))
        return result


diag = Diag()


class SquareDiagonal(SparseOp):
    """A square sparse matrix, in CSC, with a vector for its diagonal.

    >>> square_diagonal([1.0, 2.0]).eval().toarray().tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """

    takes = "d"
    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """An entry in each line."""
        (x,) = operands
        if x.ndim != 1:
            raise TypeError(f"{self} takes a vector, got {x.describe()}")
        result: Variable = CSM("csc", trusted=True, ordered=True)(
            x, T.arange(x.size), T.arange(x.size + 1), T.stack([x.size, x.size])
        )
        return result


square_diagonal = SquareDiagonal()


class _Stack(SparseOp):
    """Sparse matrices one after the other along an axis."""

    axis: int
    keeps_order = True

    def __init__(self, format: str | None = None, dtype: Any = None) -> None:  # noqa: A002
        self.format = "csc" if format is None else SparseType(format, "float64").format
        self.dtype = None if dtype is None else canonical_dtype(dtype)

    def operands(self, *inputs: Any) -> Sequence[Variable]:
        """One matrix or more."""
        if not inputs:
            raise ValueError(f"{self} takes at least one matrix")
        return [as_sparse(x) for x in inputs]

    def build(self, *operands: Any) -> Variable:
        """All entries, each at its place in the whole."""
        dtype = self.dtype or upcast(*(x.dtype for x in operands))
        rows, columns = [rows_of(x) for x in operands], [columns_of(x) for x in operands]
        moved = (rows, columns)[self.axis]
        sizes = [csm_shape(x).astype("int64") for x in operands]
        across = sizes[0][1 - self.axis]
        before: Any = T.constant(0, dtype="int64")
        for index, size in enumerate(sizes):
            other = size[1 - self.axis]
            what = "rows" if self.axis else "columns"
            message = f"{self}: matrix {index} has {{1}} {what}, and the first one {{0}}"
            moved[index] = Requirement("sizes", message)(
                moved[index] + before, T.eq(across, other), across, other
            )
            before = before + size[self.axis]
        shape = T.stack([before, across] if self.axis == 0 else [across, before])
        row, column = T.concatenate(rows), T.concatenate(columns)
        keys = keys_at(self.format, row, column, shape)
        data = T.concatenate([csm_data(x).astype(dtype) for x in operands])
        result: Variable = from_entries(self.format, keys, data, shape)
        return result


class HStack(_Stack):
    """Sparse matrices beside each other."""

    axis = 1


class VStack(_Stack):
    """Sparse matrices below each other."""

    axis = 0


def hstack(blocks: Sequence[Any], format: str | None = None, dtype: Any = None) -> Any:  # noqa: A002
    """Return a sparse matrix with `blocks` beside each other.

    Parameters
    ----------
    blocks
        Sparse matrices with equally many rows.
    format
        "csr" or "csc", the default.
    dtype
        The dtype of the entries; by default one that holds those of all blocks.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> hstack([sp.eye(1, format="csr"), sp.eye(1, format="csr")]).eval().toarray()
    array([[1., 1.]])
    """
    return HStack(format=format, dtype=dtype)(*blocks)


def vstack(blocks: Sequence[Any], format: str | None = None, dtype: Any = None) -> Any:  # noqa: A002
    """Return a sparse matrix with `blocks` below each other; the parameters are those of `hstack`.

    >>> import scipy.sparse as sp
    >>> vstack([sp.eye(1, format="csr"), sp.eye(1, format="csr")]).eval().toarray()
    array([[1.],
           [1.]])
    """
    return VStack(format=format, dtype=dtype)(*blocks)


class ConstructSparseFromList(SparseOp):
    """A sparse matrix, in CSC, of the shape of a dense one, with some rows.

    Operands: a matrix, of which only the shape counts; the rows; which rows they are. Rows given
    twice are added up.

    >>> construct_sparse_from_list([[0.0, 0.0]] * 3, [[1.0, 2.0]], [1]).eval().toarray()
    array([[0., 0.],
           [1., 2.],
           [0., 0.]])
    """

    takes = "ddd"
    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """The rows element by element."""
        x, values, places = operands
        row = T.repeat(places, values.shape[1])
        column = T.tile(T.arange(values.shape[1]), values.shape[0])
        shape = T.stack([x.shape[0], x.shape[1]])
        keys = keys_at("csc", row, column, shape)
        result: Variable = from_entries("csc", keys, values.flatten(), shape)
        return result


construct_sparse_from_list = ConstructSparseFromList()
