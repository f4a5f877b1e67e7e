"""The form of an indexing expression, apart from the variables in it.

`parse_index` turns what the user wrote between brackets into a `Template`, one entry for each axis
of the operand and each new axis, and the list of variables that the entries marked `GIVEN` take,
in order. A template is hashable: two expressions of one form over the same variables are equal.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from lltheano.graph.core import Variable
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.promotion import is_discrete
from lltheano.tensor.variable import TensorConstant, TensorVariable
from lltheano_ir.records import record

__all__ = ["ARRAY", "GIVEN", "NEW", "Given", "Part", "Point", "Special", "Template", "parse_index"]


@record(frozen=True)
class Given:
    """Stands for the next variable of the expression."""

    def __repr__(self) -> str:
        return "?"


@record(frozen=True)
class Special:
    """An entry without a number: a new axis, or an array of indices."""

    name: str

    def __repr__(self) -> str:
        return self.name


GIVEN: Final = Given()
NEW: Final = Special("new")
ARRAY: Final = Special("array")

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


Entry = Part | Point | Special
FULL = Part(None, None, None)


@record(frozen=True)
class Template:
    """The entries of an indexing expression, with no ellipsis: every axis of the operand has
    one.
    """

    entries: tuple[Entry, ...]

    @property
    def has_arrays(self) -> bool:
        """Whether this is NumPy's advanced indexing."""
        return ARRAY in self.entries

    @property
    def advanced(self) -> tuple[int, ...]:
        """The positions of the entries whose axes index arrays replace: arrays, and points beside
        them.
        """
        if not self.has_arrays:
            return ()
        pairs = enumerate(self.entries)
        return tuple(i for i, one in pairs if one == ARRAY or isinstance(one, Point))

    @property
    def arrays_together(self) -> bool:
        """Whether the advanced entries are neighbours, so that their axes stay where they were."""
        places = self.advanced
        return bool(places) and places[-1] - places[0] + 1 == len(places)

    def axes(self) -> list[int | None]:
        """For each entry the axis of the operand that it is about; None for a new axis."""
        found: list[int | None] = []
        axis = 0
        for entry in self.entries:
            found.append(None if entry == NEW else axis)
            axis += entry != NEW
        return found

    def __str__(self) -> str:
        return f"[{', '.join(map(repr, self.entries))}]"


def parse_index(x: TensorVariable, index: Any) -> tuple[Template, list[TensorVariable]]:
    """Read what stands between the brackets of `x[...]`.

    IndexError for too many indices; TypeError for what is no index.
    """
    items = list(index) if isinstance(index, tuple) else [index]
    variables: list[TensorVariable] = []
    taken = sum(one is not None and one is not Ellipsis for one in items)
    if taken > x.ndim:
        raise IndexError(f"{x.describe()} has {x.ndim} axes, got {taken} indices")
    if sum(one is Ellipsis for one in items) > 1:
        raise IndexError(f"an index of {x.describe()} has more than one ellipsis")
    entries: list[Entry] = []
    for item in items:
        if item is Ellipsis:
            entries.extend([FULL] * (x.ndim - taken))
        else:
            entries.append(_entry(x, item, variables))
    if not any(one is Ellipsis for one in items):
        entries.extend([FULL] * (x.ndim - taken))
    return Template(tuple(entries)), variables


def _entry(x: TensorVariable, item: Any, variables: list[TensorVariable]) -> Entry:
    if item is None:
        return NEW
    if isinstance(item, slice):
        bounds = [_bound(x, one, variables) for one in (item.start, item.stop, item.step)]
        if bounds[2] == 0:
            raise ValueError(f"a slice of {x.describe()} has step 0")
        return Part(*bounds)
    if isinstance(item, int | np.integer) and not isinstance(item, bool):
        return Point(int(item))
    if isinstance(item, bool) or not isinstance(
        item, Variable | np.ndarray | Sequence | np.generic
    ):
        raise TypeError(
            f"an index of {x.describe()} must be an integer, a slice, None, an ellipsis or an array"
            f" of integers, got {item!r:.60}"
        )
    return _array_entry(x, as_tensor_variable(item), variables)


def _array_entry(x: TensorVariable, item: TensorVariable, variables: list[TensorVariable]) -> Entry:
    if item.dtype == "bool":
        raise TypeError(
            f"{item.describe()} is a mask, whose result has a size that only its elements tell;"
            f" masks are not supported as an index of {x.describe()}: use T.switch, or the integer"
            " indices"
        )
    if isinstance(item, TensorConstant) and item.data.size == 0:
        item = item.astype("int64")
    if not is_discrete(item.dtype):
        raise TypeError(f"an index of {x.describe()} must be an integer, got {item.describe()}")
    if item.ndim == 0:
        if isinstance(item, TensorConstant):
            return Point(int(item.data))
        variables.append(item)
        return Point(GIVEN)
    variables.append(item)
    return ARRAY


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
        return int(variable.data)
    variables.append(variable)
    return GIVEN
