"""Sums, and scaling by rows and columns."""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import as_sparse, csm_data, csm_shape, like
from lltheano.sparse.entries import columns_of, of_lines, rows_of
from lltheano.sparse.op import SparseOp

__all__ = [
    "ColScaleCSC",
    "RowScaleCSC",
    "SpSum",
    "col_scale",
    "row_scale",
    "sp_sum",
]


class SpSum(SparseOp):
    """The sum of a sparse matrix, or the sums of its columns (axis 0) or rows (1).

    Parameters
    ----------
    axis
        None, 0 or 1.
    sparse_grad
        Theano's: gradients are those of the entries in any case.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> SpSum(axis=0)(sp.csr_matrix([[1.0, 2.0], [3.0, 0.0]])).eval()
    array([4., 2.])
    """

    def __init__(self, axis: int | None = None, sparse_grad: bool = True) -> None:
        if axis not in (None, 0, 1, -1, -2):
            raise ValueError(f"the axis of a sparse matrix is 0, 1 or None, got {axis!r}")
        self.axis = None if axis is None else axis % 2
        self.sparse_grad = bool(sparse_grad)

    def build(self, *operands: Any) -> Variable:
        """The sum of the entries, or each added to the sum of its column or row."""
        (x,) = operands
        data = csm_data(x)
        total = data.sum()
        if self.axis is None:
            return total
        place = columns_of(x) if self.axis == 0 else rows_of(x)
        sums = T.zeros((csm_shape(x)[1 - self.axis],), total.dtype)
        return T.inc_subtensor(sums[place], data.astype(total.dtype))


def sp_sum(x: Any, axis: int | None = None, sparse_grad: bool = False) -> Any:
    """Return the sum of a sparse matrix, or the sums of its columns (axis 0) or rows (1).

    >>> import scipy.sparse as sp
    >>> sp_sum(sp.csr_matrix([[1.0, 2.0], [3.0, 0.0]]), axis=1).eval()
    array([3., 3.])
    """
    return SpSum(axis, sparse_grad)(x)


class ColScaleCSC(SparseOp):
    """Each column of a sparse matrix times an element of a vector."""

    takes = "sd"
    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """Each entry times the element of its column."""
        x, s = operands
        return _scaled(self, x, s, 1)


class RowScaleCSC(SparseOp):
    """Each row of a sparse matrix times an element of a vector."""

    takes = "sd"
    keeps_order = True
    structure_from = 0

    def build(self, *operands: Any) -> Variable:
        """Each entry times the element of its row."""
        x, s = operands
        return _scaled(self, x, s, 0)


def _scaled(op: object, x: Any, s: Any, axis: int) -> Variable:
    if s.ndim != 1:
        raise ValueError(f"{op} takes a vector, got {s.describe()}")
    result: Variable = like(x, csm_data(x) * of_lines(op, x, s, axis))
    return result


def col_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each column times an element of a vector.

    >>> import scipy.sparse as sp
    >>> col_scale(sp.eye(2, format="csc"), [2.0, 3.0]).eval().data.tolist()
    [2.0, 3.0]
    """
    return ColScaleCSC()(as_sparse(x), s)


def row_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each row times an element of a vector.

    >>> import scipy.sparse as sp
    >>> row_scale(sp.eye(2, format="csc"), [2.0, 3.0]).eval().data.tolist()
    [2.0, 3.0]
    """
    return RowScaleCSC()(as_sparse(x), s)
