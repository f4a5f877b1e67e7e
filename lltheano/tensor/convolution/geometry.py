"""How windows lie in images: borders, and the sizes that follow from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.errors import NotScalarConstantError
from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc
from lltheano.tensor.elementwise.comparison import gt
from lltheano.tensor.indexing.functions import set_subtensor
from lltheano.tensor.indexing.known_values import get_scalar_constant_value
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "Border",
    "border_pads",
    "cropped",
    "padded",
    "positive",
    "window_count",
]

Border = str | int | tuple[int | tuple[int, int], ...]
"""What is added around an image: by name, or how much, on all sides, by axis, or side by side."""


def border_pads(border: Any, filters: Sequence[Any], dilation: Sequence[int]) -> list[Any]:
    """Return (before, after) for each axis; what depends on the size of the filters is symbolic.

    ValueError for what is no border.
    """
    spans = [(size - 1) * apart for size, apart in zip(filters, dilation, strict=True)]
    if border == "valid":
        return [(0, 0) for _ in spans]
    if border == "full":
        return [(span, span) for span in spans]
    if border == "half":
        return [((span + 1) // 2, (span + 1) // 2) for span in spans]
    pads: list[Any] = checked_border(border, len(spans))
    return pads


def checked_border(border: Any, axes: int) -> Any:
    """The pads of a border of numbers, by axis and side; ValueError for what is no border."""
    if isinstance(border, str):
        if border in ("valid", "full", "half"):
            return border
        raise ValueError(_message(border, axes))
    whole = border if isinstance(border, tuple | list) else (border,) * axes
    pairs = [(one, one) if isinstance(one, int | np.integer) else one for one in whole]
    ok = len(pairs) == axes and all(
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and all(isinstance(side, int | np.integer) and side >= 0 for side in pair)
        for pair in pairs
    )
    if not ok:
        raise ValueError(_message(border, axes))
    return [(int(pair[0]), int(pair[1])) for pair in pairs]


def _message(border: Any, axes: int) -> str:
    return (
        f"invalid border_mode {border!r}, which must be 'valid', 'full', 'half', an integer, a"
        f" tuple of {axes} integers or a tuple of {axes} pairs of integers, none negative"
    )


def padded(x: TensorVariable, pads: Sequence[Any], first: int, value: Any = 0) -> TensorVariable:
    """`x` in a frame of a number, along its axes from `first` on."""
    if all(_is_zero(side) for pair in pads for side in pair):
        return x
    sizes = [x.shape[axis] for axis in range(first)]
    parts: list[Any] = [slice(None)] * first
    for axis, (before, after) in enumerate(pads, start=first):
        size = x.shape[axis]
        sizes.append(size + before + after)
        parts.append(slice(before, before + size))
    frame = alloc(as_tensor_variable(value).astype(x.dtype), *sizes)
    return set_subtensor(frame[tuple(parts)], x)


def cropped(x: TensorVariable, pads: Sequence[Any], sizes: Sequence[Any], first: int) -> Any:
    """`x` without its frame; `sizes` are those of what is inside."""
    if all(_is_zero(side) for pair in pads for side in pair):
        return x
    parts: list[Any] = [slice(None)] * first
    parts += [slice(before, before + size) for (before, _), size in zip(pads, sizes, strict=True)]
    return x[tuple(parts)]


def _is_zero(number: Any) -> bool:
    try:
        return bool(get_scalar_constant_value(number) == 0)
    except NotScalarConstantError:
        return False


def window_count(size: Any, length: Any, dilation: Any, step: Any) -> Any:
    """How many windows of so many places fit along an axis; not positive where none does."""
    return (size - (length - 1) * dilation - 1) // step + 1


def positive(what: str, number: Any, *sizes: tuple[str, Any]) -> Any:
    """A number of windows, provided that there is one; ValueError that names what does not fit."""
    count = as_tensor_variable(number).astype("int64")
    named = [(name, as_tensor_variable(one).astype("int64")) for name, one in sizes]
    shown = ", ".join(f"{escaped(name)} {{{place}}}" for place, (name, _) in enumerate(named))
    message = f"{escaped(what)}: nothing is left: {shown}"
    requirement = Requirement("value", message)
    return requirement(count, gt(count, 0), *(one for _, one in named))
