"""Routines that go through elements in order, one after the other: code of our own."""

from collections.abc import Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import ALL_DTYPES, DType
from lltheano_ir.loops.routines.extents import size
from lltheano_ir.loops.routines.record import (
    Access,
    Arrays,
    Element,
    Matched,
    Parameter,
    Routine,
    Settings,
    Shape,
)
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.ordering import first_places

__all__ = ["ORDERING"]


def _nonzero(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    ((count,),) = shapes
    return (first_places(inputs[0], count),)


def _nonzero_parameters(settings: Settings, number: DType) -> tuple[Parameter, ...]:
    mask = Parameter("mask", Element.BOOL, (size("n"),), Access.READ)
    return mask, Parameter("indices", Element.I64, (size("count"),), Access.WRITE)


def _sort(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    return (np.sort(inputs[0], axis=-1, kind="stable"),)


def _argsort(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    return (np.argsort(inputs[0], axis=-1, kind="stable"),)


def _require_rows(matched: Matched) -> None:
    (_, source), (_, target) = matched
    if source.dtype.is_complex:
        raise ValueError(f"sort and argsort are not defined on {source.dtype}")
    if not source.sizes or target.sizes != source.sizes:
        raise ValueError("sort and argsort need an axis, and give the sizes that they are given")


ORDERING: Mapping[str, Routine] = {
    "nonzero": Routine(
        "nonzero",
        "the indices of the first true elements; 0 where there are fewer",
        (),
        _nonzero_parameters,
        _nonzero,
    ),
    "sort": Routine(
        "sort",
        "rows in ascending order, NaN last; stable",
        tuple(dtype.name for dtype in ALL_DTYPES if not dtype.is_complex),
        lambda settings, number: (
            Parameter("rows", Element.NUMBER, None, Access.READ),
            Parameter("sorted", Element.NUMBER, None, Access.WRITE),
        ),
        _sort,
        requires=_require_rows,
        row_bytes=lambda source, target: source.itemsize,
    ),
    "argsort": Routine(
        "argsort",
        "the indices that put rows in ascending order, NaN last; stable",
        (),
        lambda settings, number: (
            Parameter("rows", Element.ANY, None, Access.READ),
            Parameter("indices", Element.I64, None, Access.WRITE),
        ),
        _argsort,
        requires=_require_rows,
        row_bytes=lambda source, target: 2 * source.itemsize + target.itemsize,
    ),
}
"""Each routine by its name."""
