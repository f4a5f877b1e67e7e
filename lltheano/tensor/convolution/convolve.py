"""Convolutions with what may be asked of them: borders by name, sizes that go together, filters for
each place.

Those that share their filters are the compiler's own. Unshared ones are written out: the windows of
an image are a view, and each is multiplied by filters of its own.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.text import escaped
from lltheano.tensor.assertion import Requirement, unchecked
from lltheano.tensor.convolution.geometry import (
    border_pads,
    cropped,
    padded,
    positive,
    window_count,
)
from lltheano.tensor.convolution.primitives import (
    Convolve,
    ConvolveFilters,
    ConvolveImages,
    Meeting,
)
from lltheano.tensor.convolution.windows import overlap_add, windows
from lltheano.tensor.elementwise.comparison import eq
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


def _described(x: TensorVariable) -> str:
    """A variable in a message."""
    return escaped(unchecked(x).describe())


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
    counts = _counts(sizes_of(x, 2, geometry.axes), filters, geometry, name)
    parts = zip(filters, counts, geometry.dilation, geometry.step, strict=True)
    for number, (length, count, apart, step) in enumerate(parts):
        x = windows(x, 2 + 2 * number, length, count, apart, step)
    return x


def convolve(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """The convolution of images (count, channels, sizes) with filters (count, channels, sizes)."""
    axes = geometry.axes
    if geometry.unshared:
        return _convolve_unshared(x, w, geometry, name)
    w = _of_channels(x, w, geometry, name)
    filters = sizes_of(w, 2, axes)
    pads = border_pads(geometry.border, filters, geometry.dilation)
    framed = _framed(sizes_of(x, 2, axes), pads)
    counts = _counts(framed, filters, geometry, name)
    return Convolve(geometry.groups, geometry.flips).apply(x, w, counts, _met(pads, geometry))


def _framed(sizes: Sequence[Any], pads: Sequence[Any]) -> list[Any]:
    """The sizes of images with their border."""
    return [size + before + after for size, (before, after) in zip(sizes, pads, strict=True)]


def _counts(
    sizes: Sequence[Any], filters: Sequence[Any], geometry: Geometry, name: str
) -> list[Any]:
    """How many windows there are along each axis of images with their border: one at least."""
    found = []
    for size, length, apart, step in zip(
        sizes, filters, geometry.dilation, geometry.step, strict=True
    ):
        shown = ("an image of size (with its border)", size), ("a filter of size", length)
        found.append(positive(name, window_count(size, length, apart, step), *shown))
    return found


def _met(pads: Sequence[Any], geometry: Geometry) -> Meeting:
    return Meeting([before for before, _ in pads], geometry.dilation, geometry.step)


def _of_channels(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """Filters, provided that they have the channels of the images, and groups divide them."""
    groups = geometry.groups
    have, want = x.shape[1], w.shape[w.ndim - geometry.axes - 1] * groups
    message = (
        f"{escaped(name)}: images of {{0}} channels, {_described(x)}, do not go with"
        f" filters for {{1}}, {_described(w)}"
    )
    w = Requirement("value", message)(w, eq(have, want), have, want)
    if groups > 1:
        message = f"{escaped(name)}: {groups} groups do not divide {{0}} filters"
        count = w.shape[0]
        w = Requirement("value", message)(w, eq(count % groups, 0), count)
    return w


def _convolve_unshared(x: TensorVariable, w: TensorVariable, geometry: Geometry, name: str) -> Any:
    """Filters: count, sizes of the output, channels, sizes of the window."""
    axes = geometry.axes
    filters = sizes_of(w, 2 + axes, axes)
    w = _of_channels(x, w, geometry, name)
    patches = columns(x, filters, geometry, name)
    outer = [patches.shape[3 + 2 * k] for k in range(axes)]
    w = _of_places(w, outer, name)
    weights = shape_padleft(_filters_by_groups(turned(w, geometry), geometry))
    products = _windows_by_groups(patches, geometry) * weights
    found = products.sum(axis=tuple(range(3 + axes, 4 + 2 * axes)))
    return found.reshape((x.shape[0], w.shape[0], *outer), ndim=2 + axes)


def _of_places(w: TensorVariable, outer: Sequence[Any], name: str) -> Any:
    """Filters, provided that there are some for each place of the output."""
    for axis, count in enumerate(outer, start=1):
        message = (
            f"{escaped(name)}: unshared filters {_described(w)} for {{0}} places on axis"
            f" {axis}, the output has {{1}}"
        )
        have = w.shape[axis]
        w = Requirement("value", message)(w, eq(have, count), have, count)
    return w


def _windows_by_groups(patches: TensorVariable, geometry: Geometry) -> Any:
    """Windows as images, groups, one, places of the output, channels, places of the window."""
    axes, groups = geometry.axes, geometry.groups
    shape = [patches.shape[axis] for axis in range(patches.ndim)]
    grouped = patches.reshape(
        (shape[0], groups, shape[1] // groups, *shape[2:]), ndim=patches.ndim + 1
    )
    places, which = [3 + 2 * k for k in range(axes)], [4 + 2 * k for k in range(axes)]
    return grouped.dimshuffle(0, 1, "x", *which, 2, *places)


def _filters_by_groups(w: TensorVariable, geometry: Geometry) -> Any:
    """Filters as groups, filters of a group, and what else they have."""
    shape = [w.shape[axis] for axis in range(w.ndim)]
    return w.reshape((geometry.groups, shape[0] // geometry.groups, *shape[1:]), ndim=w.ndim + 1)


def _spread(g: TensorVariable, geometry: Geometry) -> Any:
    """What filters give as images, groups, filters, places, one for each that a window holds."""
    axes, groups = geometry.axes, geometry.groups
    shape = [g.shape[axis] for axis in range(g.ndim)]
    grouped = g.reshape((shape[0], groups, shape[1] // groups, *shape[2:]), ndim=3 + axes)
    return grouped.dimshuffle(*range(3 + axes), *["x"] * (1 + axes))


def gradient_by_images(
    w: TensorVariable, g: TensorVariable, sizes: Sequence[Any], geometry: Geometry, name: str
) -> Any:
    """The gradient by images of these spatial sizes: each window gets what its filters give."""
    axes, groups = geometry.axes, geometry.groups
    filters = sizes_of(w, w.ndim - axes, axes)
    g = _of_filters(g, w.shape[0], geometry, name)
    g = _of_sizes(g, sizes, filters, geometry, name)
    pads = border_pads(geometry.border, filters, geometry.dilation)
    if not geometry.unshared:
        images = ConvolveImages(groups, geometry.flips)
        return images.apply(w, g, list(sizes), _met(pads, geometry))
    patches = _patches_unshared(_of_places(w, sizes_of(g, 2, axes), name), g, geometry)
    framed = _framed(sizes, pads)
    for number in reversed(range(axes)):
        apart, step = geometry.dilation[number], geometry.step[number]
        patches = overlap_add(patches, 2 + 2 * number, framed[number], apart, step)
    return cropped(patches, pads, list(sizes), 2)


def _of_filters(g: TensorVariable, count: Any, geometry: Geometry, name: str) -> Any:
    """The gradient of a convolution, provided that it has as many channels as there are filters,
    and groups divide them.
    """
    channels = g.shape[1]
    shown = f"{escaped(name)}: the gradient {_described(g)}"
    if count is not None:
        message = f"{shown} has {{0}} channels, there are {{1}} filters"
        g = Requirement("value", message)(g, eq(channels, count), channels, count)
    if geometry.groups > 1:
        message = f"{shown} has {{0}} channels, which {geometry.groups} groups do not divide"
        g = Requirement("value", message)(g, eq(channels % geometry.groups, 0), channels)
    return g


def _of_sizes(
    g: TensorVariable, sizes: Sequence[Any], filters: Sequence[Any], geometry: Geometry, name: str
) -> Any:
    """The gradient of a convolution, provided that this has its sizes."""
    pads = border_pads(geometry.border, filters, geometry.dilation)
    parts = zip(sizes, filters, pads, geometry.dilation, geometry.step, strict=True)
    for axis, (size, length, (before, after), apart, step) in enumerate(parts, start=2):
        have = g.shape[axis]
        count = window_count(size + before + after, length, apart, step)
        message = (
            f"{escaped(name)}: the gradient {_described(g)} has size {{0}} on axis {axis};"
            " images of size {1} with filters of size {2} have {3} there"
        )
        g = Requirement("value", message)(g, eq(have, count), have, size, length, count)
    return g


def _patches_unshared(w: TensorVariable, g: TensorVariable, geometry: Geometry) -> Any:
    axes = geometry.axes
    weights = shape_padleft(_filters_by_groups(turned(w, geometry), geometry))
    patches = (_spread(g, geometry) * weights).sum(axis=2)
    order = [position for k in range(axes) for position in (3 + axes + k, 2 + k)]
    shape = [patches.shape[axis] for axis in range(patches.ndim)]
    ordered = patches.dimshuffle(0, 1, 2 + axes, *order)
    channels = shape[1] * shape[2 + axes]
    return ordered.reshape(
        (shape[0], channels, *(shape[position] for position in order)), ndim=2 + 2 * axes
    )


def gradient_by_filters(
    x: TensorVariable, g: TensorVariable, sizes: Sequence[Any], geometry: Geometry, name: str
) -> Any:
    """The gradient by filters of these spatial sizes."""
    axes, groups = geometry.axes, geometry.groups
    x = _of_images(x, g, geometry, name)
    g = _of_filters(g, None, geometry, name)
    g = _of_sizes(g, sizes_of(x, 2, axes), sizes, geometry, name)
    if not geometry.unshared:
        pads = border_pads(geometry.border, sizes, geometry.dilation)
        filters = ConvolveFilters(groups, geometry.flips)
        return filters.apply(x, g, list(sizes), _met(pads, geometry))
    patches = columns(x, list(sizes), geometry, name)
    products = _windows_by_groups(patches, geometry) * _spread(g, geometry)
    found = products.sum(axis=0)
    rest = [found.shape[axis] for axis in range(2, found.ndim)]
    return turned(found.reshape((g.shape[1], *rest), ndim=found.ndim - 1), geometry)


def _of_images(x: TensorVariable, g: TensorVariable, geometry: Geometry, name: str) -> Any:
    """Images, provided that there are as many as in the gradient, and groups divide channels."""
    have, want = x.shape[0], g.shape[0]
    message = (
        f"{escaped(name)}: {{0}} images in {_described(x)}, {{1}} in the gradient {_described(g)}"
    )
    x = Requirement("value", message)(x, eq(have, want), have, want)
    if geometry.groups > 1:
        message = f"{escaped(name)}: {geometry.groups} groups do not divide {{0}} channels"
        channels = x.shape[1]
        x = Requirement("value", message)(x, eq(channels % geometry.groups, 0), channels)
    return x


def as_sizes(value: Any, axes: int, what: str) -> list[Any]:
    """Sizes by axis, from a vector, or a list of numbers and scalars."""
    if isinstance(value, tuple | list):
        if len(value) != axes:
            raise ValueError(f"{what} needs {axes} sizes, got {len(value)}")
        return list(value)
    vector = as_tensor_variable(value)
    return [vector[axis] for axis in range(axes)]
