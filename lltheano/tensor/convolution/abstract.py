"""The ops of convolutions: one node in the graph, products of matrices to the compiler."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.config import config
from lltheano.tensor.convolution.convolve import (
    Geometry,
    as_sizes,
    convolve,
    gradient_by_filters,
    gradient_by_images,
)
from lltheano.tensor.convolution.geometry import checked_border
from lltheano.tensor.convolution.shapes import get_conv_output_shape
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete, upcast
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "AbstractConv",
    "AbstractConv2d",
    "AbstractConv2d_gradInputs",
    "AbstractConv2d_gradWeights",
    "AbstractConv3d",
    "AbstractConv3d_gradInputs",
    "AbstractConv3d_gradWeights",
    "AbstractConv_gradInputs",
    "AbstractConv_gradWeights",
    "BaseAbstractConv",
]


class BaseAbstractConv(ComposedOp):
    """What convolutions and their gradients have in common.

    Parameters
    ----------
    convdim
        How many spatial axes images have: 2 or 3.
    imshp, kshp
        The shapes of images and filters as far as they are known, None for what is not.
    border_mode
        "valid", "full", "half", an integer, a tuple of integers or of pairs of integers.
    subsample
        How far apart windows are, by axis.
    filter_flip
        Whether filters are turned around.
    filter_dilation
        How far apart the places of a window are, by axis.
    num_groups
        Into how many groups channels are divided.
    unshared
        Whether each place of the output has filters of its own.
    """

    __props__ = (
        "convdim",
        "border_mode",
        "subsample",
        "filter_flip",
        "imshp",
        "kshp",
        "filter_dilation",
        "num_groups",
        "unshared",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - Theano's parameters
        self,
        convdim: int,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = None,
        filter_flip: bool = True,
        filter_dilation: Any = None,
        num_groups: int = 1,
        unshared: bool = False,
    ) -> None:
        if convdim not in (2, 3):
            raise ValueError(f"convolution dimension {convdim} is not supported, 2 and 3 are")
        self.convdim = convdim
        pads = checked_border(border_mode, convdim)
        self.border_mode: Any = pads if isinstance(pads, str) else tuple(pads)
        self.subsample = self._by_axis("subsample", subsample)
        self.filter_flip = bool(filter_flip)
        self.filter_dilation = self._by_axis("filter_dilation", filter_dilation)
        if num_groups < 1:
            raise ValueError(f"num_groups must be a positive number, got {num_groups}")
        if unshared and convdim != 2:
            raise NotImplementedError("unshared convolutions have two spatial axes")
        self.num_groups, self.unshared = int(num_groups), bool(unshared)
        self.imshp = _known_shape("imshp", imshp, 2 + convdim)
        self.kshp = _known_shape("kshp", kshp, self.filter_axes)
        self._check_shapes()

    def _check_shapes(self) -> None:
        """ValueError for images and filters that do not go together, as far as they are known."""
        channels, of_filter = self.imshp[1], self.kshp[-self.convdim - 1]
        if channels is not None and of_filter is not None:
            seen = of_filter * self.num_groups
            if channels != seen:
                raise ValueError(
                    f"images of {channels} channels do not go with filters for {seen}: images of"
                    f" shape {self.imshp}, filters of shape {self.kshp}, {self.num_groups} groups"
                )
        if self.kshp[0] is not None and self.kshp[0] % self.num_groups:
            raise ValueError(f"{self.num_groups} groups do not divide {self.kshp[0]} filters")
        geometry = (self.border_mode, self.subsample, self.filter_dilation)
        sizes = get_conv_output_shape(self.imshp, self.kshp, *geometry)[2:]
        if any(size is not None and size < 1 for size in sizes):
            raise ValueError(
                f"nothing is left: images of shape {self.imshp} with filters of shape {self.kshp},"
                f" border_mode {self.border_mode!r} and filter_dilation {self.filter_dilation}"
            )

    def _by_axis(self, what: str, given: Any) -> tuple[int, ...]:
        steps = (1,) * self.convdim if given is None else tuple(given)
        whole = all(isinstance(one, int | np.integer) and one >= 1 for one in steps)
        if len(steps) != self.convdim or not whole:
            raise ValueError(
                f"{what} must be {self.convdim} positive integers, one for each axis, got {given!r}"
            )
        return tuple(int(one) for one in steps)

    @property
    def geometry(self) -> Geometry:
        """How filters go over images."""
        return Geometry(
            self.border_mode,
            self.subsample,
            self.filter_dilation,
            self.filter_flip,
            self.num_groups,
            self.unshared,
        )

    @property
    def name(self) -> str:
        """What messages call the op."""
        return type(self).__name__

    def _checked(self, what: str, given: Any, ndim: int) -> TensorVariable:
        """An operand of float numbers, of so many axes."""
        x = as_tensor_variable(given)
        if x.ndim != ndim:
            raise TypeError(f"{self.name}: {what} must have {ndim} axes, got {x.describe()}")
        return x

    def _both(self, x: TensorVariable, y: TensorVariable) -> list[TensorVariable]:
        """Two operands in one dtype; integers become floats."""
        dtype = upcast(x.dtype, y.dtype)
        if is_discrete(dtype):
            dtype = str(config.floatX)
        return [one if one.dtype == dtype else one.astype(dtype) for one in (x, y)]

    @property
    def filter_axes(self) -> int:
        """How many axes filters have."""
        return 2 + self.convdim + (self.convdim if self.unshared else 0)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__props__)
        return f"{type(self).__name__}{{{shown}}}"


def _known_shape(what: str, shape: Any, axes: int) -> tuple[int | None, ...]:
    """A shape as far as it is known; ValueError for what is none."""
    sizes = (None,) * axes if shape is None else tuple(shape)
    known = all(size is None or isinstance(size, int | np.integer) for size in sizes)
    if not known or any(size is not None and size < 0 for size in sizes):
        raise ValueError(f"{what} should be None or a tuple of constant int values, got {shape!r}")
    if len(sizes) != axes:
        raise ValueError(f"{what} must have {axes} sizes, got {shape!r}")
    return tuple(None if size is None else int(size) for size in sizes)


class AbstractConv(BaseAbstractConv):
    """The convolution of images with filters."""

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Images, then filters."""
        img, kern = inputs
        x = self._checked("img", img, 2 + self.convdim)
        w = self._checked("kern", kern, self.filter_axes)
        return self._both(x, w)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Windows and products."""
        x, w = operands
        result: TensorVariable = convolve(x, w, self.geometry, self.name)
        return result


class AbstractConv_gradInputs(BaseAbstractConv):  # noqa: N801 - Theano's name
    """The gradient of a convolution by its images, from filters, gradient, and images' sizes."""

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Filters, the gradient of the output, the spatial sizes of images."""
        kern, topgrad, shape = inputs
        w = self._checked("kern", kern, self.filter_axes)
        g = self._checked("topgrad", topgrad, 2 + self.convdim)
        return [*self._both(w, g), as_shape(shape, self.convdim)]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The product, and the sum of windows."""
        w, g, shape = operands
        sizes = as_sizes(shape, self.convdim, self.name)
        result: TensorVariable = gradient_by_images(w, g, sizes, self.geometry, self.name)
        return result


