"""Sparse matrices as variables: their type, the variables, constants and shared variables.

A sparse matrix is four tensors: `data`, the entries; `indices`, for each entry its column (or row
in the formats of columns); `indptr`, where the entries of each row begin and, at its end, where the
last ones end; `shape`. That is SciPy's CSR format, and CSC with rows and columns exchanged. Entries
that functions are given are in order and unique; what `CSM` builds is as it was built.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

from lltheano.graph import CompoundType, Constant, Variable
from lltheano.interfaces.layers import matrices
from lltheano.shared import CompoundSharedVariable
from lltheano.sparse.operators import SparseOperators
from lltheano.tensor.variables.promotion import canonical_dtype, upcast
from lltheano.tensor.variables.variable import TensorType

__all__ = [
    "SparseConstant",
    "SparseConstantSignature",
    "SparseSharedVariable",
    "SparseType",
    "SparseVariable",
]

_INTEGERS = TensorType("int32", (False,))
_INTEGRAL = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
_ABSENT = "a sparse matrix, of scipy.sparse"


class SparseType(CompoundType):
    """The type of sparse matrices of one format and one dtype.

    Parameters
    ----------
    format
        "csr", "csc" or "bsr". A matrix in BSR is one of rows to compiled code, and has blocks for
        those who pass it and get it.
    dtype
        The dtype of the entries.

    Examples
    --------
    >>> SparseType("csr", "float32")
    SparseType(csr, float32)
    """

    ndim: Final = 2
    component_names = ("data", "indices", "indptr", "shape")
    format_cls: Final = {"csr": sp.csr_matrix, "csc": sp.csc_matrix, "bsr": sp.bsr_matrix}
    dtype_set: Final = frozenset(("float32", "float64", "complex64", "complex128", *_INTEGRAL))

    def __init__(self, format: str, dtype: Any) -> None:  # noqa: A002 - Theano's parameter
        if format not in self.format_cls:
            raise ValueError(f"the format of a sparse matrix is csr, csc or bsr, got {format!r}")
        self.format = format
        self.dtype = canonical_dtype(dtype)
        if self.dtype == "float16":
            raise TypeError("SciPy has no sparse matrices of float16; use float32")

    @property
    def component_types(self) -> tuple[TensorType, ...]:
        """The entries, and three vectors of int32."""
        return (TensorType(self.dtype, (False,)), _INTEGERS, _INTEGERS, _INTEGERS)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return a SciPy matrix of the format and dtype, with its entries in order and unique;
        TypeError when `value` is none, or would lose precision.
        """
        if not sp.issparse(value):
            raise TypeError(f"{self!r} takes {_ABSENT}, got {type(value).__name__}")
        if value.ndim != self.ndim:
            raise TypeError(f"{self!r} takes matrices, got one of {value.ndim} axes")
        right = value.format == self.format and value.dtype == self.dtype
        if strict and not right:
            raise TypeError(f"{self!r} is strict, and got a {value.format} matrix of {value.dtype}")
        if not allow_downcast and upcast(self.dtype, str(value.dtype)) != self.dtype:
            raise TypeError(
                f"a matrix of {value.dtype} loses precision in {self!r}; convert it with"
                f" .astype({self.dtype!r}), or pass allow_downcast=True"
            )
        kind = self.format_cls[self.format]
        if right and isinstance(value, kind) and _is_known(value):
            return value
        matrix = kind(value, dtype=self.dtype)  # its own view of the arrays
        checked = self._canonical(matrix)
        if checked is matrix and right and self.format != "bsr":
            _ = value.has_canonical_format  # SciPy looks, and remembers for the next call
        return checked

    def _canonical(self, matrix: Any) -> Any:
        """The matrix with its entries in order and unique, a copy where they are not."""
        if self.format == "bsr":
            return matrix
        matrix.check_format(full_check=True)
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        return matrix

    def is_valid_value(self, data: Any) -> bool:
        """Whether `data` is a matrix of this format and dtype."""
        right = sp.issparse(data) and data.format == self.format and data.dtype == self.dtype
        return bool(right)

    def make_variable(self, name: str | None = None) -> "SparseVariable":
        """Return a new leaf of this type."""
        return SparseVariable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> "SparseConstant":
        """Return a constant of this type."""
        return SparseConstant(self, data, name)

    def components_of(self, variable: Variable) -> list[Variable]:
        """Return its data, indices, indptr and shape."""
        return list(matrices.csm_properties(variable))

    def from_components(self, components: Sequence[Variable], model: Variable) -> Variable:
        """Return the matrix of these components, in order if those of `model` are."""
        ordered = matrices.is_ordered(model)
        result: Variable = matrices.CSM(self.format, ordered=ordered)(*components)
        result.name = model.name
        return result

    def arrays_of(self, value: Any) -> list[Any]:
        """Return the arrays of a matrix; TypeError for more entries than int32 can number."""
        matrix = value.tocsr() if self.format == "bsr" else value
        if max(matrix.nnz, *matrix.shape) > np.iinfo(np.int32).max:
            raise TypeError(
                f"a matrix of shape {matrix.shape} with {matrix.nnz} entries is too large: rows,"
                " columns and entries are numbered in int32"
            )
        integers = (matrix.indices, matrix.indptr, np.array(matrix.shape))
        return [matrix.data, *(np.asarray(one, np.int32) for one in integers)]

    def from_arrays(self, arrays: Sequence[Any]) -> Any:
        """Return the SciPy matrix over these arrays."""
        data, indices, indptr, shape = arrays
        kind = sp.csr_matrix if self.format == "bsr" else self.format_cls[self.format]
        rows, columns = map(int, shape)
        matrix = kind((data, indices, indptr), shape=(rows, columns), copy=False)
        return matrix.tobsr() if self.format == "bsr" else matrix

    def zeros(self) -> Any:
        """Return the matrix without rows and columns."""
        return self.format_cls[self.format]((0, 0), dtype=self.dtype)

    @property
    def shared_class(self) -> "type[SparseSharedVariable]":
        """The class of the shared variables of this type."""
        return SparseSharedVariable

    def values_eq_approx(self, a: Any, b: Any, eps: float = 1e-6) -> bool:
        """Whether two matrices differ by little: their sum of squared differences is below `eps`
        times that of `a`, or both are of integers and equal.
        """
        if not (sp.issparse(a) and sp.issparse(b)) or a.shape != b.shape:
            return False
        difference = abs(a - b)
        return bool(difference.sum() < 1e-6 + eps * abs(b).sum())

    def values_eq(self, a: Any, b: Any) -> bool:
        """Whether two matrices are equal."""
        if not (sp.issparse(a) and sp.issparse(b)) or a.shape != b.shape:
            return False
        return bool(a.format == b.format and (a != b).nnz == 0)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SparseType)
            and self.format == other.format
            and self.dtype == other.dtype
        )

    def __hash__(self) -> int:
        return hash((SparseType, self.format, self.dtype))

    def __repr__(self) -> str:
        return f"SparseType({self.format}, {self.dtype})"


