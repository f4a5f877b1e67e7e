"""Reductions: sums, products, means, spreads, extrema and their places, along any axes."""

import math
from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.arithmetic import mul, sqr
from lltheano.tensor.comparison import isclose, neq
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.dimshuffle import normalised_axis, squeezed_type
from lltheano.tensor.promotion import (
    canonical_dtype,
    is_complex,
    is_discrete,
    sum_accumulator,
    sum_dtype,
)
from lltheano.tensor.reduce import Reduce, keep_axes, merge_last_axes
from lltheano.tensor.sizes import dim
from lltheano.tensor.transcendental import exp, log, sqrt
from lltheano.tensor.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "ArgReduce",
    "all",
    "allclose",
    "any",
    "argmax",
    "argmin",
    "logsumexp",
    "max",
    "max_and_argmax",
    "mean",
    "min",
    "norm",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]


def _axes_of(x: TensorVariable, axis: Any) -> tuple[int, ...]:
    """The axes that an `axis` argument names: all for None, else one or a list, ascending."""
    if axis is None:
        return tuple(range(x.ndim))
    if isinstance(axis, Variable):
        axis = axis.get_scalar_constant_value() if isinstance(axis, TensorVariable) else axis
    given = axis if isinstance(axis, list | tuple) else [axis]
    chosen = [normalised_axis(one, x) for one in given]
    if len(set(chosen)) != len(chosen):
        raise ValueError(f"an axis of {x.describe()} is named twice in {axis!r}")
    return tuple(sorted(chosen))


def _reduced(
    kind: str, x: TensorVariable, axis: Any, dtype: str, acc_dtype: str, keepdims: bool
) -> TensorVariable:
    axes = _axes_of(x, axis)
    result: TensorVariable = Reduce(kind, axes, dtype, acc_dtype)(x)
    return keep_axes(result, axes) if keepdims else result


def _accumulated(
    kind: str, given: object, axis: Any, dtype: Any, keepdims: bool, acc_dtype: Any
) -> TensorVariable:
    x = as_tensor_variable(given)
    result = sum_dtype(x.dtype) if dtype is None else canonical_dtype(dtype)
    if is_complex(x.dtype) and not is_complex(result):
        raise TypeError(f"{x.describe()} is complex and cannot be reduced to {result}")
    inner = sum_accumulator(x.dtype, result) if acc_dtype is None else canonical_dtype(acc_dtype)
    return _reduced(kind, x, axis, result, inner, keepdims)


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

    >>> from lltheano.tensor.variable import TensorType
    >>> sum(TensorType("int8", (False, False))("m"), axis=0).type
    TensorType(int64, vector)
    """
    return _accumulated("add", input, axis, dtype, keepdims, acc_dtype)


def prod(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> TensorVariable:
    """Multiply elements along `axis`, with the parameters of `sum`. The product of nothing is 1.

    `no_zeros_in_input` is kept for Theano's signature: the gradient is right with zeros and
    without.
    """
    return _accumulated("mul", input, axis, dtype, keepdims, acc_dtype)


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
    sum of large ones does not wrap around. The mean of nothing is NaN. `op` is kept for Theano's
    signature.
    """
    x = as_tensor_variable(input)
    if dtype is None and is_discrete(x.dtype):
        x = x.astype("float64")
    wide = "float32" if x.dtype == "float16" and dtype is None else dtype
    total = sum(x, axis, wide, keepdims, acc_dtype)
    small = total.dtype in ("float16", "float32", "complex64")
    count = _count(x, _axes_of(x, axis)).astype("float32" if small else "float64")
    average = total / count
    return average.astype(x.dtype) if wide != dtype else average


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

    `corrected` subtracts the square of the mean distance, which rounding makes differ from 0.
    """
    x = as_tensor_variable(input)
    axes = _axes_of(x, axis)
    distance = x - mean(x, axes, keepdims=True)
    count = _count(x, axes)
    divisor = (count - ddof if ddof else count).astype(distance.dtype)
    result = sum(sqr(distance), axes, keepdims=keepdims) / divisor
    if corrected:
        off = sum(distance, axes, keepdims=keepdims) / count.astype(distance.dtype)
        result = result - sqr(off)
    return result


def std(
    input: object,  # noqa: A002 - Theano's parameter
    axis: Any = None,
    ddof: int = 0,
    keepdims: bool = False,
    corrected: bool = False,
) -> TensorVariable:
    """Return the square root of `var`, whose parameters these are."""
    result: TensorVariable = sqrt(var(input, axis, ddof, keepdims, corrected))
    return result


def max(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Return the greatest element along `axis`; NaN where there is one.

    At a tie the gradient goes to each of the elements. Of no elements there is no maximum: an
    error when it runs.
    """
    return _extremum("max", x, axis, keepdims)


