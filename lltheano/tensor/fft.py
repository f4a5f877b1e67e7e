"""Fourier transforms, in time that is proportional to n log n for any size.

`rfft` and `irfft` have the conventions of `theano.tensor.fft`: complex numbers are pairs of real
ones, along a last axis of size 2, and the first axis counts the parts of a batch, each of which is
transformed along all its axes. `fft`, `ifft`, `fftn` and `ifftn` are NumPy's functions of these
names, on complex tensors. All of it is compiled code (`lltheano_ir.lowering.fourier.functions`), in
float32 or float64.
"""

import sys
from collections.abc import Sequence
from typing import Any

from lltheano.graph import boundary
from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import zeros
from lltheano.tensor.elementwise.arithmetic import maximum, mul
from lltheano.tensor.elementwise.comparison import ge
from lltheano.tensor.elementwise.complexes import complex as complex_of, imag, real
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.join import concatenate, stack
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Fourier", "fft", "fftn", "ifft", "ifftn", "irfft", "rfft"]

_NORMS = (None, "ortho", "no_norm")

Parts = tuple[TensorVariable, TensorVariable]


@record(frozen=True)
class Fourier(Op):
    """The discrete Fourier transform of each row, sum x_k exp(-2 pi i j k / n), in real and
    imaginary parts.
    """

    def make_node(self, real: Any, imaginary: Any) -> Apply:
        """Two matrices of one dtype, float32 or float64."""
        operands = [as_tensor_variable(one) for one in (real, imaginary)]
        kind = TensorType(operands[0].dtype, (False, False))
        for operand in operands:
            if operand.ndim != 2 or operand.dtype not in ("float32", "float64"):
                raise TypeError(
                    f"a transform takes float32 or float64 rows, got {operand.describe()}"
                )
        return Apply(self, operands, [kind(), kind()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The adjoint: the inverse transform without its scale."""
        real, imaginary = (as_tensor_variable(gradient) for gradient in output_gradients)
        back = _backward((real, imaginary))
        return list(back)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `fft`."""
        return list(builder.results("fft", inputs))


def _forward(parts: Parts) -> Parts:
    real, imaginary = Fourier()(*parts)
    return real, imaginary


def _backward(parts: Parts) -> Parts:
    """The inverse transform times n: that of the parts exchanged, exchanged."""
    real, imaginary = parts
    imaginary, real = _forward((imaginary, real))
    return real, imaginary


def _along(parts: Parts, axis: int, transform: Any) -> Parts:
    """Transform along one axis of tensors of any rank."""
    rank = parts[0].ndim
    order = [*(index for index in range(rank) if index != axis), axis]
    turned = [part.dimshuffle(order) for part in parts]
    sizes = [dim(turned[0], position) for position in range(rank)]
    count = mul(1, *sizes[:-1])
    rows = [reshape(one, [count, sizes[-1]], ndim=2) for one in turned]
    found = transform((rows[0], rows[1]))
    back = [order.index(index) for index in range(rank)]
    shaped = [reshape(one, sizes, ndim=rank).dimshuffle(back) for one in found]
    return shaped[0], shaped[1]


def _scaled(parts: Parts, sizes: Sequence[TensorVariable], power: float) -> Parts:
    """Multiply with a power of the number of elements of a part of the batch."""
    if not power:
        return parts
    total = as_tensor_variable(1.0).astype("float64")
    for size in sizes:
        total = total * size
    factor = (total**power).astype(parts[0].dtype)
    return parts[0] * factor, parts[1] * factor


def _norm(norm: Any, powers: tuple[float, float, float]) -> float:
    if norm not in _NORMS:
        raise ValueError(f"norm is None, 'ortho' or 'no_norm', got {norm!r}")
    return powers[_NORMS.index(norm)]


def rfft(inp: object, norm: str | None = None) -> TensorVariable:
    """Return the Fourier transform of real tensors, for which the first axis counts.

    Returns a tensor (m, ..., n // 2 + 1, 2): the real and imaginary parts, of which along the last
    axis only the first are given, since the others are their conjugates.

    TypeError for other ranks and dtypes, ValueError for another norm, and when the function runs
    and a part has no elements.

    Parameters
    ----------
    inp
        A tensor (m, ..., n) of two axes or more; integers become float64. Each of the m parts is
        transformed along all its axes.
    norm
        None and "no_norm" leave the sums as they are, "ortho" divides them by the root of the
        number of elements of a part.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> rfft(T.constant([[1.0, 0.0, 0.0, 1.0]])).eval().round(12).tolist()
    [[[2.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]
    """
    x = _real(inp, 2, "rfft")
    power = _norm(norm, (0.0, -0.5, 0.0))
    last = x.ndim - 1
    for axis in range(1, x.ndim):
        x = _not_empty(x, dim(x, axis), "rfft")
    parts: Parts = (x, x.zeros_like())
    kept = dim(x, last) // 2 + 1
    real, imaginary = _along(parts, last, _forward)
    index = (*[slice(None)] * last, slice(None, kept))
    parts = (real[index], imaginary[index])
    for axis in range(1, last):
        parts = _along(parts, axis, _forward)
    sizes = [dim(x, axis) for axis in range(1, x.ndim)]
    return stack(list(_scaled(parts, sizes, power)), axis=x.ndim)


def irfft(inp: object, norm: str | None = None, is_odd: bool = False) -> TensorVariable:
    """Return the real tensors whose transforms, by `rfft`, are given.

    Returns a tensor (m, ..., n). TypeError for other ranks and dtypes, ValueError for another norm,
    and when the function runs and the result would have no elements.

    Parameters
    ----------
    inp
        A tensor (m, ..., k, 2) of real and imaginary parts, of three axes or more.
    norm
        None divides the sums by the number of elements of a part, so that `irfft(rfft(x))` is x;
        "ortho" divides by its root, "no_norm" not at all.
    is_odd
        Whether the last axis of the result has 2 k - 1 elements rather than 2 k - 2.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.constant([[1.0, 2.0, 4.0]])
    >>> irfft(rfft(x), is_odd=True).eval().round(12).tolist()
    [[1.0, 2.0, 4.0]]
    """
    x = _real(inp, 3, "irfft")
    if is_odd not in (True, False):
        raise ValueError(f"is_odd is True or False, got {is_odd!r}")
    power = _norm(norm, (-1.0, -0.5, 0.0))
    last = x.ndim - 2
    length = (dim(x, last) - 1) * 2 + int(is_odd)
    sizes = [*(dim(x, axis) for axis in range(1, last)), length]
    for size in sizes:
        x = _not_empty(x, size, "irfft")
    parts: Parts = (x[..., 0], x[..., 1])
    for axis in range(1, last):
        parts = _along(parts, axis, _backward)
    real, imaginary = _along(_completed(parts, last, length), last, _backward)
    return _scaled((real, imaginary), sizes, power)[0]


def _not_empty(x: TensorVariable, size: TensorVariable, what: str) -> TensorVariable:
    """Return `x`; ValueError when the function runs and there is nothing to transform."""
    message = f"{what} transforms 1 element or more along an axis, not {{0}}"
    result: TensorVariable = Requirement("value", message)(x, ge(size, 1), size)
    return result


def _completed(parts: Parts, axis: int, length: TensorVariable) -> Parts:
    """Add the conjugates, in reverse, that make up the whole `length` of the last axis."""
    start = (*[slice(None)] * axis,)
    mirrored = [part[(*start, slice(1, length - dim(part, axis) + 1))] for part in parts]
    turned = [one[(*start, slice(None, None, -1))] for one in mirrored]
    real = concatenate([parts[0], turned[0]], axis=axis)
    return real, concatenate([parts[1], -turned[1]], axis=axis)


def _real(value: object, least: int, what: str) -> TensorVariable:
    x = as_tensor_variable(value)
    if is_discrete(x.dtype):
        x = x.astype("float64")
    if x.ndim < least or x.dtype not in ("float32", "float64"):
        raise TypeError(
            f"{what} takes a batch of real tensors, {least} axes or more in all, got {x.describe()}"
        )
    return x


_NUMPY_NORMS = ("backward", "ortho", "forward")
_FORWARD, _BACKWARD = (0.0, -0.5, -1.0), (-1.0, -0.5, 0.0)


def fft(a: object, n: Any = None, axis: int = -1, norm: str | None = None) -> TensorVariable:
    """Return the discrete Fourier transform along an axis, complex: sum a_k exp(-2 pi i j k / n).

    TypeError for float16, ValueError for another norm or axis, and when the function runs and there
    is nothing to transform.

    Parameters
    ----------
    a
        A real or complex tensor; integers become float64.
    n
        How many elements are transformed, a number or a scalar variable; more than there are are
        filled up with zeros.
    axis
        The axis.
    norm
        "backward" (or None) leaves the sums as they are, "ortho" divides them by the root of n,
        "forward" by n.

    Examples
    --------
    >>> fft([1.0, 0.0, -1.0, 0.0]).real.eval().round(12).tolist()
    [0.0, 2.0, 0.0, 2.0]
    """
    return _transformed(a, [n], [axis], _power_of(norm, _FORWARD), _forward)


def ifft(a: object, n: Any = None, axis: int = -1, norm: str | None = None) -> TensorVariable:
    """Return the inverse of `fft`, with its parameters; here "backward" divides by n.

    >>> ifft([0.0, 2.0, 0.0, 2.0]).real.eval().round(12).tolist()
    [1.0, 0.0, -1.0, 0.0]
    """
    return _transformed(a, [n], [axis], _power_of(norm, _BACKWARD), _backward)


def fftn(a: object, s: Any = None, axes: Any = None, norm: str | None = None) -> TensorVariable:
    """Return the discrete Fourier transform along several axes: all, or those of `axes`.

    `s` says how many elements are transformed along each, else as `fft`.

    >>> fftn([[1.0, 2.0], [3.0, 4.0]]).real.eval().round(12).tolist()
    [[10.0, -2.0], [-4.0, 0.0]]
    """
    sizes, chosen = _several(a, s, axes)
    return _transformed(a, sizes, chosen, _power_of(norm, _FORWARD), _forward)


def ifftn(a: object, s: Any = None, axes: Any = None, norm: str | None = None) -> TensorVariable:
    """Return the inverse of `fftn`, with its parameters.

    >>> ifftn([[10.0, -2.0], [-4.0, 0.0]]).real.eval().round(12).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    sizes, chosen = _several(a, s, axes)
    return _transformed(a, sizes, chosen, _power_of(norm, _BACKWARD), _backward)


def _power_of(norm: Any, powers: tuple[float, float, float]) -> float:
    chosen = "backward" if norm is None else norm
    if chosen not in _NUMPY_NORMS:
        raise ValueError(f"norm is one of {', '.join(_NUMPY_NORMS)}, got {norm!r}")
    return powers[_NUMPY_NORMS.index(chosen)]


def _several(a: object, s: Any, axes: Any) -> tuple[list[Any], list[int]]:
    rank = as_tensor_variable(a).ndim
    if axes is None:
        axes = range(rank) if s is None else range(rank - len(s), rank)
    chosen = [int(axis) for axis in axes]
    sizes = [None] * len(chosen) if s is None else list(s)
    if len(sizes) != len(chosen):
        raise ValueError(f"there are {len(sizes)} sizes for {len(chosen)} axes")
    return sizes, chosen


def _transformed(
    a: object, sizes: Sequence[Any], axes: Sequence[int], power: float, transform: Any
) -> TensorVariable:
    x = as_tensor_variable(a)
    if is_discrete(x.dtype):
        x = x.astype("float64")
    if x.dtype == "float16":
        raise TypeError(f"a transform computes in float32 and float64, got {x.describe()}")
    parts: Parts = (real(x), imag(x))
    counts = []
    for size, axis in zip(sizes, axes, strict=True):
        index = normalised_axis(axis, x)
        if size is not None:
            wanted = as_tensor_variable(size).astype("int64")
            parts = _fitted(parts[0], wanted, index), _fitted(parts[1], wanted, index)
        count = dim(parts[0], index)
        parts = _along((_not_empty(parts[0], count, "fft"), parts[1]), index, transform)
        counts.append(count)
    result: TensorVariable = complex_of(*_scaled(parts, counts, power))
    return result


def _fitted(x: TensorVariable, size: TensorVariable, axis: int) -> TensorVariable:
    """The first elements along an axis, zeros where there are too few."""
    kept = x[(*[slice(None)] * axis, slice(None, size))]
    missing = maximum(size - dim(x, axis), 0)
    shape = [missing if index == axis else dim(x, index) for index in range(x.ndim)]
    return concatenate([kept, zeros(shape, x.dtype)], axis=axis)


boundary.guard(sys.modules[__name__])
