"""NumPy's functions with NumPy's parameters, where those of the tensor language have others.

They serve `np.clip(x, ...)` and its like on variables, see
`lltheano.tensor.numpy_protocol.functions`; programs call the functions of
`lltheano.tensor`.
"""

import math
from collections.abc import Sequence
from typing import Any

from lltheano.tensor import fft, nlinalg, slinalg
from lltheano.tensor.arrangement.repetition import roll
from lltheano.tensor.creation.filled import (
    full,
    full_like as filled_like,
    ones,
    ones_like as ones_of,
    zeros,
    zeros_like as zeros_of,
)
from lltheano.tensor.creation.grids import linspace
from lltheano.tensor.elementwise.arithmetic import (
    int_div,
    inv,
    maximum,
    minimum,
    mod,
    pow,  # noqa: A004
    round_half_to_even,
)
from lltheano.tensor.elementwise.comparison import cast, eq, neq, switch, tensor_copy
from lltheano.tensor.elementwise.complexes import angle as angle_of
from lltheano.tensor.elementwise.transcendental import rad2deg, sin
from lltheano.tensor.indexing.selection import compress, nonzero
from lltheano.tensor.linalg.pieces import diag, diagonal
from lltheano.tensor.numpy_functions.contractions import einsum as contracted
from lltheano.tensor.numpy_functions.sections import (
    array_split,
    dsplit,
    hsplit,
    split,
    vsplit,
)
from lltheano.tensor.numpy_protocol.refusals import refusal
from lltheano.tensor.ordering.counting import unique
from lltheano.tensor.reductions.cumulative import diff as differences
from lltheano.tensor.reductions.extrema import max as greatest, min as least
from lltheano.tensor.reductions.functions import mean, norm as norm_along, sum as total
from lltheano.tensor.shapes.dimshuffle import dimshuffle, squeeze as without_axes
from lltheano.tensor.shapes.join import concatenate as joined, stack as stacked
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim, size as number_of
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upcast, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["array_split", "dsplit", "hsplit", "split", "vsplit"]


def positive(x: Any) -> TensorVariable:
    """The numbers themselves; TypeError for bool, as in NumPy."""
    if x.dtype == "bool":
        raise refusal("positive", f"bool has no sign, got {x.describe()}")
    result: TensorVariable = tensor_copy(x)
    return result


def divmod(x1: Any, x2: Any) -> tuple[TensorVariable, TensorVariable]:  # noqa: A001
    """The quotient, rounded down, and what is left."""
    return int_div(x1, x2), mod(x1, x2)


def reciprocal(x: Any) -> TensorVariable:
    """1 by each element; NumPy divides integers by rounding toward zero, T.inv by floats."""
    if is_discrete(x.dtype):
        raise refusal("reciprocal", f"use T.inv(x), which gives floats of {x.describe()}")
    result: TensorVariable = inv(x)
    return result


def angle(z: Any, deg: bool = False) -> TensorVariable:
    """The angle in radians, or in degrees."""
    result: TensorVariable = angle_of(z)
    return rad2deg(result) if deg else result


def argwhere(a: Any) -> TensorVariable:
    """The indices of the elements that are not zero, one row for each."""
    x = as_tensor_variable(a)
    if not x.ndim:
        raise refusal("argwhere", f"{x.describe()} has no axis, so its elements have no index")
    return stacked(list(nonzero(x)), axis=1)


def round(a: Any, decimals: int = 0) -> TensorVariable:  # noqa: A001
    """Rounded to decimals, or before the point to tens."""
    x = as_tensor_variable(a)
    if not decimals or (decimals > 0 and is_discrete(x.dtype)):
        whole: TensorVariable = round_half_to_even(x)
        return whole
    if is_discrete(x.dtype):
        raise refusal("round", "integers are rounded to tens by T.round(x / 10) * 10")
    scale = constant(10.0 ** abs(decimals), dtype=x.dtype)
    if decimals > 0:
        return round_half_to_even(x * scale) / scale
    return round_half_to_even(x / scale) * scale


def average(
    a: Any, axis: Any = None, weights: Any = None, keepdims: bool = False
) -> TensorVariable:
    """The mean, or the weighted mean; weights of one axis go along `axis`."""
    x = as_tensor_variable(a)
    if weights is None:
        return mean(x, axis, keepdims=keepdims)
    w = as_tensor_variable(weights)
    dtype = (
        upcast("float64", x.dtype, w.dtype) if is_discrete(x.dtype) else upcast(x.dtype, w.dtype)
    )
    if w.ndim != x.ndim:
        if w.ndim != 1 or not hasattr(axis, "__index__"):
            raise refusal("average", "weights have the shape of x, or are a vector along one axis")
        w = dimshuffle(w, ["x"] * (axis % x.ndim) + [0] + ["x"] * (x.ndim - axis % x.ndim - 1))
        return total(x * w, axis, dtype, keepdims) / total(w, dtype=dtype)
    return total(x * w, axis, dtype, keepdims) / total(w, axis, dtype, keepdims)


