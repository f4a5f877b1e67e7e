"""Comparisons of elements: sparse if both operands are, dense if one is."""

from typing import Any, ClassVar

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.conversion import csc_from_dense, csr_from_dense, dense_from_sparse
from lltheano.sparse.op import SparseOp, as_operand, is_sparse
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "EqualSD",
    "EqualSS",
    "GreaterEqualSD",
    "GreaterEqualSS",
    "GreaterThanSD",
    "GreaterThanSS",
    "LessEqualSD",
    "LessEqualSS",
    "LessThanSD",
    "LessThanSS",
    "NotEqualSD",
    "NotEqualSS",
    "eq",
    "equal_s_d",
    "equal_s_s",
    "ge",
    "greater_equal_s_d",
    "greater_equal_s_s",
    "greater_than_s_d",
    "greater_than_s_s",
    "gt",
    "le",
    "less_equal_s_d",
    "less_equal_s_s",
    "less_than_s_d",
    "less_than_s_s",
    "lt",
    "neq",
    "not_equal_s_d",
    "not_equal_s_s",
]


class _Compared(SparseOp):
    """A comparison of a sparse matrix with another operand; the result is of uint8."""

    compare: ClassVar[Any]
    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """Elements are compared, those without an entry too."""
        x, y = operands
        other = dense_from_sparse(y) if is_sparse(y) else y
        found: TensorVariable = self.compare(dense_from_sparse(x), other).astype("uint8")
        if not is_sparse(y):
            return found
        result: Variable = (csc_from_dense if x.format == "csc" else csr_from_dense)(found)
        return result


class EqualSS(_Compared):
    """x == y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> equal_s_s(x, x).eval().toarray()
    array([[1, 1]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.eq)


class EqualSD(_Compared):
    """x == y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> equal_s_d(x, [[1.0, 2.0]]).eval()
    array([[0, 1]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.eq)


class NotEqualSS(_Compared):
    """x != y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> not_equal_s_s(x, x).eval().toarray()
    array([[0, 0]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.neq)


class NotEqualSD(_Compared):
    """x != y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> not_equal_s_d(x, [[1.0, 2.0]]).eval()
    array([[1, 0]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.neq)


class LessThanSS(_Compared):
    """x < y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> less_than_s_s(x, x).eval().toarray()
    array([[0, 0]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.lt)


class LessThanSD(_Compared):
    """x < y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> less_than_s_d(x, [[1.0, 2.0]]).eval()
    array([[1, 0]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.lt)


class GreaterThanSS(_Compared):
    """x > y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> greater_than_s_s(x, x).eval().toarray()
    array([[0, 0]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.gt)


class GreaterThanSD(_Compared):
    """x > y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> greater_than_s_d(x, [[1.0, 2.0]]).eval()
    array([[0, 0]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.gt)


class LessEqualSS(_Compared):
    """x <= y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> less_equal_s_s(x, x).eval().toarray()
    array([[1, 1]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.le)


class LessEqualSD(_Compared):
    """x <= y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> less_equal_s_d(x, [[1.0, 2.0]]).eval()
    array([[1, 1]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.le)


class GreaterEqualSS(_Compared):
    """x >= y of two sparse matrices.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> greater_equal_s_s(x, x).eval().toarray()
    array([[1, 1]], dtype=uint8)
    """

    takes = "ss"
    compare = staticmethod(T.ge)


class GreaterEqualSD(_Compared):
    """x >= y of a sparse and a dense matrix.

    >>> import scipy.sparse as sp
    >>> x = sp.csr_matrix([[0.0, 2.0]])
    >>> greater_equal_s_d(x, [[1.0, 2.0]]).eval()
    array([[0, 1]], dtype=uint8)
    """

    takes = "sd"
    compare = staticmethod(T.ge)


equal_s_s, equal_s_d = EqualSS(), EqualSD()
not_equal_s_s, not_equal_s_d = NotEqualSS(), NotEqualSD()
less_than_s_s, less_than_s_d = LessThanSS(), LessThanSD()
greater_than_s_s, greater_than_s_d = GreaterThanSS(), GreaterThanSD()
less_equal_s_s, less_equal_s_d = LessEqualSS(), LessEqualSD()
greater_equal_s_s, greater_equal_s_d = GreaterEqualSS(), GreaterEqualSD()


def _compared(name: str, x: Any, y: Any, both: SparseOp, one: SparseOp, turned: SparseOp) -> Any:
    """The comparison by the op for what the operands are."""
    x, y = as_operand(x), as_operand(y)
    if is_sparse(x) and is_sparse(y):
        return both(x, y)
    if not is_sparse(x) and not is_sparse(y):
        raise TypeError(f"{name} of sparse matrices got none; tensors are compared by T.{name}")
    return one(x, y) if is_sparse(x) else turned(y, x)


def eq(x: Any, y: Any) -> Any:
    """Return whether elements are equal, in uint8.

    >>> import scipy.sparse as sp
    >>> eq(sp.csr_matrix([[0.0, 2.0]]), [[0.0, 1.0]]).eval().tolist()
    [[1, 0]]
    """
    return _compared("eq", x, y, equal_s_s, equal_s_d, equal_s_d)


def neq(x: Any, y: Any) -> Any:
    """Return whether elements differ, in uint8.

    >>> import scipy.sparse as sp
    >>> neq(sp.csr_matrix([[0.0, 2.0]]), [[0.0, 1.0]]).eval().tolist()
    [[0, 1]]
    """
    return _compared("neq", x, y, not_equal_s_s, not_equal_s_d, not_equal_s_d)


def lt(x: Any, y: Any) -> Any:
    """Return whether elements of `x` are less than those of `y`, in uint8.

    >>> import scipy.sparse as sp
    >>> lt(sp.csr_matrix([[0.0, 2.0]]), [[1.0, 1.0]]).eval().tolist()
    [[1, 0]]
    """
    return _compared("lt", x, y, less_than_s_s, less_than_s_d, greater_than_s_d)


def gt(x: Any, y: Any) -> Any:
    """Return whether elements of `x` are greater than those of `y`, in uint8.

    >>> import scipy.sparse as sp
    >>> gt([[1.0, 1.0]], sp.csr_matrix([[0.0, 2.0]])).eval().tolist()
    [[1, 0]]
    """
    return _compared("gt", x, y, greater_than_s_s, greater_than_s_d, less_than_s_d)


def le(x: Any, y: Any) -> Any:
    """Return whether elements of `x` are at most those of `y`, in uint8.

    >>> import scipy.sparse as sp
    >>> le(sp.csr_matrix([[0.0, 2.0]]), [[0.0, 1.0]]).eval().tolist()
    [[1, 0]]
    """
    return _compared("le", x, y, less_equal_s_s, less_equal_s_d, greater_equal_s_d)


def ge(x: Any, y: Any) -> Any:
    """Return whether elements of `x` are at least those of `y`, in uint8.

    >>> import scipy.sparse as sp
    >>> ge(sp.csr_matrix([[0.0, 2.0]]), [[0.0, 1.0]]).eval().tolist()
    [[1, 1]]
    """
    return _compared("ge", x, y, greater_equal_s_s, greater_equal_s_d, less_equal_s_d)
