"""Which loops may run in vectors, and why others may not.

In a vector loop each statement is done for several iterations at once before the next one is. That
is right for a loop whose iterations may run in any order, and there is code for it where all lanes
take the same way through the body: its inner loops have the same extents in every iteration, its
branches the same condition. What allocates, names memory or leaves the loop IR (an `alloc`, a
`view`, a `call`) has no form in several lanes, and neither has a loop that has vectors of its own.
"""

from collections.abc import Callable
from typing import Any

from lltheano_ir.loops.nodes import (
    Check,
    For,
    If,
    Let,
    Load,
    Operand,
    Order,
    Reduce,
    Scalar,
    Schedule,
    Statement,
    Store,
)

__all__ = ["vector_obstacle"]


def vector_obstacle(loop: For | Reduce) -> str | None:
    """Why a loop may not run in vectors, as a clause about the loop; None where it may.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @f(%n: i64[3] shared) {
    ...   for %i in 3 {
    ...     load %m: i64 = %n[%i]
    ...     for %j in %m { }
    ...   }
    ... }''')
    >>> vector_obstacle(function.body[0])
    'the loop over %j inside has another extent in another iteration'
    """
    if isinstance(loop, For):
        if loop.sequential:
            return "one iteration needs what earlier ones did"
        return _Lanes(loop.index).obstacle(loop.body)
    if loop.order is Order.ROWS:
        return "in order rows elements are taken one after the other"
    (index,) = loop.indices
    return _Lanes(index).obstacle(loop.body)


class _Lanes:
    """A body in several lanes: which scalars differ from lane to lane."""

    def __init__(self, index: Scalar) -> None:
        self._varying = {index}

    def obstacle(self, body: tuple[Statement, ...]) -> str | None:
        """What keeps a body out of lanes; the first of its statements decides."""
        return next(filter(None, map(self._of, body)), None)

    def varies(self, *operands: Operand) -> bool:
        """Whether one of the operands differs from lane to lane."""
        return any(operand in self._varying for operand in operands)

    def _of(self, statement: Statement) -> str | None:
        rule = _RULES.get(type(statement))
        if rule is None:
            name = type(statement).__name__.lower()
            return f"a statement `{name}` inside has no form in several lanes"
        return rule(self, statement)

    def let(self, one: Let) -> None:
        if self.varies(*one.operands):
            self._varying.add(one.target)

    def load(self, one: Load) -> None:
        if self.varies(*one.indices):
            self._varying.add(one.target)

    def any_form(self, one: Store | Check) -> None:
        """Stores and checks are done lane by lane where they must be."""

    def for_(self, one: For) -> str | None:
        what = f"the loop over %{one.index.name} inside"
        if one.schedule != Schedule():
            return f"{what} has a schedule of its own"
        if self.varies(one.extent):
            return f"{what} has another extent in another iteration"
        return self.obstacle(one.body)

    def if_(self, one: If) -> str | None:
        if self.varies(one.condition):
            return "an if inside goes another way in another iteration"
        return self.obstacle((*one.then, *one.otherwise))

    def reduce(self, one: Reduce) -> str | None:
        names = ", ".join(f"%{each.target.name}" for each in one.reductions)
        what = f"the reduction to {names} inside"
        if one.order is Order.BLOCKED:
            return f"{what} takes several elements at once itself"
        if one.schedule != Schedule():
            return f"{what} has a schedule of its own"
        if self.varies(*one.extents):
            return f"{what} has another extent in another iteration"
        found = self.obstacle(one.body)
        self._varying.update(each.target for each in one.reductions)
        return found


_RULES: dict[type, Callable[[_Lanes, Any], str | None]] = {
    Check: _Lanes.any_form,
    For: _Lanes.for_,
    If: _Lanes.if_,
    Let: _Lanes.let,
    Load: _Lanes.load,
    Reduce: _Lanes.reduce,
    Store: _Lanes.any_form,
}
