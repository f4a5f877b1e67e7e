"""The convolutions that programs call."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lltheano.graph import boundary
from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement, unchecked
from lltheano.tensor.convolution.abstract import (
    AbstractConv2d,
    AbstractConv2d_gradInputs,
    AbstractConv2d_gradWeights,
    AbstractConv3d,
    AbstractConv3d_gradInputs,
    AbstractConv3d_gradWeights,
)
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.indexing.known_values import get_scalar_constant_value
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "assert_conv_shape",
    "assert_shape",
    "causal_conv1d",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "separable_conv2d",
    "separable_conv3d",
]

Tensor = TensorVariable


def _known(shape: Any) -> tuple[Any, ...] | None:
    """A shape as it was given, numbers for what is constant; None where nothing was."""
    if shape is None:
        return None
    return tuple(None if size is None else _number(size) for size in shape)


def _number(size: Any) -> Any:
    if isinstance(size, int | np.integer):
        return size
    try:
        return get_scalar_constant_value(size).item()
    except ValueError:
        return None


def assert_shape(x: Any, expected_shape: Sequence[Any], msg: str = "Unexpected shape.") -> Tensor:
    """Return `x`, provided that its sizes are as expected where that is not None; else ValueError.

    >>> assert_shape([[1.0, 2.0]], (None, 2)).eval().tolist()
    [[1.0, 2.0]]
    """
    result: Tensor = as_tensor_variable(x)
    for axis, wanted in enumerate(expected_shape):
        if wanted is not None:
            have, want = result.shape[axis], as_tensor_variable(wanted)
            shown = escaped(f"{msg} {unchecked(result).describe()}")
            text = f"{shown} has size {{0}} on axis {axis}, not {{1}}"
            result = Requirement("value", text)(result, eq(have, want), have, want)
    return result


def assert_conv_shape(shape: Sequence[Any]) -> tuple[Any, ...]:
    """Return the shape of a convolution; ValueError where a size cannot be.

    >>> assert_conv_shape((2, 3, 4, 5))
    (2, 3, 4, 5)
    """
    for axis, size in enumerate(map(_number, shape)):
        if size is not None and (size < 0 or (axis > 1 and size == 0)):
            raise ValueError(f"a convolution would have size {size} on axis {axis}")
    return tuple(shape)


def _matched(x: Any, shape: Any, what: str) -> Tensor:
    """An operand of the shape that it was said to have."""
    x = as_tensor_variable(x)
    return x if shape is None else assert_shape(x, tuple(shape), f"{what}:")


def _of_shape(result: Tensor, shape: Any, axes: int, what: str) -> Tensor:
    """A gradient, provided that it has the sizes that were given beside the spatial ones."""
    if not isinstance(shape, tuple | list) or len(shape) != result.ndim:
        return result
    return _matched(result, (*shape[:-axes], *[None] * axes), what)


def _check_older_options(options: Mapping[str, Any]) -> None:
    """Warn of options that said how a convolution was computed; ValueError for what it computed."""
    logical = ("imshp_logical", "kshp_logical")
    if any(options.get(name) is not None for name in logical):
        raise ValueError(
            "Keyword arguments 'imshp_logical' and 'kshp_logical' for conv2d are not supported"
            " anymore; for larger images use conv2d_transpose or bilinear_upsampling, for filters"
            " with gaps filter_dilation"
        )
    ignored = sorted(set(options).difference(logical))
    if ignored:
        warnings.warn(
            f"{ignored} are now deprecated in the `tensor.nnet.abstract_conv.conv2d` interface and"
            " will be ignored.",
            stacklevel=4,
        )


def conv2d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Return the convolution of images (count, channels, rows, columns) with filters (count,
    channels, rows, columns).

    Raises TypeError for another number of axes; ValueError for a border or a step that is none, and
    when the function runs for channels that do not go together, filters larger than the image (with
    its border), and shapes that are not those that were given.

    Parameters
    ----------
    input, filters
        Images and filters.
    input_shape, filter_shape
        Their shapes, as far as known; they are checked, and decide nothing.
    border_mode
        "valid": only where the filter lies inside; "full": wherever it overlaps; "half": by half of
        the filter outside, so that an odd filter keeps the size; or how many zeros are added.
    subsample
        The step from window to window, by axis.
    filter_flip
        Whether filters are turned around; False is correlation.
    filter_dilation
        The distance of a filter's places, by axis.
    num_groups
        How many groups of channels there are; filters see those of their own group.
    unshared
        Whether each place of the output has filters of its own: (count, rows, columns, channels,
        rows, columns).
    image_shape
        The older name of `input_shape`.
    kwargs
        Options of Theano's older convolutions, which have no meaning: a warning names them. Only
        those that changed the result, `imshp_logical` and `kshp_logical`, are a ValueError.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d(image, np.ones((1, 1, 2, 2))).eval()
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    _check_older_options(kwargs)
    if image_shape is not None:
        if input_shape is not None:
            raise ValueError("input_shape and image_shape should not be provided at the same time")
        warnings.warn(
            "The `image_shape` keyword argument to `tensor.nnet.conv2d` is deprecated, it has been"
            " renamed to `input_shape`.",
            stacklevel=3,
        )
        input_shape = image_shape
    op = AbstractConv2d(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )
    result: Tensor = op(
        _matched(input, input_shape, "conv2d: input_shape"),
        _matched(filters, filter_shape, "conv2d: filter_shape"),
    )
    return result


def conv3d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Tensor:
    """Return the convolution of images of three spatial axes; see `conv2d`.

    >>> import numpy as np
    >>> conv3d(np.ones((1, 1, 3, 3, 3)), np.ones((2, 1, 3, 3, 2))).eval().ravel()
    array([18., 18., 18., 18.])
    """
    op = AbstractConv3d(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
    )
    result: Tensor = op(
        _matched(input, input_shape, "conv3d: input_shape"),
        _matched(filters, filter_shape, "conv3d: filter_shape"),
    )
    return result


def conv2d_grad_wrt_inputs(  # noqa: PLR0913, PLR0917 - Theano's parameters
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Tensor:
    """Return the gradient of `conv2d` by its images, which have the shape `input_shape`.

    >>> import numpy as np
    >>> g = np.ones((1, 1, 2, 2))
    >>> conv2d_grad_wrt_inputs(g, np.ones((1, 1, 2, 2)), (1, 1, 3, 3)).eval()
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    op = AbstractConv2d_gradInputs(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )
    filters = _matched(filters, filter_shape, "conv2d_grad_wrt_inputs: filter_shape")
    result: Tensor = op(filters, output_grad, _spatial(input_shape, 2))
    return _of_shape(result, input_shape, 2, "conv2d_grad_wrt_inputs: input_shape")


