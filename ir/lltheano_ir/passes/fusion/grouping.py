"""Decides which values are computed together, and which get memory of their own.

A group is computed in one pass. Its results are either elementwise values over one iteration space
or reductions of operands over one iteration space along the same axes. Its members are the values
that it computes on the way. The rules:

* a value that one group alone needs is made there, unless its elements would be made repeatedly
  because the group's space is larger;
* a few cheap ops on what is in memory anyway are made wherever they are needed;
* any other value gets memory. It becomes a further result of a group that needs it, or that reads
  the same tensors over the same space; failing that, the result of a new group;
* no group may come to wait for itself through another.

Users are decided before operands. Ops that only move elements go along with what they move: they
stand in a group when their operand does, and are views of memory otherwise.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import field

from lltheano_ir.decisions import Decision
from lltheano_ir.nodes import Value, operands_first
from lltheano_ir.passes.fusion.kinds import (
    is_by_index,
    is_cheap,
    is_computed,
    is_reduction,
    is_small_constant,
    reads_repeatedly,
    reduced_axes,
)
from lltheano_ir.records import record
from lltheano_ir.rewrite.sizes import SizeAlgebra

__all__ = ["Group", "Grouping"]

_MOST_MEMBERS = 256
_MOST_RESULTS = 8
_MOST_TRIED = 4
_FEW_OPS = 3
_FEW_TENSORS = 3

Space = tuple[Value, ...]


@record(eq=False)
class Group:
    """Values computed in one pass; `axes` are those of its reductions, None if it has none."""

    space: Space
    axes: tuple[int, ...] | None
    results: list[Value] = field(default_factory=list)
    members: set[Value] = field(default_factory=set)
    reads: int = 0


@record(frozen=True, slots=True)
class _Use:
    """How a group needs a value: more than once an element? over the group's own space?"""

    repeated: bool
    aligned: bool

    def merged(self, other: "_Use") -> "_Use":
        return _Use(self.repeated or other.repeated, self.aligned and other.aligned)


