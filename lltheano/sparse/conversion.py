"""From sparse to dense and back, and to other dtypes and formats."""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import CSM, csm_data, csm_properties, is_ordered, like
from lltheano.sparse.entries import columns_of, from_ordered, ordered, rows_of
from lltheano.sparse.op import SparseOp
from lltheano.sparse.variables import SparseType
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype

__all__ = [
    "Cast",
    "DenseFromSparse",
    "EnsureSortedIndices",
    "Remove0",
    "SparseFromDense",
    "Transpose",
    "bcast",
    "cast",
    "ccast",
    "clean",
    "csc_from_dense",
    "csr_from_dense",
    "dcast",
    "dense_from_sparse",
    "ensure_sorted_indices",
    "fcast",
    "icast",
    "lcast",
    "remove0",
    "transpose",
    "wcast",
    "zcast",
]


class DenseFromSparse(SparseOp):
    """A sparse matrix as a tensor.

    Parameters
    ----------
    structured
        Theano's: gradients are those of the entries in any case.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> dense_from_sparse(sp.csr_matrix([[0.0, 2.0]])).eval()
    array([[0., 2.]])
    """

    def __init__(self, structured: bool = True) -> None:
        self.structured = bool(structured)

    def build(self, *operands: Any) -> Variable:
        """Entries of one place are added up."""
        (x,) = operands
        data, _, _, shape = csm_properties(x)
        dense = T.zeros((shape[0], shape[1]), x.dtype)
        return T.inc_subtensor(dense[rows_of(x), columns_of(x)], data)


dense_from_sparse = DenseFromSparse()


class SparseFromDense(SparseOp):
    """A tensor as a sparse matrix, with an entry for each element that is not 0.

    >>> csr_from_dense([[0.0, 2.0]]).eval().indices.tolist()
    [1]
    """

    takes = "d"
    keeps_order = True

    def __init__(self, format: str) -> None:  # noqa: A002 - Theano's parameter
        self.format = SparseType(format, "float64").format

    def operands(self, *inputs: Any) -> list[Variable]:
        """A matrix; a vector is one row."""
        x = as_tensor_variable(inputs[0])
        if x.ndim > 2:
            raise TypeError(f"a sparse matrix has two axes, got {x.describe()}")
        x = x.dimshuffle(*["x"] * (2 - x.ndim), *range(x.ndim)) if x.ndim < 2 else x
        return [T.patternbroadcast(x, (False, False))]

    def build(self, *operands: Any) -> Variable:
        """The entries line after line."""
        x = operands[0].T if self.format == "csc" else operands[0]
        lines, places = T.neq(x, 0).nonzero()
        keys = lines * x.shape[1] + places
        shape = T.stack([operands[0].shape[0], operands[0].shape[1]])
        result: Variable = from_ordered(self.format, keys, x[lines, places], shape)
        return result


csr_from_dense = SparseFromDense("csr")
csc_from_dense = SparseFromDense("csc")


class Cast(SparseOp):
    """A matrix with entries of another dtype.

    >>> import scipy.sparse as sp
    >>> Cast("float32")(sp.eye(2, format="csr")).dtype
    'float32'
    """

    keeps_order = True
    structure_from = 0

    def __init__(self, out_type: Any) -> None:
        self.out_type = canonical_dtype(out_type)

    def build(self, *operands: Any) -> Variable:
        """The entries are converted."""
        (x,) = operands
        result: Variable = like(x, csm_data(x).astype(self.out_type))
        return result


def cast(variable: Any, dtype: Any) -> Any:
    """Return a sparse matrix with entries of another dtype.

    >>> import scipy.sparse as sp
    >>> cast(sp.eye(2, format="csr"), "int8").eval().dtype
    dtype('int8')
    """
    return Cast(dtype)(variable)


bcast, wcast, icast, lcast = Cast("int8"), Cast("int16"), Cast("int32"), Cast("int64")
fcast, dcast, ccast, zcast = Cast("float32"), Cast("float64"), Cast("complex64"), Cast("complex128")


class Transpose(SparseOp):
    """The transpose: CSR becomes CSC, and CSC becomes CSR.

    >>> import scipy.sparse as sp
    >>> transpose(sp.csr_matrix([[0.0, 2.0]])).eval().format
    'csc'
    """

    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """The components are those of the operand."""
        (x,) = operands
        data, indices, indptr, shape = csm_properties(x)
        format_ = "csr" if x.format == "csc" else "csc"
        turned = CSM(format_, trusted=True, ordered=is_ordered(x))
        result: Variable = turned(data, indices, indptr, shape[::-1])
        return result


transpose = Transpose()


class EnsureSortedIndices(SparseOp):
    """The matrix with its entries in order, those of one place added up.

    Parameters
    ----------
    inplace
        Theano's: what is done in place is the compiler's decision.

    Examples
    --------
    >>> CSR = CSM("csr")
    >>> ensure_sorted_indices(CSR([1.0, 2.0], [1, 0], [0, 2], [1, 2])).eval().data.tolist()
    [2.0, 1.0]
    """

    keeps_order = True

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = bool(inplace)

    def build(self, *operands: Any) -> Variable:
        """Sorted, whatever is known."""
        x = operands[0]
        data, indices, indptr, shape = csm_properties(x)
        result: Variable = ordered(CSM(x.format, trusted=True)(data, indices, indptr, shape))
        return result


ensure_sorted_indices = EnsureSortedIndices(inplace=False)


class Remove0(SparseOp):
    """The matrix without entries that are 0.

    >>> import scipy.sparse as sp
    >>> remove0(sp.csr_matrix(([0.0, 2.0], [0, 1], [0, 2]), shape=(1, 2))).eval().nnz
    1
    """

    keeps_order = True

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = bool(inplace)

    def build(self, *operands: Any) -> Variable:
        """The others, as they stand."""
        (x,) = operands
        data, indices, indptr, shape = csm_properties(x)
        stays = T.neq(data, 0)
        kept = stays.nonzero()[0]
        before = T.concatenate([[0], T.cumsum(stays)])
        fewer = CSM(x.format, trusted=True, ordered=is_ordered(x))
        result: Variable = fewer(data[kept], indices[kept], before[indptr], shape)
        return result


remove0 = Remove0()


def clean(x: Any) -> Any:
    """Return the matrix with its entries in order, and without those that are 0.

    >>> import scipy.sparse as sp
    >>> clean(sp.csr_matrix(([0.0, 2.0], [0, 1], [0, 2]), shape=(1, 2))).eval().nnz
    1
    """
    return ensure_sorted_indices(remove0(x))
