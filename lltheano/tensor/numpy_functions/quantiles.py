"""Quantiles by every method that NumPy has: those of Hyndman and Fan, and four more.

A method says at which place between the sorted elements a quantile lies, counted from 0; the
elements beside it are interpolated (R. Hyndman and Y. Fan, Sample quantiles in statistical
packages, The American Statistician 50, 1996). The places are computed in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import (
    ceil,
    floor,
    maximum,
    minimum,
    mul,
    round_half_to_even,
)
from lltheano.tensor.elementwise.comparison import cast, eq, ge, invert, isnan, le, switch
from lltheano.tensor.numpy_functions.along import take_along_axis
from lltheano.tensor.ordering.sorting import sort
from lltheano.tensor.reducers.ops import axes_of, keep_axes
from lltheano.tensor.reductions.functions import all as all_, sum as total
from lltheano.tensor.shapes.dimshuffle import dimshuffle, shape_padright
from lltheano.tensor.shapes.shaping import flatten, reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["percentile", "quantile"]

Place = Callable[[Any, Any], Any]
"""From the number of elements and q to the place of the quantile, both float64."""


def _hyndman_fan(alpha: float, beta: float) -> Place:
    return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1


def _whole(position: TensorVariable, stays: TensorVariable) -> TensorVariable:
    """The place itself where it `stays`, being whole, else that after it."""
    below = floor(position)
    result: TensorVariable = switch(eq(position, below) & stays, below, below + 1)
    return result


def _closest(n: Any, q: Any) -> TensorVariable:
    position = n * q - 1 - 0.5
    return _whole(position, eq(floor(position) % 2, 1))


def _spread(n: Any, q: Any) -> TensorVariable:
    position: TensorVariable = (n - 1) * q
    return position


DISCRETE: dict[str, Place] = {
    "inverted_cdf": lambda n, q: _whole(n * q - 1, eq(q, q)),
    "closest_observation": _closest,
    "lower": lambda n, q: floor(_spread(n, q)),
    "higher": lambda n, q: ceil(_spread(n, q)),
    "nearest": lambda n, q: round_half_to_even(_spread(n, q)),
}
"""Methods that choose one of the elements."""

CONTINUOUS: dict[str, Place] = {
    "averaged_inverted_cdf": lambda n, q: n * q - 1,
    "interpolated_inverted_cdf": _hyndman_fan(0, 1),
    "hazen": _hyndman_fan(0.5, 0.5),
    "weibull": _hyndman_fan(0, 0),
    "linear": _spread,
    "median_unbiased": _hyndman_fan(1 / 3.0, 1 / 3.0),
    "normal_unbiased": _hyndman_fan(3 / 8.0, 3 / 8.0),
    "midpoint": lambda n, q: 0.5 * (floor(_spread(n, q)) + ceil(_spread(n, q))),
}
"""Methods that interpolate between two elements."""

METHODS = (*DISCRETE, *CONTINUOUS)


def quantile(
    a: object, q: object, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> TensorVariable:
    """Return the elements along `axis` below which the share `q` of all lies.

    `q` is a number from 0 to 1, or a tensor of such, whose axes come first in the result. `axis`
    and `keepdims` are as of `sum`. `method` is one of NumPy's: inverted_cdf,
    averaged_inverted_cdf, closest_observation, interpolated_inverted_cdf, hazen, weibull, linear,
    median_unbiased, normal_unbiased, lower, higher, midpoint and nearest. Integers give float64,
    unless the method chooses one of the elements. The result is NaN where there is a NaN. The
    gradient goes to the elements that are interpolated.

    TypeError for complex numbers; ValueError for another method, and, at once or when it runs, for
    a `q` that is not from 0 to 1, and for no elements.

    >>> quantile([[3, 1, 2], [4, 9, 6]], 0.75, axis=1).eval()
    array([2.5, 7.5])
    >>> quantile([3, 1, 2, 10], [0.0, 0.5], method="lower").eval()
    array([1, 2])
    """
    return _quantiles("quantile", a, q, axis, keepdims, method)


def percentile(
    a: object, q: object, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> TensorVariable:
    """Return quantiles for shares in hundredths: `q` is from 0 to 100; otherwise as `quantile`.

    >>> percentile([3, 1, 2], [0, 75]).eval()
    array([1. , 2.5])
    """
    return _quantiles("percentile", a, q, axis, keepdims, method, scale=100)


def _quantiles(
    name: str, a: object, q: object, axis: Any, keepdims: bool, method: str, scale: int = 1
) -> TensorVariable:
    x, shares = _checked(name, a, q, method, scale)
    rows, axes = _rows(x, axis)
    if is_discrete(rows.dtype) and method in CONTINUOUS:
        rows = cast(rows, "float64")  # in integers, gradients would end
    size = dim(rows, rows.ndim - 1)
    rows = Requirement("value", f"{name} of no elements")(rows, ge(size, 1))
    ordered = sort(rows)

    def pick(index: TensorVariable) -> TensorVariable:
        return ordered[(..., index)]

    result = _interpolated(pick, shares, cast(size, "float64"), method, x.dtype)
    if not is_discrete(x.dtype):
        greatest = shape_padright(ordered[..., -1])
        result = switch(isnan(greatest), cast(greatest, result.dtype), result)
    return _in_front(result, q, x, axes, keepdims)


def of_present(
    a: object, q: object, axis: Any, keepdims: bool, method: str, scale: int = 1
) -> TensorVariable:
    """Quantiles of the elements that are not NaN, which come first when sorted."""
    name = "nanquantile" if scale == 1 else "nanpercentile"
    x, shares = _checked(name, a, q, method, scale)
    if is_discrete(x.dtype):
        return _quantiles(name, x, q, axis, keepdims, method, scale)
    rows, axes = _rows(x, axis)
    size = dim(rows, rows.ndim - 1)
    rows = Requirement("value", f"{name} of no elements")(rows, ge(size, 1))
    ordered = sort(rows)
    count = total(invert(isnan(rows)), axis=-1, keepdims=True)

    def pick(place: TensorVariable) -> TensorVariable:
        return take_along_axis(ordered, place, -1)

    present = cast(maximum(count, 1), "float64")
    result = _interpolated(pick, shares, present, method, x.dtype)
    return _in_front(result, q, x, axes, keepdims)


def _checked(
    name: str, a: object, q: object, method: str, scale: int
) -> tuple[TensorVariable, TensorVariable]:
    """The tensor, and the shares as a float64 vector."""
    x, given = as_tensor_variable(a), as_tensor_variable(q)
    if method not in METHODS:
        raise ValueError(f"{name} has methods {', '.join(METHODS)}, got {method!r}")
    if is_complex(x.dtype) or is_complex(given.dtype):
        raise TypeError(f"{name}: complex numbers have no order; got {x.describe()}")
    message = f"{name}: q must lie from 0 to {scale}"
    if isinstance(given, TensorConstant):
        if not np.all((given.data >= 0) & (given.data <= scale)):
            raise ValueError(f"{message}, got {given}")
        return x, constant(np.ravel(given.data / np.float64(scale)))
    inside = all_(ge(given, 0) & le(given, scale))
    given = Requirement("value", message)(given, inside)
    return x, flatten(cast(given, "float64")) / np.float64(scale)


def _rows(x: TensorVariable, axis: Any) -> tuple[TensorVariable, tuple[int, ...]]:
    """The tensor with the axes to be removed as one, the last."""
    axes = axes_of(x, axis)
    kept = [index for index in range(x.ndim) if index not in axes]
    turned = dimshuffle(x, [*kept, *axes])
    if len(axes) == 1:
        return turned, axes
    sizes: list[Any] = [dim(x, one) for one in kept]
    merged: Any = mul(*(dim(x, dimension) for dimension in axes)) if axes else 1
    return reshape(turned, [*sizes, merged], ndim=len(kept) + 1), axes


def _interpolated(
    pick: Callable[[TensorVariable], TensorVariable],
    shares: TensorVariable,
    n: TensorVariable,
    method: str,
    dtype: str,
) -> TensorVariable:
    """For each row the elements that the method finds at each share, as the last axis."""
    if method in DISCRETE:
        return pick(_inside(DISCRETE[method](n, shares), n))
    position = CONTINUOUS[method](n, shares)
    below = floor(position)
    gap = position - below
    if method == "averaged_inverted_cdf":
        gap = switch(eq(gap, 0), 0.5, 1.0)
    if method == "midpoint":
        gap = switch(eq(gap, 0), 0.0, 0.5)
    first, second = pick(_inside(below, n)), pick(_inside(below + 1, n))
    wide = "float64" if is_discrete(dtype) else "float32" if dtype == "float16" else dtype
    first, second = cast(first, wide), cast(second, wide)
    return cast(
        _between(first, second, cast(gap, wide)), "float64" if is_discrete(dtype) else dtype
    )


def _between(a: TensorVariable, b: TensorVariable, share: TensorVariable) -> TensorVariable:
    """Interpolated from the nearer of two numbers, so that each end is met exactly."""
    gap = b - a
    result: TensorVariable = switch(ge(share, 0.5), b - gap * (1 - share), a + gap * share)
    return cast(result, a.dtype)


def _inside(position: TensorVariable, n: TensorVariable) -> TensorVariable:
    return cast(minimum(maximum(position, 0), n - 1), "int64")


def _in_front(
    found: TensorVariable, q: object, x: TensorVariable, axes: tuple[int, ...], keepdims: bool
) -> TensorVariable:
    """The axes of the shares first, and those that were removed put back where they are wanted."""
    variable = as_tensor_variable(q)
    kept = found.ndim - 1
    turned = dimshuffle(found, [kept, *range(kept)])
    if variable.ndim == 0:
        result = turned[0]
        return keep_axes(result, axes) if keepdims else result
    sizes = [dim(variable, axis) for axis in range(variable.ndim)]
    others = [dim(turned, axis) for axis in range(1, turned.ndim)]
    result = turned
    if variable.ndim > 1:
        result = reshape(turned, [*sizes, *others], ndim=variable.ndim + kept)
    return (
        keep_axes(result, [dimension + variable.ndim for dimension in axes]) if keepdims else result
    )
