"""Orthogonal factorisations: QR and the singular values, and the pseudo-inverse."""

from collections.abc import Sequence
from typing import Any

from lltheano.errors import MethodNotDefined
from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import zeros
from lltheano.tensor.elementwise.arithmetic import minimum
from lltheano.tensor.elementwise.comparison import eq, gt, invert, neq, switch
from lltheano.tensor.linalg.pieces import identity, lower_part, upper_part
from lltheano.tensor.linalg.primitive import (
    adjoint,
    factorised,
    matrix,
    succeeded,
    variables,
)
from lltheano.tensor.linalg.solving import as_shaped
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.functions import any as any_of
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, real_dtype
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = ["SVD", "MatrixPinv", "QRFull", "QRIncomplete", "matrix_pinv", "pinv", "qr", "svd"]

_FULL_MODES = {"reduced": "reduced", "economic": "reduced", "complete": "complete", "raw": "raw"}


@record(frozen=True)
class QRFull(MatrixFunction):
    """Q and R of x = Q R, with orthonormal columns and zeros below the diagonal; see `qr`.

    `mode` is "reduced" (as many columns of Q as the lesser side has), "complete" (Q is square) or
    "raw": LAPACK's own form, the transposed matrix with R and the reflectors, and their scales.
    """

    mode: str = "reduced"

    def __post_init__(self) -> None:
        if self.mode not in _FULL_MODES:
            raise ValueError(f"QRFull knows {', '.join(_FULL_MODES)}, got {self.mode!r}")

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "qr")
        second = TensorType(x.dtype, (False,) * (1 if self.mode == "raw" else 2))
        return Apply(self, [x], [TensorType(x.dtype, (False, False))(), second()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """LAPACK's geqrf, and orgqr for Q."""
        (x,) = operands
        packed, scales = factorised("qr", x)
        mode = _FULL_MODES[self.mode]
        if mode == "raw":
            return [packed.T, scales]
        rows, least = dim(x, 0), minimum(dim(x, 0), dim(x, 1))
        kept = packed[:, :least]
        if mode == "reduced":
            return [factorised("reflectors", kept, scales), upper_part(packed)[:least]]
        whole = concatenate([kept, zeros((rows, rows - least), x.dtype)], axis=1)
        return [factorised("reflectors", whole, scales), upper_part(packed)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """That of the first columns, as many as `x` has rows or fewer, from which Q comes; further
        ones are Q V with V = Q' Y (D. Roberts and L. Roberts, QR and LQ decomposition matrix
        backpropagation algorithms for square, wide, and deep matrices, arXiv:2009.10071).
        """
        if _FULL_MODES[self.mode] == "raw":
            raise MethodNotDefined(
                f"the gradient of qr in mode {self.mode!r} is not defined; use mode 'reduced'"
            )
        _require_real(self, inputs[0])
        (x,), (q, r), (on_q, on_r) = map(variables, (inputs, outputs, output_gradients))
        least = minimum(dim(x, 0), dim(x, 1))
        if _FULL_MODES[self.mode] == "complete":
            q, on_q = q[:, :least], _first_columns(on_q, least)
            r, on_r = r[:least], on_r[:least]
        on_rest = on_r[:, least:]
        on_q = on_q + dot(x[:, least:], on_rest.T)
        on_first = _qr_slope(q, r[:, :least], on_q, on_r[:, :least])
        return [as_shaped(concatenate([on_first, dot(q, on_rest)], axis=1), x)]


def _first_columns(on_q: TensorVariable, least: TensorVariable) -> TensorVariable:
    """The gradient by the columns of Q that `x` determines; LinAlgError for one by others."""
    message = (
        "the gradient of qr in mode 'complete' is defined for the first {0} columns of Q, which x"
        " determines, and the cost depends on others; use mode 'reduced'"
    )
    others = any_of(neq(on_q[:, least:], 0))
    result: TensorVariable = Requirement("linalg", message)(on_q, invert(others), least)
    return result[:, :least]


def _qr_slope(
    q: TensorVariable, r: TensorVariable, on_q: TensorVariable, on_r: TensorVariable
) -> TensorVariable:
    """(g_Q + Q C) R'^-1 for a square R, where C is the symmetric matrix with the lower triangle of
    M = R g_R' - g_Q' Q (S. Walter and L. Lehmann, Algorithmic differentiation of linear algebra
    functions, arXiv:1001.1654).
    """
    inner = dot(r, on_r.T) - dot(on_q.T, q)
    symmetric = lower_part(inner) + lower_part(inner, -1).T
    left = on_q + dot(q, symmetric)
    slope: TensorVariable = factorised("triangular_solve", r, left.T, options=["upper"])
    return slope.T


@record(frozen=True)
class QRIncomplete(MatrixFunction):
    """R of x = Q R alone, `mode` being "r"."""

    mode: str = "r"

    def __post_init__(self) -> None:
        if self.mode != "r":
            raise ValueError(f"QRIncomplete knows mode 'r', got {self.mode!r}")

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "qr")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """LAPACK's geqrf."""
        (x,) = operands
        packed, _ = factorised("qr", x)
        return [upper_part(packed)[: minimum(dim(x, 0), dim(x, 1))]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """That of `QRFull` where Q does not count."""
        both = QRFull("reduced")
        q, r = variables(both(inputs[0]))
        return both.L_op(inputs, [q, r], [q.zeros_like(), output_gradients[0]])


def qr(a: object, mode: str = "reduced") -> Any:
    """Return the factors Q and R of a matrix, x = Q R; R alone for mode "r".

    Q has orthonormal columns, R zeros below its diagonal. The signs are those that LAPACK's
    Householder reflections give (geqrf); no sign is promised. Modes are those of numpy.linalg.qr:
    "reduced" ("economic"), "complete" ("full" is Theano's word for "reduced", as in NumPy), "r" and
    "raw". ValueError for another mode. The gradient is defined for "reduced" and "r", and for
    "complete" where the cost depends only on columns of Q that `a` determines: otherwise it is a
    LinAlgError when the function runs.

    >>> import lltheano.tensor as T
    >>> x = T.constant([[3.0, 1.0], [4.0, 2.0]])
    >>> q, r = qr(x)
    >>> T.dot(q, r).eval().round(12).tolist(), float(abs(r[0, 0]).eval().round(12))
    ([[3.0, 1.0], [4.0, 2.0]], 5.0)
    """
    chosen = "reduced" if mode == "full" else mode
    return QRIncomplete("r")(a) if chosen == "r" else QRFull(chosen)(a)


@record(frozen=True)
class SVD(MatrixFunction):
    """The singular value decomposition x = U diag(s) V, by LAPACK's gesdd; see `svd`."""

    full_matrices: Any = True
    compute_uv: Any = True

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "svd")
        values, side = (
            TensorType(real_dtype(x.dtype), (False,)),
            TensorType(x.dtype, (False, False)),
        )
        return Apply(self, [x], [side(), values(), side()] if self.compute_uv else [values()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """The op of the IR; LinAlgError when it finds no result."""
        vectors = "none" if not self.compute_uv else "full" if self.full_matrices else "reduced"
        *parts, ok = factorised("svd", operands[0], options=[vectors])
        message = "svd: the singular values were not found; are all elements finite?"
        return [succeeded(part, ok, message) for part in parts]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """For the values U g_s V; with reduced vectors the formula of J. Townsend, Differentiating
        the singular value decomposition, 2016. Vectors of equal values have no derivative: what
        would divide by 0 is left out.
        """
        (x,) = variables(inputs)
        if not self.compute_uv:
            u, _, v = variables(SVD(False)(x))
            (g,) = variables(output_gradients)
            return [as_shaped(dot(u * g, v), x)]
        if self.full_matrices:
            raise MethodNotDefined(
                "the gradient of svd is defined with full_matrices=False or compute_uv=False"
            )
        _require_real(self, x)
        u, s, v = variables(outputs)
        return [as_shaped(_svd_slope(u, s, v, variables(output_gradients)), x)]


def _require_real(op: Op, x: Variable) -> None:
    if is_complex(as_tensor_variable(x).dtype):
        raise MethodNotDefined(f"the gradient of {op} is defined for real matrices alone")


def _svd_slope(
    u: TensorVariable, s: TensorVariable, v: TensorVariable, gradients: Sequence[TensorVariable]
) -> TensorVariable:
    on_u, on_s, on_v = gradients
    gaps = s.dimshuffle("x", 0) ** 2 - s.dimshuffle(0, "x") ** 2
    weights = _reciprocal(gaps)
    inverse = _reciprocal(s)
    left, right = dot(u.T, on_u), dot(v, on_v.T)
    core = (weights * (left - left.T)) * s + s.dimshuffle(0, "x") * (weights * (right - right.T))
    core = core + identity(dim(s, 0), s.dtype) * on_s
    rest_u = (on_u - dot(u, left)) * inverse
    rest_v = (on_v - dot(right.T, v)) * inverse.dimshuffle(0, "x")
    return dot(dot(u, core), v) + dot(rest_u, v) + dot(u, rest_v)


def _reciprocal(x: TensorVariable) -> TensorVariable:
    """1 / x, and 0 for 0."""
    nothing = eq(x, 0)
    result: TensorVariable = switch(nothing, x, 1 / switch(nothing, x.ones_like(), x))
    return result


def svd(a: object, full_matrices: Any = 1, compute_uv: Any = 1) -> Any:
    """Return U, s and V of x = U diag(s) V, the singular values s in descending order; s alone
    without `compute_uv`.

    U and V are orthogonal, square with `full_matrices`, else of as many columns and rows as there
    are singular values. The signs of singular vectors, and vectors of equal values, are not
    promised. LinAlgError when the function runs and the iteration does not converge, as it does not
    on elements that are not finite. The gradient is defined for `full_matrices=False` or without
    `compute_uv`.

    >>> svd([[0.0, 2.0], [1.0, 0.0]], compute_uv=False).eval()
    array([2., 1.])
    """
    return SVD(bool(full_matrices), bool(compute_uv))(a)


@record(frozen=True)
class MatrixPinv(MatrixFunction):
    """The Moore-Penrose pseudo-inverse, from the singular values above `rcond` times the greatest.

    >>> pinv([[2.0, 0.0], [0.0, 0.0]]).eval() + 0.0
    array([[0.5, 0. ],
           [0. , 0. ]])
    """

    rcond: float = 1e-15

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "pinv")
        return Apply(self, [x], [TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """V' diag(1 / s) U', where s is large."""
        u, s, v = variables(SVD(False)(operands[0]))
        large = gt(s, s[:1].sum() * self.rcond)
        inverse = switch(large, 1 / switch(large, s, s.ones_like()), s.zeros_like())
        return [dot(adjoint(v) * inverse, adjoint(u))]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """G. Golub and V. Pereyra, The differentiation of pseudo-inverses and nonlinear least
        squares problems whose variables separate, 1973, equation 4.12, transposed.
        """
        (x,), (y,), (g,) = map(variables, (inputs, outputs, output_gradients))
        own = -dot(adjoint(y), dot(g, adjoint(y)))
        left = dot(dot(adjoint(g), y), adjoint(y))
        right = dot(dot(adjoint(y), y), adjoint(g))
        slope = own + left - dot(x, dot(y, left)) + right - dot(dot(right, y), x)
        return [as_shaped(slope, x)]


pinv: MatrixPinv = MatrixPinv()
matrix_pinv = pinv
