"""Buffer assignment: temporaries whose lives do not overlap share memory.

The memory of the temporaries of each body is divided into slots. A temporary takes the slot of one
of the same size that is dead before it is first written, or that dies in the very loop that writes
it, if that loop goes element by element. Results keep memory of their own, since they leave the
function, and so do buffers that change places. Sizes are compared as they stand in the program,
with what its checks make equal; nothing is assumed of run-time values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots, effects
from lltheano_ir.loops.nodes import Alloc, Buffer, LoopFunction, Statement
from lltheano_ir.loops.walk import map_bodies, rebound_buffers
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.memory.overwrite import element_by_element
from lltheano_ir.records import record

__all__ = ["assign_buffers"]


@record
class _Life:
    """From the first statement of a body that touches a temporary to the last."""

    alloc: int
    buffer: Buffer
    first: int
    last: int


@record
class _Slot:
    """Memory that lives take one after the other; it has a number if it is shared."""

    holder: _Life
    shared: bool = False
    number: int | None = None


@record
class _Assignment:
    """Memory, the names of buffers that share none, the decisions, and how many slots there are."""

    roots: Roots
    kept: frozenset[str]
    decisions: list[Decision]
    count: int = 0


def assign_buffers(function: LoopFunction, decisions: list[Decision] | None = None) -> LoopFunction:
    """Return `function` with a slot for each temporary that shares its memory with another.

    Each body is divided by itself: what it allocates is fresh in every iteration, so the lives of
    its temporaries are those within one.
    """
    kept = {result.buffer.name for result in function.results}
    kept.update(target.name for target, _ in rebound_buffers(function.body))
    state = _Assignment(
        Roots(function.body), frozenset(kept), decisions if decisions is not None else []
    )
    return replace(function, body=_assigned(state, function.body, Equalities()))


def _assigned(
    state: _Assignment, body: tuple[Statement, ...], outside: Equalities
) -> tuple[Statement, ...]:
    equal = outside.inside(body)
    alike: dict[tuple[object, ...], list[_Slot]] = {}
    chosen: dict[int, _Slot] = {}
    for life in _lives(state, body):
        shape = (life.buffer.dtype.itemsize, *equal.sizes(life.buffer))
        slots = alike.setdefault(shape, [])
        slot = _reusable(slots, life, body, state.roots)
        if slot is None:
            slot = _Slot(life)
            slots.append(slot)
        else:
            when = "is dead by then" if slot.holder.last < life.first else "is read there last"
            reason = f"{slot.holder.buffer.name}, of the same size, {when}"
            state.decisions.append(Decision("shares memory", life.buffer.name, True, reason))
            slot.holder, slot.shared = life, True
        chosen[life.alloc] = slot
    return tuple(
        map_bodies(one, lambda inner: _assigned(state, inner, equal))
        for one in _with_slots(state, body, chosen)
    )


def _lives(state: _Assignment, body: Sequence[Statement]) -> list[_Life]:
    touched: dict[str, tuple[int, int]] = {}
    for position, statement in enumerate(body):
        found = effects(statement, state.roots)
        for name in found.reads | found.writes:
            first, _ = touched.get(name, (position, position))
            touched[name] = (first, position)
    lives = [
        _Life(position, statement.buffer, *touched[statement.buffer.name])
        for position, statement in enumerate(body)
        if isinstance(statement, Alloc)
        and statement.buffer.sizes
        and statement.buffer.name not in state.kept
        and statement.buffer.name in touched
    ]
    return sorted(lives, key=lambda life: life.first)


def _reusable(
    slots: Sequence[_Slot],
    life: _Life,
    body: Sequence[Statement],
    roots: Roots,
) -> _Slot | None:
    """Of the slots of the size, the first that is free when the life begins."""
    for slot in slots:
        old = slot.holder
        if old.last < life.alloc and old.last < life.first:
            return slot
        handed_over = old.last == life.first and old.first < life.first
        if handed_over and element_by_element(body[life.first], roots, life.buffer, old.buffer):
            return slot
    return None


def _with_slots(
    state: _Assignment, body: Sequence[Statement], chosen: Mapping[int, _Slot]
) -> Sequence[Statement]:
    """The statements with the numbers of the slots that are shared, in order of the first use."""
    statements = list(body)
    for position, slot in sorted(chosen.items()):
        if not slot.shared:
            continue
        if slot.number is None:
            slot.number = state.count
            state.count += 1
        statement = statements[position]
        assert isinstance(statement, Alloc)
        statements[position] = replace(statement, slot=slot.number)
    return statements