def _is_known(matrix: Any) -> bool:
    """Whether SciPy has found before that the entries are in order and unique."""
    return getattr(matrix, "_has_canonical_format", False) and matrix.data.size == matrix.nnz


class SparseVariable(SparseOperators, Variable):
    """A sparse matrix in a graph.

    >>> from lltheano.sparse import csr_matrix
    >>> A = csr_matrix("A", dtype="float64")
    >>> (A + A).type, A.T.type
    (SparseType(csr, float64), SparseType(csc, float64))
    """

    type: SparseType


class SparseConstantSignature(tuple[Any, ...]):
    """What two equal constants share.

    >>> from lltheano.sparse import as_sparse_variable
    >>> one, other = (as_sparse_variable(sp.eye(2, format="csr")) for _ in range(2))
    >>> one.signature() == other.signature()
    True
    """

    __slots__ = ()

    def theano_hash(self) -> str:
        """Return a hash of the matrix.

        >>> from lltheano.sparse import as_sparse_variable
        >>> len(as_sparse_variable(sp.eye(2, format="csr")).signature().theano_hash())
        64
        """
        return matrices.hash_from_sparse(self[1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SparseConstantSignature):
            return False
        return bool(self[0] == other[0] and self.theano_hash() == other.theano_hash())

    def __hash__(self) -> int:
        return hash((self[0], self.theano_hash()))


class SparseConstant(SparseOperators, Constant):
    """A sparse matrix that never changes.

    >>> from lltheano.sparse import as_sparse_variable
    >>> as_sparse_variable(sp.eye(2, format="csr")).type
    SparseType(csr, float64)
    """

    type: SparseType

    def __init__(self, type: SparseType, data: Any, name: str | None = None) -> None:  # noqa: A002
        super().__init__(type, data, name)
        self.data = self.data.copy()

    def signature(self) -> SparseConstantSignature:
        """Return a key that two constants share exactly when they hold the same value."""
        return SparseConstantSignature((self.type, self.data))

    def __str__(self) -> str:
        rows, columns = self.data.shape
        default = (
            f"SparseConstant{{{self.type.format},{self.type.dtype},shape=({rows}, {columns})}}"
        )
        return self.name or default


class SparseSharedVariable(CompoundSharedVariable, SparseVariable):
    """A shared variable that holds a sparse matrix.

    >>> from lltheano import shared
    >>> A = shared(sp.eye(2, format="csr"), name="A")
    >>> A.set_value(A.get_value() * 3)
    >>> A.get_value().toarray().tolist()
    [[3.0, 0.0], [0.0, 3.0]]
    """

    type: SparseType

    @property
    def format(self) -> str:
        """The format of the matrix."""
        return self.type.format
