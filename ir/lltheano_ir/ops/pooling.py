"""What windows give back to the elements that they hold: the gradients of pooling.

Tensors lie as (count, channels, size, ...). Along each spatial axis window ``o`` holds the elements
from ``o * step - before`` on, `length` of them, as far as there are any. What an element gets from
several windows is added up in the order of the windows along all axes but the last, and from the
last window to the first along that: bit for bit the same in compiled code.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.ops.convolution import Meetings, elements_at, require_near, require_same
from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.structure import require_indices
from lltheano_ir.types import ValueType

__all__ = ["POOLING", "pooled_axes"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]


def pooled_axes(tensors: int, operands: int) -> int:
    """How many spatial axes there are to so many operands, of which some are tensors."""
    return (operands - tensors) // (3 if tensors > 1 else 4)


def _require_tensors(name: str, types: Types, tensors: int) -> int:
    """The number of spatial axes; TypeRuleError for what does not go together."""
    axes = pooled_axes(tensors, len(types))
    first, *others = types[:tensors]
    alike = all(one.rank == axes + 2 and one.dtype is first.dtype for one in (first, *others))
    if not alike or axes < 1 or len(types) != tensors + (3 if tensors > 1 else 4) * axes:
        raise TypeRuleError(
            f"{name} takes tensors of one dtype with two axes and some spatial ones, and integers"
            f" for each of these, got {', '.join(map(str, types))}"
        )
    if first.dtype.is_bool:
        raise TypeRuleError(f"{name} needs numbers, got {first}")
    require_indices(name, types[tensors:])
    return axes


def _infer_spread(types: Types, attributes: Attributes) -> ValueType:
    axes = _require_tensors("spread", types, 1)
    return ValueType(types[0].dtype, (*types[0].broadcast[:2], *(False,) * axes))


def _infer_spread_max(types: Types, attributes: Attributes) -> ValueType:
    axes = _require_tensors("spread_max", types, 3)
    return ValueType(types[0].dtype, (*types[0].broadcast[:2], *(False,) * axes))


def _spread_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    g, *numbers = operands
    axes = pooled_axes(1, len(operands))
    return (*(shapes.size(g, axis) for axis in range(2)), *numbers[:axes])


def _spread_max_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(types[0].rank))


def _windows(name: str, sizes: Sequence[int], g: Array, numbers: Sequence[Array]) -> Meetings:
    axes = len(sizes)
    for size in sizes:
        if size < 0:
            raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
    given = tuple(int(one) for one in numbers)
    lengths, before, steps = (given[part * axes : (part + 1) * axes] for part in range(3))
    for part, least in ((lengths, 0), (before, 0), (steps, 1)):
        require_near(name, part, least)
    return Meetings(tuple(sizes), lengths, g.shape[2:], before, (1,) * axes, steps)


def _spread_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    g, *numbers = arrays
    axes = pooled_axes(1, len(arrays))
    sizes = tuple(int(one) for one in numbers[:axes])
    windows = _windows("spread", sizes, g, numbers[axes:])
    total = np.zeros((*g.shape[:2], *sizes), g.dtype)
    with np.errstate(all="ignore"):
        for _, outputs, elements in windows.meetings():
            where: Any = (Ellipsis, *np.ix_(*elements))
            total[where] += elements_at(g, outputs)
    return total


def _spread_max_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    x, y, g, *numbers = arrays
    for axis, (one, other) in enumerate(zip(y.shape, g.shape, strict=True)):
        require_same("spread_max", f"sizes on axis {axis},", one, other)
    for axis in range(2):
        require_same("spread_max", f"sizes on axis {axis},", x.shape[axis], y.shape[axis])
    windows = _windows("spread_max", x.shape[2:], g, numbers)
    total = np.zeros(x.shape, g.dtype)
    with np.errstate(all="ignore"):
        for _, outputs, elements in windows.meetings():
            greatest = elements_at(x, elements) == elements_at(y, outputs)
            where: Any = (Ellipsis, *np.ix_(*elements))
            total[where] += np.where(greatest, elements_at(g, outputs), g.dtype.type(0))
    return total


POOLING = (
    Op(
        name="spread",
        arity=1,
        variadic=True,
        summary="each number to all elements of its window, added up; by spatial axis the sizes of"
        " the result, lengths of windows, what lies before, and steps",
        infer=_infer_spread,
        shape=_spread_shape,
        reference=_spread_reference,
        failure=Failure.SIZES,
        family="pooling",
    ),
    Op(
        name="spread_max",
        arity=3,
        variadic=True,
        summary="each number z to the elements of its window of x that equal y, added up; by"
        " spatial axis lengths of windows, what lies before, and steps",
        infer=_infer_spread_max,
        shape=_spread_max_shape,
        reference=_spread_max_reference,
        failure=Failure.SIZES,
        family="pooling",
    ),
)