class AbstractConv_gradWeights(BaseAbstractConv):  # noqa: N801 - Theano's name
    """The gradient of a convolution by its filters, from images, gradient, and filters' sizes."""

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Images, the gradient of the output, the spatial sizes of filters."""
        img, topgrad, shape = inputs
        x = self._checked("img", img, 2 + self.convdim)
        g = self._checked("topgrad", topgrad, 2 + self.convdim)
        return [*self._both(x, g), as_shape(shape, self.convdim)]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Windows and products."""
        x, g, shape = operands
        sizes = as_sizes(shape, self.convdim, self.name)
        result: TensorVariable = gradient_by_filters(x, g, sizes, self.geometry, self.name)
        return result


def as_shape(shape: Any, axes: int) -> TensorVariable:
    """Spatial sizes as a vector; of a whole shape the last ones."""
    if isinstance(shape, tuple | list):
        shape = shape[-axes:]
    vector = as_tensor_variable(shape)
    if vector.ndim != 1:
        raise TypeError(f"sizes are a vector, got {vector.describe()}")
    return vector.astype("int64")


class AbstractConv2d(AbstractConv):
    """The convolution of images of 2 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1),
        num_groups: int = 1,
        unshared: bool = False,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, unshared)
        super().__init__(2, imshp, kshp, border_mode, *flags)

    @staticmethod
    def getOutputShape(  # noqa: N802 - Theano's name
        inshp: Sequence[int],
        kshp: Sequence[int],
        stride: Sequence[int] = (1, 1),
        mode: str = "valid",
    ) -> tuple[Any, ...]:
        """Return rows and columns of a convolution.

        >>> AbstractConv2d.getOutputShape((28, 28), (5, 5))
        (24, 24)
        """
        shape = get_conv_output_shape((1, 1, *inshp), (1, 1, *kshp), mode, stride)
        return shape[2:]


class AbstractConv3d(AbstractConv):
    """The convolution of images of 3 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1, 1),
        num_groups: int = 1,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, False)
        super().__init__(3, imshp, kshp, border_mode, *flags)


class AbstractConv2d_gradInputs(AbstractConv_gradInputs):  # noqa: N801 - Theano's name
    """The gradient by images of 2 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1),
        num_groups: int = 1,
        unshared: bool = False,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, unshared)
        super().__init__(2, imshp, kshp, border_mode, *flags)


class AbstractConv3d_gradInputs(AbstractConv_gradInputs):  # noqa: N801 - Theano's name
    """The gradient by images of 3 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1, 1),
        num_groups: int = 1,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, False)
        super().__init__(3, imshp, kshp, border_mode, *flags)


class AbstractConv2d_gradWeights(AbstractConv_gradWeights):  # noqa: N801 - Theano's name
    """The gradient by filters of 2 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1),
        num_groups: int = 1,
        unshared: bool = False,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, unshared)
        super().__init__(2, imshp, kshp, border_mode, *flags)


class AbstractConv3d_gradWeights(AbstractConv_gradWeights):  # noqa: N801 - Theano's name
    """The gradient by filters of 3 spatial axes; for parameters see `BaseAbstractConv`."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1, 1),
        num_groups: int = 1,
    ) -> None:
        flags = (subsample, filter_flip, filter_dilation, num_groups, False)
        super().__init__(3, imshp, kshp, border_mode, *flags)
