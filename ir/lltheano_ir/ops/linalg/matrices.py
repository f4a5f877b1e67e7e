"""What ops on matrices share: checks of their operands, and results that were not found."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.ops.definition import Array, ExecutionError, TypeRuleError
from lltheano_ir.types import ValueType

__all__ = [
    "LIBRARY_DTYPES",
    "MANY_MICROSECONDS",
    "multiplications",
    "number_type",
    "or_nan",
    "require_square",
    "row_by_row",
    "tensor",
    "word",
]

Types = Sequence[ValueType]

MANY_MICROSECONDS = 1 << 11
"""From how many bytes of matrices on a factorisation takes long."""

LIBRARY_DTYPES = ("f32", "f64", "c64", "c128")
"""The names of the dtypes that BLAS and LAPACK compute in."""


def tensor(dtype: DType, rank: int) -> ValueType:
    """The type of a tensor with this number of axes, none of them broadcast."""
    return ValueType(dtype, (False,) * rank)


def number_type(name: str, types: Types, *ranks: int) -> DType:
    """The dtype of operands of these ranks; TypeRuleError for others."""
    for type_, rank in zip(types, ranks, strict=True):
        if type_.dtype.name not in LIBRARY_DTYPES:
            taken = ", ".join(LIBRARY_DTYPES)
            raise TypeRuleError(f"{name} is not defined on {type_.dtype}: it takes {taken}")
        if type_.rank != rank or type_.dtype is not types[0].dtype:
            axes = ", ".join(f"{one} axes" for one in ranks)
            got = ", ".join(map(str, types))
            raise TypeRuleError(f"{name} takes operands of one dtype with {axes}, got {got}")
    return types[0].dtype


def word(name: str, spelled: str, known: Sequence[str]) -> str:
    """The word, if it is known."""
    if spelled not in known:
        raise TypeRuleError(f"{name} knows {', '.join(known)}, got {spelled}")
    return spelled


def require_square(name: str, a: Array) -> None:
    """ExecutionError for a matrix that is not square."""
    if a.shape[0] != a.shape[1]:
        message = f"{name}: the sizes of a square matrix, {a.shape[0]} and {a.shape[1]} differ"
        raise ExecutionError("sizes", message, a.shape)


def or_nan(array: Array, ok: Any) -> Array:
    """The array row by row, or NaN in its place if it was not found."""
    return np.ascontiguousarray(array) if ok else np.full(array.shape, np.nan, array.dtype)


def multiplications(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many products of elements a product of matrices sums."""
    left, right = shapes
    batch = max(left[:-2], right[:-2])
    return math.prod(batch) * math.prod(left[-2:]) * math.prod(right[1 + len(batch) :])


def row_by_row(shapes: Sequence[tuple[int, ...]]) -> int:
    """The order of the work of a factorisation: each element, once for each row or column."""
    return sum(map(math.prod, shapes)) * max(shapes[0])
