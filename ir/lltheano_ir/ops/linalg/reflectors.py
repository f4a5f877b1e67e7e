"""The textbook algorithms behind the reference of some factorisations, column by column in NumPy.

They are what LAPACK's blocked routines compute up to rounding: `eliminated` is dgetf2,
`substituted` the column-oriented dtrsm, `assembled` dorg2r.
"""

from typing import Any

import numpy as np

from lltheano_ir.ops.definition import Array

__all__ = ["assembled", "eliminated", "packed_vectors", "substituted"]


def eliminated(a: Array) -> tuple[Array, Array]:
    """Gaussian elimination with the greatest element of each column as pivot: both factors in one
    matrix, and for each column the row that was swapped with its own.

    A column of zeros is left as it is.
    """
    factors = np.array(a, order="C")
    pivots = np.arange(min(factors.shape))
    with np.errstate(all="ignore"):
        for k in range(len(pivots)):
            pivot = k + int(np.argmax(_magnitude(factors[k:, k])))
            pivots[k] = pivot
            factors[[k, pivot]] = factors[[pivot, k]]
            if factors[k, k] != 0:
                factors[k + 1 :, k] /= factors[k, k]
                factors[k + 1 :, k + 1 :] -= np.outer(factors[k + 1 :, k], factors[k, k + 1 :])
    return factors, pivots


def _magnitude(x: Array) -> Array:
    """What LAPACK compares pivots by."""
    return np.asarray(np.abs(np.real(x)) + np.abs(np.imag(x)))


def substituted(a: Array, b: Array, *, lower: bool, unit: bool) -> Array:
    """The solution of a triangular system by substitution, one unknown after the other.

    The diagonal of a `unit` triangle is not looked at.
    """
    x = np.array(b, order="C")
    for k in range(len(a)) if lower else reversed(range(len(a))):
        if not unit:
            x[k] = x[k] / a[k, k]
        others = slice(k + 1, None) if lower else slice(None, k)
        x[others] -= np.outer(a[others, k], x[k])
    return x


def assembled(packed: Array, scales: Array) -> Array:
    """The first columns of H(1) H(2) ... with H(k) = 1 - scale v v*, where v is 0 above row k, 1 in
    row k, and below it column k of `packed`.
    """
    product = np.eye(*packed.shape, dtype=packed.dtype)
    for k in reversed(range(len(scales))):
        vector = packed[:, k].copy()
        vector[:k], vector[k] = 0, 1
        product -= scales[k] * np.outer(vector, vector.conj() @ product)
    return product


def packed_vectors(values: Array, vectors: Array, dtype: Any) -> Array:
    """Eigenvectors as LAPACK's geev gives them: in real numbers where the matrix is real, for a
    conjugate pair of eigenvalues the real part and then the imaginary part of the first.
    """
    if np.dtype(dtype).kind == "c":
        return vectors.astype(dtype)
    return np.where(np.imag(values) < 0, -np.imag(vectors), np.real(vectors)).astype(dtype)
