"""What Theano has in `theano.tensor.nlinalg`; everything is in `lltheano.tensor.linalg`."""

import sys

from lltheano.graph import boundary
from lltheano.tensor.linalg.determinants import Det, det
from lltheano.tensor.linalg.eigen import Eig, Eigh, EighGrad, eig, eigh
from lltheano.tensor.linalg.factors import (
    SVD,
    MatrixPinv,
    QRFull,
    QRIncomplete,
    matrix_pinv,
    pinv,
    qr,
    svd,
)
from lltheano.tensor.linalg.functions import (
    TensorInv,
    TensorSolve,
    lstsq,
    matrix_dot,
    matrix_power,
    norm,
    tensorinv,
    tensorsolve,
)
from lltheano.tensor.linalg.pieces import (
    AllocDiag,
    ExtractDiag,
    alloc_diag,
    diag as _diag,
    extract_diag,
    trace,
)
from lltheano.tensor.linalg.solving import MatrixInverse, matrix_inverse
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "SVD",
    "AllocDiag",
    "Det",
    "Eig",
    "Eigh",
    "EighGrad",
    "ExtractDiag",
    "MatrixInverse",
    "MatrixPinv",
    "QRFull",
    "QRIncomplete",
    "TensorInv",
    "TensorSolve",
    "alloc_diag",
    "det",
    "diag",
    "eig",
    "eigh",
    "extract_diag",
    "lstsq",
    "matrix_dot",
    "matrix_inverse",
    "matrix_pinv",
    "matrix_power",
    "norm",
    "pinv",
    "qr",
    "svd",
    "tensorinv",
    "tensorsolve",
    "trace",
]


def diag(x: object) -> TensorVariable:
    """Return a square matrix with the vector `x` on its diagonal, or the diagonal of a matrix.

    >>> diag([[1, 2], [3, 4]]).eval().tolist()
    [1, 4]
    """
    return _diag(as_tensor_variable(x))


boundary.guard(sys.modules[__name__])
