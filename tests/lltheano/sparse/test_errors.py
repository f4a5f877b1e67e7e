"""What does not fit is refused as soon as it can be known, in the user's terms."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import lltheano.sparse as S
import lltheano.tensor as T
from lltheano import function, scan
from lltheano.graph import inputs

A = sp.csr_matrix([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])
x = S.csr_matrix("x", dtype="float64")
y = S.csr_matrix("y", dtype="float64")
v, m = T.dvector("v"), T.dmatrix("m")


@pytest.mark.parametrize(
    ("data", "indices", "indptr", "shape", "error", "message"),
    [
        ([1.0], [3], [0, 1], [1, 3], IndexError, "indices go from 3 to 3, and there are 3 columns"),
        ([1.0], [-1], [0, 1], [1, 3], IndexError, "indices go from -1 to -1"),
        ([1.0], [0], [0, 2], [1, 3], ValueError, "there are 1 entries, 1 indices, and indptr goes"),
        ([1.0, 2.0], [0], [0, 1], [1, 3], ValueError, "there are 2 entries, 1 indices"),
        ([1.0], [0], [1, 1], [1, 3], ValueError, "indptr goes from 1 to 1"),
        ([1.0], [0], [0, 1], [2, 3], ValueError, "indptr has 2 elements, and there are 2 rows"),
        ([1.0, 1.0], [0, 0], [0, 3, 2], [2, 3], ValueError, "indptr falls somewhere"),
        ([1.0], [0], [0, 1], [1, 3, 4], ValueError, "shape has 3 elements, not 2"),
    ],
)
def test_components_of_no_matrix(
    data: Any, indices: Any, indptr: Any, shape: Any, error: type[Exception], message: str
) -> None:
    d, i, p, s = T.dvector("d"), T.ivector("i"), T.ivector("p"), T.ivector("s")
    f = function([d, i, p, s], S.CSM("csr")(d, i, p, s).sum())
    with pytest.raises(error, match=re.escape(message)):
        f(data, indices, indptr, shape)


@pytest.mark.parametrize(
    ("expression", "values", "message"),
    [
        (x + y, (A, A[:1]), "the shapes differ, 2 by 3 and 1 by 3"),
        (x * y, (A, A.T.tocsr()), "the shapes differ, 2 by 3 and 3 by 2"),
        (x * m, (A, np.eye(2)), "the shapes differ, 2 by 3 and 2 by 2"),
        (S.structured_dot(x, m), (A, np.eye(2)), "the matrix has 3 columns, and the other"),
        (S.true_dot(x, y), (A, A), "the first matrix has 3 columns, and the second 2 rows"),
        (S.mul_s_v(x, v), (A, np.ones(2)), "the matrix has 3 columns, and the vector 2 elements"),
        (S.row_scale(x, v), (A, np.ones(3)), "the matrix has 2 rows, and the vector 3 elements"),
        (S.col_scale(x, v), (A, np.ones(2)), "the matrix has 3 columns, and the vector 2"),
        (S.diag(x), (A,), "the matrix is 2 by 3, and must be square"),
        (S.hstack([x, y]), (A, A[:1]), "matrix 1 has 1 rows, and the first one 2"),
        (S.vstack([x, y]), (A, A[:, :2]), "matrix 1 has 2 columns, and the first one 3"),
        (S.sampling_dot(m, m, x), (np.eye(2), A), "p is 2 by 3, and there are 2 and 2 rows"),
    ],
)
def test_sizes_that_do_not_fit(expression: Any, values: Any, message: str) -> None:
    """A call says which sizes, and where the expression was written."""
    leaves = [leaf for leaf in (m, v, x, y) if leaf in inputs([expression])]
    order = [m, x] if expression.owner.op == S.sampling_dot else [x, *(set(leaves) - {x})]
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        function(order, expression)(*values)
    assert "test_errors.py" in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (x[5, 0], "indices from 0 to 5 on axis 0 of size 2"),
        (x[0, -4], "indices from -4 to 0 on axis 1 of size 3"),
        (x[[0, 2]], "indices from 0 to 2 on axis 0 of size 2"),
        (x[[0], [3]], "indices from 0 to 3 on axis 1 of size 3"),
    ],
)
def test_indices_out_of_range(expression: Any, message: str) -> None:
    with pytest.raises(IndexError, match=re.escape(message)):
        function([x], expression)(A)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: S.SparseType("coo", "float64"), ValueError, "csr, csc or bsr, got 'coo'"),
        (lambda: S.SparseType("csr", "float16"), TypeError, "no sparse matrices of float16"),
        (lambda: S.as_sparse_variable(np.eye(2)), TypeError, "cannot make a sparse matrix of"),
        (lambda: S.as_sparse_variable(m), TypeError, "m (TensorType(float64, matrix)"),
        (lambda: S.constant(np.eye(2)), TypeError, "a sparse constant holds a matrix of scipy"),
        (lambda: S.shared(np.eye(2)), TypeError, "holds a SciPy matrix"),
        (lambda: S.structured_dot(m, m), TypeError, "takes a sparse matrix, got m"),
        (lambda: S.dot(m, m), TypeError, "dot takes a sparse matrix"),
        (lambda: S.add(m, m), TypeError, "add of sparse matrices got none"),
        (lambda: S.eq(m, m), TypeError, "eq of sparse matrices got none"),
        (lambda: x + S.csc_matrix("z", dtype="float64"), NotImplementedError, "of one format"),
        (lambda: S.sp_sum(x, axis=2), ValueError, "0, 1 or None, got 2"),
        (lambda: x[0, [1]], NotImplementedError, "a list of columns goes with a list of rows"),
        (lambda: x[0, 0, 0], ValueError, "a sparse matrix has two axes, got 3 indices"),
        (lambda: x[0.5], TypeError, "an index is an integer or a slice"),
        (lambda: S.CSM("csr")([[1.0]], [0], [0, 1], [1, 1]), TypeError, "data must be a vector"),
        (lambda: S.CSM("csr")([1.0], [0.5], [0, 1], [1, 1]), TypeError, "indices must be a vector"),
        (lambda: T.exp(x), TypeError, "take its .toarray(), or a function of lltheano.sparse"),
        (lambda: function([], [], updates=[(S.shared(A), x.T)]), TypeError, "must have its type"),
    ],
)
def test_expressions_that_are_refused(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()


def test_structures_that_differ() -> None:
    """Of matrices that are said to have one, and have not."""
    f = function([x, y], S.add_s_s_data(x, y))
    np.testing.assert_array_equal(f(A, A).toarray(), 2 * A.toarray())
    with pytest.raises(ValueError, match="the entries of the matrices are not at the same places"):
        f(A, sp.csr_matrix(A.toarray()[::-1].copy()))
    with pytest.raises(ValueError, match=r"at the same places|sizes on axis 0"):
        f(A, A[:1])


def test_a_step_that_gives_a_matrix_is_named() -> None:
    """A loop stacks tensors."""
    x, v = S.csr_matrix("x"), T.dvector("v")
    with pytest.raises(TypeError, match=r"scan_fn.*row by row is a tensor, got MulSD .*made at"):
        scan(lambda one: x * one, sequences=v)
