"""A program that grows value by value, each computed at once by the reference interpreter.

Knowing the arrays lets a step choose operands whose sizes agree. Mostly a step that fails is
dropped; sometimes it is kept, since a program must fail as cleanly as it succeeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.host import HOST
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f32, f64, i32, i64
from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import ExecutionError, TypeRuleError
from lltheano_ir.types import INDEX, ValueType

__all__ = ["MAX_RANK", "Growth", "Step", "dtypes", "take_step", "types"]

Array: TypeAlias = NDArray[Any]

MAX_RANK = 3

_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass
class Growth:
    """A program or region in the making.

    `inputs` are the arrays of its arguments, `values` what there is so far, each with its array in
    `arrays`; `failing` are values that were kept although they have none.
    """

    builder: Builder
    draw: st.DrawFn
    steps: "Sequence[Step]"
    inputs: list[Array] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    arrays: dict[Value, Array] = field(default_factory=dict)
    failing: list[Value] = field(default_factory=list)
    depth: int = 0

    def add(self, value: Value) -> Value:
        """Compute a new value and keep it; ExecutionError when it has none."""
        if value not in self.arrays:
            (self.arrays[value],) = evaluate([value], self.inputs, host=HOST)
            self.values.append(value)
        return value

    def pick(self, wanted: Callable[[Value], bool]) -> Value | None:
        """One of the values that are `wanted`, if there is one."""
        found = [value for value in self.values if wanted(value)]
        return self.draw(st.sampled_from(found)) if found else None

    def integer(self, low: int, high: int) -> Value:
        """An index from `low` to `high`, seldom outside, known now or only at run time."""
        if self.draw(st.integers(0, 29)) == 0:
            return self._outside(low - 1, high + 1)
        fitting = self.pick(lambda v: v.type == INDEX and low <= int(self.arrays[v]) <= high)
        if fitting is not None and self.draw(st.booleans()):
            return fitting
        return self.builder.integer(self.draw(st.integers(low, max(low, high))))

    def number(self, wanted: int) -> Value:
        """The index `wanted`, known now or only at run time, seldom another.

        The step of a slice of few elements may be greater than an index can be.
        """
        wanted = min(max(wanted, _LEAST), _MOST)
        if self.draw(st.integers(0, 59)) == 0:
            return self._outside(wanted - 1, wanted + 1, _LEAST, _MOST)
        return self.integer(wanted, wanted)

    def _outside(self, *numbers: int) -> Value:
        inside = [one for one in numbers if _LEAST <= one <= _MOST]
        return self.builder.integer(self.draw(st.sampled_from(inside)))


Step: TypeAlias = Callable[[Growth], Value | Sequence[Value] | None]
"""Makes a new value (or the results of one) from those that there are, or none."""


def dtypes() -> st.SearchStrategy[DType]:
    """Any dtype, the common ones more often."""
    common = [f32, f64, i64, i32, bool_]
    return st.one_of(st.sampled_from(common), st.sampled_from(ALL_DTYPES))


@st.composite
def types(draw: st.DrawFn) -> ValueType:
    """Any type of up to `MAX_RANK` axes."""
    rank = draw(st.sampled_from((0, 1, 1, 2, 2, MAX_RANK)))
    pattern = tuple(draw(st.sampled_from((False, False, True))) for _ in range(rank))
    return ValueType(draw(dtypes()), pattern)


def take_step(growth: Growth) -> None:
    """Let the program grow by one op, if the one that is drawn fits."""
    grow = growth.draw(st.sampled_from(growth.steps))
    try:
        made = grow(growth)
    except TypeRuleError:
        return
    for value in () if made is None else (made,) if isinstance(made, Value) else made:
        try:
            growth.add(value)
        except ExecutionError:
            if growth.draw(st.integers(0, 19)) == 0:
                growth.failing.append(value)
