"""Functions of matrices: powers, norms, products, least squares and tensor systems."""

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

from lltheano.errors import UnsupportedArgumentError
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import maximum
from lltheano.tensor.elementwise.comparison import and_, eq, ge, gt, le, neq, or_, switch
from lltheano.tensor.linalg.factors import SVD
from lltheano.tensor.linalg.pieces import identity, trace
from lltheano.tensor.linalg.primitive import adjoint, as_numbers, common, matrix, variables
from lltheano.tensor.linalg.solving import matrix_inverse, solve
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.extrema import max as max_of, min as min_of
from lltheano.tensor.reductions.functions import sum as sum_of
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import real_dtype
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = [
    "TensorInv",
    "TensorSolve",
    "kron",
    "lstsq",
    "matrix_dot",
    "matrix_power",
    "norm",
    "spectral_radius_bound",
    "tensorinv",
    "tensorsolve",
]


def matrix_dot(*args: object) -> TensorVariable:
    """Return the product of some matrices, from left to right.

    >>> matrix_dot([[1, 2]], [[3], [4]], [[2]]).eval()
    array([[22]])
    """
    if not args:
        raise TypeError("matrix_dot takes one matrix or more")
    return reduce(dot, args[1:], as_tensor_variable(args[0]))


def matrix_power(M: object, n: int) -> TensorVariable:  # noqa: N803 - Theano's name
    """Return the product of `n` copies of a square matrix, by repeated squaring.

    For n = 0 it is the identity, for a negative n the power of the inverse, as in NumPy. `n` is a
    Python int.

    >>> matrix_power([[1, 1], [0, 1]], 5).eval()
    array([[1, 5],
           [0, 1]])
    """
    x = as_tensor_variable(M)
    if x.ndim != 2:
        raise TypeError(f"matrix_power takes a matrix, got {x.describe()}")
    if type(n) is not int:
        raise TypeError(f"matrix_power takes a Python int as power, got {n!r}")
    if n < 0:
        return matrix_power(matrix_inverse(x), -n)
    if n == 0:
        return identity(dim(x, 0), x.dtype)
    result: TensorVariable | None = None
    while True:
        if n & 1:
            result = x if result is None else dot(result, x)
        n >>= 1
        if not n:
            assert result is not None
            return result
        x = dot(x, x)


def kron(a: object, b: object) -> TensorVariable:
    """Return the Kronecker product: each element of `a` multiplied with the whole of `b`.

    Of two ranks the lesser is extended by axes of size 1 in front, as in numpy.kron.

    >>> kron([[1, 2]], [[1, 1]]).eval()
    array([[1, 1, 2, 2]])
    """
    x, y = as_tensor_variable(a), as_tensor_variable(b)
    rank = max(x.ndim, y.ndim)
    x, y = (as_tensor_variable(one, ndim=rank) for one in (x, y))
    wide = x.dimshuffle([part for axis in range(rank) for part in (axis, "x")])
    product = wide * y.dimshuffle([part for axis in range(rank) for part in ("x", axis)])
    return reshape(product, [dim(x, axis) * dim(y, axis) for axis in range(rank)], ndim=rank)


def norm(x: object, ord: Any = None) -> TensorVariable:  # noqa: A002 - NumPy's name
    """Return a norm of a vector or matrix, of the kinds of numpy.linalg.norm.

    ValueError for another kind, and for another number of axes, which is a NotImplementedError too,
    as in Theano. The infinities may be written "inf" and "-inf".

    Parameters
    ----------
    x
        A vector or a matrix.
    ord
        None for the root of the sum of squares. Of a vector also a number L: inf and -inf for the
        greatest and least absolute value, 0 for the number of elements that are not 0, any other
        for (sum |x|^L)^(1/L). Of a matrix also "fro"; 1, -1, inf and -inf for the greatest and
        least sum of absolute values of a column or a row; 2, -2 and "nuc" for the greatest, the
        least and the sum of the singular values.

    Examples
    --------
    >>> norm([3.0, 4.0]).eval(), norm([[1.0, -2.0], [3.0, 4.0]], math.inf).eval()
    (array(5.), array(7.))
    """
    x = as_numbers(x, "norm")
    if ord in ("inf", "-inf"):
        ord = float(ord)  # noqa: A001 - NumPy's name
    if x.ndim not in (1, 2):
        raise UnsupportedArgumentError(f"norm takes a vector or a matrix, got {x.describe()}")
    if ord is None or (ord == "fro" and x.ndim == 2):
        return sum_of(abs(x) ** 2) ** 0.5
    if isinstance(ord, int | float):
        result = _vector_norm(x, ord) if x.ndim == 1 else _matrix_norm(x, ord)
        if result is not None:
            return result
    if ord == "nuc" and x.ndim == 2:
        return as_tensor_variable(SVD(False, False)(x)).sum()
    raise ValueError(f"there is no norm of kind {ord!r} of {x.describe()}")


