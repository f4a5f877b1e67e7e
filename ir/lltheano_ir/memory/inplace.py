"""Which updates may be written straight into their shared parameter, and the commit point.

The new value of a shared parameter is made in fresh memory, to be swapped in when the function
returns. `update_in_place` writes it into the parameter's own memory instead, where that is legal:

1. the new value has the sizes of the old one;
2. every other statement that reads the old value can run before the first write;
3. a loop that writes the new value reads the old one only at the very element that it then writes;
4. nothing that may fail (a check, an allocation, a library call) has to run after the first write;
5. a loop that writes the new value is no slower than memory. Once it writes, a call cannot be
   interrupted, so what takes long is computed in fresh memory, where it can, at little cost.

The body is then ordered: what finds errors first, the computation after it, then `commit`, then the
writes to shared memory. Every decision is recorded with its reason.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Effects, Roots, dependences, effects
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Commit,
    For,
    Let,
    Load,
    LoopFunction,
    Operand,
    Reduce,
    Result,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies, rename_buffers, statements_in
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record

__all__ = ["element_by_element", "update_in_place"]


@record
class _Plan:
    """The body under decision: what its statements do and must wait for, and the writes chosen so
    far.

    `followers` has the same order as `needs`, the other way round. `readers` are, by the name of
    the memory, the statements that load from it, leaving out those that only make a view of it;
    `writers` those that write it.
    """

    body: tuple[Statement, ...]
    roots: Roots
    found: list[Effects]
    needs: list[set[int]]
    followers: list[list[int]]
    equal: Equalities
    renamed: dict[Buffer, Buffer] = field(default_factory=dict)
    committing: set[int] = field(default_factory=set)
    readers: dict[str, set[int]] = field(default_factory=dict)
    writers: dict[str, set[int]] = field(default_factory=dict)


def _planned(body: tuple[Statement, ...]) -> _Plan:
    roots = Roots(body)
    found = [effects(statement, roots) for statement in body]
    needs = dependences(found)
    plan = _Plan(body, roots, found, needs, _followers(needs), Equalities(body))
    for position, (statement, one) in enumerate(zip(body, found, strict=True)):
        for name in one.writes:
            plan.writers.setdefault(name, set()).add(position)
        for name in () if isinstance(statement, View) else one.reads:
            plan.readers.setdefault(name, set()).add(position)
    return plan


def update_in_place(
    function: LoopFunction, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with legal updates made in place, ordered round its commit point.

    A function that has a commit point already is ordered, and stays as it is.
    """
    if any(isinstance(statement, Commit) for statement in function.body):
        return function
    plan = _planned(function.body)
    for result in function.results:
        if result.update is not None:
            _decide(plan, function, result, decisions if decisions is not None else [])
    body = _ordered(plan)
    results = tuple(
        replace(result, buffer=plan.renamed.get(result.buffer, result.buffer))
        for result in function.results
    )
    return replace(function, body=rename_buffers(body, plan.renamed), results=results)


def _decide(plan: _Plan, function: LoopFunction, result: Result, decisions: list[Decision]) -> None:
    assert result.update is not None
    old = function.parameters[result.update].buffer
    if result.buffer == old:
        decisions.append(Decision("in place", result.name, True, "the update changes nothing"))
        return
    reason = _refusal(plan, result.buffer, old)
    taken = reason is None
    why = reason or "the old value is dead, sizes agree, and nothing can fail after the write"
    decisions.append(Decision("in place", result.name, taken, why))


