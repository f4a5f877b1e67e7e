"""Shapes of convolutions, in Python: what comes out, and what went in."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.tensor.convolution.geometry import checked_border

__all__ = [
    "border_mode_to_pad",
    "check_conv_gradinputs_shape",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
]

Shape = Sequence[Any]


def _sides(border: Any, span: Any) -> tuple[Any, Any]:
    """What is added before and after, for a filter that spans so much."""
    if border == "valid":
        return 0, 0
    if border == "full":
        return span, span
    if border == "half":
        return (span + 1) // 2, (span + 1) // 2
    before, after = border if isinstance(border, tuple | list) else (border, border)
    if before < 0 or after < 0:
        raise ValueError("border_mode must be >= 0")
    return before, after


def _by_axis(border: Any, axes: int) -> list[Any]:
    pads = checked_border(border, axes)
    return [pads] * axes if isinstance(pads, str) else list(pads)


def get_conv_shape_1axis(
    image_shape: Any, kernel_shape: Any, border_mode: Any, subsample: Any, dilation: Any = 1
) -> Any:
    """Return the size of a convolution along an axis; None where one it depends on is not known.

    >>> get_conv_shape_1axis(28, 5, "valid", 1), get_conv_shape_1axis(28, 5, "full", 2)
    (24, 16)
    """
    if any(one is None for one in (image_shape, kernel_shape, border_mode, subsample, dilation)):
        return None
    span = (kernel_shape - 1) * dilation
    before, after = _sides(border_mode, span)
    return (image_shape + before + after - span - 1) // subsample + 1


def get_conv_output_shape(
    image_shape: Shape,
    kernel_shape: Shape,
    border_mode: Any,
    subsample: Shape,
    filter_dilation: Shape | None = None,
) -> tuple[Any, ...]:
    """Return the shape of a convolution of images of one shape with filters of another.

    >>> get_conv_output_shape((64, 1, 28, 28), (20, 1, 5, 5), "valid", (1, 1))
    (64, 20, 24, 24)
    """
    axes = len(subsample)
    dilation = filter_dilation or (1,) * axes
    images, filters = image_shape[2:], kernel_shape[-axes:]
    borders = _by_axis(border_mode, axes)
    parts = zip(images, filters, borders, subsample, dilation, strict=True)
    return (image_shape[0], kernel_shape[0], *(get_conv_shape_1axis(*one) for one in parts))


def get_conv_gradweights_shape_1axis(
    image_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """Return the size of filters along an axis; None where it is not known or not determined.

    >>> get_conv_gradweights_shape_1axis(28, 24, "valid", 1, 1)
    5
    """
    known = (image_shape, top_shape, border_mode, subsample, dilation)
    if any(one is None for one in known) or subsample != 1 or border_mode == "half":
        return None
    if border_mode == "full":
        span = top_shape - image_shape
    else:
        before, after = _sides(border_mode, 0)
        span = image_shape + before + after - top_shape
    return span // dilation + 1


def get_conv_gradweights_shape(
    image_shape: Shape,
    top_shape: Shape,
    border_mode: Any,
    subsample: Shape,
    filter_dilation: Shape | None = None,
    num_groups: int = 1,
    unshared: bool = False,
) -> tuple[Any, ...]:
    """Return the shape of filters from those of images and of the convolution.

    >>> get_conv_gradweights_shape((64, 1, 28, 28), (64, 20, 24, 24), "valid", (1, 1))
    (20, 1, 5, 5)
    """
    axes = len(subsample)
    dilation = filter_dilation or (1,) * axes
    channels = None if image_shape[1] is None else image_shape[1] // num_groups
    parts = zip(
        image_shape[2:],
        top_shape[2:],
        _by_axis(border_mode, axes),
        subsample,
        dilation,
        strict=True,
    )
    sizes = tuple(get_conv_gradweights_shape_1axis(*one) for one in parts)
    places = tuple(top_shape[2:]) if unshared else ()
    return (top_shape[1], *places, channels, *sizes)


def get_conv_gradinputs_shape_1axis(
    kernel_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """Return the size of images along an axis; None where it is not known or not determined.

    >>> get_conv_gradinputs_shape_1axis(5, 24, "valid", 1, 1)
    28
    """
    known = (kernel_shape, top_shape, border_mode, subsample, dilation)
    if any(one is None for one in known) or subsample != 1:
        return None
    span = (kernel_shape - 1) * dilation
    before, after = _sides(border_mode, span)
    return top_shape + span - before - after


def get_conv_gradinputs_shape(
    kernel_shape: Shape,
    top_shape: Shape,
    border_mode: Any,
    subsample: Shape,
    filter_dilation: Shape | None = None,
    num_groups: int = 1,
) -> tuple[Any, ...]:
    """Return the shape of images from those of filters and of the convolution.

    >>> get_conv_gradinputs_shape((20, 1, 5, 5), (64, 20, 24, 24), "valid", (1, 1))
    (64, 1, 28, 28)
    """
    axes = len(subsample)
    dilation = filter_dilation or (1,) * axes
    filters = kernel_shape[-axes:]
    channels = kernel_shape[-axes - 1]
    channels = None if channels is None else channels * num_groups
    borders = _by_axis(border_mode, axes)
    parts = zip(filters, top_shape[2:], borders, subsample, dilation, strict=True)
    return (top_shape[0], channels, *(get_conv_gradinputs_shape_1axis(*one) for one in parts))


def check_conv_gradinputs_shape(
    image_shape: Shape,
    kernel_shape: Shape,
    output_shape: Shape,
    border_mode: Any,
    subsample: Shape,
    filter_dilation: Shape | None = None,
) -> bool:
    """Whether images and filters of these shapes may give a convolution of this, as far as known.

    >>> check_conv_gradinputs_shape((9, 1, 28, 28), (2, 1, 5, 5), (9, 2, 24, 24), "valid", (1, 1))
    True
    """
    if len(image_shape) != len(output_shape) or len(kernel_shape) < len(image_shape):
        return False
    if any(one is not None and one <= 0 for one in output_shape):
        return False
    computed = get_conv_output_shape(
        image_shape, kernel_shape, border_mode, subsample, filter_dilation
    )
    pairs = zip(computed, output_shape, strict=True)
    return all(one is None or other is None or one == other for one, other in pairs)


def border_mode_to_pad(mode: Any, convdim: int, kshp: Shape) -> tuple[tuple[Any, Any], ...]:
    """Return what a border adds before and after, by axis.

    >>> border_mode_to_pad("half", 2, (5, 3)), border_mode_to_pad((1, (0, 2)), 2, (5, 3))
    (((2, 2), (1, 1)), ((1, 1), (0, 2)))
    """
    spans = [None if size is None else int(np.asarray(size)) - 1 for size in kshp[-convdim:]]
    borders = _by_axis(mode, convdim)
    return tuple(_sides(border, span) for border, span in zip(borders, spans, strict=True))
