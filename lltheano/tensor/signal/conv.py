"""Convolutions of single images, or of each image with each filter."""

import sys
from typing import Any

from lltheano.graph import boundary
from lltheano.tensor.convolution.functions import conv2d as convolve_channels
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["conv2d"]


def conv2d(
    input: Any,  # noqa: A002 - Theano's parameter
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> TensorVariable:
    """Return the convolution of an image, or of each of a stack, with a filter, or each of a stack.

    The result has an axis for images where `input` has three, one for filters where `filters` has
    three. TypeError for other numbers of axes.

    >>> conv2d([[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.0]]).eval()
    array([[3.],
           [7.]])
    """
    x, w = as_tensor_variable(input), as_tensor_variable(filters)
    for what, one in (("input", x), ("filters", w)):
        if one.ndim not in (2, 3):
            raise TypeError(f"signal.conv2d: {what} has two or three axes, got {one.describe()}")
    images = x.dimshuffle(*(["x"] if x.ndim == 2 else [0]), "x", x.ndim - 2, x.ndim - 1)
    stack = w.dimshuffle(*(["x"] if w.ndim == 2 else [0]), "x", w.ndim - 2, w.ndim - 1)
    out = convolve_channels(
        images,
        stack,
        _four(image_shape),
        _four(filter_shape),
        border_mode,
        subsample,
        filter_flip=kargs.pop("filter_flip", True),
    )
    if kargs:
        raise TypeError(f"signal.conv2d does not take {', '.join(sorted(kargs))}")
    if x.ndim == 2 and w.ndim == 2:
        return out[0, 0]
    if x.ndim == 2:
        return out[0]
    return out[:, 0] if w.ndim == 2 else out


def _four(shape: Any) -> Any:
    """A shape of two or three sizes as one of four."""
    if shape is None:
        return None
    sizes = tuple(shape)
    return (*((1,) if len(sizes) == 2 else sizes[:1]), 1, *sizes[-2:])


boundary.guard(sys.modules[__name__])