def clip(a: Any, a_min: Any = None, a_max: Any = None, **limits: Any) -> TensorVariable:
    """Limited on both sides, or on one."""
    low, high = limits.get("min", a_min), limits.get("max", a_max)
    result: TensorVariable = tensor_copy(a)
    if low is not None:
        result = maximum(result, low)
    return result if high is None else minimum(result, high)


def concatenate(arrays: Sequence[Any], axis: Any = 0, dtype: Any = None) -> TensorVariable:
    """Joined along an axis, in a dtype of choice."""
    result = joined(list(arrays), axis)
    return result if dtype is None else cast(result, dtype)


def stack(arrays: Sequence[Any], axis: int = 0, dtype: Any = None) -> TensorVariable:
    """Joined along a new axis, in a dtype of choice."""
    result = stacked(list(arrays), axis=axis)
    return result if dtype is None else cast(result, dtype)


def diagflat(v: Any, k: int = 0) -> TensorVariable:
    """All elements on a diagonal."""
    return diag(flatten(v), k)


def diff(a: Any, n: int = 1, axis: int = -1, **ends: Any) -> TensorVariable:
    """Differences, with elements put before and behind."""
    x = as_tensor_variable(a)
    for name in ("prepend", "append"):
        if ends.get(name) is not None:
            end = as_tensor_variable(ends[name])
            if not end.ndim:
                sizes: list[Any] = [dim(x, index) for index in range(x.ndim)]
                sizes[axis] = 1
                end = full(sizes, end, end.dtype)
            x = joined([end, x] if name == "prepend" else [x, end], axis)
    return differences(x, n, axis)


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> TensorVariable:
    """Differences of all elements, with some put before and behind."""
    result = differences(flatten(ary))
    ends = [None if one is None else flatten(one) for one in (to_begin, to_end)]
    return joined([one for one in (ends[0], result, ends[1]) if one is not None])


def einsum(*operands: Any, dtype: Any = None, optimize: Any = False) -> TensorVariable:
    """Sums of products."""
    return contracted(*operands, dtype=dtype)


def extract(condition: Any, arr: Any) -> TensorVariable:
    """The elements for which a condition holds."""
    return compress(flatten(neq(condition, 0)), flatten(arr))


def iscomplex(x: Any) -> TensorVariable:
    """Whether each element has an imaginary part."""
    result: TensorVariable = neq(as_tensor_variable(x).imag, 0)
    return result


def isreal(x: Any) -> TensorVariable:
    """Whether each element has no imaginary part."""
    result: TensorVariable = eq(as_tensor_variable(x).imag, 0)
    return result


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return is_complex(x.dtype)


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not is_complex(x.dtype)


def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None
) -> TensorVariable:
    """Powers of a base, whose exponents are evenly spaced."""
    exponents = linspace(start, stop, num, endpoint)
    result: TensorVariable = pow(cast(as_tensor_variable(base), exponents.dtype), exponents)
    return result if dtype is None else cast(result, dtype)


def ndim(a: Any) -> int:
    """The number of axes, which is known."""
    return as_tensor_variable(a).ndim


def size(a: Any, axis: Any = None) -> TensorVariable:
    """The number of elements, or the size of an axis, symbolic."""
    x = as_tensor_variable(a)
    return number_of(x) if axis is None else x.shape[axis]


def ones_like(a: Any, dtype: Any = None, shape: Any = None) -> TensorVariable:
    """Ones of the shape of a tensor or of another."""
    return ones_of(a, dtype) if shape is None else ones(shape, dtype or a.dtype)


def zeros_like(a: Any, dtype: Any = None, shape: Any = None) -> TensorVariable:
    """Zeros of the shape of a tensor or of another."""
    return zeros_of(a, dtype) if shape is None else zeros(shape, dtype or a.dtype)


def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> TensorVariable:
    """A value in the shape of a tensor or in another, of the dtype of the tensor."""
    x = as_tensor_variable(a)
    return (
        filled_like(x, fill_value, dtype or x.dtype)
        if shape is None
        else full(shape, fill_value, dtype or x.dtype)
    )


def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """The distance of the greatest element from the least."""
    return greatest(a, axis, keepdims) - least(a, axis, keepdims)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> TensorVariable:
    """For each element that of the choice whose condition is the first to hold."""
    if len(condlist) != len(choicelist) or not condlist:
        raise refusal("select", f"{len(condlist)} conditions for {len(choicelist)} choices")
    result = as_tensor_variable(default)
    for condition, choice in reversed([*zip(condlist, choicelist, strict=True)]):
        result = switch(condition, choice, result)
    return result


def sinc(x: Any) -> TensorVariable:
    """The sine of pi x by pi x, 1 at 0."""
    at = as_tensor_variable(x)
    at = cast(at, upgrade_to_float(at.dtype))
    turned = at * constant(math.pi, dtype=at.dtype)
    nowhere = eq(at, 0)
    result: TensorVariable = switch(nowhere, 1, sin(turned) / switch(nowhere, 1, turned))
    return cast(result, at.dtype)


