"""The Cholesky factorisation, and its gradient."""

import math
from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.elementwise.comparison import isnan, switch
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.linalg.pieces import identity, lower_part
from lltheano.tensor.linalg.primitive import (
    adjoint,
    factorised,
    matrix,
    square,
    succeeded,
    variables,
)
from lltheano.tensor.linalg.solving import as_shaped
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.functions import any as any_of
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.variable import TensorType, TensorVariable

__all__ = ["Cholesky", "CholeskyGrad", "cholesky"]


class Cholesky(MatrixFunction):
    """The triangular factor of a symmetric positive definite matrix, by LAPACK's potrf.

    With `lower` it is L of x = L L', and only the lower triangle of x is read; else U of x = U' U,
    from the upper triangle. The other triangle of the result is 0.

    When the function runs, a matrix that is not positive definite, or has an element that is not
    finite, is numpy's LinAlgError, or with `on_error="nan"` has a factor full of NaN. One that is
    not square is a LinAlgError either way.

    >>> cholesky([[4.0, 2.0], [2.0, 5.0]]).eval()
    array([[2., 0.],
           [1., 2.]])
    """

    def __init__(self, lower: bool = True, on_error: str = "raise") -> None:
        if on_error not in ("raise", "nan"):
            raise ValueError(f"on_error is 'raise' or 'nan', got {on_error!r}")
        self.reads_lower = bool(lower)
        self.on_error = on_error

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "cholesky")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """The factor of the transpose, transposed, where the upper one is wanted."""
        x = square(operands[0], "cholesky")
        factor, ok = factorised("cholesky", x if self.reads_lower else adjoint(x))
        if self.on_error == "raise":
            factor = succeeded(factor, ok, "cholesky: the matrix is not positive definite")
        return [factor if self.reads_lower else adjoint(factor)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """See `CholeskyGrad`; NaN where there is no factor."""
        (x,), (y,), (g,) = map(variables, (inputs, outputs, output_gradients))
        slope = _slope(y, g, self.reads_lower)
        if self.on_error == "nan":
            slope = switch(any_of(isnan(y)), math.nan, slope)
        return [as_shaped(slope, x)]


class CholeskyGrad(ComposedOp):
    """The gradient with respect to x of a cost, given x, its Cholesky factor, and the gradient with
    respect to that.

    I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, equation 10, folded
    into the triangle that is read; the other is 0.
    """

    def __init__(self, lower: bool = True) -> None:
        self.reads_lower = bool(lower)

    def make_node(self, x: Any, l: Any, dz: Any) -> Apply:  # noqa: E741 - Theano's name
        """Three matrices."""
        operands = [matrix(one, "CholeskyGrad") for one in (x, l, dz)]
        return Apply(self, operands, [operands[0].type()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Products and triangular systems."""
        _, factor, g = operands
        return [_slope(factor, g, self.reads_lower)]


def _slope(factor: TensorVariable, g: TensorVariable, lower: bool) -> TensorVariable:
    if not lower:
        return adjoint(_slope(adjoint(factor), adjoint(g), True))
    inner = lower_part(dot(adjoint(factor), g))
    diagonal = identity(dim(inner, 0), inner.dtype)
    halved = inner - inner * diagonal / 2
    left = factorised("triangular_solve", adjoint(factor), halved, options=["upper"])
    both = factorised("triangular_solve", adjoint(factor), adjoint(left), options=["upper"])
    folded = both + adjoint(both)
    return lower_part(folded - folded * diagonal / 2)


cholesky = Cholesky()