class Grouping:
    """The groups of one scope: `groups`, and `home`, the group of which a value is a result."""

    def __init__(self, roots: Sequence[Value]) -> None:
        self.groups: list[Group] = []
        self.home: dict[Value, Group] = {}
        self.choices: list[tuple[Value, Decision]] = []
        self._roots = frozenset(roots)
        self._sizes = SizeAlgebra()
        self._order = list(operands_first(roots))
        self._alike: dict[tuple[object, ...], list[Group]] = {}
        self._inside: dict[Value, dict[Group, _Use]] = {}
        self._users: dict[Value, list[tuple[Value, int]]] = {one: [] for one in self._order}
        for value in self._order:
            for index, operand in enumerate(value.operands):
                self._users[operand].append((value, index))
        self._reads: dict[Value, int] = {}
        self._work: dict[Value, float] = {}
        for number, value in enumerate(self._order):
            self._weigh(value, number)
        for value in reversed(self._order):
            self._decide(value)
        self._take_views()

    def _weigh(self, value: Value, number: int) -> None:
        """Note which tensors in memory a value is made from, as bits, and in how many cheap ops."""
        looks_on = value.op.is_strided or value.op.from_index
        has_no_memory = is_computed(value) or (is_by_index(value) and looks_on)
        mask, work = 0, 0.0
        if has_no_memory:
            for operand in value.operands:
                mask |= self._reads[operand]
                work += self._work[operand]
        elif value.types[0].rank and not is_small_constant(value):
            mask = 1 << number
        if is_computed(value):
            work += 1 if is_cheap(value) else math.inf
        self._reads[value], self._work[value] = mask, work

    def _is_little(self, value: Value) -> bool:
        few = self._reads[value].bit_count() <= _FEW_TENSORS
        return few and self._work[value] <= _FEW_OPS

    # --- one value

    def _decide(self, value: Value) -> None:
        if is_reduction(value):
            operand = value.operands[0]
            self._give_memory(value, self._sizes.sizes(operand), reduced_axes(value))
        elif is_computed(value):
            self._decide_computed(value)
        elif is_by_index(value):
            needs, everywhere = self._needs(value)
            if everywhere or value.op.from_index:
                self._inside[value] = needs

    def _needs(self, value: Value) -> tuple[dict[Group, _Use], bool]:
        """The groups that would compute the value for themselves, and whether that is all."""
        needs: dict[Group, _Use] = {}
        everywhere = value not in self._roots
        for user, index in self._users[value]:
            inside = self._inside.get(user)
            if inside is None:
                everywhere = False
                continue
            moved = is_by_index(user)
            repeatedly = not is_reduction(user) and reads_repeatedly(user, index)
            for group, use in inside.items():
                one = _Use(use.repeated or repeatedly, use.aligned and not moved and not repeatedly)
                needs[group] = one.merged(needs.get(group, one))
        return needs, everywhere

    def _decide_computed(self, value: Value) -> None:
        needs, everywhere = self._needs(value)
        refusal = self._why_not_inside(value, needs, everywhere)
        if refusal is None:
            self._inside[value] = needs
            for group in needs:
                group.members.add(value)
                group.reads |= self._reads[value]
            self._note(value, True, "made where it is needed, without memory")
            return
        self._note(value, False, refusal)
        aligned = [group for group, use in needs.items() if use.aligned and group.axes is None]
        self._give_memory(value, self._sizes.sizes(value), None, aligned)

    def _why_not_inside(
        self, value: Value, needs: dict[Group, _Use], everywhere: bool
    ) -> str | None:
        if value in self._roots:
            return "it is a result of the program"
        if not everywhere:
            return "an op that is not fused needs it in memory"
        if any(len(group.members) >= _MOST_MEMBERS for group in needs):
            return f"the pass that needs it has {_MOST_MEMBERS} ops already"
        if self._is_little(value):
            return None
        if len(needs) > 1:
            return f"{len(needs)} passes need it"
        if any(use.repeated for use in needs.values()):
            return "its elements would be computed repeatedly in a larger pass"
        return None

    def _give_memory(
        self,
        value: Value,
        space: Space,
        axes: tuple[int, ...] | None,
        aligned: Iterable[Group] = (),
    ) -> None:
        """Make the value a result of a group that fits, or of a new one."""
        reads = self._reads[value.operands[0] if axes is not None else value]
        alike = self._alike.setdefault((space, axes, value.type.broadcast), [])
        reading_the_same = [one for one in alike[-_MOST_TRIED:] if one.reads & reads]
        group = self._first_that_may_take(value, [*aligned, *reading_the_same])
        if group is None:
            group = Group(space, axes)
            self.groups.append(group)
            alike.append(group)
        else:
            first = _shown(group.results[0])
            self._note(value, True, f"computed in one pass with {first}")
        group.results.append(value)
        group.members.add(value)
        group.reads |= reads
        self.home[value] = group
        self._inside[value] = {group: _Use(repeated=False, aligned=True)}

    def _first_that_may_take(self, value: Value, candidates: Sequence[Group]) -> Group | None:
        for group in dict.fromkeys(candidates[:_MOST_TRIED]):
            has_room = len(group.results) < _MOST_RESULTS and len(group.members) < _MOST_MEMBERS
            if has_room and not self._waits_for(group, value):
                return group
        return None

    def _waits_for(self, group: Group, value: Value) -> bool:
        """Whether the group needs something made from the value outside of the group.

        A reduction is only there when its group is done, so it may not be needed inside either.
        """
        seen: set[Value | Group] = set()
        stack = [value]
        while stack:
            one = stack.pop()
            for user, _ in self._users[one]:
                inside = self._inside.get(user, {})
                outside = not inside or is_by_index(user)
                for other in inside:
                    if other is group:
                        if one is not value or is_reduction(value):
                            return True
                    elif other not in seen:
                        seen.add(other)
                        stack.extend(other.results)
                if outside and user not in seen:
                    seen.add(user)
                    stack.append(user)
        return False

    # --- views

    def _take_views(self) -> None:
        """Views of what is made in a group stand there too; the others are views of memory."""
        for value in self._order:
            if not is_by_index(value):
                continue
            for group in self._inside.get(value, {}):
                if not value.op.is_strided or value.operands[0] in group.members:
                    group.members.add(value)

    # --- the record

    def _note(self, value: Value, taken: bool, reason: str) -> None:
        self.choices.append((value, Decision("fuse", _shown(value), taken, reason)))


def _shown(value: Value) -> str:
    return f"{value.op.name} {value.type}"
