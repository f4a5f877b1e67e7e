"""Eigenvalues and eigenvectors, and for symmetric matrices their gradients."""

from collections.abc import Sequence
from typing import Any

from lltheano.errors import MethodNotDefined
from lltheano.graph.core import Apply, Variable
from lltheano.tensor.elementwise.comparison import eq, gt, lt, switch
from lltheano.tensor.elementwise.complexes import complex as complex_of
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.linalg.cholesky import Cholesky
from lltheano.tensor.linalg.pieces import identity, lower_part
from lltheano.tensor.linalg.primitive import (
    adjoint,
    common,
    factorised,
    matrix,
    square,
    succeeded,
    variables,
)
from lltheano.tensor.linalg.solving import as_shaped
from lltheano.tensor.linalg.stacks import MatrixFunction
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.functions import all as all_of
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.promotion import is_complex, real_dtype
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.records import record

__all__ = ["Eig", "Eigh", "EighGrad", "Eigvalsh", "EigvalshGrad", "eig", "eigh", "eigvalsh"]

_FAILED = "the eigenvalues were not found; are all elements finite?"


def _decomposed(x: TensorVariable, lower: bool, what: str) -> list[TensorVariable]:
    """The eigenvalues and eigenvectors of a symmetric matrix, given one triangle."""
    variable = square(x, what)
    values, columns, ok = factorised(
        "eigh", variable if lower else adjoint(variable), options=["full"]
    )
    return [succeeded(part, ok, f"{what}: {_FAILED}") for part in (values, columns)]


def _folded(slope: TensorVariable, lower: bool) -> TensorVariable:
    """What the elements of one triangle stand for: both themselves and their mirror images."""
    both = slope + adjoint(slope)
    folded = lower_part(both - both * identity(dim(both, 0), both.dtype) / 2)
    return folded if lower else adjoint(folded)


@record(frozen=True)
class Eig(MatrixFunction):
    """The eigenvalues and right eigenvectors of a square matrix, complex, by LAPACK's geev.

    The eigenvectors are the columns of a matrix, of length 1; which multiple of one it is, and the
    order, are LAPACK's. The result is complex even where all eigenvalues are real: numpy.linalg.eig
    decides by the elements, which a type cannot; Theano declares it real. LinAlgError when the
    function runs and the matrix is not square or has elements that are not finite. There is no
    gradient.

    >>> w, v = eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> sorted(w.imag.eval().round(12).tolist())
    [-1.0, 1.0]
    """

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "eig")
        dtype = "complex64" if real_dtype(x.dtype) == "float32" else "complex128"
        return Apply(
            self, [x], [TensorType(dtype, (False,))(), TensorType(dtype, (False, False))()]
        )

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Pairs of real vectors put together: that of a conjugate pair of eigenvalues is (u, v),
        its eigenvectors are u + i v and u - i v.
        """
        variable = square(operands[0], "eig")
        real, imaginary, packed, ok = factorised("eig", variable, options=["full"])
        packed = succeeded(packed, ok, f"eig: {_FAILED}")
        values: TensorVariable = succeeded(complex_of(real, imaginary), ok, f"eig: {_FAILED}")
        if is_complex(packed.dtype):
            return [values, packed]
        after = concatenate([packed[:, 1:], packed[:, :1]], axis=1)
        before = concatenate([packed[:, -1:], packed[:, :-1]], axis=1)
        first, second = gt(imaginary, 0), lt(imaginary, 0)
        own = switch(second, before, packed)
        other = switch(first, after, switch(second, -packed, packed.zeros_like()))
        return [values, complex_of(own, other)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """There is none, as in Theano."""
        raise MethodNotDefined("eig has no gradient; eigh has one, for symmetric matrices")


@record(frozen=True)
class Eigh(MatrixFunction):
    """Eigenvalues and eigenvectors of a symmetric matrix; see `eigh`."""

    UPLO: str = "L"

    def __post_init__(self) -> None:
        if self.UPLO not in ("L", "U"):
            raise ValueError(f"UPLO is 'L' or 'U', got {self.UPLO!r}")

    def make_node(self, x: Any) -> Apply:
        """A matrix; integers become float64."""
        x = matrix(x, "eigh")
        values = TensorType(real_dtype(x.dtype), (False,))
        return Apply(self, [x], [values(), TensorType(x.dtype, (False, False))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """LAPACK's syevd."""
        return _decomposed(operands[0], self.UPLO == "L", "eigh")

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """See `EighGrad`."""
        (x,), (w, v), (on_w, on_v) = map(variables, (inputs, outputs, output_gradients))
        return [as_shaped(_eigh_slope(w, v, on_w, on_v, self.UPLO == "L"), x)]


