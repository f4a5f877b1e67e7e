"""Masks as index arrays, in the IR.

A mask of bool stands for the places of its true elements, which `nonzero` gives, among all elements
of the axes that it covers; these are put together to one. A mask without axes stands for an axis
that the operand does not have, with one index or none.
"""

import functools
from collections.abc import Sequence

import numpy as np

from lltheano.tensor.indexing.template import (
    ARRAY,
    GAP,
    NEW,
    Entry,
    Given,
    Mask,
    Part,
    Point,
    Template,
)
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Unmasked", "checked_mask", "count_taken", "without_masks"]


@record(frozen=True)
class Unmasked:
    """An indexing expression without masks, of the tensor `x` that is made of the operand: with an
    axis of size 1 for each mask that has none, and one axis for all those of each other mask.
    """

    template: Template
    x: Value
    given: list[Value]
    _wide: Value
    _added: tuple[int, ...] = ()

    def restored(self, builder: Builder, x: Value) -> Value:
        """What was written into `x`, with the operand's axes."""
        wide = self._wide
        if wide is not self.x:
            sizes = [builder.dim(wide, axis) for axis in range(wide.rank)]
            x = builder.reshape(x, sizes, wide.type.broadcast)
        return builder.dimshuffle(x, [i for i in range(wide.rank) if i not in self._added])


def count_taken(entry: Entry) -> int:
    """The number of variables that an entry takes."""
    if isinstance(entry, Part):
        return sum(isinstance(one, Given) for one in (entry.start, entry.stop, entry.step))
    if isinstance(entry, Point):
        return int(isinstance(entry.index, Given))
    return int(entry == ARRAY or isinstance(entry, Mask))


def without_masks(
    builder: Builder, template: Template, x: Value, given: Sequence[Value]
) -> Unmasked:
    """Put index arrays in the place of masks; their sizes are checked."""
    if not any(isinstance(one, Mask) for one in template.entries):
        return Unmasked(template, x, list(given), x)
    rest = list(given)
    entries: list[Entry] = []
    variables: list[Value] = []
    groups: list[list[int | None]] = []
    flags = _flags(builder, template, given)
    axes = iter(range(x.rank))
    for entry in template.entries:
        taken = [rest.pop(0) for _ in range(count_taken(entry))]
        if isinstance(entry, Mask):
            covered: list[int | None] = [next(axes) for _ in range(entry.ndim)]
            groups.append(covered or [None])
            entries.append(ARRAY)
            variables.append(_places(builder, taken[0], x, covered[0]) if covered else flags.pop(0))
        else:
            if entry not in (NEW, GAP):
                groups.append([next(axes)])
            entries.append(entry)
            variables.extend(taken)
    order = [axis for group in groups for axis in group]
    added = tuple(index for index, axis in enumerate(order) if axis is None)
    wide = builder.dimshuffle(x, order)
    merged = _merged(builder, wide, list(map(len, groups)))
    return Unmasked(Template(tuple(entries)), merged, variables, wide, added)


def _merged(builder: Builder, x: Value, widths: Sequence[int]) -> Value:
    """Put neighbouring axes together: of each number of `widths` as many."""
    if all(width == 1 for width in widths):
        return x
    sizes: list[Value] = []
    pattern: list[bool] = []
    start = 0
    for width in widths:
        axes = range(start, start + width)
        sizes.append(_product(builder, [builder.dim(x, axis) for axis in axes]))
        pattern.append(all(x.type.broadcast[axis] for axis in axes))
        start += width
    return builder.reshape(x, sizes, pattern)


def _product(builder: Builder, sizes: Sequence[Value]) -> Value:
    return functools.reduce(lambda x, y: builder.elementwise("mul", x, y), sizes)


def checked_mask(builder: Builder, mask: Value, x: Value, first: int) -> Value:
    """The mask, provided that it has the sizes of the axes of `x` from `first` on."""
    for axis in range(mask.rank):
        have, want = builder.dim(mask, axis), builder.dim(x, first + axis)
        agrees = builder.elementwise("eq", have, want)
        message = f"a mask of size {{0}} stands for axis {first + axis}, of size {{1}}"
        mask = builder.require(mask, agrees, message, (have, want), "index")
    return mask


def _places(builder: Builder, mask: Value, x: Value, first: int | None) -> Value:
    """Where the true elements of a mask are, in row-major order."""
    checked = checked_mask(builder, mask, x, first or 0)
    count = _product(builder, [builder.dim(checked, axis) for axis in range(mask.rank)])
    return builder.nonzero(builder.reshape(checked, [count], [False]))


def _flags(builder: Builder, template: Template, values: Sequence[Value]) -> list[Value]:
    """The index arrays of the masks without axes: zeros, as many as all of them allow.

    The first is the one that may be empty. Beside an index array with a size of its own they
    broadcast, which an empty one does only with another.
    """
    rest = list(values)
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
    unknown = [flag for flag in flags if not _is_true(flag)]
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
    return flag.is_constant and bool(flag.attributes[0].array())
