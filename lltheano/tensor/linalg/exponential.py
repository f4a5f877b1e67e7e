"""The matrix exponential and its gradient."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.creation.filled import zeros
from lltheano.tensor.elementwise.arithmetic import ceil, maximum
from lltheano.tensor.elementwise.comparison import isinf, isnan, or_, switch
from lltheano.tensor.elementwise.transcendental import exp2, log2
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.linalg.pieces import identity
from lltheano.tensor.linalg.primitive import adjoint, matrix, square, variables
from lltheano.tensor.linalg.solving import as_shaped, solve
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.extrema import max as max_of
from lltheano.tensor.reductions.functions import sum as sum_of
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Region, Value, argument
from lltheano_ir.records import record
from lltheano_ir.types import INDEX

__all__ = ["Expm", "ExpmGrad", "expm"]

_PADE = (
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
)
"""Coefficients of the numerator of the Pade approximant of degree 13."""

_THETA = 5.371920351148152
"""The greatest norm at which that approximant is exact to double precision (Higham, table 2.3)."""


@record(frozen=True)
class Expm(MatrixFunction):
    """The exponential of a square matrix, 1 + x + x^2 / 2! + ...

    By scaling and squaring: N. Higham, The scaling and squaring method for the matrix exponential
    revisited, SIAM Journal on Matrix Analysis and Applications 26, 2005, with the approximant of
    degree 13 throughout. LinAlgError when the function runs and the matrix is not square; elements
    that are not finite give NaN.

    >>> expm([[0.0, 1.0], [0.0, 0.0]]).eval().round(12)
    array([[1., 1.],
           [0., 1.]])
    """

    def make_node(self, A: Any) -> Apply:  # noqa: N803 - Theano's name
        """A matrix; integers become float64."""
        x = matrix(A, "expm")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """The approximant at the scaled matrix, squared as often as that was halved."""
        x = square(operands[0], "expm")
        largest = _greatest(sum_of(abs(x), axis=0))
        odd = or_(isnan(largest), isinf(largest))
        ratio = switch(odd, largest.zeros_like(), largest) / _typed(_THETA, largest)
        halvings = maximum(ceil(log2(maximum(ratio, _typed(0.5, largest)))), 0)
        return [_squared(_approximant(x * exp2(-halvings)), halvings.astype("int64"))]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """See `ExpmGrad`."""
        (x,), (g,) = variables(inputs), variables(output_gradients)
        return [as_shaped(_slope(x, g), x)]


@record(frozen=True)
class ExpmGrad(ComposedOp):
    """The gradient with respect to A of a cost, given that with respect to the exponential of A.

    It is the derivative of the exponential at A' in the direction of the gradient, which stands in
    the upper right of the exponential of the matrix (A' g; 0 A') of twice the size (R. Mathias, A
    chain rule for matrix functions and applications, 1996; A. Al-Mohy and N. Higham, Computing the
    Frechet derivative of the matrix exponential, 2009).
    """

    def make_node(self, A: Any, gw: Any) -> Apply:  # noqa: N803
        """Two matrices."""
        operands = [matrix(one, "ExpmGrad") for one in (A, gw)]
        return Apply(self, operands, [operands[0].type()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """An exponential of twice the size."""
        return [_slope(*operands)]


@record(frozen=True)
class RepeatedSquare(Op):
    """A square matrix multiplied by itself, and the result by itself, so many times."""

    def make_node(self, x: Any, times: Any) -> Apply:
        """A matrix and an integer."""
        x = as_tensor_variable(x)
        return Apply(self, [x, as_tensor_variable(times)], [x.type()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A loop that carries the matrix."""
        start, times = inputs
        step = argument(1, start.type)
        body = Region((INDEX, start.type), (builder.dot(step, step),))
        return list(builder.loop(times, [start], [], body))


def _squared(x: TensorVariable, times: TensorVariable) -> TensorVariable:
    result: TensorVariable = RepeatedSquare()(x, times)
    return result


def _slope(x: TensorVariable, g: TensorVariable) -> TensorVariable:
    n = dim(x, 0)
    upper = concatenate([adjoint(x), g], axis=1)
    lower = concatenate([g.zeros_like(), adjoint(x)], axis=1)
    both: TensorVariable = expm(concatenate([upper, lower], axis=0))
    return both[:n, n:]


def _typed(number: float, x: TensorVariable) -> TensorVariable:
    return as_tensor_variable(number).astype(x.dtype)


def _greatest(x: TensorVariable) -> TensorVariable:
    """The greatest of some numbers that are not negative; 0 of none."""
    return max_of(concatenate([x, zeros((1,), x.dtype)]))


def _approximant(x: TensorVariable) -> TensorVariable:
    """(V - U)^-1 (U + V), where U are the odd and V the even terms of the numerator at x."""
    b = [_typed(one, x) for one in _PADE]
    unit = identity(dim(x, 0), x.dtype)
    second = dot(x, x)
    fourth = dot(second, second)
    sixth = dot(second, fourth)
    odd = dot(sixth, b[13] * sixth + b[11] * fourth + b[9] * second)
    odd = dot(x, odd + b[7] * sixth + b[5] * fourth + b[3] * second + b[1] * unit)
    even = dot(sixth, b[12] * sixth + b[10] * fourth + b[8] * second)
    even = even + b[6] * sixth + b[4] * fourth + b[2] * second + b[0] * unit
    result: TensorVariable = solve(even - odd, even + odd)
    return result


expm = Expm()
