"""Sparse variables, constants and shared variables by their constructors."""

import hashlib
from typing import Any

import numpy as np

from lltheano.config import config
from lltheano.errors import AsTensorError
from lltheano.graph import Variable
from lltheano.sparse.components import as_sparse
from lltheano.sparse.op import is_sparse
from lltheano.sparse.variables import (
    SparseConstant,
    SparseSharedVariable,
    SparseType,
    SparseVariable,
)
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = [
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "bsr_dmatrix",
    "bsr_fmatrix",
    "bsr_matrix",
    "constant",
    "csc_dmatrix",
    "csc_fmatrix",
    "csc_matrix",
    "csr_dmatrix",
    "csr_fmatrix",
    "csr_matrix",
    "hash_from_sparse",
    "matrix",
    "shared",
]


def as_sparse_variable(x: Any, name: str | None = None) -> Any:
    """Return `x` as a sparse variable: itself if it is one, else a constant of a SciPy matrix.

    TypeError for what is neither.

    >>> import scipy.sparse as sp
    >>> as_sparse_variable(sp.eye(2, format="csc")).type
    SparseType(csc, float64)
    """
    return as_sparse(x, name)


def as_sparse_or_tensor_variable(x: Any, name: str | None = None) -> Any:
    """Return `x` as a sparse variable if it is a sparse matrix, else as a tensor variable.

    TypeError for what is neither.

    >>> as_sparse_or_tensor_variable([1.0]).type
    TensorType(float64, (True,))
    """
    if is_sparse(x):
        return as_sparse(x, name)
    try:
        return as_tensor_variable(x, name)
    except AsTensorError as error:
        raise TypeError(f"{type(x).__name__} is no sparse matrix and no tensor") from error


def constant(x: Any, name: str | None = None) -> SparseConstant:
    """Return a constant that holds a copy of a SciPy matrix; TypeError for what is none.

    >>> import scipy.sparse as sp
    >>> constant(sp.eye(2, format="csr"))
    SparseConstant{csr,float64,shape=(2, 2)}
    """
    if isinstance(x, Variable) or not is_sparse(x):
        raise TypeError(f"a sparse constant holds a matrix of scipy.sparse, got {x!r:.60}")
    result: SparseConstant = as_sparse(x, name)
    return result


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    format: str | None = None,  # noqa: A002 - Theano's parameter
) -> SparseSharedVariable:
    """Return a shared variable that holds a copy of a SciPy matrix; `lltheano.shared` does so too.

    TypeError for what is no such matrix.

    Parameters
    ----------
    value
        The first value.
    name
        What messages and listings call the variable.
    strict, allow_downcast
        What later values are taken; see `lltheano.shared`.
    borrow
        Taken for Theano's sake: values are copied into the pool.
    format
        The format in which it is kept; by default that of the value.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> shared(sp.eye(2, format="csr"), "A").get_value().nnz
    2
    """
    if not is_sparse(value) or isinstance(value, Variable):
        raise TypeError(f"a shared sparse variable holds a SciPy matrix, got {value!r:.60}")
    kept = format or (value.format if value.format in SparseType.format_cls else "csr")
    kind = SparseType(kept, value.dtype)
    return SparseSharedVariable(name, kind, value, strict, allow_downcast)


def matrix(format: str, name: str | None = None, dtype: Any = None) -> SparseVariable:  # noqa: A002
    """Return a variable that stands for a sparse matrix.

    >>> matrix("csc", "A", "float32").type
    SparseType(csc, float32)
    """
    return SparseType(format, config.floatX if dtype is None else dtype).make_variable(name)


def csc_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """Return a variable that stands for a sparse matrix in CSC.

    >>> csc_matrix("A", "float32").type
    SparseType(csc, float32)
    """
    return matrix("csc", name, dtype)


def csr_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """Return a variable that stands for a sparse matrix in CSR.

    >>> csr_matrix("A", "float32").type
    SparseType(csr, float32)
    """
    return matrix("csr", name, dtype)


def bsr_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """Return a variable that stands for a sparse matrix in BSR.

    >>> bsr_matrix("A", "float32").type
    SparseType(bsr, float32)
    """
    return matrix("bsr", name, dtype)


csc_dmatrix, csc_fmatrix = SparseType("csc", "float64"), SparseType("csc", "float32")
csr_dmatrix, csr_fmatrix = SparseType("csr", "float64"), SparseType("csr", "float32")
bsr_dmatrix, bsr_fmatrix = SparseType("bsr", "float64"), SparseType("bsr", "float32")


def hash_from_sparse(data: Any) -> str:
    """Return a hash of a SciPy matrix: of its entries, their places, its shape, dtype and format.

    >>> import scipy.sparse as sp
    >>> hash_from_sparse(sp.eye(2, format="csr")) == hash_from_sparse(sp.eye(2, format="csc"))
    False
    """
    known = f"{data.format} {data.dtype} {data.shape}"
    digest = hashlib.sha256(known.encode())
    for array in (data.data, data.indices, data.indptr):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
