"""Which nests of a body go over their rows together.

A nest joins those before it that have as many rows where

1. no iteration touches what another one's writes, in any of them: a row depends on the same row;
2. they touch the same rows: of a matrix, or of what one of them writes;
3. nothing that has to stand between them needs one of them and is needed by the nest.

What stands between them and needs none of them then stands before them all, and what needs one of
them after. The latter must not be able to end the function, so that errors keep their order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots, dependences, effects, may_raise
from lltheano_ir.loops.nodes import Alloc, Buffer, Commit, Last, Rebind, Statement
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record
from lltheano_ir.schedule.tiling.nests import RowNest, Use, row_nest

__all__ = ["Arrangement", "Group", "names_of"]

_MOST_NESTS = 8
"""More would save little memory traffic, and cost the code that loops alike have in common."""


@record
class Group:
    """Nests that go together and how they touch memory; `later` is what must come after them.

    Statements are named by where they stood at first.
    """

    nests: dict[int, RowNest]
    uses: dict[str, Use]
    later: set[int] = field(default_factory=set)

    def add(self, number: int, nest: RowNest, uses: Mapping[str, Use]) -> None:
        """Let a nest join."""
        self.nests[number] = nest
        for root, use in uses.items():
            self.uses[root] = self.uses[root].joined(use) if root in self.uses else use

    @property
    def pays(self) -> bool:
        """Whether some matrix is touched by more than one of the nests."""
        return len(self.nests) > 1 and any(
            sum(any(one.buffer in use.buffers for one in nest.accesses) for nest in self.members)
            > 1
            for use in self.uses.values()
            if use.is_wide
        )

    @property
    def members(self) -> tuple[RowNest, ...]:
        """The nests in their order."""
        return tuple(self.nests.values())


class Arrangement:
    """The statements of a body on their way to another order, by where they stood at first.

    `tiled` are those that stand for groups.
    """

    def __init__(self, body: Sequence[Statement], roots: Roots) -> None:
        self.statements: dict[int, tuple[Statement, ...]] = {
            number: (one,) for number, one in enumerate(body)
        }
        self.order = list(self.statements)
        self.tiled: set[int] = set()
        nests = ((number, row_nest(one)) for number, one in enumerate(body))
        self.nests = {number: nest for number, nest in nests if nest is not None}
        self._allocs: dict[Buffer, int] = {}
        self._needs: list[set[int]] = []
        self._uses: dict[int, dict[str, Use]] = {}
        self._touching: dict[str, set[int]] = defaultdict(set)
        self._passed: set[int] = set()
        if len(self.nests) > 1:
            self._needs = dependences([effects(one, roots) for one in body])
            for number, nest in self.nests.items():
                self._uses[number] = nest.uses(roots)
                for root, use in self._uses[number].items():
                    if use.has_rows:
                        self._touching[root].add(number)

    @property
    def body(self) -> tuple[Statement, ...]:
        """The statements in their order."""
        return tuple(one for number in self.order for one in self.statements[number])

    def leave(self, number: int) -> None:
        """Go past a statement, of which no nest joins any other from now on."""
        self._passed.add(number)
        for statement in self.statements[number]:
            if isinstance(statement, Alloc):
                self._allocs[statement.buffer] = number
            elif isinstance(statement, Commit):
                # What is allocated before must not be allocated after it.
                self._allocs.clear()

    def group_at(
        self, place: int, equal: Equalities, decisions: list[Decision]
    ) -> tuple[Group, Equalities] | None:
        """The nests that go together with the one at a place in the order, if that pays, and what
        is known where the last of them stands; `equal` is what is known at the place.
        """
        first = self.order[place]
        if first not in self.nests or not self._uses:
            return None
        uses = self._uses[first]
        waiting = self._others(uses, {first})
        if not waiting or not all(one.stays_in_rows for one in uses.values()):
            return None
        group = Group({}, {})
        group.add(first, self.nests[first], uses)
        known, found, refused = equal.inside(), equal, list[Decision]()
        seen = {first}
        for number in self.order[place + 1 :]:
            if not waiting or len(group.nests) == _MOST_NESTS or self._is_barrier(number):
                break
            seen.add(number)
            waiting.discard(number)
            for one in self.statements[number]:
                known.note(one)
            reason = self._why_not(group, number, known)
            if reason is None:
                group.add(number, self.nests[number], self._uses[number])
                waiting |= self._others(self._uses[number], seen)
                found = known.inside()
                continue
            if reason:
                names = names_of(self.nests[number].written)
                refused.append(Decision("tile", names, False, reason))
            if self._needs[number] & (group.nests.keys() | group.later):
                group.later.add(number)
                if any(map(may_raise, self.statements[number])):
                    break
        if not group.pays:
            return None
        decisions += refused
        return group, found

    def _others(self, uses: Mapping[str, Use], seen: set[int]) -> set[int]:
        """The nests not seen yet that touch rows of the same memory."""
        touching = set[int]().union(*(self._touching.get(root, ()) for root in uses))
        return touching - seen - self._passed

    def _is_barrier(self, number: int) -> bool:
        return any(isinstance(one, Commit | Rebind | Last) for one in self.statements[number])

    def _why_not(self, group: Group, number: int, equal: Equalities) -> str | None:
        """Why a statement does not join the group: None if it does, "" if that is no question."""
        nest = self.nests.get(number)
        if nest is None or not self._is_of_use(group, self._uses[number]):
            return ""
        first = group.members[0]
        joined = f"the loops for {names_of(first.written)}"
        extents = (nest.extents[0], first.extents[0])
        if equal.representative(extents[0]) != equal.representative(extents[1]):
            return f"it has not as many rows as {joined}"
        for root, use in self._uses[number].items():
            both = use.joined(group.uses[root]) if root in group.uses else use
            if not both.stays_in_rows:
                return f"its rows are not apart in {root}, as they must be from {joined}"
        if self._needs[number] & group.later:
            return f"it needs what is made of all rows of {joined}"
        return None

    @staticmethod
    def _is_of_use(group: Group, uses: Mapping[str, Use]) -> bool:
        """Whether what the nests leave in cache is of use to one of these uses, or the reverse."""
        for root, use in uses.items():
            other = group.uses.get(root)
            if other is not None and use.has_rows and other.has_rows:
                both = use.joined(other)
                if both.written or (use.is_wide and other.is_wide):
                    return True
        return False

    def private(self, group: Group, touches: Mapping[str, int]) -> dict[Buffer, int]:
        """The memory that only a group's nests touch, with its allocations; `touches` is how often
        the function names each buffer.
        """
        inside: dict[Buffer, int] = defaultdict(int)
        for nest in group.members:
            for one in nest.accesses:
                inside[one.buffer] += 1
        allocs = self._allocs | {
            one.buffer: number
            for number in self.order[: self.order.index(max(group.nests))]
            if number not in self._passed
            for one in self.statements[number]
            if isinstance(one, Alloc)
        }
        return {
            buffer: allocs[buffer]
            for buffer, count in inside.items()
            if buffer in allocs and touches[buffer.name] == count
        }

    def put_together(self, place: int, group: Group, loops: tuple[Statement, ...]) -> None:
        """Let `loops` stand for a group that begins at a place in the order."""
        end = max(self.order.index(number, place) for number in group.nests) + 1
        between = [one for one in self.order[place:end] if one not in group.nests]
        later = [one for one in between if one in group.later]
        before = [one for one in between if one not in group.later]
        together = min(group.nests)
        self.order[place:end] = [*before, together, *later]
        self.statements[together] = loops
        self.tiled.add(together)
        self._needs[together] = set().union(*(self._needs[one] for one in group.nests))
        self._needs[together] -= group.nests.keys()
        for number in self.order[place:]:
            if not self._needs[number].isdisjoint(group.nests):
                self._needs[number] -= group.nests.keys()
                self._needs[number].add(together)
        for number in group.nests:
            del self.nests[number]
            for root in self._uses.pop(number):
                self._touching[root].discard(number)
        self._needs[together].discard(together)


def names_of(buffers: Sequence[Buffer]) -> str:
    """Buffers as a reader is told of them."""
    return ", ".join(buffer.name for buffer in buffers)
