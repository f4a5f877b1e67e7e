"""Convolutions as older programs of Theano's call them."""

import sys
from typing import Any

from lltheano.graph import boundary
from lltheano.tensor.convolution.abstract import AbstractConv2d
from lltheano.tensor.convolution.functions import conv2d as new_conv2d, conv3d
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["ConvOp", "conv2d", "conv3d2d"]


_HOW_IT_IS_COMPUTED = (
    "direction_hint",
    "fft_opt",
    "kshp_logical_top_aligned",
    "openmp",
    "unroll_batch",
    "unroll_kern",
    "unroll_patch",
    "verbose",
    "version",
)


def conv2d(
    input: Any,  # noqa: A002 - Theano's parameter
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> TensorVariable:
    """Return the convolution of images with filters, as `nnet.conv2d` does.

    Options of Theano's that say how it is computed have no meaning.

    >>> conv2d([[[[1.0, 2.0]]]], [[[[1.0, 10.0]]]]).eval().ravel()
    array([12.])
    """
    for name in _HOW_IT_IS_COMPUTED:
        kargs.pop(name, None)
    return new_conv2d(input, filters, image_shape, filter_shape, border_mode, subsample, **kargs)


ConvOp = AbstractConv2d
"""The op of convolutions, under its older name."""


def conv3d2d(
    signals: Any,
    filters: Any,
    signals_shape: Any = None,
    filters_shape: Any = None,
    border_mode: Any = "valid",
) -> TensorVariable:
    """Return the convolution of videos (count, times, channels, rows, columns) with filters (count,
    times, channels, rows, columns).

    `border_mode` is one for all axes, or one for times and one for rows and columns.

    >>> import numpy as np
    >>> conv3d2d(np.ones((1, 2, 1, 1, 1)), np.ones((1, 2, 1, 1, 1))).eval().ravel()
    array([2.])
    """
    x, w = as_tensor_variable(signals), as_tensor_variable(filters)
    order = (0, 2, 1, 3, 4)
    shapes = [
        None if shape is None else tuple(shape[k] for k in order)
        for shape in (signals_shape, filters_shape)
    ]
    border = border_mode
    if isinstance(border_mode, tuple | list):
        sizes = [w.shape[k] for k in (1, 3, 4)]
        if any(mode != border_mode[0] for mode in border_mode):
            raise NotImplementedError(
                f"conv3d: one border for all axes, got {border_mode!r} for filters of sizes {sizes}"
            )
        border = border_mode[0]
    out = conv3d(x.dimshuffle(*order), w.dimshuffle(*order), shapes[0], shapes[1], border)
    return out.dimshuffle(*order)


boundary.guard(sys.modules[__name__])
