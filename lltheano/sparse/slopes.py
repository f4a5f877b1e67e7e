"""Ops that Theano's gradients of sparse matrices are made of, for programs that apply them.

The gradients here are derived from what ops do, and need none of these.
"""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import CSM, as_sparse, csm_data, like
from lltheano.sparse.entries import at_places_of
from lltheano.sparse.kernels import csr_sampled_dot
from lltheano.sparse.op import SparseOp
from lltheano.sparse.products import sampling_dot

__all__ = [
    "CSMGrad",
    "StructuredDotGradCSC",
    "StructuredDotGradCSR",
    "csm_grad",
    "sdg_csc",
    "sdg_csr",
    "structured_dot_grad",
]


class CSMGrad(SparseOp):
    """The elements of one matrix at the places of the entries of another.

    Operands: data, indices, indptr and shape of the matrix with the places, and those of the one
    with the elements. Both are in CSR, or both in CSC, as the length of indptr tells.

    >>> places = [1.0], [1], [0, 1], [1, 2]
    >>> CSMGrad()(*places, [5.0, 6.0], [0, 1], [0, 2], [1, 2]).eval()
    array([6.])
    """

    takes = "d" * 8

    def __init__(self, kmap: None = None) -> None:
        if kmap is not None:
            raise NotImplementedError("kmap must be None: it was not used in Theano 1.0 either")
        self.kmap = kmap

    def build(self, *operands: Any) -> Variable:
        """The elements, one for each entry."""
        model, x = (_in_lines(*components) for components in (operands[:4], operands[4:]))
        return at_places_of(x, model)


def _in_lines(data: Any, indices: Any, indptr: Any, shape: Any) -> Variable:
    """A matrix in CSR, or for components in CSC its transpose."""
    lines = indptr.size - 1
    length = T.switch(T.eq(lines, shape[0]), shape[1], shape[0])
    result: Variable = CSM("csr")(data, indices, indptr, T.stack([lines, length]))
    return result


csm_grad = CSMGrad


class _StructuredDotGrad(SparseOp):
    """The elements of a product of dense matrices at the places of entries.

    Operands: indices and indptr of these, the second factor of a product, the gradient of it.
    """

    takes = "dddd"


class StructuredDotGradCSR(_StructuredDotGrad):
    """The gradient of the entries of a matrix in CSR that was multiplied by a dense one.

    >>> StructuredDotGradCSR()([1], [0, 1], [[3.0], [4.0]], [[2.0]]).eval()
    array([8.])
    """

    def build(self, *operands: Any) -> Variable:
        """Rows of the gradient, and rows of the second factor."""
        indices, indptr, other, slope = operands
        return csr_sampled_dot(indices, indptr, slope, other)


class StructuredDotGradCSC(_StructuredDotGrad):
    """The gradient of the entries of a matrix in CSC that was multiplied by a dense one.

    >>> StructuredDotGradCSC()([0], [0, 0, 1], [[3.0], [4.0]], [[2.0]]).eval()
    array([8.])
    """

    def build(self, *operands: Any) -> Variable:
        """Rows of the second factor, and rows of the gradient."""
        indices, indptr, other, slope = operands
        return csr_sampled_dot(indices, indptr, other, slope)


sdg_csc, sdg_csr = StructuredDotGradCSC(), StructuredDotGradCSR()


def structured_dot_grad(sparse_A: Any, dense_B: Any, ga: Any) -> Any:  # noqa: N803 - Theano's names
    """Return the gradient of a sparse matrix that was multiplied by a dense one, which has entries
    where that has.

    >>> import scipy.sparse as sp
    >>> structured_dot_grad(sp.eye(2, format="csr"), [[3.0], [4.0]], [[1.0], [2.0]]).eval().data
    array([3., 8.])
    """
    x = as_sparse(sparse_A)
    return sampling_dot(ga, dense_B, like(x, T.ones_like(csm_data(x))))
