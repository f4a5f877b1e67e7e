"""Sylvester's and Lyapunov's equations: linear ones for a matrix with factors on both sides.

R. Bartels and G. Stewart, Solution of the matrix equation AX + XB = C, Communications of the ACM
15, 1972: the coefficients are brought into Schur form (LAPACK's gees), in which the solution is
found element after element (LAPACK's trsyl). An equation that does not have one solution is numpy's
LinAlgError when the function runs, as is one that is so close to such an equation that its solution
would be rounding errors alone.

The gradients are solutions of the equation with adjoint coefficients, which have the same Schur
forms: these are computed once.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.comparison import and_, eq
from lltheano.tensor.elementwise.complexes import conj
from lltheano.tensor.linalg.functions import kron
from lltheano.tensor.linalg.pieces import identity
from lltheano.tensor.linalg.primitive import (
    adjoint,
    common,
    factorised,
    matrix,
    square,
    succeeded,
    variables,
)
from lltheano.tensor.linalg.schur import schur_form
from lltheano.tensor.linalg.solving import as_shaped, solved
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = [
    "SolveContinuousLyapunov",
    "SolveDiscreteLyapunov",
    "SolveSylvester",
    "solve_continuous_lyapunov",
    "solve_discrete_lyapunov",
    "solve_sylvester",
]

_METHODS = (None, "direct", "bilinear")


def _applied(op: MatrixFunction, operands: Sequence[Any], what: str) -> Apply:
    given = common([matrix(operand, what) for operand in operands])
    return Apply(op, given, [TensorType(given[0].dtype, (False, False))()])


def _fitting(q: TensorVariable, a: TensorVariable, b: TensorVariable, what: str) -> TensorVariable:
    """The right side, if it has the rows of one matrix and the columns of the other."""
    got, wanted = [dim(q, 0), dim(q, 1)], [dim(a, 0), dim(b, 0)]
    fits = and_(*(eq(one, other) for one, other in zip(got, wanted, strict=True)))
    message = f"{what}: q has the sizes {{0}} and {{1}}, the solution {{2}} and {{3}}"
    result: TensorVariable = Requirement("sizes", message)(q, fits, *got, *wanted)
    return result


def _solution(
    first: Sequence[TensorVariable],
    second: Sequence[TensorVariable],
    q: TensorVariable,
    forms: Sequence[str],
    message: str,
) -> TensorVariable:
    """Solve a x + x b = q, given T and Z of the Schur forms of a and b, taken as `forms` say."""
    (t, z), (s, v) = first, second
    inner, ok = factorised("sylvester", t, s, dot(adjoint(z), dot(q, v)), options=forms)
    return dot(z, dot(succeeded(inner, ok, message), adjoint(v)))


@record(frozen=True)
class SolveSylvester(MatrixFunction):
    """The solution of a x + x b = q, or where `adjoint` of a' x + x b' = q; see `solve_sylvester`.

    >>> SolveSylvester()([[1.0]], [[2.0]], [[6.0]]).eval()
    array([[2.]])
    """

    adjoint: bool = False

    def make_node(self, a: Any, b: Any, q: Any) -> Apply:
        """Three matrices, in the dtype that holds all; integers become float64."""
        return _applied(self, [a, b, q], "solve_sylvester")

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Both coefficients in Schur form."""
        a, b, q = operands
        what = "solve_sylvester"
        message = f"{what}: a and -b have a common eigenvalue, or nearly; there is no one solution"
        forms = ("adjoint", "adjoint") if self.adjoint else ("plain", "plain")
        first, second = schur_form(a, what), schur_form(b, what)
        return [_solution(first, second, _fitting(q, a, b, what), forms, message)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """For q it is y of a' y + y b' = g, for a it is -y x', for b it is -x' y."""
        (a, b, q), (x,), (g,) = map(variables, (inputs, outputs, output_gradients))
        y: TensorVariable = SolveSylvester(not self.adjoint)(a, b, g)
        slopes = [-dot(y, adjoint(x)), -dot(adjoint(x), y)]
        if self.adjoint:
            slopes = [adjoint(slope) for slope in slopes]
        given = zip((*slopes, y), (a, b, q), strict=True)
        return [as_shaped(slope, one) for slope, one in given]


@record(frozen=True)
class SolveContinuousLyapunov(MatrixFunction):
    """The solution of a x + x a' = q, or where `adjoint` of a' x + x a = q; see
    `solve_continuous_lyapunov`.

    >>> SolveContinuousLyapunov()([[2.0]], [[8.0]]).eval()
    array([[2.]])
    """

    adjoint: bool = False

    def make_node(self, a: Any, q: Any) -> Apply:
        """Two matrices, in the dtype that holds both; integers become float64."""
        return _applied(self, [a, q], "solve_continuous_lyapunov")

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """One Schur form, for both coefficients."""
        a, q = operands
        what = "solve_continuous_lyapunov"
        return [_lyapunov(a, _fitting(q, a, a, what), what, self.adjoint)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """For q it is y of a' y + y a = g, for a it is -(y x' + y' x)."""
        (a, q), (x,), (g,) = map(variables, (inputs, outputs, output_gradients))
        y: TensorVariable = SolveContinuousLyapunov(not self.adjoint)(a, g)
        slope = -(dot(y, adjoint(x)) + dot(adjoint(y), x))
        if self.adjoint:
            slope = -(dot(x, adjoint(y)) + dot(adjoint(x), y))
        return [as_shaped(slope, a), as_shaped(y, q)]


def _lyapunov(
    a: TensorVariable, q: TensorVariable, what: str, is_adjoint: bool = False
) -> TensorVariable:
    form = schur_form(a, what)
    message = f"{what}: the equation is singular, or nearly, for this a; there is no one solution"
    forms = ("adjoint", "plain") if is_adjoint else ("plain", "adjoint")
    return _solution(form, form, q, forms, message)


@record(frozen=True)
class SolveDiscreteLyapunov(MatrixFunction):
    """The solution of a x a' - x + q = 0; see `solve_discrete_lyapunov`.

    >>> SolveDiscreteLyapunov("direct")([[0.5]], [[3.0]]).eval()
    array([[4.]])
    """

    method: str | None = None

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise ValueError(f"method is 'direct', 'bilinear' or None, got {self.method!r}")

    def make_node(self, a: Any, q: Any) -> Apply:
        """Two matrices, in the dtype that holds both; integers become float64."""
        return _applied(self, [a, q], "solve_discrete_lyapunov")

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """A system of equations, or a continuous equation."""
        a, q = operands
        what = "solve_discrete_lyapunov"
        a = square(a, what)
        q = _fitting(q, a, a, what)
        return [_direct(a, q, what) if self.method == "direct" else _bilinear(a, q, what)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """For q it is y of a' y a - y + g = 0, for a it is y a x' + y' a x."""
        (a, q), (x,), (g,) = map(variables, (inputs, outputs, output_gradients))
        y: TensorVariable = SolveDiscreteLyapunov(self.method)(adjoint(a), g)
        slope = dot(y, dot(a, adjoint(x))) + dot(adjoint(y), dot(a, x))
        return [as_shaped(slope, a), as_shaped(y, q)]


def _direct(a: TensorVariable, q: TensorVariable, what: str) -> TensorVariable:
    """(1 - kron(a, conj a)) x = q, for the elements of x and q row by row."""
    n = dim(a, 0)
    product = kron(a, conj(a))
    system = identity(n * n, a.dtype) - product
    return reshape(solved(system, reshape(q, [n * n, 1], ndim=2), what), [n, n], ndim=2)


def _bilinear(a: TensorVariable, q: TensorVariable, what: str) -> TensorVariable:
    """Solve b x + x b' = -2 e q e' for e = (a + 1)^-1 and b = e (a - 1).

    An eigenvalue of a that is -1 is a singular equation in either form.
    """
    n = dim(a, 0)
    unit = identity(n, a.dtype)
    both = solved(a + unit, concatenate([a - unit, q], axis=1), what)
    right = adjoint(solved(a + unit, adjoint(both[:, n:]), what))
    return _lyapunov(both[:, :n], -2 * right, what)


def solve_sylvester(a: object, b: object, q: object) -> TensorVariable:
    """Return the solution x of a x + x b = q, as scipy.linalg.solve_sylvester does.

    a and b are square, q has the rows of a and the columns of b; all in the dtype that holds them.
    LinAlgError when the function runs and a or b is not square or has elements that are not finite,
    or a and -b have a common eigenvalue, or so nearly that LAPACK's trsyl would change them;
    ValueError when q has other sizes. It has a gradient.

    >>> x = solve_sylvester([[1.0, 0.0], [0.0, 2.0]], [[3.0]], [[8.0], [5.0]])
    >>> x.eval().tolist()
    [[2.0], [1.0]]
    """
    result: TensorVariable = SolveSylvester()(a, b, q)
    return result


def solve_continuous_lyapunov(a: object, q: object) -> TensorVariable:
    """Return the solution x of a x + x a' = q, as scipy.linalg.solve_continuous_lyapunov does.

    a' is the transpose, of complex numbers the conjugate one. Both matrices are square and of one
    size. LinAlgError when the function runs and a is not square or has elements that are not
    finite, or an eigenvalue of a is, or nearly, minus the conjugate of one; ValueError when q has
    other sizes. It has a gradient.

    >>> solve_continuous_lyapunov([[-1.0, 0.0], [0.0, -2.0]], [[-2.0, 3.0], [3.0, -4.0]]).eval()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    result: TensorVariable = SolveContinuousLyapunov()(a, q)
    return result


def solve_discrete_lyapunov(a: object, q: object, method: str | None = None) -> TensorVariable:
    """Return the solution x of a x a' - x + q = 0, as scipy.linalg.solve_discrete_lyapunov does.

    LinAlgError when the function runs and a is not square, or the product of an eigenvalue of a and
    the conjugate of one is 1, and there is no one solution; ValueError when q has other sizes. It
    has a gradient.

    Parameters
    ----------
    a
        A square matrix; a' is its transpose, of complex numbers the conjugate one.
    q
        A matrix of the same size.
    method
        "bilinear" makes of the equation a continuous one, with (a + 1)^-1 (a - 1) in the place of a
        (V. Popov, 1964), which takes some n^3 operations. "direct" solves the system of n^2 linear
        equations, with n^6, and is there for comparison. None is "bilinear" at any size: unlike
        SciPy, which decides by the size and is direct below 10, since here a size may not be known,
        and the bilinear form exists wherever there is a solution.

    Examples
    --------
    >>> solve_discrete_lyapunov([[0.5, 0.0], [0.0, 0.0]], [[3.0, 1.0], [1.0, 2.0]]).eval().round(9)
    array([[4., 1.],
           [1., 2.]])
    """
    result: TensorVariable = SolveDiscreteLyapunov(method)(a, q)
    return result