@record(frozen=True)
class EighGrad(ComposedOp):
    """The gradient with respect to x of a cost, given x, its eigenvalues w and eigenvectors v, and
    the gradients W and V with respect to these.

    M. Giles, 2008, section 3.1, folded into the triangle that is read; the other is 0. Eigenvectors
    of equal eigenvalues have no derivative: what would divide by 0 is left out.
    """

    UPLO: str = "L"

    def make_node(self, x: Any, w: Any, v: Any, W: Any, V: Any) -> Apply:  # noqa: N803
        """Matrices but for w and W, which are vectors."""
        operands = [matrix(x, "EighGrad"), *variables([w, v, W, V])]
        return Apply(self, operands, [operands[0].type()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Products of matrices."""
        _, w, v, on_w, on_v = operands
        return [_eigh_slope(w, v, on_w, on_v, self.UPLO == "L")]


def _eigh_slope(
    w: TensorVariable, v: TensorVariable, on_w: TensorVariable, on_v: TensorVariable, lower: bool
) -> TensorVariable:
    gaps = w.dimshuffle("x", 0) - w.dimshuffle(0, "x")
    same = eq(gaps, 0)
    weights = switch(same, gaps, 1 / switch(same, gaps.ones_like(), gaps))
    core = identity(dim(w, 0), w.dtype) * on_w + weights * dot(adjoint(v), on_v)
    return _folded(dot(dot(v, core), adjoint(v)), lower)


def eigh(a: object, UPLO: str = "L") -> Any:  # noqa: N803 - NumPy's name
    """Return the eigenvalues of a symmetric matrix, in ascending order, and its eigenvectors, the
    columns of a matrix.

    Only the lower triangle is read ("U": the upper one). The signs of eigenvectors, and vectors of
    equal eigenvalues, are not promised. LinAlgError when the function runs and the matrix is not
    square or has elements that are not finite.

    >>> w, v = eigh([[2.0, 1.0], [1.0, 2.0]])
    >>> w.eval().round(12)
    array([1., 3.])
    """
    return Eigh(UPLO)(a)


class Eigvalsh(MatrixFunction):
    """The eigenvalues w of a v = w v, or of a v = w b v for a positive definite b, ascending.

    a and b are symmetric; of each the lower triangle is read (with `lower=False` the upper one).
    LinAlgError when b is not positive definite.

    >>> Eigvalsh()([[2.0, 0.0], [0.0, 6.0]], [[2.0, 0.0], [0.0, 3.0]]).eval().round(12)
    array([1., 2.])
    """

    def __init__(self, lower: bool = True) -> None:
        self.reads_lower = bool(lower)

    def make_node(self, a: Any, b: Any = None) -> Apply:
        """One or two matrices, in the dtype that holds both."""
        operands = common([matrix(one, "eigvalsh") for one in (a, b) if not is_none(one)])
        return Apply(self, operands, [TensorType(real_dtype(operands[0].dtype), (False,))()])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Reduced to the ordinary problem by the Cholesky factor of b, as LAPACK's sygvd does."""
        if len(operands) == 1:
            variable = square(operands[0], "eigvalsh")
            lower = variable if self.reads_lower else adjoint(variable)
            values, ok = factorised("eigh", lower, options=["none"])
            return [succeeded(values, ok, f"eigvalsh: {_FAILED}")]
        return _generalised(*operands, lower=self.reads_lower)[:1]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """See `EigvalshGrad`."""
        given, (g,) = variables(inputs), variables(output_gradients)
        slopes = _eigvalsh_slopes(given, g, self.reads_lower)
        return [as_shaped(slope, one) for slope, one in zip(slopes, given, strict=True)]


class EigvalshGrad(ComposedOp):
    """The gradients with respect to a and b of a cost, given these and its gradient with respect to
    their generalised eigenvalues.

    With eigenvectors V such that V' b V = 1, they are V diag(g) V' and -V diag(g w) V', each folded
    into the triangle that is read; the other is 0.
    """

    def __init__(self, lower: bool = True) -> None:
        self.reads_lower = bool(lower)

    def make_node(self, a: Any, b: Any, gw: Any) -> Apply:
        """Two matrices and a vector."""
        operands = [matrix(a, "EigvalshGrad"), matrix(b, "EigvalshGrad"), *variables([gw])]
        return Apply(self, operands, [operand.type() for operand in operands[:2]])

    def build(self, *operands: TensorVariable) -> list[TensorVariable]:
        """Products of matrices."""
        *given, g = operands
        return _eigvalsh_slopes(given, g, self.reads_lower)


def _eigvalsh_slopes(
    operands: Sequence[TensorVariable], g: TensorVariable, lower: bool
) -> list[TensorVariable]:
    if len(operands) == 1:
        _, v = Eigh("L" if lower else "U")(operands[0])
        return [_folded(dot(v * g, adjoint(v)), lower)]
    w, v = _generalised(*operands, lower=lower)
    return [_folded(dot(v * g, adjoint(v)), lower), _folded(-dot(v * (g * w), adjoint(v)), lower)]


def _generalised(a: TensorVariable, b: TensorVariable, *, lower: bool) -> list[TensorVariable]:
    """The eigenvalues and the b-orthonormal eigenvectors of a v = w b v."""
    a, b = (square(one if lower else adjoint(one), "eigvalsh") for one in (a, b))
    factor: TensorVariable = Cholesky(on_error="nan")(b)
    is_found = all_of(eq(factor, factor))
    factor = succeeded(factor, is_found, "eigvalsh: the second matrix is not positive definite")
    whole = lower_part(a) + adjoint(lower_part(a, -1))
    half = factorised("triangular_solve", factor, whole, options=["lower"])
    reduced = factorised("triangular_solve", factor, adjoint(half), options=["lower"])
    w, v = Eigh()(reduced)
    return [w, factorised("triangular_solve", adjoint(factor), v, options=["upper"])]


eig: Eig = Eig()


def eigvalsh(a: object, b: object = None, lower: bool = True) -> TensorVariable:
    """Return the eigenvalues of a symmetric matrix, or of a pair of them; see `Eigvalsh`.

    >>> eigvalsh([[2.0, 0.0], [0.0, 1.0]]).eval()
    array([1., 2.])
    """
    result: TensorVariable = Eigvalsh(lower)(a, b)
    return result
