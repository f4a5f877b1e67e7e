"""What is known of integers while statements are made: from where to where they reach.

An index of a loop lies from 0 to below the loop's extent, and a size from 0 to `MAX_SIZE`. What
follows for sums, differences and choices of such is followed by interval arithmetic, so that an
index that cannot be negative is not asked whether it is, and a check that cannot fail is not made.
Nothing is claimed of arithmetic that may wrap around.
"""

from collections.abc import Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import Number, Operand, Scalar
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Interval
from lltheano_ir.shapes import MAX_SIZE

__all__ = ["Ranges"]

_ALL: Interval = (-(1 << 63), (1 << 63) - 1)


class Ranges:
    """The spans of the i64 scalars of one function, and the extents below which indices lie."""

    def __init__(self) -> None:
        self._spans: dict[Scalar, Interval] = {}
        self._extents: dict[Scalar, Operand] = {}

    def of(self, operand: Operand) -> Interval:
        """From where to where an i64 operand may lie."""
        if isinstance(operand, Number):
            known = int(operand.literal.array())
            return known, known
        return self._spans.get(operand, _ALL)

    def note_size(self, operand: Operand) -> None:
        """An operand is the size of an axis."""
        if isinstance(operand, Scalar):
            self._spans[operand] = (0, MAX_SIZE)

    def note_index(self, index: Scalar, extent: Operand) -> None:
        """A scalar is the index of a loop."""
        self._spans[index] = (0, max(0, self.of(extent)[1] - 1))
        self._extents[index] = extent

    def note_result(self, target: Scalar, op: str, operands: Sequence[Operand]) -> None:
        """A scalar is what an op gives."""
        rule = OPS[op].laws.interval
        if rule is None or target.dtype is not i64 or operands[-1].dtype is not i64:
            return
        low, high = rule(*(self.of(operand) for operand in operands[-2:]))
        if _ALL[0] <= low and high <= _ALL[1]:
            self._spans[target] = (low, high)

    def comparison(self, op: str, operands: Sequence[Operand]) -> bool | None:
        """What a comparison of i64 operands is known to give; None where it is not known."""
        ordering = OPS[op].laws.ordering
        if ordering is None or any(operand.dtype is not i64 for operand in operands):
            return None
        first, second = operands[::-1] if ordering.swapped else operands
        below = self._is_below(first, second, strict=ordering.strict)
        if below:
            return True
        return False if self._is_below(second, first, strict=not ordering.strict) else None

    def extremum(self, op: str, operands: Sequence[Operand]) -> Operand | None:
        """Which of two i64 operands is known to be the maximum or the minimum."""
        laws = OPS[op].laws
        if not laws.picks or laws.exact is None or operands[0].dtype is not i64:
            return None
        picks_greater = laws.exact(0, 1) == 1
        for one, other in (operands, operands[::-1]):
            lesser, greater = (other, one) if picks_greater else (one, other)
            if self._is_below(lesser, greater, strict=False):
                return one
        return None

    def _is_below(self, first: Operand, second: Operand, *, strict: bool) -> bool:
        """Whether `first` < `second` is known, or `first` <= `second`."""
        if isinstance(first, Scalar) and self._extents.get(first) == second:
            return True
        high, low = self.of(first)[1], self.of(second)[0]
        return high < low or (high == low and not strict)
