"""Which carried values may be updated in place.

A loop computes the next value of an array that it carries in memory of its own, and lets the two
change places. `carry_in_place` has it computed over the old value instead, where whatever reads
that can run before, or reads the very element that is then written: the second piece of memory and
the change of places are gone, and with a value of which only a part is replaced its copy, too.

Statements that may end the function with an error keep their order.
"""

from dataclasses import replace
from itertools import pairwise

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots, may_raise
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    LoopFunction,
    Rebind,
    Statement,
)
from lltheano_ir.loops.walk import map_bodies
from lltheano_ir.memory.overwrite import BodyPlan, copies_itself, plan_body
from lltheano_ir.memory.renaming import renamed
from lltheano_ir.memory.scratch import Scratch, without_allocs
from lltheano_ir.records import record

__all__ = ["carry_in_place"]

_TAKEN = "the old value is dead where the new one is written"


def carry_in_place(function: LoopFunction, decisions: list[Decision] | None = None) -> LoopFunction:
    """Return `function` with carried arrays computed over their old values where that is legal."""
    state = _State(
        Roots(function.body), Scratch(function), decisions if decisions is not None else [], set()
    )
    body = tuple(_visited(state, statement) for statement in function.body)
    return replace(function, body=without_allocs(body, state.gone))


@record
class _State:
    """What is known of the function's memory, and the allocations that are no longer needed."""

    roots: Roots
    scratch: Scratch
    decisions: list[Decision]
    gone: set[Buffer]


def _visited(state: _State, statement: Statement) -> Statement:
    statement = map_bodies(statement, lambda body: tuple(_visited(state, inner) for inner in body))
    if isinstance(statement, For) and statement.body and isinstance(statement.body[-1], Rebind):
        return replace(statement, body=_updated(state, statement))
    return statement


def _updated(state: _State, loop: For) -> tuple[Statement, ...]:
    *inner, rebind = loop.body
    assert isinstance(rebind, Rebind)
    body, sources = tuple(inner), dict(zip(rebind.targets, rebind.sources, strict=True))
    for new in rebind.targets:
        old = sources[new]
        scratch = new.alignment is None and state.scratch.is_only_in(new, loop)
        if old not in sources or not scratch:
            continue
        plan = _ordered_plan(body, state.roots)
        conflict = plan.conflict(new, old)
        state.decisions.append(Decision("in place", old.name, conflict is None, conflict or _TAKEN))
        if conflict is None:
            body = _overwritten(plan, new, old)
            (taker,) = (target for target, source in sources.items() if source == new)
            sources[taker] = sources.pop(new)
            state.gone.add(new)
            state.roots.alias(new, old)
    sources = {target: source for target, source in sources.items() if target != source}
    return (*body, Rebind(tuple(sources), tuple(sources.values()))) if sources else body


def _ordered_plan(body: tuple[Statement, ...], roots: Roots) -> BodyPlan:
    """What the statements need of each other, which includes the order in which they may raise."""
    plan = plan_body(body, roots)
    raising = [position for position, statement in enumerate(body) if may_raise(statement)]
    for earlier, later in pairwise(raising):
        plan.put_before({earlier}, later)
    return plan


def _overwritten(plan: BodyPlan, new: Buffer, old: Buffer) -> tuple[Statement, ...]:
    plan.read_first(new, old)
    kept = (plan.body[position] for position in plan.order(lambda position: (position,)))
    body, view = renamed(
        (statement for statement in kept if not copies_itself(statement, {new: old})), new, old
    )
    return body if view is None else (view, *body)
