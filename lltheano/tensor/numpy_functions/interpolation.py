"""Piecewise linear functions, and what lies below them."""

from typing import Any

import numpy as np

from lltheano.tensor.arrangement.axes import moveaxis
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.elementwise.comparison import cast, eq, ge, gt, isnan, lt, switch
from lltheano.tensor.ordering.searching import searchsorted
from lltheano.tensor.ordering.sorting import argsort
from lltheano.tensor.reductions.functions import sum as total
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.join import join
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import (
    division_dtype,
    is_complex,
    is_discrete,
    upcast,
    upgrade_to_float,
)
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["interp", "trapezoid"]


def interp(
    x: object, xp: object, fp: object, left: Any = None, right: Any = None, period: Any = None
) -> TensorVariable:
    """Return at `x` the piecewise linear function through the points (`xp`, `fp`).

    `xp` and `fp` are vectors, and `xp` ascends, which nothing checks. Before the first point the
    value is `left`, after the last `right`; unless given these are the first and the last of `fp`.
    With `period`, a number, places are taken modulo it, `xp` may be in any order, and `left` and
    `right` change nothing. `fp` may be complex. The gradient is that of the pieces.

    TypeError for complex places; ValueError, at once or when it runs, for other ranks, no points,
    and different numbers of `xp` and `fp`.

    >>> interp([0.0, 1.5, 9.0], [1, 2, 3], [10, 20, 40]).eval()
    array([10., 15., 40.])
    """
    at, points, values = (as_tensor_variable(one) for one in (x, xp, fp))
    if points.ndim != 1 or values.ndim != 1:
        raise ValueError(
            f"interp takes points as two vectors, got {points.describe()} and {values.describe()}"
        )
    dtype = upgrade_to_float(at.dtype, points.dtype)
    if is_complex(dtype):
        raise TypeError(f"interp: places must be real, got {at.describe()}, {points.describe()}")
    at, points = cast(at, dtype), cast(points, dtype)
    values = cast(values, upcast(dtype, upgrade_to_float(values.dtype)))
    points = _as_many(points, values)
    if period is not None:
        at, points, values = _periodic(at, points, values, period)
        left = right = None
    return _pieces(at, points, values, left, right)


def _as_many(points: TensorVariable, values: TensorVariable) -> TensorVariable:
    count, given = dim(points, 0), dim(values, 0)
    message = "interp: {0} places for {1} values"
    points = Requirement("sizes", message)(points, eq(count, given), count, given)
    checked: TensorVariable = Requirement("value", "interp: no points")(points, ge(count, 1))
    return checked


def _pieces(
    at: TensorVariable, points: TensorVariable, values: TensorVariable, left: Any, right: Any
) -> TensorVariable:
    """On each piece the line from its first point, or, where that is NaN, to its last."""
    last = dim(points, 0) - 1
    piece = minimum(maximum(searchsorted(points, at, "right") - 1, 0), maximum(last - 1, 0))
    after = minimum(piece + 1, last)
    x0, x1, y0, y1 = points[piece], points[after], values[piece], values[after]
    flat = eq(x0, x1)
    slope = (y1 - y0) / switch(flat, 1, x1 - x0)
    from_first = slope * (at - x0) + y0
    from_last = slope * (at - x1) + y1
    line = switch(
        isnan(from_first), switch(isnan(from_last) & eq(y0, y1), y0, from_last), from_first
    )
    line = switch(eq(at, x0), y0, line)
    before = values[0] if left is None else as_tensor_variable(left)
    behind = values[-1] if right is None else as_tensor_variable(right)
    ends = switch(eq(at, points[-1]), values[-1], line)
    result = switch(lt(at, points[0]), before, switch(gt(at, points[-1]), behind, ends))
    nowhere = isnan(at) & (last > 0)  # through one point, NumPy's value is it everywhere
    return cast(switch(nowhere, at, result), values.dtype)


def _periodic(
    at: TensorVariable, points: TensorVariable, values: TensorVariable, period: Any
) -> tuple[TensorVariable, TensorVariable, TensorVariable]:
    """Places within one period, in ascending order, with the last point before and the first after
    them.
    """
    length = cast(abs(as_tensor_variable(period)), at.dtype)
    at, points = at % length, points % length
    order = argsort(points)
    points, values = points[order], values[order]
    points = join(0, points[-1:] - length, points, points[:1] + length)
    return at, points, join(0, values[-1:], values, values[:1])


def trapezoid(y: object, x: object = None, dx: object = 1.0, axis: int = -1) -> TensorVariable:
    """Return the area below the values `y` along `axis`, by the trapezoidal rule.

    The values are at the places `x`, a vector or a tensor that broadcasts with `y`, or `dx` apart.
    Integers and bool count as the floats that they are divided as, so that no sum or distance of
    them wraps round.

    >>> trapezoid([1.0, 2.0, 4.0]).eval(), trapezoid([1.0, 2.0], x=[0.0, 3.0]).eval()
    (array(4.5), array(4.5))
    """
    y = as_tensor_variable(y)
    index = normalised_axis(axis, y)
    heights = moveaxis(cast(y, division_dtype(y.dtype, "int8")), index, -1)
    middle = (heights[..., 1:] + heights[..., :-1]) / np.int8(2)
    if x is None:
        return total(middle * as_tensor_variable(dx), axis=-1)
    variable = as_tensor_variable(x)
    if is_discrete(variable.dtype):
        variable = cast(variable, upcast(middle.dtype, variable.dtype))
    along = variable if variable.ndim == 1 else moveaxis(variable, axis, -1)
    return total(middle * (along[..., 1:] - along[..., :-1]), axis=-1)
