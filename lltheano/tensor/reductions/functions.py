"""Reductions: sums, products, means, spreads, norms and truth, along any axes."""

import math
from collections.abc import Sequence
from typing import Any

from lltheano.gradient.barriers import disconnected_grad
from lltheano.tensor.elementwise.arithmetic import maximum, mul, sqr
from lltheano.tensor.elementwise.comparison import isclose, isinf, neq, switch
from lltheano.tensor.elementwise.transcendental import exp, log, sqrt
from lltheano.tensor.reducers.ops import (
    All,
    Any as Some,
    CAReduce,
    Prod,
    Sum,
    Supremum,
    axes_of,
    keep_axes,
)
from lltheano.tensor.reductions.extrema import max as greatest, min as least
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upcast
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "all",
    "allclose",
    "any",
    "logsumexp",
    "mean",
    "norm",
    "prod",
    "std",
    "sum",
    "var",
]


def _reduced(op: CAReduce, x: TensorVariable, axes: Sequence[int], keepdims: bool) -> Any:
    result: TensorVariable = op(x)
    return keep_axes(result, axes) if keepdims else result


def sum(  # noqa: A001 - NumPy's name
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
) -> TensorVariable:
    """Add elements along `axis`: an axis, a list of axes, or all of them.

    The result has `dtype`; unless given, bool and signed integers give int64, unsigned ones
    uint64, others keep theirs. Elements are added as `acc_dtype`, unless given the result's
    (float32 for float16). With `keepdims` the axes stay, with size 1. The sum of nothing is 0.
    Floats are added in one fixed order, in blocks and pairs of blocks, that depends on the sizes
    alone: the error grows with the logarithm of their number, along any axis.

    TypeError for complex numbers with a real `dtype`; ValueError for an axis that there is not.

    >>> sum([[1, 2], [3, 4]], axis=0).eval()
    array([4, 6])
    >>> sum([[1, 2], [3, 4]], axis=-1, keepdims=True, dtype="float64").eval()
    array([[3.],
           [7.]])
    """
    x = as_tensor_variable(input)
    axes = axes_of(x, axis)
    result: TensorVariable = _reduced(Sum(axes, dtype, acc_dtype), x, axes, keepdims)
    return result