def _refusal(plan: _Plan, new: Buffer, old: Buffer) -> str | None:
    """Accept the update (and add what it orders to the plan), or say why not."""
    if not plan.equal.same_sizes(new, old):
        return "the new value is not known to have the sizes of the old one"
    writers = plan.writers.get(new.name, set())
    readers = plan.readers.get(old.name, set())
    for position in writers & readers:
        if not element_by_element(plan.body[position], plan.roots, new, old):
            return "the loop that makes the new value reads other elements of the old one"
    following = _reached(plan.followers, writers)
    # Readers are put before writers: a cycle, where a reader follows a writer or is one of several.
    if following & readers or len(writers & readers) > 1:
        return "the old value is read after the new one is made"
    if any(_takes_long(plan.body[position]) for position in writers):
        return "the loop that makes the new value takes long, and must stay interruptible"
    after = following | writers
    failing = [position for position in after if plan.found[position].may_fail]
    if failing:
        return f"{_describe(plan.body[min(failing)])} has to run after the first write"
    for writer in writers:
        for reader in readers - {writer} - plan.needs[writer]:
            plan.needs[writer].add(reader)
            plan.followers[reader].append(writer)
    plan.committing.update(after)
    plan.renamed[new] = old
    return None


def _takes_long(statement: Statement) -> bool:
    """Whether a loop does more for an element than a few instructions."""
    return isinstance(statement, For) and any(
        isinstance(one, Reduce) or (isinstance(one, Let) and _is_kernel(one))
        for one in statements_in(statement)
    )


def _is_kernel(let: Let) -> bool:
    op = OPS.get(let.op)
    return op is not None and bool(op.library or op.ulp)


def _describe(statement: Statement) -> str:
    match statement:
        case Check():
            return "a check"
        case Call():
            called = "function" if statement.internal else "library routine"
            return f"the {called} {statement.callee}"
        case Callback():
            return f"the host function {statement.name}"
        case _:
            return "an allocation"


def _reached(followers: Sequence[Sequence[int]], starts: set[int]) -> set[int]:
    """The statements that must run after one of `starts`."""
    reached: set[int] = set()
    stack = list(starts)
    while stack:
        for follower in followers[stack.pop()]:
            if follower not in reached:
                reached.add(follower)
                stack.append(follower)
    return reached


def _followers(needs: Sequence[set[int]]) -> list[list[int]]:
    followers: list[list[int]] = [[] for _ in needs]
    for position, need in enumerate(needs):
        for before in need:
            followers[before].append(position)
    return followers


def _topological(plan: _Plan, key: Callable[[int], tuple[int, ...]]) -> list[int]:
    """Kahn's algorithm; of what may come next, the least `key` does."""
    waiting = [len(need) for need in plan.needs]
    ready = [(key(position), position) for position, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, position = heapq.heappop(ready)
        order.append(position)
        for follower in plan.followers[position]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (key(follower), follower))
    assert len(order) == len(plan.body), "the order was acyclic when each update was accepted"
    return order


def _ordered(plan: _Plan) -> tuple[Statement, ...]:
    """Checks as early as they can be, shared memory written last, the given order otherwise."""
    gone = {
        position
        for position, statement in enumerate(plan.body)
        if isinstance(statement, Alloc) and statement.buffer in plan.renamed
    } | {position for position in plan.committing if _copies_itself(plan, plan.body[position])}

    def key(position: int) -> tuple[int, int]:
        if position in plan.committing:
            return 2, position
        return int(not isinstance(plan.body[position], Let | Load | Check | View)), position

    order = _topological(plan, key)
    early = [p for p in order if p not in plan.committing and p not in gone]
    late = [p for p in order if p in plan.committing and p not in gone]
    body = [plan.body[position] for position in early]
    if late:
        body += [Commit(), *(plan.body[position] for position in late)]
    return tuple(body)


def _copies_itself(plan: _Plan, statement: Statement) -> bool:
    """A loop that, once renamed, would write each element of a shared buffer to itself."""
    inner = [one for one in statements_in(statement) if not isinstance(one, For)]
    match inner:
        case [Load() as load, Store() as store]:
            same = plan.renamed.get(store.buffer) == load.buffer
            return same and store.indices == load.indices and store.value == load.target
        case _:
            return False


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