def min(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Return the least element along `axis`; otherwise as `max`."""
    return _extremum("min", x, axis, keepdims)


def _extremum(kind: str, given: object, axis: Any, keepdims: bool) -> TensorVariable:
    x = as_tensor_variable(given)
    return _reduced(kind, x, axis, x.dtype, x.dtype, keepdims)


def any(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Whether an element along `axis` is not zero, as bool."""
    return _reduced("or", _truth(x), axis, "bool", "bool", keepdims)


def all(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Whether no element along `axis` is zero, as bool."""
    return _reduced("and", _truth(x), axis, "bool", "bool", keepdims)


def _truth(given: object) -> TensorVariable:
    x = as_tensor_variable(given)
    truth: TensorVariable = x if x.dtype == "bool" else neq(x, 0)
    return truth


def allclose(
    a: object, b: object, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> TensorVariable:
    """Whether all elements are close; see `isclose`."""
    return all(isclose(a, b, rtol, atol, equal_nan))


@record(frozen=True)
class ArgReduce(Op):
    """The int64 place of the first max or min along `axes`, counted in row-major order over
    them.
    """

    kind: str
    axes: tuple[int, ...]

    def make_node(self, x: Any) -> Apply:
        """Complex numbers have no order."""
        x = as_tensor_variable(x)
        if is_complex(x.dtype):
            raise TypeError(f"{self}: complex numbers have no order, got {x.describe()}")
        if not self.axes:
            raise ValueError(f"{self} of {x.describe()} needs at least one axis")
        return Apply(self, [x], [squeezed_type(x.type, self.axes).clone(dtype="int64")()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """A place changes in steps only."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Several axes are moved to the end and merged."""
        (x,) = inputs
        axis = self.axes[0]
        if len(self.axes) > 1:
            kept = [one for one in range(x.rank) if one not in self.axes]
            x = merge_last_axes(builder, builder.dimshuffle(x, [*kept, *self.axes]), len(self.axes))
            axis = x.rank - 1
        return [builder.argreduce(self.kind, x, axis)]

    def __str__(self) -> str:
        return f"Arg{self.kind}{{axis={list(self.axes)}}}"


def _place(kind: str, given: object, axis: Any, keepdims: bool) -> TensorVariable:
    x = as_tensor_variable(given)
    if not x.ndim:
        return as_tensor_variable(0).astype("int64")
    axes = _axes_of(x, axis)
    result: TensorVariable = ArgReduce(kind, axes)(x)
    return keep_axes(result, axes) if keepdims else result


def argmax(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the int64 place of the greatest element along `axis`: the first one, or the first NaN.

    Over several axes, or all, it counts in row-major order.
    """
    return _place("max", x, axis, keepdims)


def argmin(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the int64 place of the least element along `axis`; otherwise as `argmax`."""
    return _place("min", x, axis, keepdims)


def max_and_argmax(
    a: object, axis: Any = None, keepdims: bool = False
) -> tuple[TensorVariable, TensorVariable]:
    """Return `max` and `argmax`."""
    return max(a, axis, keepdims), argmax(a, axis, keepdims)


def ptp(a: object, axis: Any = None) -> TensorVariable:
    """Return the distance of the greatest from the least element along `axis`."""
    return max(a, axis) - min(a, axis)


def norm(x: object, ord: Any, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A002
    """Return (sum |x|^L)^(1/L) along `axis` for L = `ord`; for 0 the number of elements that are
    not zero.

    Infinity gives the greatest and minus infinity the least absolute value.
    """
    x = as_tensor_variable(x)
    if ord == 0:
        return sum(neq(x, 0), axis, keepdims=keepdims)
    if ord in (math.inf, -math.inf):
        return _extremum("max" if ord > 0 else "min", abs(x), axis, keepdims)
    if ord == 1:
        return sum(abs(x), axis, keepdims=keepdims)
    if ord == 2:
        root: TensorVariable = sqrt(sum(sqr(x), axis, keepdims=keepdims))
        return root
    result: TensorVariable = sum(abs(x) ** ord, axis, keepdims=keepdims) ** (1.0 / ord)
    return result


def logsumexp(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return log(sum(exp(x))) along `axis`, without overflow."""
    x = as_tensor_variable(x)
    axes = _axes_of(x, axis)
    top = max(x, axes, keepdims=True)
    result: TensorVariable = log(sum(exp(x - top), axes, keepdims=True)) + top
    if keepdims or is_discrete(result.dtype):
        return result
    return result.dimshuffle([one for one in range(x.ndim) if one not in axes])
