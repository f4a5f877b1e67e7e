"""Whether new values may be written over old ones, and the order of statements that it takes.

What reads the old value must run before what writes the new one, except for a loop that does both,
element by element. A `BodyPlan` holds what the statements of a body need of each other; to accept
an overwriting adds to it that the readers come first.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from lltheano_ir.loops.analysis.dependence import Effects, Roots, dependences, effects
from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    Callback,
    For,
    Load,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies, statements_in
from lltheano_ir.records import record

__all__ = ["BodyPlan", "copies_itself", "element_by_element", "plan_body"]


@record
class BodyPlan:
    """The statements of a body, what they do, and what each must wait for.

    `followers` has the same order as `needs`, the other way round. `readers` are, by the name of
    the memory, the statements that load from it, leaving out those that only make a view of it;
    `writers` those that write it.
    """

    body: tuple[Statement, ...]
    roots: Roots
    found: list[Effects]
    needs: list[set[int]]
    followers: list[list[int]]
    readers: dict[str, set[int]] = field(default_factory=dict)
    writers: dict[str, set[int]] = field(default_factory=dict)

    def following(self, starts: set[int]) -> set[int]:
        """The statements that must run after one of `starts`."""
        reached: set[int] = set()
        stack = list(starts)
        while stack:
            for follower in self.followers[stack.pop()]:
                if follower not in reached:
                    reached.add(follower)
                    stack.append(follower)
        return reached

    def conflict(self, new: Buffer, old: Buffer) -> str | None:
        """Why `new` cannot be written over `old`; None where it can."""
        writers = self.writers.get(new.name, set())
        readers = self.readers.get(old.name, set())
        for position in writers & readers:
            if not element_by_element(self.body[position], self.roots, new, old):
                return "the loop that makes the new value reads other elements of the old one"
        # Readers are put before writers: a cycle, where one follows a writer or is one of several.
        if self.following(writers) & readers or len(writers & readers) > 1:
            return "the old value is read after the new one is made"
        return None

    def read_first(self, new: Buffer, old: Buffer) -> None:
        """Put what reads `old` before what writes `new`."""
        readers = self.readers.get(old.name, set())
        for writer in self.writers.get(new.name, set()):
            self.put_before(readers - {writer}, writer)

    def put_before(self, earlier: set[int], later: int) -> None:
        """Let a statement wait for others."""
        for position in earlier - self.needs[later]:
            self.needs[later].add(position)
            self.followers[position].append(later)

    def order(self, key: Callable[[int], tuple[int, ...]]) -> list[int]:
        """Kahn's algorithm; of what may come next, the least `key` does."""
        waiting = [len(need) for need in self.needs]
        ready = [(key(position), position) for position, count in enumerate(waiting) if not count]
        heapq.heapify(ready)
        order = []
        while ready:
            _, position = heapq.heappop(ready)
            order.append(position)
            for follower in self.followers[position]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    heapq.heappush(ready, (key(follower), follower))
        assert len(order) == len(self.body), "the order was acyclic when each step was accepted"
        return order


def plan_body(body: tuple[Statement, ...], roots: Roots) -> BodyPlan:
    """What the statements of a body need of each other as it stands."""
    found = [effects(statement, roots) for statement in body]
    needs = dependences(found)
    followers: list[list[int]] = [[] for _ in needs]
    for position, need in enumerate(needs):
        for before in need:
            followers[before].append(position)
    plan = BodyPlan(body, roots, found, needs, followers)
    for position, (statement, one) in enumerate(zip(body, found, strict=True)):
        for name in one.writes:
            plan.writers.setdefault(name, set()).add(position)
        for name in () if isinstance(statement, View) else one.reads:
            plan.readers.setdefault(name, set()).add(position)
    return plan


def element_by_element(statement: Statement, roots: Roots, new: Buffer, old: Buffer) -> bool:
    """Whether a nest writes `new` in one place, and reads `old` only where it writes next.

    The place must be another one in each iteration, and the reads of `old` must come before.
    """
    reads: set[tuple[Operand, ...]] = set()
    found: tuple[Operand, ...] | None = None
    for one, indices in _with_indices(statement):
        if isinstance(one, Call | Callback):
            return False
        touches_new = isinstance(one, Store) and roots.of(one.buffer) == new.name
        touches_old = isinstance(one, Load) and roots.of(one.buffer) == old.name
        if isinstance(one, Load | Store) and (touches_new or touches_old):
            if found is not None or one.buffer != (new if touches_new else old):
                return False
            reads.add(one.indices)
            if touches_new:
                found = one.indices
                distinct = indices <= set(one.indices)
                if not distinct:
                    return False
    return found is not None and reads == {found}


def _with_indices(
    statement: Statement, indices: frozenset[Scalar] = frozenset()
) -> Iterator[tuple[Statement, frozenset[Scalar]]]:
    """Statements in the order of their first run, each with the indices of the loops round it."""
    yield statement, indices
    if isinstance(statement, For):
        indices |= {statement.index}
    elif isinstance(statement, Reduce):
        indices |= set(statement.indices)
    for body in inner_bodies(statement):
        for one in body:
            yield from _with_indices(one, indices)


def copies_itself(statement: Statement, renamed: Mapping[Buffer, Buffer]) -> bool:
    """A loop that, once renamed, would write each element of a buffer to itself."""
    inner = [one for one in statements_in(statement) if not isinstance(one, For)]
    match inner:
        case [Load() as load, Store() as store]:
            same = renamed.get(store.buffer) == load.buffer
            return same and store.indices == load.indices and store.value == load.target
        case _:
            return False