def _vector_norm(x: TensorVariable, kind: float) -> TensorVariable:
    wide = abs(x)
    if kind == math.inf:
        return max_of(wide)
    if kind == -math.inf:
        return min_of(wide)
    if kind == 0:
        return sum_of(neq(x, 0).astype(wide.dtype))
    powers = as_tensor_variable(kind).astype(wide.dtype)
    return sum_of(wide**powers) ** (1 / powers)


def _matrix_norm(x: TensorVariable, kind: float) -> TensorVariable | None:
    extremum = max_of if kind > 0 else min_of
    if abs(kind) == 2:
        return extremum(as_tensor_variable(SVD(False, False)(x)))
    if abs(kind) in (1, math.inf):
        return extremum(sum_of(abs(x), axis=0 if abs(kind) == 1 else 1))
    return None


def spectral_radius_bound(X: object, log2_exponent: int) -> TensorVariable:  # noqa: N803
    """Return an upper bound of the greatest absolute eigenvalue of a symmetric matrix.

    It is trace(X^n)^(1/n) for n = 2^log2_exponent, found by repeated squaring; it is the closer the
    greater `log2_exponent` is, which is a positive Python int (V. Pan, Estimating the extremal
    eigenvalues of a symmetric matrix, 1990).

    >>> float(spectral_radius_bound([[2.0, 0.0], [0.0, 1.0]], 4).eval().round(4))
    2.0
    """
    x = matrix(X, "spectral_radius_bound")
    if type(log2_exponent) is not int:
        raise TypeError(f"log2_exponent is a positive int, got {log2_exponent!r}")
    if log2_exponent <= 0:
        raise ValueError(f"log2_exponent is a positive int, got {log2_exponent!r}")
    for _ in range(log2_exponent):
        x = dot(x, x)
    return trace(x) ** (0.5**log2_exponent)


@record(frozen=True)
class TensorInv:
    """The inverse with respect to `tensordot` over `ind` axes; see `tensorinv`.

    >>> TensorInv(1)([[2.0, 0.0], [0.0, 4.0]]).eval().tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """

    ind: int = 2

    def __call__(self, a: object, return_list: bool = False) -> Any:
        """Return the inverse of the matrix that the tensor is, under its axes."""
        result = tensorinv(a, self.ind)
        return [result] if return_list else result


def tensorinv(a: object, ind: int = 2) -> TensorVariable:
    """Return the tensor whose `tensordot` with `a` over the last axes of `a` is the identity.

    The first `ind` axes of `a` have together as many elements as the others. LinAlgError when the
    function runs and they have not, or there is no inverse.

    >>> import lltheano.tensor as T
    >>> a = T.eye(4).reshape((2, 2, 4))
    >>> tensorinv(a).eval().shape
    (4, 2, 2)
    """
    a = as_tensor_variable(a)
    if not 0 < ind < a.ndim:
        raise ValueError(f"ind is between 0 and the rank of {a.describe()}, got {ind!r}")
    sizes = [dim(a, axis) for axis in range(a.ndim)]
    flat = reshape(a, [_product(sizes[:ind]), _product(sizes[ind:])], ndim=2)
    return reshape(matrix_inverse(flat), [*sizes[ind:], *sizes[:ind]], ndim=a.ndim)


def _product(sizes: Sequence[TensorVariable]) -> TensorVariable:
    return reduce(lambda x, y: x * y, sizes, as_tensor_variable(1).astype("int64"))


@record(frozen=True)
class TensorSolve:
    """The solution of a linear equation of tensors; see `tensorsolve`.

    >>> TensorSolve()([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).eval()
    array([1. , 0.5])
    """

    axes: Any = None

    def __call__(self, a: object, b: object, return_list: bool = False) -> Any:
        """Return x of tensordot(a, x) = b."""
        result = tensorsolve(a, b, self.axes)
        return [result] if return_list else result


