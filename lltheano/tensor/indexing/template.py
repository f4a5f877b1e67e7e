"""The form of an indexing expression, apart from the variables in it.

`parse_index` turns what the user wrote between brackets into a `Template`, one entry for each axis
of the operand and each new axis (one entry for all the axes of a mask), and the list of variables
that the entries take, in order: the bounds marked `GIVEN`, the arrays and the masks. A template is
hashable: two expressions of one form over the same variables are equal.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from lltheano.graph.core import Variable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.records import record

__all__ = [
    "ARRAY",
    "FULL",
    "GAP",
    "GIVEN",
    "NEW",
    "Entry",
    "Given",
    "Mask",
    "Part",
    "Point",
    "Special",
    "Template",
    "parse_index",
]


@record(frozen=True)
class Given:
    """Stands for the next variable of the expression."""

    def __repr__(self) -> str:
        return "?"


@record(frozen=True)
class Special:
    """An entry without a number: a new axis, an array of indices, or a gap."""

    name: str

    def __repr__(self) -> str:
        return self.name


GIVEN: Final = Given()
NEW: Final = Special("new")
ARRAY: Final = Special("array")
GAP: Final = Special("...")
"""An ellipsis that stands for no axis: it still keeps the arrays on its two sides apart."""

Bound = int | Given | None


@record(frozen=True)
class Part:
    """A slice of an axis; the full one is `Part(None, None, None)`."""

    start: Bound
    stop: Bound
    step: Bound

    @property
    def is_full(self) -> bool:
        """Whether the axis is kept as it is."""
        return self.start is None and self.stop is None and self.step in (None, 1)

    def __repr__(self) -> str:
        bounds = ["" if one is None else repr(one) for one in (self.start, self.stop, self.step)]
        return ":".join(bounds if self.step is not None else bounds[:2])


@record(frozen=True)
class Point:
    """One index of an axis, which the result lacks."""

    index: int | Given

    def __repr__(self) -> str:
        return repr(self.index)


@record(frozen=True)
class Mask:
    """A tensor of bool over as many axes as it has, of which the result has one.

    One without axes stands for none of the operand's: its axis in the result has size 1 or 0.
    """

    ndim: int

    def __repr__(self) -> str:
        return f"mask{self.ndim}"


Entry = Part | Point | Mask | Special
FULL: Final = Part(None, None, None)


def _width(entry: Entry) -> int:
    """The number of axes of the operand that an entry is about."""
    return entry.ndim if isinstance(entry, Mask) else int(entry not in (NEW, GAP))


@record(frozen=True)
class Template:
    """The entries of an indexing expression, with no ellipsis: every axis of the operand has
    one.
    """

    entries: tuple[Entry, ...]

    @property
    def has_arrays(self) -> bool:
        """Whether this is NumPy's advanced indexing."""
        return any(entry == ARRAY or isinstance(entry, Mask) for entry in self.entries)

    @property
    def advanced(self) -> tuple[int, ...]:
        """The positions of the entries whose axes index arrays replace: arrays and masks, and
        points beside them.
        """
        if not self.has_arrays:
            return ()
        kinds = (Mask, Point)
        pairs = enumerate(self.entries)
        return tuple(i for i, one in pairs if one == ARRAY or isinstance(one, kinds))

    @property
    def arrays_together(self) -> bool:
        """Whether the advanced entries are neighbours, so that their axes stay where they were."""
        indices = self.advanced
        return bool(indices) and indices[-1] - indices[0] + 1 == len(indices)

    def axes(self) -> list[int | None]:
        """For each entry the axis of the operand that it is about, of a mask the first; None for a
        new axis, and for a mask without axes.
        """
        results: list[int | None] = []
        axis = 0
        for entry in self.entries:
            width = _width(entry)
            results.append(axis if width else None)
            axis += width
        return results

    def __str__(self) -> str:
        return f"[{', '.join(map(repr, self.entries))}]"


def parse_index(x: TensorVariable, index: Any) -> tuple[Template, list[TensorVariable]]:
    """Read what stands between the brackets of `x[...]`.

    A list with a slice in it says an index for each axis, as in Theano. IndexError for too many
    indices; TypeError for what is no index.
    """
    several = isinstance(index, tuple) or (
        isinstance(index, list) and any(isinstance(one, slice) for one in index)
    )
    items = list(index) if several else [index]
    if sum(item is Ellipsis for item in items) > 1:
        raise IndexError(f"an index of {x.describe()} has more than one ellipsis")
    if not any(item is Ellipsis for item in items):
        items.append(Ellipsis)
    variables: list[TensorVariable] = []
    read = [None if item is Ellipsis else _entry(x, item, variables) for item in items]
    taken = sum(_width(entry) for entry in read if entry is not None)
    if taken > x.ndim:
        raise IndexError(f"{x.describe()} has {x.ndim} axes, got {taken} indices")
    entries: list[Entry] = []
    for entry in read:
        entries.extend([FULL] * (x.ndim - taken) or [GAP] if entry is None else [entry])
    template = Template(tuple(entries))
    if not template.has_arrays or GAP in (entries[0], entries[-1]):
        template = Template(tuple(one for one in entries if one != GAP))
    return template, variables


def _entry(x: TensorVariable, item: Any, variables: list[TensorVariable]) -> Entry:
    if isinstance(item, Variable):
        item = item.type.index(item)
    if item is None:
        return NEW
    if isinstance(item, slice):
        bounds = [_bound(x, one, variables) for one in (item.start, item.stop, item.step)]
        if bounds[2] == 0:
            raise ValueError(f"a slice of {x.describe()} has step 0")
        return Part(*bounds)
    if isinstance(item, bool):
        raise TypeError(
            f"the index {item} of {x.describe()} is a Python bool, which is often the result of"
            " `v == w` on variables: that compares identity, T.eq(v, w) compares elements. A mask"
            f" without axes is written np.bool_({item})"
        )
    if isinstance(item, int | np.integer):
        return Point(int(item))
    if not isinstance(item, Variable | np.ndarray | Sequence | np.generic):
        raise TypeError(
            f"an index of {x.describe()} must be an integer, a slice, None, an ellipsis, or an"
            f" array of integers or bools, got {item!r:.60}"
        )
    return _array_entry(x, as_tensor_variable(item), variables)


def _array_entry(x: TensorVariable, item: TensorVariable, variables: list[TensorVariable]) -> Entry:
    if isinstance(item, TensorConstant) and item.data.size == 0 and item.dtype != "bool":
        item = item.astype("int64")
    if not is_discrete(item.dtype):
        raise TypeError(f"an index of {x.describe()} must be an integer, got {item.describe()}")
    if item.dtype != "bool" and item.ndim == 0 and isinstance(item, TensorConstant):
        return Point(int(item.data))
    variables.append(item)
    if item.dtype == "bool":
        return Mask(item.ndim)
    return ARRAY if item.ndim else Point(GIVEN)


_GREATEST = np.iinfo(np.int64).max


def _bound(x: TensorVariable, item: Any, variables: list[TensorVariable]) -> Bound:
    if item is None:
        return None
    variable = as_tensor_variable(item)
    if variable.ndim or not is_discrete(variable.dtype) or variable.dtype == "bool":
        raise TypeError(
            f"the bounds of a slice of {x.describe()} must be integer scalars, got"
            f" {variable.describe()}"
        )
    if isinstance(variable, TensorConstant):
        number = int(variable.data)
        if number > _GREATEST:
            raise IndexError(
                f"the bound {number} of a slice of {x.describe()} is greater than any index can be"
            )
        return number
    variables.append(variable)
    return GIVEN