def squeeze(a: Any, axis: Any = None) -> TensorVariable:
    """Without the axes of size 1 that are named, or without any where all are declared such."""
    x = as_tensor_variable(a)
    if axis is None and not all(x.broadcastable):
        raise refusal("squeeze")
    return without_axes(x, axis)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> TensorVariable:
    """The sums of diagonals."""
    return total(diagonal(a, offset, axis1, axis2), axis=-1)


def unique_values(x: Any) -> TensorVariable:
    """The different elements, every NaN for itself."""
    result: TensorVariable = unique(x, equal_nan=False)
    return result


def where(condition: Any, *choices: Any) -> Any:
    """A choice for each element, or the indices of the elements that are not zero."""
    return switch(condition, *choices) if choices else nonzero(condition)


def fft2(
    a: Any, s: Any = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> TensorVariable:
    """The Fourier transform along two axes."""
    return fft.fftn(a, s, axes, norm)


def ifft2(
    a: Any, s: Any = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> TensorVariable:
    """The inverse Fourier transform along two axes."""
    return fft.ifftn(a, s, axes, norm)


def rfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> TensorVariable:
    """The first half of the Fourier transform of real numbers."""
    x = as_tensor_variable(a)
    if is_complex(x.dtype):
        raise refusal("fft.rfft", f"it takes real numbers, got {x.describe()}; use T.fft.fft")
    length = dim(x, axis % x.ndim) if n is None else n
    half = slice(None, length // 2 + 1)
    return fft.fft(x, n, axis, norm)[(*[slice(None)] * (axis % x.ndim), half)]


def fftshift(x: Any, axes: Any = None) -> TensorVariable:
    """The zero frequency in the middle."""
    return _shifted(x, axes, 1)


def ifftshift(x: Any, axes: Any = None) -> TensorVariable:
    """The zero frequency at the front again."""
    return _shifted(x, axes, -1)


def _shifted(value: Any, axes: Any, sign: int) -> TensorVariable:
    x = as_tensor_variable(value)
    chosen = range(x.ndim) if axes is None else axes if isinstance(axes, list | tuple) else [axes]
    indices = [one % x.ndim for one in chosen]
    return roll(x, [sign * (dim(x, index) // 2) for index in indices], indices)


def cholesky(a: Any, upper: bool = False) -> TensorVariable:
    """The lower factor, or the upper."""
    factor: TensorVariable = slinalg.cholesky(a)
    return factor.mT.conj() if upper else factor


def matrix_diagonal(x: Any, offset: int = 0) -> TensorVariable:
    """The diagonals of the matrices in a stack."""
    return diagonal(x, offset, -2, -1)


def matrix_trace(x: Any, offset: int = 0) -> TensorVariable:
    """The traces of the matrices in a stack."""
    return total(matrix_diagonal(x, offset), axis=-1)


def eigvals(a: Any) -> TensorVariable:
    """The eigenvalues of a matrix."""
    values: TensorVariable = nlinalg.eig(a)[0]
    return values


def eigvalsh(a: Any, UPLO: str = "L") -> TensorVariable:  # noqa: N803 - NumPy's name
    """The eigenvalues of a symmetric matrix."""
    values: TensorVariable = nlinalg.eigh(a, UPLO)[0]
    return values


def svdvals(x: Any) -> TensorVariable:
    """The singular values of a matrix."""
    values: TensorVariable = nlinalg.svd(x, compute_uv=False)
    return values


def multi_dot(arrays: Sequence[Any]) -> TensorVariable:
    """The product of several matrices."""
    return nlinalg.matrix_dot(*arrays)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A002
    """The norm of all elements, of a matrix, or of vectors along an axis."""
    variable = as_tensor_variable(x)
    if axis is None and ord is None:
        return vector_norm(variable, None, keepdims)
    if axis is None and not keepdims:
        return nlinalg.norm(variable, ord)
    if hasattr(axis, "__index__"):
        return vector_norm(variable, axis, keepdims, 2 if ord is None else ord)
    raise refusal(
        "linalg.norm", "of several axes use T.norm(x, 2, axis), or T.nlinalg.norm(x, ord)"
    )


def vector_norm(x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> TensorVariable:  # noqa: A002
    """The norm of all elements, or of those along axes, as of vectors."""
    return norm_along(x, ord, axis, keepdims)


def matrix_norm(x: Any, keepdims: bool = False, ord: Any = "fro") -> TensorVariable:  # noqa: A002
    """The norm of a matrix."""
    variable = as_tensor_variable(x)
    if variable.ndim != 2 or keepdims:
        raise refusal("linalg.matrix_norm", f"it takes one matrix, got {variable.describe()}")
    return nlinalg.norm(variable, ord)
