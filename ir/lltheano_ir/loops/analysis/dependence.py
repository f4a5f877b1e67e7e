"""What the statements of a function's body need of each other.

Statement b depends on statement a when a defines a scalar or buffer that b uses, or when both touch
the same memory and one of them writes. Views are traced to the memory that they name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Constant,
    Contiguous,
    For,
    Let,
    Load,
    Rebind,
    Reduce,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import rebound_buffers, statements_in, used_scalars
from lltheano_ir.records import record

__all__ = ["Effects", "Roots", "dependences", "effects", "may_raise", "touched_buffers"]

_OUTSIDE = ""
"""What ordered callbacks write: the world outside, under a name that no buffer has."""


class Roots:
    """Which memory each buffer names: views lead to their base.

    A buffer that is rebound to a view is taken for that memory from the start. Buffers that change
    places are told apart by their names: they never name the same memory at once.
    """

    def __init__(self, body: Sequence[Statement]) -> None:
        self._base: dict[str, str] = {}
        for statement in body:
            for one in statements_in(statement):
                if isinstance(one, View):
                    self._base[one.buffer.name] = one.base.name
                elif isinstance(one, Contiguous):
                    self._base[one.buffer.name] = one.source.name
        for target, source in rebound_buffers(body):
            if source.name in self._base:
                self._base[target.name] = source.name

    def of(self, buffer: Buffer) -> str:
        """The name of the buffer that owns the memory."""
        name = buffer.name
        while name in self._base:
            name = self._base[name]
        return name

    def alias(self, buffer: Buffer, other: Buffer) -> None:
        """From now on the memory of `buffer` is that of `other`."""
        self._base[buffer.name] = other.name


@record
class Effects:
    """What one statement of a body, with all inside it, does."""

    defines: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    may_fail: bool = False


def effects(statement: Statement, roots: Roots) -> Effects:
    """The effects of a statement; names of scalars are marked `%`, of buffers `@`."""
    found = Effects()
    for one in statements_in(statement):
        found.uses.update(f"%{scalar.name}" for scalar in used_scalars(one))
        found.may_fail |= isinstance(one, Check | Alloc | Contiguous | Call | Callback)
        _add(found, one, roots)
    found.uses -= found.defines
    return found


def may_raise(statement: Statement) -> bool:
    """Whether a statement, or one inside it, can end the function with an error of the program's.

    Where there is no memory is not the program's doing, and may be found out sooner or later.
    """
    return any(
        isinstance(one, Check | Callback) or (isinstance(one, Call) and one.internal)
        for one in statements_in(statement)
    )


def _add(found: Effects, one: Statement, roots: Roots) -> None:
    match one:
        case Let() | Load():
            found.defines.add(f"%{one.target.name}")
        case For():
            found.defines.add(f"%{one.index.name}")
        case Reduce():
            found.defines.update(f"%{index.name}" for index in one.indices)
            found.defines.update(f"%{each.target.name}" for each in one.reductions)
        case Alloc() | Constant() | View() | Contiguous():
            found.defines.add(f"@{one.buffer.name}")
        case Callback():
            found.defines.update(f"%{scalar.name}" for scalar in one.measured)
            found.defines.update(f"@{buffer.name}" for buffer in one.outputs)
            if one.ordered:
                found.writes.add(_OUTSIDE)
        case _:
            pass
    for buffer, written in touched_buffers(one):
        found.uses.add(f"@{buffer.name}")
        (found.writes if written else found.reads).add(roots.of(buffer))


def touched_buffers(one: Statement) -> Iterator[tuple[Buffer, bool]]:
    """Each buffer whose memory a statement touches, and whether it writes it."""
    match one:
        case Load():
            yield one.buffer, False
        case Store():
            yield one.buffer, True
        case Contiguous():
            yield one.source, False
        case View():
            yield one.base, False
        case Rebind():
            yield from ((buffer, True) for buffer in (*one.targets, *one.sources))
        case Call() | Callback():
            yield from ((buffer, True) for buffer in one.outputs)
            yield from ((buffer, False) for buffer in one.inputs)
            if isinstance(one, Call) and one.internal:
                # A function of the module may read what it then writes.
                yield from ((buffer, False) for buffer in one.outputs)
        case _:
            return


def dependences(all_effects: Sequence[Effects]) -> list[set[int]]:
    """For each statement of a body, the positions of those that must come right before it.

    What follows from others is left out: of the writers of some memory only the last is needed, and
    of its readers only those since; so a body has about as many dependences as uses.
    """
    definer: dict[str, int] = {}
    writer: dict[str, int] = {}
    readers: dict[str, list[int]] = {}
    needs: list[set[int]] = []
    for position, found in enumerate(all_effects):
        need = {definer[name] for name in found.uses if name in definer}
        need.update(writer[root] for root in found.reads | found.writes if root in writer)
        for root in found.writes:
            need.update(readers.get(root, ()))
        need.discard(position)
        needs.append(need)
        for name in found.defines:
            definer[name] = position
        for root in found.reads:
            readers.setdefault(root, []).append(position)
        for root in found.writes:
            writer[root] = position
            readers[root] = []
    return needs
