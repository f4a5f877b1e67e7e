"""Pooling: a number for each window of an image."""

from collections.abc import Sequence
from typing import Any

from lltheano.config import config
from lltheano.tensor.convolution.geometry import positive, window_count
from lltheano.tensor.convolution.window_sums import OverWindows, Spans
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["MODES", "Pool", "pooled"]

MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")


class Pool(ComposedOp):
    """Pool the last axes of a tensor; `pool_2d` and `pool_3d` apply it.

    Operands: a tensor; the window, the step and the padding by axis, vectors.

    Parameters
    ----------
    ignore_border
        Whether windows that do not lie inside wholly are left out.
    mode
        "max", "sum", "average_inc_pad" or "average_exc_pad".
    ndim
        How many axes are pooled.
    openmp
        Theano's; it has no meaning here.

    Examples
    --------
    >>> Pool(ignore_border=True, mode="sum")([[1.0, 2.0], [3.0, 4.0]], (2, 2)).eval()
    array([[10.]])
    """

    def __init__(
        self, ignore_border: bool = False, mode: str = "max", ndim: int = 2, openmp: Any = None
    ) -> None:
        mode = "average_inc_pad" if mode == "average" else mode
        if mode not in MODES:
            raise ValueError(
                f"Pool mode parameter only supports {', '.join(map(repr, MODES))}, got {mode!r}"
            )
        self.ignore_border, self.mode, self.ndim = bool(ignore_border), mode, int(ndim)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """The tensor, and window, step and padding as vectors of integers."""
        x, ws, *rest = inputs
        stride = rest[0] if rest and rest[0] is not None else ws
        pad = rest[1] if len(rest) > 1 and rest[1] is not None else (0,) * self.ndim
        x = as_tensor_variable(x)
        if self.mode.startswith("average") and is_discrete(x.dtype):
            x = x.astype(str(config.floatX))  # a mean of integers is none
        if x.ndim < self.ndim:
            raise TypeError(f"pooling {self.ndim} axes of {x.describe()}, which has fewer")
        numbers = [as_tensor_variable(one) for one in (ws, stride, pad)]
        for what, one in zip(("window", "step", "padding"), numbers, strict=True):
            if one.ndim != 1 or not is_discrete(one.dtype):
                raise TypeError(f"{self}: the {what} is a vector of integers, got {one.describe()}")
        return [x, *(one.astype("int64") for one in numbers)]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Windows and a reduction."""
        x, ws, stride, pad = operands
        axes = range(self.ndim)
        lengths, steps, pads = ([vector[axis] for axis in axes] for vector in (ws, stride, pad))
        result: TensorVariable = pooled(
            x, lengths, steps, pads, self.ignore_border, self.mode, str(self)
        )
        return result

    @staticmethod
    def out_shape(
        imgshape: Sequence[Any],
        ws: Sequence[Any],
        ignore_border: bool = False,
        stride: Any = None,
        pad: Any = None,
        ndim: int = 2,
    ) -> list[Any]:
        """Return the shape of what pooling makes of a shape.

        >>> Pool.out_shape((1, 28, 28), (2, 2), True), Pool.out_shape((5, 5), (2, 2))
        ([1, 14, 14], [3, 3])
        """
        step = ws if stride is None else stride
        pads = (0,) * ndim if pad is None else pad
        sizes = list(imgshape)
        for place in range(ndim):
            axis = len(sizes) - ndim + place
            size = None if sizes[axis] is None else sizes[axis] + 2 * pads[place]
            sizes[axis] = (
                None if size is None else out_size(size, ws[place], step[place], ignore_border, max)
            )
        return sizes

    def __str__(self) -> str:
        return f"Pool{{ignore_border={self.ignore_border}, mode={self.mode!r}, ndim={self.ndim}}}"


def out_size(size: Any, length: Any, step: Any, ignores: bool, most: Any) -> Any:
    """How many windows there are along an axis; `most` is the greater of two numbers.

    Where windows that reach beyond the axis count, one begins at every step until one reaches the
    end; there is one in any case.
    """
    if ignores:
        return most(window_count(size, length, 1, step), 0)
    overlap = most(length - step, 0)
    return most(-((overlap - size) // step), 1)


def pooled(
    x: TensorVariable,
    lengths: Sequence[Any],
    steps: Sequence[Any],
    pads: Sequence[Any],
    ignores: bool,
    mode: str,
    name: str,
) -> Any:
    """Pool the last axes of `x`."""
    first = x.ndim - len(lengths)
    sizes = [x.shape[first + k] for k in range(len(lengths))]
    framed = [size + 2 * pad for size, pad in zip(sizes, pads, strict=True)]
    counts = []
    for size, length, step in zip(framed, lengths, steps, strict=True):
        count = out_size(size, length, step, ignores, maximum)
        shown = (("an image of size (with padding)", size), ("a window of", length))
        counts.append(positive(name, count, *shown))
    spans = Spans(lengths, pads, steps, counts)
    if mode == "max":
        return OverWindows("max")(x, *spans.numbers)
    total = OverWindows("sum")(x, *spans.numbers)
    if mode == "sum":
        return total
    parts = zip(sizes, lengths, steps, pads, counts, strict=True)
    for place, (size, length, step, pad, count) in enumerate(parts):
        wide = mode == "average_inc_pad" and ignores
        held = _held(size, length, step, pad, count, wide).astype(x.dtype)
        total = total / held.dimshuffle(
            *["x"] * (first + place), 0, *["x"] * _after(x, first, place)
        )
    return total


def _after(x: TensorVariable, first: int, place: int) -> int:
    return x.ndim - first - place - 1


def _held(size: Any, length: Any, step: Any, pad: Any, count: Any, with_pad: bool) -> Any:
    """How many elements each window holds along an axis: of the image, or with its padding."""
    start = arange(count) * step - pad
    low, high = (-pad, size + pad) if with_pad else (0, size)
    return maximum(minimum(start + length, high) - maximum(start, low), 1)