def tensorsolve(a: object, b: object, axes: Any = None) -> TensorVariable:
    """Return x of tensordot(a, x, x.ndim) = b, as numpy.linalg.tensorsolve does.

    `axes` are axes of `a` to be moved to its end first. The first axes of `a` are those of b, the
    others are those of x. LinAlgError when the function runs and there is no solution or several.

    >>> import lltheano.tensor as T
    >>> tensorsolve(2 * T.eye(4).reshape((2, 2, 4)), T.ones((2, 2))).eval()
    array([0.5, 0.5, 0.5, 0.5])
    """
    x, right = as_tensor_variable(a), as_tensor_variable(b)
    moved = [dimension % x.ndim for dimension in (axes or ())]
    x = x.dimshuffle([*(index for index in range(x.ndim) if index not in moved), *moved])
    if right.ndim > x.ndim:
        raise ValueError(f"tensorsolve: {right.describe()} has more axes than {x.describe()}")
    sizes = [dim(x, axis) for axis in range(right.ndim, x.ndim)]
    flat = reshape(x, [right.size, _product(sizes)], ndim=2)
    return reshape(solve(flat, right.flatten()), sizes, ndim=len(sizes))


@record(frozen=True)
class lstsq:  # noqa: N801 - Theano's name
    """Least squares: `lstsq()(x, y, rcond)` returns what numpy.linalg.lstsq does.

    The solution b of least norm among those that make |x b - y| least, by the singular values above
    `rcond` times the greatest; the sums of squared residuals, none where x has not full rank or no
    more rows than columns; the rank; and the singular values.

    >>> solution, residuals, rank, values = lstsq()([[1.0], [1.0]], [1.0, 3.0], 1e-12)
    >>> solution.eval().round(12), residuals.eval().round(12), int(rank.eval())
    (array([2.]), array([2.]), 1)
    """

    def __call__(
        self, x: object, y: object, rcond: Any = None, return_list: bool = True
    ) -> list[TensorVariable]:
        """Return solution, residuals, rank and singular values.

        LinAlgError, when it runs, for another number of axes of one of them.

        Parameters
        ----------
        x
            A matrix.
        y
            A vector or a matrix of as many rows.
        rcond
            A number; None stands for the machine's precision times the greater side of x, as in
            NumPy; one that is not between 0 and 1 for that precision, as in LAPACK.
        """
        cutoff = None if rcond is None else as_tensor_variable(rcond)
        a, right = common([as_numbers(x, "lstsq"), as_numbers(y, "lstsq")])
        if a.ndim != 2 or right.ndim not in (1, 2) or (cutoff is not None and cutoff.ndim):
            a, right, cutoff = _refused(a, right, cutoff)
        columns = right if right.ndim == 2 else right.dimshuffle(0, "x")
        u, s, v = variables(SVD(False)(a))
        large = gt(s, s[:1].sum() * self._cutoff(a, cutoff))
        inverse = switch(large, 1 / switch(large, s, s.ones_like()), s.zeros_like())
        result = dot(adjoint(v), inverse.dimshuffle(0, "x") * dot(adjoint(u), columns))
        rank = large.sum()
        defined = and_(eq(rank, dim(a, 1)), gt(dim(a, 0), dim(a, 1)))
        rest = sum_of(abs(dot(a, result) - columns) ** 2, axis=0)
        residuals = rest[: switch(defined, dim(columns, 1), 0)]
        return [result if right.ndim == 2 else result.flatten(), residuals, rank, s]

    def _cutoff(self, a: TensorVariable, rcond: Any) -> TensorVariable:
        if rcond is None:
            dtype = real_dtype(a.dtype)
            precision = 2.0**-52 if dtype == "float64" else 2.0**-23
            return maximum(dim(a, 0), dim(a, 1)).astype(dtype) * precision
        variable = as_tensor_variable(rcond).astype(real_dtype(a.dtype))
        rounding = as_tensor_variable(2.0**-53 if variable.dtype == "float64" else 2.0**-24)
        return switch(
            or_(le(variable, 0), ge(variable, 1)), rounding.astype(variable.dtype), variable
        )


def _refused(
    a: TensorVariable, right: TensorVariable, cutoff: TensorVariable | None
) -> tuple[TensorVariable, TensorVariable, TensorVariable | None]:
    """Arguments of the right ranks in the place of those of wrong ones: to compute them fails."""
    given = [a, right] if cutoff is None else [a, right, cutoff]
    listed = ", ".join(f"{one} of {one.ndim} axes" for one in given)
    message = f"lstsq takes a matrix, a vector or matrix, and a number; got {listed}"
    escaped = message.replace("{", "{{").replace("}", "}}")
    numbers = a.flatten().dimshuffle(0, "x")
    never = Requirement("linalg", escaped)(numbers, eq(numbers.shape[1], 0))
    number = None if cutoff is None else cutoff.flatten().sum()
    return never, right.flatten(), number
