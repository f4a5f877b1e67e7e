"""Masks as index arrays, in the IR.

NumPy's rule: a mask of bool stands for as many index arrays as it has axes, which `nonzero` gives;
one without axes for an axis that the operand does not have, with one index or none.
"""

from collections.abc import Sequence

import numpy as np

from lltheano.tensor.index_template import ARRAY, Entry, Given, Mask, Part, Point, Template
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Expanded", "checked_mask", "count_taken", "without_masks"]


@record(frozen=True)
class Expanded:
    """An indexing expression without masks, of a tensor with an axis of size 1 for each mask that
    has none.
    """

    template: Template
    x: Value
    given: list[Value]
    added: tuple[int, ...]

    def original_axes(self) -> list[int]:
        """The axes of the tensor that are axes of the operand."""
        return [axis for axis in range(self.x.rank) if axis not in self.added]


def count_taken(entry: Entry) -> int:
    """The number of variables that an entry takes."""
    if isinstance(entry, Part):
        return sum(isinstance(one, Given) for one in (entry.start, entry.stop, entry.step))
    if isinstance(entry, Point):
        return int(isinstance(entry.index, Given))
    return int(entry == ARRAY or isinstance(entry, Mask))


def without_masks(
    builder: Builder, template: Template, x: Value, given: Sequence[Value]
) -> Expanded:
    """Put index arrays in the place of masks; their sizes are checked."""
    if not any(isinstance(one, Mask) for one in template.entries):
        return Expanded(template, x, list(given), ())
    rest = list(given)
    entries: list[Entry] = []
    variables: list[Value] = []
    order: list[int | None] = []
    flags = _flags(builder, template, given)
    axes = iter(range(x.rank))
    for entry in template.entries:
        taken = [rest.pop(0) for _ in range(count_taken(entry))]
        if isinstance(entry, Mask) and not entry.ndim:
            order.append(None)
            entries.append(ARRAY)
            variables.append(flags.pop(0))
        elif isinstance(entry, Mask):
            covered = [next(axes) for _ in range(entry.ndim)]
            order.extend(covered)
            entries.extend([ARRAY] * entry.ndim)
            mask = checked_mask(builder, taken[0], x, covered[0])
            variables.extend(_coordinates(builder, mask))
        else:
            if isinstance(entry, Part | Point) or entry == ARRAY:
                order.append(next(axes))
            entries.append(entry)
            variables.extend(taken)
    added = tuple(place for place, axis in enumerate(order) if axis is None)
    return Expanded(Template(tuple(entries)), builder.dimshuffle(x, order), variables, added)


def checked_mask(builder: Builder, mask: Value, x: Value, first: int) -> Value:
    """The mask, provided that it has the sizes of the axes of `x` from `first` on."""
    for axis in range(mask.rank):
        have, want = builder.dim(mask, axis), builder.dim(x, first + axis)
        agrees = builder.elementwise("eq", have, want)
        message = f"a mask of size {{0}} stands for axis {first + axis}, of size {{1}}"
        mask = builder.require(mask, agrees, message, (have, want), "index")
    return mask


def _coordinates(builder: Builder, mask: Value) -> list[Value]:
    """For each axis of the mask the indices of its true elements, in row-major order."""
    sizes = [builder.dim(mask, axis) for axis in range(mask.rank)]
    count = sizes[0]
    for size in sizes[1:]:
        count = builder.elementwise("mul", count, size)
    places = builder.nonzero(builder.reshape(mask, [count], [False]))
    found: list[Value] = []
    for size in reversed(sizes[1:]):
        wide = builder.dimshuffle(size, [None])
        found.append(builder.elementwise("mod", places, wide))
        places = builder.elementwise("floordiv", places, wide)
    return [places, *reversed(found)]


def _flags(builder: Builder, template: Template, given: Sequence[Value]) -> list[Value]:
    """The index arrays of the masks without axes: zeros, as many as all of them allow.

    The first is the one that may be empty. Beside an index array with a size of its own they
    broadcast, which an empty one does only with another.
    """
    rest = list(given)
    flags: list[Value] = []
    counts: list[Value] = []
    for entry in template.entries:
        taken = [rest.pop(0) for _ in range(count_taken(entry))]
        if isinstance(entry, Mask) and not entry.ndim:
            flags.extend(taken)
        elif isinstance(entry, Mask):
            mask = builder.cast(taken[0], dtype_of("int64"))
            counts.append(builder.reduce("add", mask, range(mask.rank)))
        elif entry == ARRAY and not taken[0].type.broadcast[-1]:
            counts.append(builder.dim(taken[0], taken[0].rank - 1))
    zero = builder.constant(np.zeros(1, dtype=np.int64))
    zeros = [zero] * len(flags)
    unknown = [one for one in flags if not _is_true(one)]
    if not unknown:
        return zeros
    condition = unknown[0]
    for one in unknown[1:]:
        condition = builder.elementwise("and", condition, one)
    if not counts:
        return [builder.broadcast(zero, [builder.cast(condition, dtype_of("int64"))]), *zeros[1:]]
    empty = builder.elementwise("eq", counts[0], builder.integer(0))
    fits = builder.elementwise("or", condition, empty)
    message = "a false mask without axes does not broadcast with {0} indices"
    return [builder.require(zero, fits, message, counts[:1], "index"), *zeros[1:]]


def _is_true(flag: Value) -> bool:
    return flag.op.name == "constant" and bool(flag.attributes[0].array())
