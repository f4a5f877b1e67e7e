"""The ops whose result hangs on the order of elements: `nonzero`.

`nonzero` is given the size of its result: the number of places that are wanted, which mostly is the
number of true elements, a `reduce` of the mask. Its size is therefore an ordinary `i64` operand,
and whoever works with sizes need not know that this one was counted.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.ops.definition import (
    Array,
    Attributes,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.structure import require_extents, require_indices
from lltheano_ir.types import TensorType

__all__ = ["ORDERING", "first_places"]

Types = Sequence[TensorType]
Sizes = tuple[Any, ...]


def first_places(mask: Array, count: int) -> Array:
    """The places of the first `count` true elements; 0 for those that there are not.

    >>> first_places(np.array([False, True, True]), 3)
    array([1, 2, 0])
    """
    found = np.flatnonzero(mask)[:count]
    places = np.zeros(count, np.int64)
    places[: found.size] = found
    return places


def _infer_nonzero(types: Types, attributes: Attributes) -> TensorType:
    mask, count = types
    if mask.dtype is not bool_ or mask.rank != 1:
        raise TypeRuleError(f"nonzero needs a vector of bool, got {mask}")
    require_indices("nonzero", [count])
    return TensorType(i64, (False,))


def _nonzero_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return (operands[1],)


def _nonzero_meaning(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    mask, count = arrays
    require_extents([int(count)])
    return first_places(mask, int(count))


ORDERING = (
    Op(
        name="nonzero",
        arity=2,
        summary="the places of the first n true elements of a vector; 0 where there are fewer",
        infer=_infer_nonzero,
        shape=_nonzero_shape,
        meaning=_nonzero_meaning,
        failure=Failure.SIZES,
    ),
)
