"""The contraction op `dot`; its floating results are exact up to the usual bound of n rounding
errors.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.linalg.matrices import multiplications
from lltheano_ir.types import ValueType

__all__ = ["LINALG"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]

_RANKS = {(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)}


def _infer_dot(types: Types, attributes: Attributes) -> ValueType:
    x, y = types
    if (x.rank, y.rank) not in _RANKS:
        raise TypeRuleError(
            f"dot takes vectors, matrices or two batches of matrices, got {x} and {y}"
        )
    if x.dtype is not y.dtype or x.dtype.is_bool:
        raise TypeRuleError(f"dot needs operands of one number type, got {x} and {y}")
    if x.rank == 3:
        batch = (x.broadcast[0] and y.broadcast[0],)
        return ValueType(x.dtype, (*batch, x.broadcast[1], y.broadcast[2]))
    return ValueType(x.dtype, x.broadcast[:-1] + y.broadcast[1:])


def _dot_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    x, y = operands
    if types[0].rank == 3:
        batch = shapes.size(y, 0) if types[0].broadcast[0] else shapes.size(x, 0)
        return (batch, shapes.size(x, 1), shapes.size(y, 2))
    rows = (shapes.size(x, 0),) if types[0].rank == 2 else ()
    columns = (shapes.size(y, 1),) if types[1].rank == 2 else ()
    return rows + columns


def _dot_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    x, y = arrays
    inner = (x.shape[-1], y.shape[-2] if y.ndim > 1 else y.shape[0])
    if inner[0] != inner[1]:
        raise ExecutionError("sizes", f"sizes {inner[0]} and {inner[1]} differ in dot", inner)
    if x.ndim == 3 and x.shape[0] != y.shape[0] and not any(t.broadcast[0] for t in types):
        batches = (x.shape[0], y.shape[0])
        raise ExecutionError("sizes", f"batches of {batches[0]} and {batches[1]} differ", batches)
    with np.errstate(all="ignore"):
        return np.asarray(np.matmul(x, y))


LINALG = (
    Op(
        name="dot",
        arity=2,
        summary="the sum of products over the last axis of x and the last but one (or only) of y",
        infer=_infer_dot,
        shape=_dot_shape,
        reference=_dot_reference,
        work=multiplications,
        failure=Failure.SIZES,
    ),
)