def conv2d_grad_wrt_weights(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Tensor:
    """Return the gradient of `conv2d` by its filters, which have the shape `filter_shape`.

    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d_grad_wrt_weights(image, np.ones((1, 1, 2, 2)), (1, 1, 2, 2)).eval()
    array([[[[24., 20.],
             [12.,  8.]]]])
    """
    op = AbstractConv2d_gradWeights(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )
    images = _matched(input, input_shape, "conv2d_grad_wrt_weights: input_shape")
    result: Tensor = op(images, output_grad, _spatial(filter_shape, 2))
    return _of_shape(result, filter_shape, 2, "conv2d_grad_wrt_weights: filter_shape")


def conv3d_grad_wrt_inputs(  # noqa: PLR0913, PLR0917 - Theano's parameters
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Tensor:
    """Return the gradient of `conv3d` by its images, which have the shape `input_shape`.

    >>> import numpy as np
    >>> one = np.ones((1, 1, 1, 1, 1))
    >>> conv3d_grad_wrt_inputs(one, 2 * one, (1, 1, 1, 1, 1)).eval().ravel()
    array([2.])
    """
    op = AbstractConv3d_gradInputs(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
    )
    filters = _matched(filters, filter_shape, "conv3d_grad_wrt_inputs: filter_shape")
    result: Tensor = op(filters, output_grad, _spatial(input_shape, 3))
    return _of_shape(result, input_shape, 3, "conv3d_grad_wrt_inputs: input_shape")


def conv3d_grad_wrt_weights(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Tensor:
    """Return the gradient of `conv3d` by its filters, which have the shape `filter_shape`.

    >>> import numpy as np
    >>> one = np.ones((1, 1, 1, 1, 1))
    >>> conv3d_grad_wrt_weights(one, 3 * one, (1, 1, 1, 1, 1)).eval().ravel()
    array([3.])
    """
    op = AbstractConv3d_gradWeights(
        _known(input_shape),
        _known(filter_shape),
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
    )
    images = _matched(input, input_shape, "conv3d_grad_wrt_weights: input_shape")
    result: Tensor = op(images, output_grad, _spatial(filter_shape, 3))
    return _of_shape(result, filter_shape, 3, "conv3d_grad_wrt_weights: filter_shape")


def _spatial(shape: Any, axes: int) -> Any:
    """The last sizes of a shape, as the ops of gradients take them."""
    if isinstance(shape, tuple | list):
        if any(size is None for size in shape[-axes:]):
            raise ValueError(f"the spatial sizes must be given, got {tuple(shape)}")
        return [as_tensor_variable(size) for size in shape[-axes:]]
    vector = as_tensor_variable(shape)
    return vector[-axes:]


def conv2d_transpose(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    filters: Any,
    output_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    input_dilation: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Tensor:
    """Return images of the shape `output_shape`: the gradient by these of `conv2d` with a step of
    `input_dilation`.

    >>> import numpy as np
    >>> x, w = np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2))
    >>> conv2d_transpose(x, w, (None, None, 4, 4), input_dilation=(2, 2)).eval()[0, 0, 0]
    array([1., 1., 1., 1.])
    """
    return conv2d_grad_wrt_inputs(
        input,
        filters,
        output_shape,
        filter_shape,
        border_mode,
        input_dilation,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )


def separable_conv2d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
) -> Tensor:
    """Return a convolution of each channel by itself, and then of all with filters of size 1.

    >>> import numpy as np
    >>> x, depthwise = np.ones((1, 2, 3, 3)), np.ones((2, 1, 2, 2))
    >>> separable_conv2d(x, depthwise, np.ones((1, 2, 1, 1)), 2).eval().ravel()
    array([8., 8., 8., 8.])
    """
    depthwise = conv2d(
        input,
        depthwise_filters,
        input_shape,
        depthwise_filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation=filter_dilation,
        num_groups=num_channels,
    )
    return conv2d(
        depthwise, pointwise_filters, None, pointwise_filter_shape, filter_flip=filter_flip
    )


def separable_conv3d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
) -> Tensor:
    """Return a convolution of each channel by itself, and then of all with filters of size 1.

    >>> import numpy as np
    >>> x, depthwise = np.ones((1, 2, 2, 2, 2)), np.ones((2, 1, 2, 2, 2))
    >>> separable_conv3d(x, depthwise, np.ones((1, 2, 1, 1, 1)), 2).eval().ravel()
    array([16.])
    """
    depthwise = conv3d(
        input,
        depthwise_filters,
        input_shape,
        depthwise_filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_channels,
    )
    return conv3d(
        depthwise, pointwise_filters, None, pointwise_filter_shape, filter_flip=filter_flip
    )


def causal_conv1d(  # noqa: PLR0913, PLR0917 - Theano's parameters
    input: Any,  # noqa: A002
    filters: Any,
    filter_shape: Any,
    input_shape: Any = None,
    subsample: int = 1,
    filter_flip: bool = True,
    filter_dilation: int = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Tensor:
    """Return the convolution of sequences (count, channels, length), of which each place sees only
    those before it and itself.

    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0, 3.0]]])
    >>> causal_conv1d(x, np.array([[[10.0, 1.0]]]), (1, 1, 2)).eval()
    array([[[10., 21., 32.]]])
    """
    x, w = as_tensor_variable(input), as_tensor_variable(filters)
    if x.ndim != 3 or w.ndim != 3:
        raise TypeError(
            f"causal_conv1d takes tensors of three axes, got {x.describe()} and {w.describe()}"
        )
    before = (w.shape[2] - 1) * filter_dilation
    frame = x[:, :, :1].zeros_like().repeat(before, axis=2)
    out = conv2d(
        concatenate([frame, x], axis=2).dimshuffle(0, 1, 2, "x"),
        w.dimshuffle(0, 1, 2, "x"),
        None,
        None if filter_shape is None else (*filter_shape, 1),
        subsample=(subsample, 1),
        filter_flip=filter_flip,
        filter_dilation=(filter_dilation, 1),
        num_groups=num_groups,
        unshared=unshared,
    )
    result: Tensor = out[:, :, :, 0]
    return result


boundary.guard(sys.modules[__name__])
