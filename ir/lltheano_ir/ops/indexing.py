"""The ops that read and replace parts of a tensor: strided slices, and NumPy's advanced indexing.

A `slice` names `axes` and for each a start, a size and a step (step may be negative); the part must
lie inside the operand. `gather` and `scatter` take i64 index tensors of one rank that broadcast
together, one for each of some consecutive axes; the index axes stand in the result where those axes
stood. An index counts from the end when it is negative.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import i64
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.elementwise import agreed_sizes, check_agreement, common_pattern
from lltheano_ir.ops.structure import require_axis, require_indices
from lltheano_ir.ops.traits import View
from lltheano_ir.types import INDEX, ValueType

__all__ = ["INDEXING", "gather_type"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]


def _sliced_pattern(name: str, source: ValueType, axes: Sequence[int]) -> tuple[bool, ...]:
    if list(axes) != sorted(set(axes)):
        raise TypeRuleError(f"{name} needs ascending axes, got {list(axes)}")
    for axis in axes:
        require_axis(name, axis, source.rank)
    return tuple(one and axis not in axes for axis, one in enumerate(source.broadcast))


def _infer_slice(types: Types, attributes: Attributes) -> ValueType:
    (axes,) = attributes
    require_indices("slice", types[1:])
    if len(types) != 1 + 3 * len(axes):
        raise TypeRuleError("slice needs a start, a size and a step for each of its axes")
    return ValueType(types[0].dtype, _sliced_pattern("slice", types[0], axes))


def _slice_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    (axes,) = attributes
    sizes = dict(zip(axes, operands[1 + len(axes) : 1 + 2 * len(axes)], strict=True))
    return tuple(
        sizes[axis] if axis in sizes else shapes.size(operands[0], axis)
        for axis in range(types[0].rank)
    )


def _slice_view(source: Array, axes: Sequence[int], numbers: Sequence[Array]) -> Array:
    count = len(axes)
    for size in map(int, numbers[count : 2 * count]):
        if size < 0:
            raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
    for position, axis in enumerate(axes):
        start, size, step = (int(numbers[position + part * count]) for part in range(3))
        last = start + (size - 1) * step
        for index in (start, last) if size else ():
            _require_inside(index, source.shape[axis], axis)
        indices = start + step * np.arange(size)
        source = source.take(indices, axis=axis)
    return source


def _require_inside(index: int, size: int, axis: int) -> None:
    if not 0 <= index < size:
        message = f"index {index} is out of range on axis {axis} of size {size}"
        raise ExecutionError("index", message, (index, size))


def _slice_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    return _slice_view(arrays[0], attributes[0], arrays[1:])


def _infer_windows(types: Types, attributes: Attributes) -> ValueType:
    (axis,) = attributes
    source = types[0]
    require_axis("windows", axis, source.rank)
    require_indices("windows", types[1:])
    pattern = (*source.broadcast[:axis], False, False, *source.broadcast[axis + 1 :])
    return ValueType(source.dtype, pattern)


def _windows_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    (axis,) = attributes
    sizes = [shapes.size(operands[0], other) for other in range(types[0].rank)]
    return (*sizes[:axis], operands[1], operands[2], *sizes[axis + 1 :])


def _windows_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (axis,) = attributes
    source = arrays[0]
    length, count, dilation, step = (int(number) for number in arrays[1:])
    for size in (length, count):
        if size < 0:
            raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
    for factor in (dilation, step):
        if factor < 0:
            message = f"windows do not go backwards, got a step of {factor}"
            raise ExecutionError("value", message, (factor,))
    if length and count:
        last = (length - 1) * dilation + (count - 1) * step
        _require_inside(last, source.shape[axis], axis)
    indices = np.add.outer(dilation * np.arange(length), step * np.arange(count))
    if not indices.size:
        shape = (*source.shape[:axis], length, count, *source.shape[axis + 1 :])
        return np.empty(shape, source.dtype)
    return source.take(indices, axis=axis)


def _infer_slice_update(types: Types, attributes: Attributes) -> ValueType:
    axes, mode = attributes
    source, value = types[:2]
    _require_mode("slice_update", mode, source)
    part = _infer_slice([source, *types[2:]], (axes,))
    if value.dtype is not source.dtype or value.rank != source.rank:
        raise TypeRuleError(f"slice_update cannot write {value} into {source}")
    for axis, (one, wide) in enumerate(zip(part.broadcast, value.broadcast, strict=True)):
        if one and not wide:
            raise TypeRuleError(f"slice_update cannot write {value} into axis {axis} of {source}")
    return source


def _require_mode(name: str, mode: str, source: ValueType) -> None:
    if mode not in ("set", "add"):
        raise TypeRuleError(f"{name} has modes set and add, got {mode}")
    if mode == "add" and source.dtype.is_bool:
        raise TypeRuleError(f"{name} cannot add to {source}")


def _like_first(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(types[0].rank))


def _slice_update_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    axes, mode = attributes
    source, value, *numbers = arrays
    places = np.arange(source.size).reshape(source.shape)
    part = _slice_view(places, axes, numbers)
    value = _stretch(value, types[1], part.shape)
    return _write(source, part.reshape(-1), value.reshape(-1), mode)


def _stretch(value: Array, one: ValueType, shape: tuple[int, ...]) -> Array:
    for axis, (have, want) in enumerate(zip(value.shape, shape, strict=True)):
        if have != want and not one.broadcast[axis]:
            raise ExecutionError(
                "sizes", f"sizes {have} and {want} differ on axis {axis}", (have, want)
            )
    return np.broadcast_to(value, shape)


def _write(source: Array, places: Array, values: Array, mode: str) -> Array:
    flat = source.reshape(-1).copy()
    if mode == "set":
        flat[places] = values
    else:
        with np.errstate(all="ignore"):
            np.add.at(flat, places, values)
    return flat.reshape(source.shape)


def _infer_index(types: Types, attributes: Attributes) -> ValueType:
    (axis,) = attributes
    require_axis("index", axis, types[0].rank)
    require_indices("index", types[1:])
    pattern = types[0].broadcast
    return ValueType(types[0].dtype, pattern[:axis] + pattern[axis + 1 :])


def _index_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    (axis,) = attributes
    return tuple(shapes.size(operands[0], other) for other in range(types[0].rank) if other != axis)


def _index_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (axis,) = attributes
    index = _wrapped(np.asarray(arrays[1]), arrays[0].shape[axis], axis)
    return np.asarray(arrays[0].take(int(index), axis=axis))


def _wrapped(indices: Array, size: int, axis: int) -> Array:
    outside = (indices < -size) | (indices >= size)
    if outside.any():
        index = int(indices[outside][0])
        message = f"index {index} is out of range on axis {axis} of size {size}"
        raise ExecutionError("index", message, (index, size))
    return np.where(indices < 0, indices + size, indices)


def gather_type(name: str, source: ValueType, indices: Types, axes: Sequence[int]) -> ValueType:
    """The type of the part of `source` that `indices` name on the consecutive `axes`."""
    if not axes or list(axes) != list(range(axes[0], axes[0] + len(axes))):
        raise TypeRuleError(f"{name} needs consecutive axes, got {list(axes)}")
    if len(indices) != len(axes):
        raise TypeRuleError(f"{name} over {len(axes)} axes got {len(indices)} index tensors")
    for axis in axes:
        require_axis(name, axis, source.rank)
    if any(one.dtype is not i64 for one in indices):
        raise TypeRuleError(f"{name} needs index tensors of dtype {INDEX.dtype}")
    chosen = common_pattern(name, indices)
    pattern = source.broadcast[: axes[0]] + chosen + source.broadcast[axes[-1] + 1 :]
    return ValueType(source.dtype, pattern)


def _infer_gather(types: Types, attributes: Attributes) -> ValueType:
    return gather_type("gather", types[0], types[1:], attributes[0])


def _gather_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    (axes,) = attributes
    source, *indices = operands
    before = tuple(shapes.size(source, axis) for axis in range(axes[0]))
    after = tuple(shapes.size(source, axis) for axis in range(axes[-1] + 1, types[0].rank))
    return before + agreed_sizes(shapes, indices, types[1:]) + after


def _places(source: Array, indices: Sequence[Array], types: Types, axes: Sequence[int]) -> Array:
    check_agreement(indices, types)
    pairs = zip(indices, axes, strict=True)
    wrapped = [_wrapped(index, source.shape[axis], axis) for index, axis in pairs]
    places = np.arange(source.size).reshape(source.shape)
    return np.asarray(places[(slice(None),) * axes[0] + tuple(wrapped)])


def _gather_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (axes,) = attributes
    places = _places(arrays[0], arrays[1:], types[1:], axes)
    return np.asarray(arrays[0].reshape(-1)[places])


def _infer_scatter(types: Types, attributes: Attributes) -> ValueType:
    axes, mode = attributes
    source, value, *indices = types
    _require_mode("scatter", mode, source)
    part = gather_type("scatter", source, indices, axes)
    if value.dtype is not source.dtype or value.rank != part.rank:
        raise TypeRuleError(f"scatter cannot write {value} where {part} is wanted")
    for axis, (one, wide) in enumerate(zip(part.broadcast, value.broadcast, strict=True)):
        if one and not wide:
            raise TypeRuleError(f"scatter cannot write {value} into axis {axis} of {part}")
    return source


def _scatter_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    axes, mode = attributes
    source, value, *indices = arrays
    places = _places(source, indices, types[2:], axes)
    value = _stretch(value, types[1], places.shape)
    return _write(source, places.reshape(-1), value.reshape(-1), mode)


def _has_no_step(
    attributes: Attributes, ranks: Sequence[int], numbers: Sequence[int | None]
) -> bool:
    """A step of 0 reads one element all the time."""
    return not all(numbers[2 * len(attributes[0]) :])


def _may_repeat(
    attributes: Attributes, ranks: Sequence[int], numbers: Sequence[int | None]
) -> bool:
    """A gather along more axes than it makes, such as p[arange(n), y], picks a few elements."""
    return ranks[1] >= len(attributes[0])


INDEXING = (
    Op(
        name="slice",
        arity=1,
        variadic=True,
        summary="a strided part: starts, sizes and steps for some axes",
        infer=_infer_slice,
        shape=_slice_shape,
        reference=_slice_reference,
        attributes=(("axes", Attribute.INTEGERS),),
        failure=Failure.SIZES,
        view=View(repeats=_has_no_step),
    ),
    Op(
        name="windows",
        arity=5,
        summary="windows along an axis, which becomes two: place in the window, and which window;"
        " their length and number, the distance of places, and that of windows",
        infer=_infer_windows,
        shape=_windows_shape,
        reference=_windows_reference,
        attributes=(("axis", Attribute.INTEGER),),
        failure=Failure.SIZES,
        view=View(repeats=lambda attributes, ranks, numbers: True),
    ),
    Op(
        name="slice_update",
        arity=2,
        variadic=True,
        summary="a tensor with a strided part replaced by, or increased by, a value",
        infer=_infer_slice_update,
        shape=_like_first,
        reference=_slice_update_reference,
        attributes=(("axes", Attribute.INTEGERS), ("mode", Attribute.WORD)),
        failure=Failure.SIZES,
    ),
    Op(
        name="index",
        arity=2,
        summary="the part at one index of an axis",
        infer=_infer_index,
        shape=_index_shape,
        reference=_index_reference,
        attributes=(("axis", Attribute.INTEGER),),
        failure=Failure.SIZES,
        view=View(),
    ),
    Op(
        name="gather",
        arity=2,
        variadic=True,
        summary="the elements that index tensors name on consecutive axes",
        infer=_infer_gather,
        shape=_gather_shape,
        reference=_gather_reference,
        attributes=(("axes", Attribute.INTEGERS),),
        failure=Failure.DATA,
        steady=1,
        view=View(strided=False, repeats=_may_repeat),
    ),
    Op(
        name="scatter",
        arity=3,
        variadic=True,
        summary="a tensor with the named elements replaced or increased, in row-major order",
        infer=_infer_scatter,
        shape=_like_first,
        reference=_scatter_reference,
        attributes=(("axes", Attribute.INTEGERS), ("mode", Attribute.WORD)),
        failure=Failure.DATA,
        steady=2,
    ),
)
