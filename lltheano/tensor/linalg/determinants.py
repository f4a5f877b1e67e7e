"""Determinants, and cofactors, which are their derivatives, also where a matrix is singular.

The cofactor of an element is the determinant of what is left without its row and its column, with a
sign. Of a regular matrix they are det(x) inv(x)', of the same factors L and U, so that they are
right near singular matrices too. Of others, with x = U S V, they are det(U V) U C V with the
products C of all singular values but one (C. D. Meyer, Matrix Analysis and Applied Linear Algebra,
2000, section 6.2, for products of matrices), complex U and V conjugated.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.gradient.engine import grad
from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.elementwise.arithmetic import sgn
from lltheano.tensor.elementwise.comparison import eq, switch
from lltheano.tensor.elementwise.complexes import complex as complex_of, conj, imag
from lltheano.tensor.elementwise.transcendental import log
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.linalg.factors import SVD
from lltheano.tensor.linalg.pieces import diagonal, identity
from lltheano.tensor.linalg.primitive import (
    adjoint,
    factorised,
    matrix,
    square,
    variables,
)
from lltheano.tensor.linalg.solving import (
    as_shaped,
    inverse_of_factors,
    is_regular,
    matrix_inverse,
    product_of_pivots,
)
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.functions import prod
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, real_dtype
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Det", "SLogDet", "det", "slogdet"]


@record(frozen=True)
class Det(MatrixFunction):
    """The determinant of a square matrix; 1 for one without elements.

    It is the product of the diagonal of U, with the sign of the permutation (LAPACK's getrf).

    >>> float(det([[1.0, 2.0], [3.0, 4.0]]).eval().round(12))
    -2.0
    """

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "det")
        return Apply(self, [x], [TensorType(x.dtype, ())()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """The product of the diagonal of U, with the sign of the permutation."""
        factors, _, swaps = factorised("lu", square(operands[0], "det"))
        return [product_of_pivots(factors, swaps)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """G times the cofactors (Jacobi), which a singular matrix has too."""
        (x,), (g,) = map(variables, (inputs, output_gradients))
        return [as_shaped(g * conj(Cofactors()(x)), x)]


@record(frozen=True)
class SLogDet(MatrixFunction):
    """The sign of the determinant, and the logarithm of its absolute value, without overflow.

    A singular matrix has the sign 0 and the logarithm minus infinity, as in NumPy.

    >>> sign, logarithm = SLogDet()([[-2.0, 0.0], [0.0, 4.0]])
    >>> sign.eval(), logarithm.eval().round(4)
    (array(-1.), np.float64(2.0794))
    """

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "slogdet")
        return Apply(self, [x], [TensorType(one, ())() for one in (x.dtype, real_dtype(x.dtype))])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Signs and logarithms of the diagonal of U."""
        factors, _, swaps = factorised("lu", square(operands[0], "slogdet"))
        parts = diagonal(factors)
        sign = prod(sgn(parts)) * (1 - 2 * (swaps % 2)).astype(factors.dtype)
        return [sign, log(abs(parts)).sum()]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """G inv(x)' for the logarithm; the sign is constant."""
        (x,), (sign, _), (on_sign, g) = map(variables, (inputs, outputs, output_gradients))
        if is_complex(x.dtype):
            g = complex_of(g, imag(conj(sign) * on_sign))
        return [as_shaped(g * adjoint(matrix_inverse(x)), x)]


@record(frozen=True)
class Cofactors(Op):
    """The matrix of the cofactors of a square matrix.

    >>> Cofactors()([[1.0, 2.0], [2.0, 4.0]]).eval().round(12).tolist()
    [[4.0, -2.0], [-2.0, 1.0]]
    """

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "det")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """See `CofactorSlope`: second derivatives do not depend on their order."""
        (x,), (g,) = variables(inputs), variables(output_gradients)
        return [conj(CofactorSlope()(x, conj(g)))]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The singular values are found where the factors are those of a singular matrix alone."""
        (x,) = variables(node.inputs)
        leaf = x.type.make_variable()
        factors = factorised("lu", square(as_tensor_variable(leaf), "det"))
        leaves = [factor.type.make_variable() for factor in factors]
        condition, *values = lower_inside(
            builder, {leaf: inputs[0]}, [is_regular(factors[0]), *factors]
        )
        upper, order, swaps = variables(leaves)
        regular = product_of_pivots(upper, swaps) * inverse_of_factors(upper, order).T
        singular = _from_singular_values(as_tensor_variable(leaf))
        return list(
            builder.if_over(
                condition,
                [inputs[0], *values],
                lambda given: lower_inside(
                    builder, dict(zip(leaves, given[1:], strict=True)), [regular]
                ),
                lambda given: lower_inside(builder, {leaf: given[0]}, [singular]),
            )
        )

    def __str__(self) -> str:
        return "Cofactors"


def _decomposed(x: TensorVariable) -> tuple[TensorVariable, ...]:
    """U and V, complex ones conjugated, the singular values, and det(U V)."""
    u, s, v = variables(SVD(False)(x))
    return conj(u), s.astype(x.dtype), conj(v), Det()(u) * Det()(v)


def _from_singular_values(x: TensorVariable) -> TensorVariable:
    u, s, v, sign = _decomposed(x)
    others, zeros, ordinary = _products(s)
    chosen = switch(eq(zeros - eq(s, 0), 0), others / ordinary, s.zeros_like())
    return sign * dot(u * chosen, v)


def _products(s: TensorVariable) -> tuple[TensorVariable, TensorVariable, TensorVariable]:
    """The product of all values but zeros, how many zeros there are, and the values, 1 for 0."""
    ordinary = switch(eq(s, 0), s.ones_like(), s)
    return prod(ordinary), eq(s, 0).astype("int64").sum(), ordinary


@record(frozen=True)
class CofactorSlope(ComposedOp):
    """How the cofactors of `x` change along `direction`: the second derivative of the determinant,
    which is linear and symmetric in the direction.

    With x = U S V and F = U' direction V' it is det(U V) U M V, where M has -F[j, i] times the
    product of all singular values but two on its places i, j; on the diagonal the sum of F[j, j]
    times such a product.
    """

    def make_node(self, x: Any, direction: Any) -> Apply:
        """Two matrices of one dtype."""
        x, direction = as_tensor_variable(x), as_tensor_variable(direction)
        return Apply(self, [x, direction.astype(x.dtype)], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """By the singular values, which serve for regular matrices too."""
        x, direction = operands
        u, s, v, sign = _decomposed(x)
        turned = dot(dot(u.T, direction), v.T)
        others, zeros, ordinary = _products(s)
        is_zero = eq(s, 0).astype("int64")
        left = zeros - is_zero.dimshuffle(0, "x") - is_zero.dimshuffle("x", 0)
        pairs = others / (ordinary.dimshuffle(0, "x") * ordinary.dimshuffle("x", 0))
        same = identity(dim(s, 0), "bool")
        pairs = switch(eq(left, 0) & ~same, pairs, pairs.zeros_like())
        middle = switch(same, dot(pairs, diagonal(turned)).dimshuffle(0, "x"), -turned.T * pairs)
        return [sign * dot(dot(u, middle), v)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """That of the formula for a regular matrix of cofactors c: (<c, F> c - c F' c) / det(x)."""
        (x, direction), (g,) = variables(inputs), variables(output_gradients)
        c = as_tensor_variable(Cofactors()(x))
        change = ((c * direction).sum() * c - dot(dot(c, direction.T), c)) / Det()(x)
        on_x: Variable = grad(None, x, [x, direction], add_names=False, known_grads={change: g})
        return [on_x, conj(CofactorSlope()(x, conj(g)))]


det: Det = Det()
slogdet: SLogDet = SLogDet()
