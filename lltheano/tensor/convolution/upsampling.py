"""Larger images: bilinear interpolation, by a transposed convolution."""

from fractions import Fraction
from typing import Any

import numpy as np

from lltheano.config import config
from lltheano.tensor.convolution.functions import conv2d_grad_wrt_inputs
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "bilinear_kernel_1D",
    "bilinear_kernel_2D",
    "bilinear_upsampling",
    "frac_bilinear_upsampling",
]


def bilinear_kernel_1D(ratio: int, normalize: bool = True) -> TensorVariable:  # noqa: N802
    """Return the weights of linear interpolation at `ratio` points from sample to sample.

    >>> bilinear_kernel_1D(2).eval()
    array([0.5, 1. , 0.5])
    """
    rising = np.arange(1, ratio + 1, dtype=str(config.floatX))
    weights = np.concatenate([rising, rising[-2::-1]])
    return constant(weights / ratio if normalize else weights)


def bilinear_kernel_2D(ratio: int, normalize: bool = True) -> TensorVariable:  # noqa: N802
    """Return the weights of bilinear interpolation, a matrix.

    >>> bilinear_kernel_2D(1).eval()
    array([[1.]])
    """
    weights = bilinear_kernel_1D(ratio, normalize)
    return weights.dimshuffle("x", 0) * weights.dimshuffle(0, "x")


def bilinear_upsampling(
    input: Any,  # noqa: A002 - Theano's parameter
    ratio: int | None = None,
    frac_ratio: Any = None,
    batch_size: Any = None,
    num_input_channels: Any = None,
    use_1D_kernel: bool = True,  # noqa: N803
) -> TensorVariable:
    """Return images (count, channels, rows, columns) `ratio` times as large along each axis,
    interpolated; beyond the first and last samples their values hold.

    A sample is the middle one of its `ratio` points, the earlier of two middle ones.

    `frac_ratio`, a pair of numbers or of fractions, is for ratios that are no integers. The others
    are there for Theano's signature.

    >>> bilinear_upsampling([[[[0.0, 2.0]]]], 2).eval()[0, 0, 0]
    array([0., 1., 2., 2.])
    """
    if frac_ratio is not None:
        if ratio is not None:
            raise ValueError("can't use ratio and frac_ratio together")
        return frac_bilinear_upsampling(input, frac_ratio)
    if ratio is None or int(ratio) != ratio or ratio < 1:
        raise ValueError(f"ratio must be a positive integer, got {ratio!r}")
    return _interpolated(as_tensor_variable(input), ((int(ratio), 1),) * 2)


def frac_bilinear_upsampling(input: Any, frac_ratio: Any) -> TensorVariable:  # noqa: A002
    """Return images interpolated at a ratio that is a fraction.

    `frac_ratio` is a pair of integers (numerator, denominator), or one such pair for each axis.

    >>> frac_bilinear_upsampling([[[[0.0, 1.0, 2.0]]]], (3, 2)).eval().shape
    (1, 1, 2, 5)
    """
    whole = tuple(frac_ratio)
    pairs = whole if isinstance(whole[0], tuple | list) else (whole, whole)
    reduced = []
    for pair in pairs:
        numerator, denominator = pair
        fraction = Fraction(int(numerator), int(denominator))
        if fraction < 1:
            raise ValueError(f"images do not get larger by a ratio of {fraction}")
        reduced.append((fraction.numerator, fraction.denominator))
    return _interpolated(as_tensor_variable(input), tuple(reduced))


def _interpolated(x: TensorVariable, ratios: Any) -> TensorVariable:
    """Interpolate at `numerator` points from sample to sample, and keep each `denominator`-th."""
    if x.ndim != 4:
        raise TypeError(f"upsampling takes images of four axes, got {x.describe()}")
    for axis, (many, every) in zip((2, 3), ratios, strict=True):
        x = _along(x, axis, many)[(slice(None),) * axis + (slice(None, None, every),)]
    return x


def _along(x: TensorVariable, axis: int, ratio: int) -> TensorVariable:
    if ratio == 1:
        return x
    longer = concatenate([x.take([0], axis=axis), x, x.take([-1], axis=axis)], axis=axis)
    weights = bilinear_kernel_1D(ratio).astype(x.dtype)
    order = ("x", "x", 0, "x") if axis == 2 else ("x", "x", "x", 0)
    count, channels, rows, columns = (longer.shape[k] for k in range(4))
    flat = longer.reshape((count * channels, 1, rows, columns), ndim=4)
    sizes = [rows, columns]
    sizes[axis - 2] = (sizes[axis - 2] - 1) * ratio + 1 + 2 * (ratio - 1)
    step = (ratio, 1) if axis == 2 else (1, ratio)
    wide = conv2d_grad_wrt_inputs(
        flat, weights.dimshuffle(*order), (None, 1, *sizes), subsample=step, filter_flip=False
    )
    first = 2 * ratio - 1 - (ratio - 1) // 2  # of the points before the sample that was first
    inside = slice(first, first + x.shape[axis] * ratio)
    kept = wide[(slice(None),) * axis + (inside,)]
    sizes[axis - 2] = x.shape[axis] * ratio
    return kept.reshape((count, channels, *sizes), ndim=4)
