"""The reductions: `reduce` (add, mul, max, min, sup, and, or) and `argreduce` (max, min).

`sup` is the maximum where there are elements, and the least number of the dtype where there are
none; of no elements `max` and `min` do not exist.

Integers, booleans, maxima and minima do not depend on the order; floating sums and products are
made in the order of `lltheano_ir.ops.summation`.
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
    Reduction,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.structure import require_axis
from lltheano_ir.ops.summation import fold_last_axis, fold_leading_axes, neutral
from lltheano_ir.ops.traits import Sign, always
from lltheano_ir.types import ValueType

__all__ = ["REDUCTIONS", "REDUCTION_KINDS", "REDUCTION_OPS", "loop_kind", "neutral_element"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]

REDUCTION_KINDS = {
    "add": "iufc",
    "mul": "iufc",
    "max": "biuf",
    "min": "biuf",
    "and": "biu",
    "or": "biu",
}
"""Each kind of reduction, with the NumPy kinds of dtype it takes."""

REDUCTION_OPS = {
    "add": "add",
    "mul": "mul",
    "max": "maximum",
    "min": "minimum",
    "and": "and",
    "or": "or",
}
"""The elementwise op that combines two elements, for each kind of reduction."""

_TENSOR_KINDS = {**REDUCTION_KINDS, "sup": REDUCTION_KINDS["max"]}
"""Those of tensors. In loops a reduction of no elements has a result anyhow, and `sup` is `max`."""


def loop_kind(kind: str) -> str:
    """The kind of a loop's reduction that serves for one of a tensor.

    >>> loop_kind("sup"), loop_kind("add")
    ('max', 'add')
    """
    return "max" if kind == "sup" else kind


def neutral_element(kind: str, dtype: "np.dtype[Any]") -> Array:
    """The element that changes no reduction of a kind: where one starts, or has nothing to combine.

    >>> neutral_element("max", np.dtype("int8")), neutral_element("add", np.dtype("float32"))
    (array(-128, dtype=int8), array(-0., dtype=float32))
    """
    if kind in ("add", "mul"):
        return neutral(kind, dtype)
    if kind in ("and", "or"):
        ones = np.bitwise_not(np.zeros((), dtype))
        return np.asarray(ones if kind == "and" else np.zeros((), dtype))
    if dtype.kind == "f":
        return np.asarray(-np.inf if kind == "max" else np.inf, dtype)
    if dtype.kind == "b":
        return np.asarray(kind == "min", dtype)
    limits = np.iinfo(dtype)
    return np.asarray(limits.min if kind == "max" else limits.max, dtype)


def _infer_reduce(types: Types, attributes: Attributes) -> ValueType:
    kind, axes = attributes
    (source,) = types
    if kind not in _TENSOR_KINDS:
        raise TypeRuleError(f"reduce has kinds {', '.join(_TENSOR_KINDS)}, got {kind}")
    if source.dtype.numpy.kind not in _TENSOR_KINDS[kind]:
        raise TypeRuleError(f"reduce {kind} is not defined on {source.dtype}")
    if list(axes) != sorted(set(axes)):
        raise TypeRuleError(f"reduce needs ascending axes, got {list(axes)}")
    for axis in axes:
        require_axis("reduce", axis, source.rank)
    pattern = tuple(one for axis, one in enumerate(source.broadcast) if axis not in axes)
    return ValueType(source.dtype, pattern)


def _reduce_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    axes = attributes[1]
    kept = [axis for axis in range(types[0].rank) if axis not in axes]
    return tuple(shapes.size(operands[0], axis) for axis in kept)


def _extremum(kind: str, x: Array, axes: tuple[int, ...]) -> Array:
    """A NaN wins; 0.0 is above -0.0, as in the elementwise `maximum` and `minimum`."""
    for axis in axes:
        if x.shape[axis] == 0:
            raise ExecutionError("value", f"the {kind} of no elements does not exist", (0,))
    result = np.max(x, axis=axes) if kind == "max" else np.min(x, axis=axes)
    if x.dtype.kind != "f":
        return np.asarray(result)
    signs = np.signbit(x) if kind == "max" else ~np.signbit(x)
    is_that_zero = np.all(signs | (x != 0), axis=axes)
    zero = np.where(is_that_zero, *((-0.0, 0.0) if kind == "max" else (0.0, -0.0)))
    return np.where(result == 0, zero, result).astype(x.dtype)


def _reduce_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    kind, axes = attributes
    (x,) = arrays
    if not axes:
        return x
    with np.errstate(all="ignore"):
        if kind == "sup" and any(not x.shape[axis] for axis in axes):
            shape = [size for axis, size in enumerate(x.shape) if axis not in axes]
            return np.full(shape, neutral_element("max", x.dtype))
        if kind in ("max", "min", "sup"):
            return _extremum(loop_kind(kind), x, axes)
        if kind in ("and", "or"):
            logical = np.bitwise_and if kind == "and" else np.bitwise_or
            return np.asarray(logical.reduce(x, axis=axes))
        return _fold(kind, x, axes)


def _fold(kind: str, x: Array, axes: tuple[int, ...]) -> Array:
    if x.dtype.kind in "iu":
        function = np.add if kind == "add" else np.multiply
        return np.asarray(function.reduce(x, axis=axes, dtype=x.dtype))
    last = x.ndim - 1
    if last in axes:
        x = fold_last_axis(kind, x)
    leading = tuple(axis for axis in axes if axis != last)
    return fold_leading_axes(kind, x, leading) if leading else x


def _infer_argreduce(types: Types, attributes: Attributes) -> ValueType:
    kind, axis = attributes
    (source,) = types
    if kind not in ("max", "min"):
        raise TypeRuleError(f"argreduce has kinds max and min, got {kind}")
    if source.dtype.is_complex:
        raise TypeRuleError(f"argreduce {kind} is not defined on {source.dtype}")
    require_axis("argreduce", axis, source.rank)
    return ValueType(i64, source.broadcast[:axis] + source.broadcast[axis + 1 :])


def _argreduce_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    axis = attributes[1]
    return tuple(shapes.size(operands[0], other) for other in range(types[0].rank) if other != axis)


def _argreduce_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    """The index of the first extremum; of the first NaN where there is one."""
    kind, axis = attributes
    if arrays[0].shape[axis] == 0:
        raise ExecutionError("value", f"the {kind} of no elements does not exist", (0,))
    function = np.argmax if kind == "max" else np.argmin
    return np.asarray(function(arrays[0], axis=axis), dtype=np.int64)


def _sign(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """That of the elements, even of none; but the `sup` of none is the least number."""
    return signs[0] if attributes[0] in ("add", "mul", "max", "min") else Sign.ANY


def _reduces(attributes: Attributes) -> Reduction:
    kind, axes = attributes
    return Reduction(loop_kind(kind), axes, needs_element=kind in ("max", "min"))


def _finds_index(attributes: Attributes) -> Reduction:
    kind, axis = attributes
    return Reduction(f"arg{kind}", (axis,), gives_index=True, needs_element=True)


REDUCTIONS = (
    Op(
        name="reduce",
        arity=1,
        summary="elements combined along axes, which are removed",
        infer=_infer_reduce,
        shape=_reduce_shape,
        reference=_reduce_reference,
        attributes=(("kind", Attribute.WORD), ("axes", Attribute.INTEGERS)),
        failure=Failure.SIZES,
        reduction=_reduces,
        sign=_sign,
        wraps=True,
    ),
    Op(
        name="argreduce",
        arity=1,
        summary="the index of the first extremum along an axis, which is removed",
        infer=_infer_argreduce,
        shape=_argreduce_shape,
        reference=_argreduce_reference,
        attributes=(("kind", Attribute.WORD), ("axis", Attribute.INTEGER)),
        failure=Failure.SIZES,
        reduction=_finds_index,
        sign=always(Sign.NOT_NEGATIVE),
    ),
)
