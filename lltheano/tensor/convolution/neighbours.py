"""Patches of images as the rows of a matrix, and back."""

from typing import Any

from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.convolution.geometry import padded, positive, window_count
from lltheano.tensor.convolution.windows import windows
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["Images2Neibs", "images2neibs", "neibs2images"]

_MODES = ("valid", "ignore_borders", "wrap_centered", "half", "full")


class Images2Neibs(ComposedOp):
    """The op of `images2neibs`.

    Parameters
    ----------
    mode
        What happens at borders.
    """

    def __init__(self, mode: str = "valid") -> None:
        if mode not in _MODES:
            raise NotImplementedError(f"the mode is one of {', '.join(_MODES)}, got {mode!r}")
        self.mode = mode

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Images, the shape of a patch, the step."""
        images, shape, *rest = inputs
        step = rest[0] if rest and rest[0] is not None else shape
        x, length, far = (as_tensor_variable(one) for one in (images, shape, step))
        if x.ndim != 4 or length.ndim != 1 or far.ndim != 1:
            raise TypeError(
                "images2neibs takes a tensor of four axes and vectors, got"
                f" {x.describe()}, {length.describe()} and {far.describe()}"
            )
        return [x, length.astype("int64"), far.astype("int64")]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Windows, laid out row by row."""
        x, lengths, steps = operands
        sizes = [(lengths[k], steps[k]) for k in range(2)]
        if self.mode in ("half", "full"):
            sides = [length // 2 if self.mode == "half" else length - 1 for length, _ in sizes]
            x = padded(x, [(side, side) for side in sides], 2)
        if self.mode == "wrap_centered":
            x = _wrapped(x, [length for length, _ in sizes])
        for place, (length, step) in enumerate(sizes):
            axis = 2 + 2 * place
            size = x.shape[axis]
            count = window_count(size, length, 1, step)
            shown = (("an image of size", size), ("patches of", length))
            count = positive("images2neibs", count, *shown)
            if self.mode == "valid":
                count = _fitting(count, size, length, step)
            x = windows(x, axis, length, count, 1, step)
        patches = x.dimshuffle(0, 1, 3, 5, 2, 4)
        return reshape(patches, (-1, lengths[0] * lengths[1]), ndim=2)

    def __str__(self) -> str:
        return f"Images2Neibs{{{self.mode}}}"


def _fitting(count: Any, size: Any, length: Any, step: Any) -> Any:
    """The number of patches, provided that nothing of the image is left over."""
    left = (size - length) % step
    message = "images2neibs: patches of {0} at steps of {1} leave a rest of an image of size {2}"
    return Requirement("value", message)(count, eq(left, 0), length, step, size)


def _wrapped(x: TensorVariable, lengths: list[Any]) -> TensorVariable:
    """Images that go on at the other side, by half of a patch."""
    for place, length in enumerate(lengths):
        axis = 2 + place
        size = x.shape[axis]
        message = escaped("images2neibs: wrap_centered takes patches of odd sizes, got") + " {0}"
        length = Requirement("value", message)(length, eq(length % 2, 1), length)
        half = length // 2
        places = (arange(size + 2 * half) - half) % size
        x = x.take(places, axis=axis)
    return x


def images2neibs(
    ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid"
) -> TensorVariable:
    """Return the patches of images (count, channels, rows, columns), each as a row of a matrix.

    Parameters
    ----------
    ten4
        The images.
    neib_shape
        Rows and columns of a patch.
    neib_step
        The steps from patch to patch; by default they lie side by side.
    mode
        "valid": nothing of the image may be left over, else ValueError; "ignore_borders": what is
        left over is left out; "half" and "full": zeros are added around, half of a patch or all of
        it but one; "wrap_centered": the image goes on at its other side.

    Examples
    --------
    >>> import numpy as np
    >>> images2neibs(np.arange(8.0).reshape(1, 1, 2, 4), (2, 2)).eval()
    array([[0., 1., 4., 5.],
           [2., 3., 6., 7.]])
    """
    result: TensorVariable = Images2Neibs(mode)(ten4, neib_shape, neib_step)
    return result


def neibs2images(
    neibs: Any, neib_shape: Any, original_shape: Any, mode: str = "valid"
) -> TensorVariable:
    """Return the images of this shape that patches, side by side, are those of.

    With "ignore_borders" what no patch covers is 0.

    >>> neibs2images([[0.0, 1.0, 4.0, 5.0], [2.0, 3.0, 6.0, 7.0]], (2, 2), (1, 1, 2, 4)).eval()
    array([[[[0., 1., 2., 3.],
             [4., 5., 6., 7.]]]])
    """
    if mode not in ("valid", "ignore_borders"):
        raise NotImplementedError(f"neibs2images does not support the mode {mode!r}")
    rows = as_tensor_variable(neibs)
    lengths = [as_tensor_variable(neib_shape)[k] for k in range(2)]
    sizes = [as_tensor_variable(original_shape)[k] for k in range(4)]
    counts = [size // length for size, length in zip(sizes[2:], lengths, strict=True)]
    patches = reshape(rows, (sizes[0], sizes[1], *counts, *lengths), ndim=6)
    whole = [count * length for count, length in zip(counts, lengths, strict=True)]
    images = reshape(patches.dimshuffle(0, 1, 2, 4, 3, 5), (sizes[0], sizes[1], *whole), ndim=4)
    if mode == "valid":
        return reshape(images, sizes, ndim=4)
    rest = [(0, size - inside) for size, inside in zip(sizes[2:], whole, strict=True)]
    return padded(images, rest, 2)
