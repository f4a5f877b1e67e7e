"""Buffer assignment: temporaries whose lives do not overlap share memory.

The memory of a function's temporaries is divided into slots. A temporary takes the slot of one of
the same size that is dead before it is first written, or that dies in the very loop that writes it,
if that loop goes element by element. Results keep memory of their own, since they leave the
function. Sizes are compared as they stand in the program, with what its checks make equal; nothing
is assumed of run-time values.
"""

from collections.abc import Sequence
from dataclasses import replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Effects, Roots, effects
from lltheano_ir.loops.nodes import Alloc, Buffer, LoopFunction, Statement
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.memory.inplace import element_by_element
from lltheano_ir.records import record

__all__ = ["assign_buffers"]


@record
class _Life:
    """From the first statement that touches a temporary to the last."""

    alloc: int
    buffer: Buffer
    first: int
    last: int


@record
class _Slot:
    number: int
    holder: _Life
    shared: bool = False


def assign_buffers(function: LoopFunction, decisions: list[Decision] | None = None) -> LoopFunction:
    """Return `function` with a slot for each temporary that shares its memory with another."""
    roots = Roots(function.body)
    found = [effects(statement, roots) for statement in function.body]
    kept = {result.buffer for result in function.results}
    equal = Equalities(function.body)
    alike: dict[tuple[object, ...], list[_Slot]] = {}
    chosen: dict[int, _Slot] = {}
    for life in _lives(function.body, found, kept):
        shape = (life.buffer.dtype.itemsize, *equal.sizes(life.buffer))
        slots = alike.setdefault(shape, [])
        slot = _reusable(slots, life, function.body, roots)
        if slot is None:
            slot = _Slot(len(chosen), life)
            slots.append(slot)
        else:
            if decisions is not None:
                when = "is dead by then" if slot.holder.last < life.first else "is read there last"
                reason = f"{slot.holder.buffer.name}, of the same size, {when}"
                decisions.append(Decision("shares memory", life.buffer.name, True, reason))
            slot.holder, slot.shared = life, True
        chosen[life.alloc] = slot
    return replace(function, body=_with_slots(function.body, chosen))


def _lives(body: Sequence[Statement], found: Sequence[Effects], kept: set[Buffer]) -> list[_Life]:
    touched: dict[str, tuple[int, int]] = {}
    for position, one in enumerate(found):
        for name in one.reads | one.writes:
            first, _ = touched.get(name, (position, position))
            touched[name] = (first, position)
    lives = [
        _Life(position, statement.buffer, *touched[statement.buffer.name])
        for position, statement in enumerate(body)
        if isinstance(statement, Alloc)
        and statement.buffer.sizes
        and statement.buffer not in kept
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


def _with_slots(body: tuple[Statement, ...], chosen: dict[int, _Slot]) -> tuple[Statement, ...]:
    statements = list(body)
    numbers: dict[int, int] = {}
    for position, slot in sorted(chosen.items()):
        if not slot.shared:
            continue
        number = numbers.setdefault(slot.number, len(numbers))
        statement = statements[position]
        assert isinstance(statement, Alloc)
        statements[position] = replace(statement, slot=number)
    return tuple(statements)
