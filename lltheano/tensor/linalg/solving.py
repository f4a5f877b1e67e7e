"""Inverses and linear systems, by LU factorisation with partial pivoting.

A matrix without an inverse is numpy's LinAlgError when the function runs: that is one whose upper
factor has an exact 0 on its diagonal. Nearly singular ones are the caller's care, as in NumPy.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import eq, neq
from lltheano.tensor.elementwise.complexes import conj
from lltheano.tensor.linalg.pieces import diagonal, lower_part, upper_part
from lltheano.tensor.linalg.primitive import (
    adjoint,
    as_numbers,
    common,
    factorised,
    matrix,
    square,
    variables,
)
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot, outer
from lltheano.tensor.reductions.functions import all as all_of, prod
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = [
    "MatrixInverse",
    "Solve",
    "matrix_inverse",
    "solve",
    "solve_lower_triangular",
    "solve_upper_triangular",
]


def regular(factors: TensorVariable, what: str) -> TensorVariable:
    """Return the factors of a matrix, or a triangle; LinAlgError when there is a 0 on the diagonal.

    NaN is not 0: it spreads through the result, as in NumPy.
    """
    message = f"{what}: the matrix is singular, so it has no inverse"
    result: TensorVariable = Requirement("linalg", message)(factors, is_regular(factors))
    return result


def is_regular(factors: TensorVariable) -> TensorVariable:
    """Whether there is no 0 on the diagonal."""
    return all_of(neq(diagonal(factors), 0))


def inverse_of_factors(factors: TensorVariable, order: TensorVariable) -> TensorVariable:
    """The inverse of the matrix with these factors and this order of rows; there must be one."""
    indices = arange(dim(factors, 0))
    right = eq(order.dimshuffle(0, "x"), indices.dimshuffle("x", 0)).astype(factors.dtype)
    return _substituted(factors, right)


def product_of_pivots(factors: TensorVariable, swaps: TensorVariable) -> TensorVariable:
    """The product of the diagonal, negated for an odd number of swapped rows."""
    return prod(diagonal(factors)) * (1 - 2 * (swaps % 2)).astype(factors.dtype)


def _substituted(factors: TensorVariable, right: TensorVariable) -> TensorVariable:
    """Solve L U x = `right`."""
    middle = factorised("triangular_solve", factors, right, options=["unit_lower"])
    result: TensorVariable = factorised("triangular_solve", factors, middle, options=["upper"])
    return result


def solved(a: TensorVariable, right: TensorVariable, what: str) -> TensorVariable:
    """Return x of a x = `right` for a square matrix; LinAlgError, which `what` begins, if it is
    singular.
    """
    factors, order, _ = factorised("lu", a)
    return _substituted(regular(factors, what), right[order])


def as_shaped(term: TensorVariable, like: TensorVariable) -> TensorVariable:
    """Return a gradient with the broadcast pattern of what it is the gradient of."""
    return patternbroadcast(term, like.broadcastable)


@record(frozen=True)
class MatrixInverse(MatrixFunction):
    """The inverse of a square matrix; LinAlgError when there is none.

    L and U are found by LAPACK's getrf, and the inverse by solving L U x = P.

    >>> matrix_inverse([[2.0, 0.0], [0.0, 4.0]]).eval()
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "matrix_inverse")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """The rows of the identity in the order of the pivots, on the right side."""
        x = square(operands[0], "matrix_inverse")
        factors, order, _ = factorised("lu", x)
        return [inverse_of_factors(regular(factors, "matrix_inverse"), order)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """-X' g X' for the inverse X (M. Giles, An extended collection of matrix derivative results
        for forward and reverse mode algorithmic differentiation, 2008, section 2.2.3).
        """
        (x,), (y,), (g,) = map(variables, (inputs, outputs, output_gradients))
        return [as_shaped(-dot(adjoint(y), dot(g, adjoint(y))), x)]


_STRUCTURES = (
    "general",
    "symmetric",
    "lower_triangular",
    "upper_triangular",
    "hermitian",
    "banded",
    "diagonal",
    "toeplitz",
)
_TRANSPOSED = {"lower_triangular": "upper_triangular", "upper_triangular": "lower_triangular"}


class Solve(MatrixFunction):
    """The solution x of A x = b, for a vector b or the columns of a matrix.

    LinAlgError when the function runs and A is singular or not square; ValueError when b does not
    have as many rows.

    Parameters
    ----------
    A_structure
        Of a triangular matrix only that triangle is read, by BLAS's trsm. All others are solved as
        general ones, by LAPACK's getrf: what else Theano's names promise of a matrix needs not be
        true.
    lower
        No effect; the triangle is named by `A_structure`, as in Theano.
    overwrite_A, overwrite_b
        No effect; the compiler decides what is overwritten.

    Examples
    --------
    >>> Solve("lower_triangular")([[2.0, 0.0], [1.0, 1.0]], [2.0, 3.0]).eval()
    array([1., 2.])
    """

    def __init__(
        self,
        A_structure: str = "general",  # noqa: N803 - Theano's names
        lower: bool = False,
        overwrite_A: bool = False,  # noqa: N803
        overwrite_b: bool = False,
    ) -> None:
        if A_structure not in _STRUCTURES:
            raise ValueError(f"A_structure is one of {', '.join(_STRUCTURES)}, got {A_structure!r}")
        self.A_structure = A_structure

    def make_node(self, A: Any, b: Any) -> Apply:  # noqa: N803
        """Both in the dtype that holds them; integers become float64, float16 float32."""
        a, right = (_at_least_single(one) for one in (A, b))
        a, right = matrix(a, "solve"), as_numbers(right, "solve")
        if right.ndim not in (1, 2):
            raise TypeError(f"solve takes a vector or a matrix b, got {right.describe()}")
        a, right = common([a, right])
        return Apply(self, [a, right], [right.type()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """One or two triangular systems."""
        a, b = operands
        a = square(a, "solve")
        right = b if b.ndim == 2 else b.dimshuffle(0, "x")
        if self.A_structure in _TRANSPOSED:
            triangle = self.A_structure.partition("_")[0]
            result = factorised("triangular_solve", regular(a, "solve"), right, options=[triangle])
        else:
            result = solved(a, right, "solve")
        return [result if b.ndim == 2 else result.flatten()]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """For b y = A'^-1 g, and for A -y x', of which only what is read counts (Giles 2008,
        section 2.3.1).
        """
        (a, b), (x,), (g,) = map(variables, (inputs, outputs, output_gradients))
        structure = _TRANSPOSED.get(self.A_structure, self.A_structure)
        y: TensorVariable = Solve(structure)(adjoint(a), g)
        slope = -(dot(y, adjoint(x)) if b.ndim == 2 else outer(y, conj(x)))
        if self.A_structure in _TRANSPOSED:
            part = lower_part if self.A_structure.startswith("lower") else upper_part
            slope = part(slope)
        return [as_shaped(slope, a), as_shaped(y, b)]


def _at_least_single(x: object) -> TensorVariable:
    x = as_tensor_variable(x)
    return x.astype("float32") if x.dtype == "float16" else x


matrix_inverse: MatrixInverse = MatrixInverse()
solve: Solve = Solve()
solve_lower_triangular = Solve("lower_triangular", lower=True)
solve_upper_triangular = Solve("upper_triangular", lower=False)
