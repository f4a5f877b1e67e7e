"""The ops with conditions and regions: `assert`, `if`, `loop` and `fused`.

A region is closed: all that it uses comes in through its arguments. The meaning of an op with
regions is in `lltheano_ir.interpret`, which runs them.
"""

from collections.abc import Sequence
from typing import Any

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
from lltheano_ir.types import BOOL, TensorType

__all__ = ["CONTROL"]

Types = Sequence[TensorType]
Sizes = tuple[Any, ...]


def _infer_assert(types: Types, attributes: Attributes) -> TensorType:
    if types[1] != BOOL:
        raise TypeRuleError(f"assert needs a condition of type {BOOL}, got {types[1]}")
    return types[0]


def _assert_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(types[0].rank))


def _assert_meaning(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    if not arrays[1]:
        raise ExecutionError("assert", attributes[0])
    return arrays[0]


def _infer_result(types: Types, attributes: Attributes) -> TensorType:
    raise TypeRuleError("result takes an op with several results")


CONTROL = (
    Op(
        name="assert",
        arity=2,
        summary="the first operand, provided that the second holds",
        infer=_infer_assert,
        shape=_assert_shape,
        meaning=_assert_meaning,
        attributes=(("message", Attribute.TEXT),),
        failure=Failure.DATA,
    ),
    Op(
        name="if",
        arity=1,
        variadic=True,
        summary="the results of the region `then` or, where the condition is false, `else`",
        region_names=("then", "else"),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="loop",
        arity=1,
        variadic=True,
        summary="a count, carried values and captured values; the region `body` runs count times",
        attributes=(("carried", Attribute.INTEGER),),
        region_names=("body",),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="fused",
        arity=0,
        variadic=True,
        summary="the results of the region `body`, computed in one pass",
        region_names=("body",),
        failure=Failure.DATA,
        family="control",
    ),
    Op(
        name="result",
        arity=1,
        summary="one of the results of an op that has several",
        infer=_infer_result,
        attributes=(("index", Attribute.INTEGER),),
        family="control",
    ),
)
