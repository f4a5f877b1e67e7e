"""The Schur form of a matrix."""

from collections.abc import Sequence
from typing import Any

from lltheano.errors import MethodNotDefined
from lltheano.graph.core import Apply, Variable
from lltheano.tensor.linalg.primitive import factorised, matrix, square, succeeded
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = ["Schur", "schur"]


def schur_form(x: TensorVariable, what: str) -> list[TensorVariable]:
    """T and Z of x = Z T Z'; LinAlgError, which `what` begins, when there are none."""
    *parts, ok = factorised("schur", square(x, what))
    message = f"{what}: the Schur form was not found; are all elements finite?"
    return [succeeded(part, ok, message) for part in parts]


@record(frozen=True)
class Schur(MatrixFunction):
    """The Schur form of a square matrix; see `schur`."""

    def make_node(self, a: Any) -> Apply:
        """A matrix; integers become float64."""
        a = matrix(a, "schur")
        return Apply(self, [a], [TensorType(a.dtype, (False, False))() for _ in range(2)])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """LAPACK's gees."""
        return schur_form(operands[0], "schur")

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """There is none: the order of the eigenvalues is LAPACK's, and jumps."""
        raise MethodNotDefined(
            "schur has no gradient; solve_sylvester and the Lyapunov solvers, which use it, have"
        )


def schur(a: object) -> Any:
    """Return T and Z of a = Z T Z', with Z orthogonal (for complex numbers unitary) and T upper
    triangular.

    Of a real matrix T is real and has a block of two by two on its diagonal for each conjugate pair
    of eigenvalues, as scipy.linalg.schur gives it; convert the matrix to complex numbers for a
    triangle. The order of the eigenvalues, and the signs of the columns of Z, are not promised
    (LAPACK's gees, without sorting). LinAlgError when the function runs and the matrix is not
    square or has elements that are not finite. There is no gradient.

    >>> t, z = schur([[1.0, 2.0], [0.0, 3.0]])
    >>> t.eval().tolist(), z.dot(t).dot(z.T).eval().tolist()
    ([[1.0, 2.0], [0.0, 3.0]], [[1.0, 2.0], [0.0, 3.0]])
    """
    return Schur()(a)
