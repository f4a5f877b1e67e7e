"""What Theano has in `theano.tensor.slinalg`; everything is in `lltheano.tensor.linalg`."""

import sys

from lltheano.graph import boundary
from lltheano.tensor.linalg.cholesky import (
    Cholesky,
    CholeskyGrad,
    cholesky,
)
from lltheano.tensor.linalg.eigen import (
    Eigvalsh,
    EigvalshGrad,
    eigvalsh,
)
from lltheano.tensor.linalg.equations import (
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
    solve_sylvester,
)
from lltheano.tensor.linalg.exponential import Expm, ExpmGrad, expm
from lltheano.tensor.linalg.functions import kron
from lltheano.tensor.linalg.schur import schur
from lltheano.tensor.linalg.solving import (
    Solve,
    solve,
    solve_lower_triangular,
    solve_upper_triangular,
)

__all__ = [
    "Cholesky",
    "CholeskyGrad",
    "Eigvalsh",
    "EigvalshGrad",
    "Expm",
    "ExpmGrad",
    "Solve",
    "cholesky",
    "eigvalsh",
    "expm",
    "kron",
    "schur",
    "solve",
    "solve_continuous_lyapunov",
    "solve_discrete_lyapunov",
    "solve_lower_triangular",
    "solve_sylvester",
    "solve_upper_triangular",
]

boundary.guard(sys.modules[__name__])
