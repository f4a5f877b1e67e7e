"""The ops that make, measure and rearrange tensors without computing on their elements."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import dtype_of
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Literal,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.traits import Role, Sign, View, always, least_sign
from lltheano_ir.types import INDEX, ValueType

__all__ = ["STRUCTURE", "require_axis", "require_extents", "require_indices"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]


def require_axis(name: str, axis: int, rank: int) -> None:
    """Raise TypeRuleError unless `axis` is one of `rank` axes."""
    if not 0 <= axis < rank:
        raise TypeRuleError(f"{name} has no axis {axis} in an operand of rank {rank}")


def require_indices(name: str, types: Types) -> None:
    """Raise TypeRuleError unless all of `types` are single i64 values."""
    for one in types:
        if one != INDEX:
            raise TypeRuleError(f"{name} needs sizes and offsets of type {INDEX}, got {one}")


def _infer_constant(types: Types, attributes: Attributes) -> ValueType:
    literal, pattern = attributes
    if len(literal.shape) != len(pattern):
        raise TypeRuleError(f"a constant of shape {literal.shape} cannot have {len(pattern)} axes")
    for size, one in zip(literal.shape, pattern, strict=True):
        if one and size != 1:
            raise TypeRuleError(f"an axis of size {size} cannot be static 1")
    return ValueType(dtype_of(literal.dtype), pattern)


def _constant_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    literal: Literal = attributes[0]
    return tuple(shapes.integer(size) for size in literal.shape)


def _infer_argument(types: Types, attributes: Attributes) -> ValueType:
    one: ValueType = attributes[1]
    return one


def _infer_dim(types: Types, attributes: Attributes) -> ValueType:
    require_axis("dim", attributes[0], types[0].rank)
    return INDEX


def _dim_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    return np.asarray(arrays[0].shape[attributes[0]], dtype=np.int64)


def _no_axes(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return ()


def _infer_dimshuffle(types: Types, attributes: Attributes) -> ValueType:
    (order,) = attributes
    (source,) = types
    kept = [axis for axis in order if axis is not None]
    for axis in kept:
        require_axis("dimshuffle", axis, source.rank)
    if len(set(kept)) != len(kept):
        raise TypeRuleError(f"dimshuffle names an axis twice in {order}")
    for axis in range(source.rank):
        if axis not in kept and not source.broadcast[axis]:
            raise TypeRuleError(
                f"dimshuffle cannot drop axis {axis} of {source}: it is not static 1"
            )
    pattern = tuple(True if axis is None else source.broadcast[axis] for axis in order)
    return ValueType(source.dtype, pattern)


def _dimshuffle_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(
        shapes.integer(1) if axis is None else shapes.size(operands[0], axis)
        for axis in attributes[0]
    )


def _dimshuffle_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (order,) = attributes
    kept = [axis for axis in order if axis is not None]
    dropped = [axis for axis in range(arrays[0].ndim) if axis not in kept]
    moved = arrays[0].transpose(kept + dropped).reshape([arrays[0].shape[axis] for axis in kept])
    new = tuple(position for position, axis in enumerate(order) if axis is None)
    return np.expand_dims(moved, new)


def _infer_broadcast(types: Types, attributes: Attributes) -> ValueType:
    (axes,) = attributes
    source = types[0]
    require_indices("broadcast", types[1:])
    if len(types) - 1 != len(axes) or list(axes) != sorted(set(axes)):
        raise TypeRuleError(f"broadcast over axes {list(axes)} got {len(types) - 1} sizes")
    for axis in axes:
        require_axis("broadcast", axis, source.rank)
        if not source.broadcast[axis]:
            raise TypeRuleError(f"broadcast cannot stretch axis {axis} of {source}: not static 1")
    pattern = tuple(one and axis not in axes for axis, one in enumerate(source.broadcast))
    return ValueType(source.dtype, pattern)


def _broadcast_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    stretched = dict(zip(attributes[0], operands[1:], strict=True))
    return tuple(
        stretched[axis] if axis in stretched else shapes.size(operands[0], axis)
        for axis in range(types[0].rank)
    )


def require_extents(sizes: Sequence[int]) -> None:
    """Raise ExecutionError unless all of `sizes` can be those of an axis."""
    for size in sizes:
        if size < 0:
            raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))


def _broadcast_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    shape = list(arrays[0].shape)
    for axis, size in zip(attributes[0], arrays[1:], strict=True):
        shape[axis] = int(size)
    require_extents(shape)
    return np.broadcast_to(arrays[0], shape)


def _infer_reshape(types: Types, attributes: Attributes) -> ValueType:
    (pattern,) = attributes
    require_indices("reshape", types[1:])
    if len(types) - 1 != len(pattern):
        raise TypeRuleError(f"reshape to {len(pattern)} axes got {len(types) - 1} sizes")
    return ValueType(types[0].dtype, pattern)


def _reshape_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(
        shapes.integer(1) if one else size
        for one, size in zip(attributes[0], operands[1:], strict=True)
    )


def _reshape_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    sizes = [int(size) for size in arrays[1:]]
    require_extents(sizes)
    _require_pattern(sizes, attributes[0])
    count = math.prod(sizes)
    if count != arrays[0].size:
        message = f"{arrays[0].size} elements cannot be reshaped to {sizes} ({count} elements)"
        raise ExecutionError("sizes", message, (arrays[0].size, count))
    return arrays[0].reshape(sizes)


def _require_pattern(sizes: Sequence[int], pattern: Sequence[bool]) -> None:
    for axis, (size, one) in enumerate(zip(sizes, pattern, strict=True)):
        if one and size != 1:
            message = f"axis {axis} was declared to have size 1 and has size {size}"
            raise ExecutionError("sizes", message, (1, size))


def _infer_rebroadcast(types: Types, attributes: Attributes) -> ValueType:
    (pattern,) = attributes
    if len(pattern) != types[0].rank:
        raise TypeRuleError(f"rebroadcast of {types[0]} to {len(pattern)} axes")
    return ValueType(types[0].dtype, pattern)


def _rebroadcast_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(
        shapes.integer(1) if one else shapes.size(operands[0], axis)
        for axis, one in enumerate(attributes[0])
    )


def _rebroadcast_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    _require_pattern(arrays[0].shape, attributes[0])
    return arrays[0]


def _infer_iota(types: Types, attributes: Attributes) -> ValueType:
    require_indices("iota", types)
    return ValueType(INDEX.dtype, (False,))


def _iota_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return (operands[0],)


def _iota_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    require_extents([int(arrays[0])])
    return np.arange(int(arrays[0]), dtype=np.int64)


def _infer_concatenate(types: Types, attributes: Attributes) -> ValueType:
    (axis,) = attributes
    require_axis("concatenate", axis, types[0].rank)
    if len({(one.dtype, one.rank) for one in types}) != 1:
        listed = ", ".join(str(one) for one in types)
        raise TypeRuleError(f"concatenate needs operands of one dtype and rank, got {listed}")
    patterns = zip(*(one.broadcast for one in types), strict=True)
    joined = tuple(all(ones) and index != axis for index, ones in enumerate(patterns))
    return ValueType(types[0].dtype, joined)


def _concatenate_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    (axis,) = attributes
    sizes = [shapes.size(operands[0], index) for index in range(types[0].rank)]
    for operand in operands[1:]:
        sizes[axis] = shapes.apply("add", sizes[axis], shapes.size(operand, axis))
    return tuple(sizes)


def _concatenate_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (axis,) = attributes
    first = arrays[0].shape
    for array in arrays[1:]:
        for index, (one, other) in enumerate(zip(first, array.shape, strict=True)):
            if index != axis and one != other:
                message = f"sizes {one} and {other} differ on axis {index}"
                raise ExecutionError("sizes", message, (one, other))
    return np.concatenate(arrays, axis=axis)


STRUCTURE = (
    Op(
        name="argument",
        arity=0,
        summary="a parameter of the program or of the region, by its position",
        infer=_infer_argument,
        attributes=(("index", Attribute.INTEGER), ("type", Attribute.TYPE)),
        role=Role.ARGUMENT,
    ),
    Op(
        name="constant",
        arity=0,
        summary="elements known when the program is built",
        infer=_infer_constant,
        shape=_constant_shape,
        reference=lambda arrays, types, attributes: attributes[0].array(),
        attributes=(("value", Attribute.LITERAL), ("pattern", Attribute.PATTERN)),
        role=Role.CONSTANT,
    ),
    Op(
        name="dim",
        arity=1,
        summary="the size of an axis",
        infer=_infer_dim,
        shape=_no_axes,
        reference=_dim_reference,
        attributes=(("axis", Attribute.INTEGER),),
        measures=True,
        sign=always(Sign.NOT_NEGATIVE),
    ),
    Op(
        name="dimshuffle",
        arity=1,
        summary="axes reordered, static-1 axes dropped or added",
        infer=_infer_dimshuffle,
        shape=_dimshuffle_shape,
        reference=_dimshuffle_reference,
        attributes=(("order", Attribute.ORDER),),
        view=View(whole=True),
    ),
    Op(
        name="broadcast",
        arity=1,
        variadic=True,
        summary="static-1 axes repeated to the given sizes",
        infer=_infer_broadcast,
        shape=_broadcast_shape,
        reference=_broadcast_reference,
        attributes=(("axes", Attribute.INTEGERS),),
        failure=Failure.SIZES,
        view=View(whole=True, repeats=lambda attributes, ranks, numbers: True),
    ),
    Op(
        name="reshape",
        arity=1,
        variadic=True,
        summary="the same elements in row-major order under other sizes",
        infer=_infer_reshape,
        shape=_reshape_shape,
        reference=_reshape_reference,
        attributes=(("pattern", Attribute.PATTERN),),
        failure=Failure.SIZES,
        view=View(by_index=False, whole=True, in_order=True),
    ),
    Op(
        name="rebroadcast",
        arity=1,
        summary="the same tensor under another broadcast pattern, checked",
        infer=_infer_rebroadcast,
        shape=_rebroadcast_shape,
        reference=_rebroadcast_reference,
        attributes=(("pattern", Attribute.PATTERN),),
        failure=Failure.SIZES,
        view=View(whole=True),
        is_operand=True,
    ),
    Op(
        name="iota",
        arity=1,
        summary="0, 1, ..., n - 1",
        infer=_infer_iota,
        shape=_iota_shape,
        reference=_iota_reference,
        failure=Failure.SIZES,
        from_index=True,
        sign=always(Sign.NOT_NEGATIVE),
        below=lambda shapes, operands: operands[0],
    ),
    Op(
        name="concatenate",
        arity=1,
        variadic=True,
        summary="tensors joined along an axis",
        infer=_infer_concatenate,
        shape=_concatenate_shape,
        reference=_concatenate_reference,
        sign=least_sign,
        attributes=(("axis", Attribute.INTEGER),),
        failure=Failure.SIZES,
    ),
)
