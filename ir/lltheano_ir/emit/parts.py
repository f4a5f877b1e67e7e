"""Long bodies in parts: private functions that run one after the other.

LLVM's optimiser and code generator take more than twice the time for a function that is twice as
long, so a body of many statements is cut between its outermost ones. What one part makes and
another uses lies in a *table* on the entry's stack; what parameters are, each part reads from the
frame. A part that fails has written its report, and returns the status; only the entry gives memory
back. Invariants: whether and where a body is cut depends on the function alone; a short body is
never cut, so that small programs pay nothing.
"""

from collections.abc import Iterator, Sequence

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Contiguous,
    Load,
    LoopFunction,
    Rebind,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import (
    buffer_operands,
    exchanged_names,
    names_made_by,
    rebound_buffers,
    statements_in,
    used_scalars,
)
from lltheano_ir.records import record

__all__ = ["Part", "cut", "last_uses", "result_names", "slot_name"]

_WHOLE = 160
"""Statements, those inside others too, that one LLVM function may hold before it is cut."""

_PART = 80
"""Statements after which a part ends."""


@record(frozen=True)
class Part:
    """Neighbouring statements, the names that occur in them, and those that they may define.

    Names are those of scalars, buffers and slots.
    """

    statements: tuple[Statement, ...]
    names: frozenset[str]
    made: frozenset[str]


def cut(function: LoopFunction) -> tuple[Part, ...]:
    """The parts of a body; none where it is short enough to stay whole."""
    weights = [sum(1 for _ in statements_in(one)) for one in function.body]
    if sum(weights) <= _WHOLE or len(weights) == 1:
        return ()
    parts: list[Part] = []
    taken: list[Statement] = []
    weight = 0
    for statement, own in zip(function.body, weights, strict=True):
        if taken and weight + own > _PART:
            parts.append(_part(taken))
            taken, weight = [], 0
        taken.append(statement)
        weight += own
    return (*parts, _part(taken))


def last_uses(parts: Sequence[Part], function: LoopFunction) -> dict[str, int]:
    """The number of the last part that uses each name; results are used after all parts."""
    uses = {name: number for number, part in enumerate(parts) for name in part.names}
    return uses | dict.fromkeys(result_names(function), len(parts))


def result_names(function: LoopFunction) -> frozenset[str]:
    """The names of what a function gives back: its buffers, with those that they changed places
    with, and their sizes.
    """
    own = (name for result in function.results for name in _of_buffer(result.buffer))
    return frozenset(own).union(*exchanged_names(function).values())


def slot_name(slot: int) -> str:
    """What stands for a slot among the names; no scalar or buffer has a space in its own."""
    return f"slot {slot}"


def _part(statements: Sequence[Statement]) -> Part:
    inner = [one for statement in statements for one in statements_in(statement)]
    names = frozenset(name for one in inner for name in _names(one))
    slots = (one.slot for one in inner if isinstance(one, Alloc) and one.slot is not None)
    made = {name for one in statements for name in names_made_by(one)}
    made.update(target.name for target, _ in rebound_buffers(statements))
    return Part(tuple(statements), names, frozenset(made.union(map(slot_name, slots))))


def _names(statement: Statement) -> Iterator[str]:
    yield from (scalar.name for scalar in used_scalars(statement))
    for buffer in _buffers(statement):
        yield from _of_buffer(buffer)
    if isinstance(statement, Alloc) and statement.slot is not None:
        yield slot_name(statement.slot)


def _of_buffer(buffer: Buffer) -> Iterator[str]:
    yield buffer.name
    yield from (one.name for one in buffer_operands(buffer) if isinstance(one, Scalar))


def _buffers(statement: Statement) -> tuple[Buffer, ...]:
    match statement:
        case Load() | Store():
            return (statement.buffer,)
        case Contiguous():
            return (statement.source,)
        case View():
            return (statement.base,)
        case Call() | Callback():
            return (*statement.outputs, *statement.inputs)
        case Rebind():
            return (*statement.targets, *statement.sources)
        case _:
            return ()
