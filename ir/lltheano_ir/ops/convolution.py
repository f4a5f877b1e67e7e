"""Convolution of images with filters, and its gradients by either.

Images lie as (count, channels, size, ...), filters as (filters, channels of a group, size, ...),
what a convolution gives as (images, filters, size, ...), with any number of spatial axes. Along
each of these, place ``k`` of a filter meets, in output ``o``, the element ``o * step + k * dilation
- before`` of the image; outside the image there are zeros. Of `turned` filters place ``k`` is the
k-th from the end, as convolutions have it; `straight` ones correlate.

Operands are two tensors, and then integers, one for each spatial axis: the sizes of the result,
`before`, dilations, steps. Floating results are exact up to the usual bound of n rounding errors
for a sum of n products.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from lltheano_ir.ops.definition import (
    Array,
    Attribute,
    Attributes,
    ExecutionError,
    Failure,
    Op,
    ShapeArithmetic,
    TypeRuleError,
)
from lltheano_ir.ops.linalg.matrices import word
from lltheano_ir.ops.structure import require_indices
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = [
    "CONVOLUTIONS",
    "FARTHEST",
    "FORMS",
    "Meetings",
    "Where",
    "elements_at",
    "require_near",
    "require_same",
    "spatial_axes",
]

Types = Sequence[ValueType]
Sizes = tuple[Any, ...]
Where = tuple[Array, ...]

FORMS = ("straight", "turned")
"""How filters go over images."""

FARTHEST = 1 << 28
"""The greatest step, dilation and frame: places then fit 64 bits, whatever is in memory."""


def spatial_axes(operands: int) -> int:
    """How many spatial axes a convolution of so many operands has."""
    return (operands - 2) // 4


def _operand_types(name: str, types: Types, attributes: Attributes) -> tuple[ValueType, ValueType]:
    """The two tensors; TypeRuleError for what is no convolution."""
    groups, form = attributes
    word(name, form, FORMS)
    if groups < 1:
        raise TypeRuleError(f"{name} needs one group of channels at least, got {groups}")
    first, second = types[:2]
    axes = spatial_axes(len(types))
    ranks = {first.rank, second.rank}
    if ranks != {axes + 2} or len(types) != 2 + 4 * axes or not axes:
        raise TypeRuleError(
            f"{name} takes two tensors of two axes and some spatial ones, and four integers for"
            f" each of these, got {', '.join(map(str, types))}"
        )
    if first.dtype is not second.dtype or first.dtype.is_bool:
        raise TypeRuleError(f"{name} needs tensors of one number type, got {first} and {second}")
    require_indices(name, types[2:])
    return first, second


def _spatial(first: ValueType, outer: tuple[bool, bool]) -> ValueType:
    return ValueType(first.dtype, (*outer, *(False,) * (first.rank - 2)))


def _infer_convolve(types: Types, attributes: Attributes) -> ValueType:
    x, w = _operand_types("convolve", types, attributes)
    return _spatial(x, (x.broadcast[0], w.broadcast[0]))


def _infer_images(types: Types, attributes: Attributes) -> ValueType:
    w, g = _operand_types("convolve_images", types, attributes)
    return _spatial(w, (g.broadcast[0], w.broadcast[1] and attributes[0] == 1))


def _infer_filters(types: Types, attributes: Attributes) -> ValueType:
    x, g = _operand_types("convolve_filters", types, attributes)
    return _spatial(x, (g.broadcast[1], x.broadcast[1] and attributes[0] == 1))


def _convolve_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    x, w, *numbers = operands
    return (shapes.size(x, 0), shapes.size(w, 0), *numbers[: spatial_axes(len(operands))])


def _images_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    w, g, *numbers = operands
    channels = shapes.apply("mul", shapes.size(w, 1), shapes.integer(attributes[0]))
    return (shapes.size(g, 0), channels, *numbers[: spatial_axes(len(operands))])


def _filters_shape(
    shapes: ShapeArithmetic, operands: Sequence[Any], types: Types, attributes: Attributes
) -> Sizes:
    x, g, *numbers = operands
    channels = shapes.apply("floordiv", shapes.size(x, 1), shapes.integer(attributes[0]))
    return (shapes.size(g, 1), channels, *numbers[: spatial_axes(len(operands))])


@record(frozen=True)
class Meetings:
    """Where filters, or windows, meet images: sizes, frames, dilations and steps by axis."""

    images: tuple[int, ...]
    filters: tuple[int, ...]
    outputs: tuple[int, ...]
    before: tuple[int, ...]
    dilations: tuple[int, ...]
    steps: tuple[int, ...]

    def meetings(self) -> Iterator[tuple[tuple[int, ...], Where, Where]]:
        """Each place of a filter, with the outputs for which it lies inside the image, and where
        in the image, by axis.

        Those places come first, along all axes but the last, that an element is met at by the first
        outputs.
        """
        *outer, last = self.filters
        for places in product(*(range(size)[::-1] for size in outer), range(last)):
            outputs, elements = [], []
            for axis, place in enumerate(places):
                each = np.arange(self.outputs[axis])
                shift = place * self.dilations[axis] - self.before[axis]
                met = each * self.steps[axis] + shift
                inside = (met >= 0) & (met < self.images[axis])
                outputs.append(each[inside])
                elements.append(met[inside])
            yield places, tuple(outputs), tuple(elements)


def _numbers(name: str, arrays: Sequence[Array]) -> list[tuple[int, ...]]:
    """Result sizes, frames, dilations and steps; ExecutionError for what cannot be one."""
    axes = spatial_axes(len(arrays))
    given = [int(one) for one in arrays[2:]]
    found = [tuple(given[part * axes : (part + 1) * axes]) for part in range(4)]
    for size in found[0]:
        if size < 0:
            raise ExecutionError("value", f"a size cannot be negative, got {size}", (size,))
    for part, least in enumerate((0, 1, 1), start=1):
        require_near(name, found[part], least)
    return found


def require_near(name: str, numbers: Sequence[int], least: int) -> None:
    """ExecutionError for a frame, dilation, step or window that is too small, or absurdly great."""
    for one in numbers:
        if not least <= one <= FARTHEST:
            message = (
                f"{name}: a frame, dilation, step or window must lie from {least} to {FARTHEST}"
            )
            raise ExecutionError("value", f"{message}, got {one}", (one,))


def require_same(name: str, what: str, have: int, want: int) -> None:
    """ExecutionError for sizes that differ."""
    if have != want:
        raise ExecutionError("sizes", f"{name}: {what} {have} and {want} differ", (have, want))


def _require_divided(name: str, what: str, count: int, groups: int) -> None:
    if count % groups:
        message = f"{name}: {groups} groups do not divide {count} {what}"
        raise ExecutionError("sizes", message, (count,))


def _by_groups(x: Array, axis: int, groups: int) -> Array:
    """The axis becomes two: groups, and what is in one."""
    size = x.shape[axis]
    return x.reshape((*x.shape[:axis], groups, size // groups, *x.shape[axis + 1 :]))


def elements_at(x: Array, places: Where) -> Array:
    """The elements at these places of the last axes: all combinations."""
    for axis, place in enumerate(places, start=x.ndim - len(places)):
        x = x.take(place, axis=axis)
    return x


def _framed(x: Array, geometry: Meetings) -> Callable[[Where, Where], Array]:
    """What gives, for all outputs, the elements met, and zeros where there is none."""

    def met(outputs: Where, elements: Where) -> Array:
        found = np.zeros((*x.shape[: x.ndim - len(outputs)], *geometry.outputs), x.dtype)
        where: Any = (Ellipsis, *np.ix_(*outputs))
        found[where] = elements_at(x, elements)
        return found

    return met


def _flat(x: Array, axes: int) -> Array:
    """The last axes as one."""
    return x.reshape((*x.shape[: x.ndim - axes], math.prod(x.shape[x.ndim - axes :])))


def _placed(w: Array, places: tuple[int, ...], form: str) -> tuple[Any, ...]:
    """The index of a place of filters, as they go over the image."""
    sizes = w.shape[w.ndim - len(places) :]
    turned = tuple(size - 1 - place for size, place in zip(sizes, places, strict=True))
    return (Ellipsis, *(turned if form == "turned" else places))


def _convolve_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (x, w), (groups, form) = arrays[:2], attributes
    outputs, *rest = _numbers("convolve", arrays)
    require_same("convolve", "channels", x.shape[1], w.shape[1] * groups)
    _require_divided("convolve", "filters", w.shape[0], groups)
    axes = len(outputs)
    geometry = Meetings(x.shape[2:], w.shape[2:], outputs, *rest)
    images, filters = _by_groups(x, 1, groups), _by_groups(w, 0, groups)
    met = _framed(images, geometry)
    total = np.zeros((x.shape[0], groups, w.shape[0] // groups, math.prod(outputs)), x.dtype)
    with np.errstate(all="ignore"):
        for places, *where in geometry.meetings():
            found = _flat(met(*where), axes)
            total += np.matmul(filters[_placed(w, places, form)], found)
    return total.reshape((x.shape[0], w.shape[0], *outputs))


def _images_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (w, g), (groups, form) = arrays[:2], attributes
    sizes, *rest = _numbers("convolve_images", arrays)
    require_same("convolve_images", "filters", g.shape[1], w.shape[0])
    _require_divided("convolve_images", "filters", w.shape[0], groups)
    geometry = Meetings(sizes, w.shape[2:], g.shape[2:], *rest)
    gradients, filters = _by_groups(g, 1, groups), _by_groups(w, 0, groups)
    total = np.zeros((g.shape[0], groups, w.shape[1], *sizes), g.dtype)
    with np.errstate(all="ignore"):
        for places, outputs, elements in geometry.meetings():
            given = elements_at(gradients, outputs)
            back = np.matmul(
                np.swapaxes(filters[_placed(w, places, form)], 1, 2), _flat(given, len(sizes))
            )
            index: Any = (Ellipsis, *np.ix_(*elements))
            total[index] += back.reshape((*total.shape[:3], *given.shape[3:]))
    return total.reshape((g.shape[0], groups * w.shape[1], *sizes))


def _filters_reference(arrays: Sequence[Array], types: Types, attributes: Attributes) -> Array:
    (x, g), (groups, form) = arrays[:2], attributes
    sizes, *rest = _numbers("convolve_filters", arrays)
    require_same("convolve_filters", "numbers of images", x.shape[0], g.shape[0])
    _require_divided("convolve_filters", "channels", x.shape[1], groups)
    _require_divided("convolve_filters", "filters", g.shape[1], groups)
    geometry = Meetings(x.shape[2:], sizes, g.shape[2:], *rest)
    images, gradients = _by_groups(x, 1, groups), _by_groups(g, 1, groups)
    met = _framed(images, geometry)
    channels = x.shape[1] // groups
    total = np.zeros((g.shape[1], channels, *sizes), g.dtype)
    flat = _flat(gradients, len(sizes))
    with np.errstate(all="ignore"):
        for places, *where in geometry.meetings():
            found = np.swapaxes(_flat(met(*where), len(sizes)), 2, 3)
            added = np.matmul(flat, found).sum(axis=0, dtype=g.dtype)
            total[_placed(total, places, form)] = added.reshape((g.shape[1], channels))
    return total


def _multiplications(shapes: Sequence[tuple[int, ...]]) -> int:
    """As many, about: each element of one tensor with those of the other that have its channel."""
    first, second = shapes[:2]
    return math.prod(first) * math.prod(second) // max(first[1], 1)


def _op(name: str, summary: str, infer: Any, shape: Any, reference: Any) -> Op:
    return Op(
        name=name,
        arity=2,
        variadic=True,
        summary=summary,
        infer=infer,
        shape=shape,
        reference=reference,
        attributes=(("groups", Attribute.INTEGER), ("filters", Attribute.WORD)),
        failure=Failure.SIZES,
        family="convolution",
        work=_multiplications,
        long_from=1 << 13,
    )


CONVOLUTIONS = (
    _op(
        "convolve",
        "images convolved with filters; then by spatial axis the sizes of the result, of the frame"
        " of zeros before, dilations, and steps",
        _infer_convolve,
        _convolve_shape,
        _convolve_reference,
    ),
    _op(
        "convolve_images",
        "the gradient of convolve by its images, from filters and its result's gradient",
        _infer_images,
        _images_shape,
        _images_reference,
    ),
    _op(
        "convolve_filters",
        "the gradient of convolve by its filters, from images and its result's gradient",
        _infer_filters,
        _filters_shape,
        _filters_reference,
    ),
)
