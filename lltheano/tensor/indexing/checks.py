"""What is known of an indexing expression while the graph is built: the broadcast pattern of the
part, and mistakes that no size or element can mend.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lltheano.errors import ArgumentError
from lltheano.tensor.indexing.masks import count_taken
from lltheano.tensor.indexing.template import ARRAY, NEW, Entry, Mask, Part, Point, Template
from lltheano.tensor.shapes.dimshuffle import dimshuffle, shape_padleft
from lltheano.tensor.shapes.sizes import known_size
from lltheano.tensor.variables.convert import constant
from lltheano.tensor.variables.promotion import is_discrete, upcast
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["checked_pattern", "filled", "fitted_value", "in_dtype", "may_repeat"]


def filled(
    template: Template, variables: Sequence[TensorVariable]
) -> Iterator[tuple[Entry, int | None, Sequence[TensorVariable]]]:
    """Each entry with its axis and the variables that it takes."""
    start = 0
    for entry, axis in zip(template.entries, template.axes(), strict=True):
        stop = start + count_taken(entry)
        yield entry, axis, variables[start:stop]
        start = stop


def checked_pattern(
    x: TensorVariable, template: Template, variables: Sequence[TensorVariable]
) -> list[bool]:
    """The broadcast pattern of the part of `x`; what is wrong whatever the elements is found."""
    wanted = sum(map(count_taken, template.entries))
    if len(variables) != wanted:
        raise TypeError(f"an index of the form {template} takes {wanted}, got {len(variables)}")
    arrays: list[tuple[bool, ...]] = []
    for entry, axis, taken in filled(template, variables):
        if isinstance(entry, Point) and isinstance(entry.index, int) and axis is not None:
            _check_inside(x, axis, np.asarray(entry.index))
        if entry == ARRAY and axis is not None:
            arrays.append(taken[0].broadcastable)
            if isinstance(taken[0], TensorConstant):
                _check_inside(x, axis, taken[0].data)
        if isinstance(entry, Mask):
            arrays.append((_is_true(taken[0]),))
            _check_mask(x, axis, taken[0])
    _check_together(x, template, variables)
    return _pattern(x, template, _common(arrays))


def _is_true(mask: TensorVariable) -> bool:
    """Whether a mask is known to be one true element without axes."""
    return mask.ndim == 0 and isinstance(mask, TensorConstant) and bool(mask.data)


def _common(patterns: Sequence[tuple[bool, ...]]) -> list[bool]:
    """The broadcast pattern of arrays that are broadcast together."""
    rank = max(map(len, patterns), default=0)
    chosen = [True] * rank
    for pattern in patterns:
        for index, broad in enumerate(reversed(pattern), start=1):
            chosen[-index] &= broad
    return chosen


def _pattern(x: TensorVariable, template: Template, chosen: list[bool]) -> list[bool]:
    pattern: list[bool] = [] if template.arrays_together else list(chosen)
    advanced = template.advanced
    for index, (entry, axis) in enumerate(zip(template.entries, template.axes(), strict=True)):
        if entry == NEW:
            pattern.append(True)
        elif isinstance(entry, Part) and axis is not None:
            pattern.append(entry.is_full and x.broadcastable[axis])
        elif template.arrays_together and index == advanced[0]:
            pattern.extend(chosen)
    return pattern


def _check_inside(x: TensorVariable, axis: int, indices: Any) -> None:
    """Find an index that is out of range on an axis whose size is known."""
    length = known_size(x, axis)
    if length is None or not indices.size:
        return
    wrong = indices[(indices >= length) | (indices < -length)]
    if wrong.size:
        raise IndexError(
            f"index {wrong.flat[0]} is out of range on axis {axis} of {x.describe()}, of size"
            f" {length}"
        )


def _check_mask(x: TensorVariable, first: int | None, mask: TensorVariable) -> None:
    for axis in range(mask.ndim):
        have, want = known_size(mask, axis), known_size(x, (first or 0) + axis)
        if have is not None and want is not None and have != want:
            raise IndexError(
                f"the mask {mask.describe()} has size {have} where axis {(first or 0) + axis} of"
                f" {x.describe()} has size {want}"
            )


def _check_together(
    x: TensorVariable, template: Template, variables: Sequence[TensorVariable]
) -> None:
    """Find index arrays that do not broadcast together."""
    arrays = [taken[0] for entry, _, taken in filled(template, variables) if entry == ARRAY]
    shapes = [tuple(known_size(array, axis) for axis in range(array.ndim)) for array in arrays]
    for index in range(1, 1 + max(map(len, shapes), default=0)):
        sizes = {shape[-index] for shape in shapes if len(shape) >= index} - {None, 1}
        if len(sizes) > 1:
            listed = ", ".join(array.describe() for array in arrays)
            raise IndexError(f"the indices of {x.describe()} do not broadcast together: {listed}")


def fitted_value(
    value: TensorVariable,
    x: TensorVariable,
    template: Template,
    variables: Sequence[TensorVariable],
    pattern: Sequence[bool],
) -> TensorVariable:
    """The value converted to the dtype of `x`, with as many axes as the part; leading ones of size
    1 are dropped, as in NumPy.
    """
    value = value.astype(x.dtype)
    extra = value.ndim - len(pattern)
    if extra > 0 and all(value.broadcastable[:extra]):
        value = dimshuffle(value, range(extra, value.ndim))
    if value.ndim > len(pattern):
        raise ArgumentError(
            f"{value.describe()} has {value.ndim} axes and cannot be written to the part"
            f" {template} of {x.describe()}, which has {len(pattern)}"
        )
    value = shape_padleft(value, len(pattern) - value.ndim)
    for axis, (broad, is_broadcastable) in enumerate(
        zip(value.broadcastable, pattern, strict=True)
    ):
        have = known_size(value, axis)
        if is_broadcastable and not broad and have not in (None, 1):
            raise ValueError(
                f"{value.describe()} has size {have} on axis {axis}, where the part {template} of"
                f" {x.describe()} has size 1"
            )
    return value


def in_dtype(value: TensorVariable, x: TensorVariable) -> TensorVariable:
    """The value in the dtype of what it is written to; TypeError when it would lose precision."""
    if value.dtype == x.dtype:
        return value
    if isinstance(value, TensorConstant):
        with np.errstate(all="ignore"):
            converted = value.data.astype(x.dtype)
        if not is_discrete(x.dtype) or np.array_equal(converted, value.data):
            return constant(converted)
    elif upcast(value.dtype, x.dtype) == x.dtype:
        return value.astype(x.dtype)
    raise TypeError(
        f"{value.describe()} would lose precision when written into {x.describe()}; cast it with"
        f" .astype({x.dtype!r})"
    )


def may_repeat(template: Template, variables: Sequence[TensorVariable]) -> bool:
    """Whether an element may be named twice: unless there are masks only, or the elements of one of
    several vectors are known to differ.
    """
    arrays: list[TensorVariable] = []
    unique = False
    for entry, _, taken in filled(template, variables):
        if entry == ARRAY:
            arrays.extend(taken)
            unique = unique or _is_unique(taken[0])
        elif isinstance(entry, Mask):
            unique = unique or entry.ndim > 0
    return any(not all(array.broadcastable) for array in arrays) and not (
        unique and all(array.ndim == 1 for array in arrays)
    )


def _is_unique(index: TensorVariable) -> bool:
    """Whether the elements of an index vector are known to name different places."""
    if not isinstance(index, TensorConstant) or index.ndim != 1 or index.broadcastable[0]:
        return False
    one_sign = bool((index.data >= 0).all() or (index.data < 0).all())
    return one_sign and np.unique(index.data).size == index.data.size
