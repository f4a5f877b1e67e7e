"""The ops that go through elements in order, or put them in order: `nonzero`, `sort`, `argsort`
and `cumulate`.

`nonzero` is given the size of its result: the number of places that are wanted, which mostly is the
number of true elements, a `reduce` of the mask. Its size is therefore an ordinary `i64` operand,
and whoever works with sizes need not know that this one was counted.

`sort` and `argsort` work along the last axis, and are stable: equal elements, 0.0 and -0.0 among
them, keep their order, and NaN comes last. `cumulate` combines strictly one element after another.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import bool_, dtype_of, i64
from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.structure import require_axis, require_extents, require_indices
from lltheano_ir.ops.traits import Sign, always, least_sign
from lltheano_ir.types import ValueType

__all__ = ["CUMULATIONS", "ORDERING", "first_places"]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]

CUMULATIONS = {"add": "add", "mul": "mul", "max": "maximum", "min": "minimum"}
"""Each kind of `cumulate`, with the elementwise op that combines two elements."""

_ELEMENTWISE = {op.name: op for op in ELEMENTWISE}


def first_places(mask: Array, count: int) -> Array:
    """The places of the first `count` true elements; 0 for those that there are not.

    >>> first_places(np.array([False, True, True]), 3)
    array([1, 2, 0])
    """
    first = np.flatnonzero(mask)[:count]
    places = np.zeros(count, np.int64)
    places[: first.size] = first
    return places


def _infer_nonzero(types: Types, attributes: Attributes) -> ValueType:
    mask, count = types
    if mask.dtype is not bool_ or mask.rank != 1:
        raise TypeRuleError(f"nonzero needs a vector of bool, got {mask}")
    require_indices("nonzero", [count])
    return ValueType(i64, (False,))


def _nonzero_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return (operands[1],)


def _nonzero_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    mask, count = arrays
    require_extents([int(count)])
    return first_places(mask, int(count))


def _infer_sort(types: Types, attributes: Attributes) -> ValueType:
    return _sortable("sort", types[0])


def _infer_argsort(types: Types, attributes: Attributes) -> ValueType:
    return _sortable("argsort", types[0]).with_dtype(i64)


def _sortable(name: str, source: ValueType) -> ValueType:
    if source.dtype.is_complex:
        raise TypeRuleError(f"{name} is not defined on {source.dtype}")
    if not source.rank:
        raise TypeRuleError(f"{name} needs an axis, got {source}")
    return source


def _same_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    return tuple(shapes.size(operands[0], axis) for axis in range(types[0].rank))


def _sort_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    return np.sort(arrays[0], axis=-1, kind="stable")


def _argsort_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    return np.argsort(arrays[0], axis=-1, kind="stable").astype(np.int64)


def _infer_cumulate(types: Types, attributes: Attributes) -> ValueType:
    kind, axis = attributes
    (source,) = types
    if kind not in CUMULATIONS:
        raise TypeRuleError(f"cumulate has kinds {', '.join(CUMULATIONS)}, got {kind}")
    combine = _ELEMENTWISE[CUMULATIONS[kind]].infer
    assert combine is not None
    combine([source, source], ())
    require_axis("cumulate", axis, source.rank)
    return source


def _cumulate_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    """Step by step, by NumPy's own loop where that does what the elementwise op does."""
    kind, axis = attributes
    (x,) = arrays
    with np.errstate(all="ignore"):
        if kind == "add" or (kind == "mul" and x.dtype.kind != "c"):
            function = np.add if kind == "add" else np.multiply
            return np.asarray(function.accumulate(x, axis=axis, dtype=x.dtype))
        return np.moveaxis(_steps(kind, np.moveaxis(x, axis, 0)), 0, axis)


def _steps(kind: str, rows: Array) -> Array:
    combine = _ELEMENTWISE[CUMULATIONS[kind]].reference
    assert combine is not None
    result = rows.copy()
    row = ValueType(dtype_of(rows.dtype.name), (False,) * (rows.ndim - 1))
    for place in range(1, len(rows)):
        result[place] = combine([result[place - 1], rows[place]], [row, row], ())
    return result


ORDERING = (
    Op(
        name="nonzero",
        arity=2,
        summary="the places of the first n true elements of a vector; 0 where there are fewer",
        infer=_infer_nonzero,
        shape=_nonzero_shape,
        reference=_nonzero_reference,
        failure=Failure.SIZES,
        steady=0,
        sign=always(Sign.NOT_NEGATIVE),
        below=lambda shapes, operands: shapes.size(operands[0], 0),
    ),
    Op(
        name="sort",
        arity=1,
        summary="the elements along the last axis in ascending order, NaN last; stable",
        infer=_infer_sort,
        shape=_same_shape,
        reference=_sort_reference,
        sign=least_sign,
        steady=0,
    ),
    Op(
        name="argsort",
        arity=1,
        summary="the indices that put the last axis in ascending order, NaN last; stable",
        infer=_infer_argsort,
        shape=_same_shape,
        reference=_argsort_reference,
        sign=always(Sign.NOT_NEGATIVE),
        steady=0,
    ),
    Op(
        name="cumulate",
        arity=1,
        summary="at each place of an axis all up to it combined, one after the other",
        infer=_infer_cumulate,
        shape=_same_shape,
        reference=_cumulate_reference,
        attributes=(("kind", Attribute.WORD), ("axis", Attribute.INTEGER)),
    ),
)
