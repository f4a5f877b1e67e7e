"""Convolutions written out: windows, and one product of matrices for each group.

The windows of an image are a view; for the product they are laid out as the columns of a matrix
(im2col: K. Chellapilla, S. Puri and P. Simard, High performance convolutional neural networks for
document processing, 2006), a row for each channel and place in the window.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.convolution.geometry import (
    border_pads,
    cropped,
    padded,
    positive,
    window_count,
)
from lltheano.tensor.convolution.windows import overlap_add, windows
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.reductions.contraction import batched_dot, dot
from lltheano.tensor.shapes.dimshuffle import shape_padleft
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = ["Geometry", "convolve", "gradient_by_filters", "gradient_by_images"]


@record(frozen=True)
class Geometry:
    """How filters go over images.

    Attributes
    ----------
    border
        What is added around an image.
    step
        How far apart windows are, by axis.
    dilation
        How far apart a window's places are, by axis.
    flips
        Whether filters are turned around, as convolutions have it, or not: then it is correlation.
    groups
        Into how many groups channels are divided, that do not see each other.
    unshared
        Whether each place of the output has filters of its own.
    """

    border: Any
    step: tuple[Any, ...]
    dilation: tuple[int, ...]
    flips: bool = True
    groups: int = 1
    unshared: bool = False

    @property
    def axes(self) -> int:
        """How many spatial axes there are."""
        return len(self.step)


def sizes_of(x: TensorVariable, first: int, count: int) -> list[Any]:
    """The sizes along `count` axes from `first` on."""
    return [x.shape[axis] for axis in range(first, first + count)]


def turned(w: TensorVariable, geometry: Geometry) -> TensorVariable:
    """Filters as they go over the image."""
    if not geometry.flips:
        return w
    spatial = (slice(None, None, -1),) * geometry.axes
    result: TensorVariable = w[(Ellipsis, *spatial)]
    return result


def columns(x: TensorVariable, filters: Sequence[Any], geometry: Geometry, name: str) -> Any:
    """All windows of padded images: images, channels, then by axis place and window."""
    pads = border_pads(geometry.border, filters, geometry.dilation)
    x = padded(x, pads, 2)
    spatial = zip(filters, geometry.dilation, geometry.step, strict=True)
    for number, (length, apart, step) in enumerate(spatial):
        axis = 2 + 2 * number
        size = x.shape[axis]
        count = positive(
            name,
            window_count(size, length, apart, step),
            ("an image of size (with its border)", size),
            ("a filter of size", length),
        )
        x = windows(x, axis, length, count, apart, step)
    return x


def places_first(patches: TensorVariable, geometry: Geometry) -> TensorVariable:
    """Windows as channels, places, images, windows."""
    pairs = range(geometry.axes)
    places, which = [2 + 2 * k for k in pairs], [3 + 2 * k for k in pairs]
    return patches.dimshuffle(1, *places, 0, *which)


def convolve(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """The convolution of images (count, channels, sizes) with filters (count, channels, sizes)."""
    axes = geometry.axes
    if geometry.unshared:
        return _convolve_unshared(x, w, geometry, name)
    w = _of_channels(x, w, geometry, name)
    filters = sizes_of(w, 2, axes)
    patches = places_first(columns(x, filters, geometry, name), geometry)
    outer = [patches.shape[1 + axes + k] for k in range(1 + axes)]
    rows = w.shape[1] * _product(filters)
    matrix = patches.reshape((geometry.groups, rows, _product(outer)), ndim=3)
    weights = _by_groups(w, geometry, rows)
    flat = _products(weights, matrix, geometry.groups)
    out = flat.reshape((w.shape[0], *outer), ndim=2 + axes)
    return out.dimshuffle(1, 0, *range(2, 2 + axes))


def _of_channels(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """Filters, provided that they have the channels of the images, and groups divide them."""
    groups = geometry.groups
    have, want = x.shape[1], w.shape[1] * groups
    message = (
        f"{escaped(name)}: images of {{0}} channels, {escaped(x.describe())}, do not go with"
        f" filters for {{1}}, {escaped(w.describe())}"
    )
    w = Requirement("value", message)(w, eq(have, want), have, want)
    if groups > 1:
        message = f"{escaped(name)}: {groups} groups do not divide {{0}} filters"
        count = w.shape[0]
        w = Requirement("value", message)(w, eq(count % groups, 0), count)
    return w


def _by_groups(w: TensorVariable, geometry: Geometry, rows: Any) -> Any:
    """Filters as a matrix for each group, a filter a row."""
    groups = geometry.groups
    return turned(w, geometry).reshape((groups, w.shape[0] // groups, rows), ndim=3)


def _channels_by_groups(g: TensorVariable, geometry: Geometry, outer: Any) -> Any:
    """What filters give, as a matrix for each group, a filter a row."""
    groups = geometry.groups
    ordered = g.dimshuffle(1, 0, *range(2, 2 + geometry.axes))
    return ordered.reshape((groups, g.shape[1] // groups, outer), ndim=3)


def _products(x: TensorVariable, y: TensorVariable, groups: int) -> Any:
    """A product of matrices for each group."""
    return dot(x[0], y[0]) if groups == 1 else batched_dot(x, y)


def _product(sizes: Sequence[Any]) -> Any:
    total: Any = 1
    for size in sizes:
        total = total * size
    return total


def _convolve_unshared(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """Filters: count, sizes of the output, channels, sizes of the window."""
    axes = geometry.axes
    filters = sizes_of(w, 2 + axes, axes)
    patches = columns(x, filters, geometry, name)
    pairs = range(axes)
    places, which = [2 + 2 * k for k in pairs], [3 + 2 * k for k in pairs]
    ordered = patches.dimshuffle(0, "x", *which, 1, *places)
    weights = shape_padleft(turned(w, geometry))
    return (ordered * weights).sum(axis=tuple(range(2 + axes, 3 + 2 * axes)))


def gradient_by_images(
    w: TensorVariable, g: TensorVariable, sizes: Sequence[Any], geometry: Geometry
) -> Any:
    """The gradient by images of these spatial sizes: each window gets what its filters give."""
    axes, groups = geometry.axes, geometry.groups
    filters = sizes_of(w, w.ndim - axes, axes)
    pads = border_pads(geometry.border, filters, geometry.dilation)
    outer = [g.shape[0], *sizes_of(g, 2, axes)]
    if geometry.unshared:
        patches = _patches_unshared(w, g, geometry)
    else:
        flat = _channels_by_groups(g, geometry, _product(outer))
        weights = _by_groups(w, geometry, w.shape[1] * _product(filters))
        found = _products(weights.dimshuffle(0, 2, 1), flat, groups)
        patches = found.reshape((w.shape[1] * groups, *filters, *outer), ndim=2 + 2 * axes)
        order = [position for k in range(axes) for position in (1 + k, 2 + axes + k)]
        patches = patches.dimshuffle(1 + axes, 0, *order)
    framed = [size + before + after for size, (before, after) in zip(sizes, pads, strict=True)]
    for number in reversed(range(axes)):
        apart, step = geometry.dilation[number], geometry.step[number]
        patches = overlap_add(patches, 2 + 2 * number, framed[number], apart, step)
    return cropped(patches, pads, list(sizes), 2)


def _patches_unshared(w: TensorVariable, g: TensorVariable, geometry: Geometry) -> Any:
    axes = geometry.axes
    weights = shape_padleft(turned(w, geometry))
    spread = g.dimshuffle(*range(2 + axes), *["x"] * (1 + axes))
    patches = (spread * weights).sum(axis=1)
    order = [position for k in range(axes) for position in (2 + axes + k, 1 + k)]
    return patches.dimshuffle(0, 1 + axes, *order)


def gradient_by_filters(
    x: TensorVariable, g: TensorVariable, sizes: Sequence[Any], geometry: Geometry, name: str
) -> Any:
    """The gradient by filters of these spatial sizes."""
    axes, groups = geometry.axes, geometry.groups
    patches = columns(x, list(sizes), geometry, name)
    if geometry.unshared:
        pairs = range(axes)
        places, which = [2 + 2 * k for k in pairs], [3 + 2 * k for k in pairs]
        ordered = patches.dimshuffle(0, "x", *which, 1, *places)
        spread = g.dimshuffle(*range(2 + axes), *["x"] * (1 + axes))
        return turned((ordered * spread).sum(axis=0), geometry)
    outer = _product([g.shape[0], *sizes_of(g, 2, axes)])
    rows = x.shape[1] // groups * _product(sizes)
    matrix = places_first(patches, geometry).reshape((groups, rows, outer), ndim=3)
    flat = _channels_by_groups(g, geometry, outer)
    found = _products(flat, matrix.dimshuffle(0, 2, 1), groups)
    shape = (g.shape[1], x.shape[1] // groups, *sizes)
    return turned(found.reshape(shape, ndim=2 + axes), geometry)


def as_sizes(value: Any, axes: int, what: str) -> list[Any]:
    """Sizes by axis, from a vector, or a list of numbers and scalars."""
    if isinstance(value, tuple | list):
        if len(value) != axes:
            raise ValueError(f"{what} needs {axes} sizes, got {len(value)}")
        return list(value)
    vector = as_tensor_variable(value)
    return [vector[axis] for axis in range(axes)]