def prod(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> TensorVariable:
    """Multiply elements along `axis`, with the parameters of `sum`. The product of nothing is 1.

    The gradient is right where elements are zero. `no_zeros_in_input` promises that none is, and
    makes the gradient by one division.

    >>> prod([[1, 2], [3, 4]], axis=1).eval()
    array([ 2, 12])
    """
    x = as_tensor_variable(input)
    axes = axes_of(x, axis)
    op = Prod(axes, dtype, acc_dtype, no_zeros_in_input)
    result: TensorVariable = _reduced(op, x, axes, keepdims)
    return result


def mean(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    dtype: Any = None,
    op: bool = False,
    keepdims: bool = False,
    acc_dtype: Any = None,
) -> TensorVariable:
    """Average elements along `axis`, with the parameters of `sum`.

    Integers and bool give float64 unless `dtype` says otherwise, and are added as float64, where a
    sum of large ones does not wrap around; float16 is added as float32. The sum is divided as it
    was accumulated, and rounded to the result's dtype after. The mean of nothing is NaN. `op` is
    kept for Theano's signature.

    >>> mean([[1, 2], [3, 5]], axis=1).eval()
    array([1.5, 4. ])
    """
    x = as_tensor_variable(input)
    if dtype is None and is_discrete(x.dtype):
        x = x.astype("float64")
    axes = axes_of(x, axis)
    inner, result = Sum(axes, dtype, acc_dtype).dtypes(x)
    total = sum(x, axes, upcast(inner, result), keepdims, inner)
    small = total.dtype in ("float16", "float32", "complex64")
    average = total / _count(x, axes).astype("float32" if small else "float64")
    return average if is_discrete(result) else average.astype(result)


def _count(x: TensorVariable, axes: Sequence[int]) -> TensorVariable:
    sizes = [dim(x, axis) for axis in axes]
    result: TensorVariable = mul(*sizes) if sizes else as_tensor_variable(1)
    return result


def var(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    ddof: int = 0,
    keepdims: bool = False,
    corrected: bool = False,
) -> TensorVariable:
    """Return the mean squared distance from the mean, divided by n - `ddof` in place of n.

    Where n - `ddof` is not positive the division is by 0, as in NumPy. `corrected` subtracts the
    square of the mean distance, which rounding makes differ from 0 (Chan, Golub and LeVeque, The
    American Statistician 37, 1983). `axis` and `keepdims` as for `sum`; integers give float64, and
    of complex numbers the absolute values are squared.

    >>> var([[1.0, 3.0], [2.0, 8.0]], axis=1).eval()
    array([1., 9.])
    >>> var([1.0, 2.0, 3.0], ddof=1).eval()
    array(1.)
    """
    x = as_tensor_variable(input)
    return _like(x, _variance(x, axis, ddof, keepdims, corrected))


def _like(x: TensorVariable, spread: TensorVariable) -> TensorVariable:
    """A spread of `x` as float16 if `x` is: computed in float32, where squares do not overflow."""
    return spread.astype(x.dtype) if x.dtype == "float16" else spread


def _variance(
    x: TensorVariable, axis: Any, ddof: int, keepdims: bool, corrected: bool
) -> TensorVariable:
    axes = axes_of(x, axis)
    half = x.dtype == "float16"
    distance = (x.astype("float32") if half else x) - mean(x, axes, keepdims=True)
    squares = _squares(distance)
    count = _count(x, axes)
    divisor = maximum(count - ddof, 0) if ddof else count
    result = sum(squares, axes, keepdims=keepdims) / divisor.astype(squares.dtype)
    if corrected:
        off = sum(distance, axes, keepdims=keepdims) / count.astype(distance.dtype)
        result = result - _squares(off)
    return result


def _squares(x: TensorVariable) -> TensorVariable:
    """The squares of the absolute values, of complex numbers from the squares of their parts."""
    result: TensorVariable = sqr(x.real) + sqr(x.imag) if is_complex(x.dtype) else sqr(x)
    return result


def std(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    ddof: int = 0,
    keepdims: bool = False,
    corrected: bool = False,
) -> TensorVariable:
    """Return the square root of `var`, whose parameters these are.

    >>> std([[1.0, 3.0], [2.0, 8.0]], axis=1).eval()
    array([1., 3.])
    """
    x = as_tensor_variable(input)
    return _like(x, sqrt(_variance(x, axis, ddof, keepdims, corrected)))


def any(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Whether an element along `axis` is not zero, as bool; False of no elements.

    >>> any([[0, 1], [0, 0]], axis=1).eval()
    array([ True, False])
    """
    x = as_tensor_variable(x)
    axes = axes_of(x, axis)
    result: TensorVariable = _reduced(Some(axes), x, axes, keepdims)
    return result


def all(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Whether no element along `axis` is zero, as bool; True of no elements.

    >>> all([[2, 1], [0, 1]], axis=1).eval()
    array([ True, False])
    """
    x = as_tensor_variable(x)
    axes = axes_of(x, axis)
    result: TensorVariable = _reduced(All(axes), x, axes, keepdims)
    return result


def allclose(
    a: object, b: object, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> TensorVariable:
    """Whether all elements are close; see `isclose`.

    >>> bool(allclose([1.0, 2.0], [1.0, 2.0 + 1e-9]).eval())
    True
    """
    return all(isclose(a, b, rtol, atol, equal_nan))


def norm(x: object, ord: Any, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A002
    """Return (sum |x|^L)^(1/L) along `axis` for L = `ord`; for 0 the number of elements that are
    not zero.

    Infinity gives the greatest and minus infinity the least absolute value. Over several axes, or
    all of them, elements count as those of one vector. Integers give float64, 0 int64.

    >>> norm([[3.0, 4.0], [6.0, 8.0]], 2, axis=1).eval()
    array([ 5., 10.])
    >>> norm([3.0, -4.0], float("inf")).eval()
    array(4.)
    """
    x = as_tensor_variable(x)
    if ord == 0:
        return sum(neq(x, 0), axis, keepdims=keepdims)
    if is_discrete(x.dtype) and ord not in (1, math.inf, -math.inf):
        x = x.astype("float64")
    size = abs(x)
    if ord in (math.inf, -math.inf):
        return (greatest if ord > 0 else least)(size, axis, keepdims)
    if ord == 1:
        return sum(size, axis, keepdims=keepdims)
    if ord == 2:
        root: TensorVariable = sqrt(sum(_squares(x), axis, keepdims=keepdims))
        return root
    result: TensorVariable = sum(size**ord, axis, keepdims=keepdims) ** (1.0 / ord)
    return result


def logsumexp(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return log(sum(exp(x))) along `axis`, without overflow; `keepdims` as for `sum`.

    The greatest element is subtracted first and added last, unless it is infinite. Of no elements
    it is -inf. The gradient is the softmax.

    >>> logsumexp([1000.0, 1000.0]).eval().round(6)
    np.float64(1000.693147)
    """
    x = as_tensor_variable(x)
    axes = axes_of(x, axis)
    if is_discrete(x.dtype):
        x = x.astype("float64")
    top = disconnected_grad(keep_axes(Supremum(axes)(x), axes))
    top = switch(isinf(top), top.zeros_like(), top)
    result: TensorVariable = log(sum(exp(x - top), axes, keepdims=True)) + top
    if keepdims:
        return result
    return result.dimshuffle([index for index in range(x.ndim) if index not in axes])
