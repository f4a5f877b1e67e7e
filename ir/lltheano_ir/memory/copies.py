"""Copies that need not be made: a value is computed where it is to be.

A loop that copies all of a temporary to other memory (the row of a stack, a result, what a branch
gives, the memory of a carried value) is not needed where the temporary could have been that memory
from the start:

1. sizes are known to be the same by the time when the temporary is first touched, and both are
   row-major;
2. between that and the copy nothing touches the other memory, and afterwards nothing writes either
   as long as the temporary is read;
3. the other memory has a name by then: what that is computed from is moved up, and so are checks
   of sizes, but not past a check or host function that could end the function before.

What a loop carries and stacks is computed in its row of the stack, from which the next iteration
reads it.
"""

from collections.abc import Sequence
from dataclasses import field, replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Effects, Roots, effects, may_raise
from lltheano_ir.loops.builder import LoopBuilder
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Check,
    Constant,
    Contiguous,
    For,
    Let,
    LoopFunction,
    Rebind,
    Scalar,
    Statement,
    View,
)
from lltheano_ir.loops.walk import (
    defined_names,
    map_bodies,
    names_made_by,
    rebound_buffers,
    statements_in,
    used_scalars,
)
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.memory.nests import Rows, WholeCopy, whole_copy
from lltheano_ir.memory.renaming import renamed
from lltheano_ir.memory.scratch import Scratch, without_allocs
from lltheano_ir.records import record

__all__ = ["remove_copies"]


@record
class _State:
    """What is known of the function, what has been decided, and what is left to do for that.

    `kept` are the names of buffers whose memory is not ours to choose, `finals` carried values that
    lie in a stack in the end and have to leave it, each with the memory for that.
    """

    roots: Roots
    kept: frozenset[str]
    parameters: frozenset[str]
    results: frozenset[str]
    scratch: Scratch
    rows: Rows
    builder: LoopBuilder
    decisions: list[Decision]
    gone: set[Buffer] = field(default_factory=set)
    finals: dict[Buffer, Buffer] = field(default_factory=dict)
    depth: int = 0


@record
class _Body:
    """Statements under change, what each does, and what is known to be equal outside.

    If it is a loop's, `rebind` is how that ends, and `loop` the loop as it was.
    """

    statements: list[Statement]
    found: list[Effects]
    outside: Equalities
    loop: For | None = None
    rebind: Rebind | None = None

    def known(self, end: int, checks: Sequence[Statement] = ()) -> Equalities:
        """What is equal once the statements before `end`, and some checks, have been passed."""
        return self.outside.inside((*self.statements[:end], *checks))

    def remove(self, positions: set[int]) -> None:
        """Take statements out."""
        for position in sorted(positions, reverse=True):
            del self.statements[position], self.found[position]

    def move(self, positions: Sequence[int], to: int) -> None:
        """Let statements, in their order, stand before position `to`, which is not after them."""
        for offset, position in enumerate(positions):
            self.statements.insert(to + offset, self.statements.pop(position))
            self.found.insert(to + offset, self.found.pop(position))


def remove_copies(function: LoopFunction, decisions: list[Decision] | None = None) -> LoopFunction:
    """Return `function` without the copies of temporaries that can be computed in their target."""
    results = frozenset(result.buffer.name for result in function.results)
    parameters = frozenset(parameter.buffer.name for parameter in function.parameters)
    rebound = (target.name for target, _ in rebound_buffers(function.body))
    state = _State(
        Roots(function.body),
        results.union(rebound),
        parameters,
        results,
        Scratch(function),
        Rows(function.body),
        LoopBuilder(taken=set(defined_names(function))),
        decisions if decisions is not None else [],
    )
    body = without_allocs(_without_copies(state, function.body, Equalities(), None), state.gone)
    moved = (
        replace(result, buffer=state.finals.get(result.buffer, result.buffer))
        for result in function.results
    )
    return replace(function, body=body, results=tuple(moved))


def _without_copies(
    state: _State,
    statements: tuple[Statement, ...],
    outside: Equalities,
    loop: For | None,
) -> tuple[Statement, ...]:
    rebind = statements[-1] if statements and isinstance(statements[-1], Rebind) else None
    inner = _inner(state, statements[:-1] if rebind is not None else statements, outside)
    if not any(whole_copy(statement) for statement in inner):
        return (*inner, *((rebind,) if rebind is not None else ()))
    found = [effects(statement, state.roots) for statement in inner]
    body = _Body(inner, found, outside, loop, rebind)
    position = 0
    while position < len(body.statements):
        copy = whole_copy(body.statements[position])
        position += _remove(state, body, position, copy) if copy is not None else 1
    return (*body.statements, *((body.rebind,) if body.rebind is not None else ()))


def _inner(state: _State, statements: Sequence[Statement], outside: Equalities) -> list[Statement]:
    """The statements without the copies inside them."""
    known, changed = outside.inside(), list[Statement]()
    for statement in statements:
        known.note(statement)
        before = set(state.finals)
        state.depth += 1
        changed.append(_changed(state, statement, known))
        state.depth -= 1
        for buffer in state.finals.keys() - before:
            changed += _copied_out(state, buffer, state.finals[buffer])
    return changed


def _changed(state: _State, statement: Statement, known: Equalities) -> Statement:
    if not any(isinstance(inner, Alloc | Rebind) for inner in statements_in(statement)):
        return statement
    loop = statement if isinstance(statement, For) else None
    return map_bodies(statement, lambda body: _without_copies(state, body, known, loop))


def _copied_out(state: _State, buffer: Buffer, result: Buffer) -> tuple[Statement, ...]:
    with state.builder.block() as statements:
        state.builder.emit(Alloc(result))
        state.builder.copy(buffer, result)
    return tuple(statements)


def _remove(state: _State, body: _Body, position: int, copy: WholeCopy) -> int:
    """Remove a copy if that may be; how far it is from its position to the next statement."""
    source, target = copy.source, copy.target
    carried = body.rebind is not None and source in body.rebind.targets
    local = any(_is_alloc(statement, source) for statement in body.statements[:position])
    if not carried and (source.name in state.kept or not local):
        return 1
    if not copy.is_whole(body.known(position)) or not _is_like(source, target):
        return 1
    if carried and not _is_row_of_carried(state, body, position, copy):
        return 1
    reason, moved, first = _obstacle(state, body, position, copy)
    why = reason or f"it is computed in {target.name}, where it is to be"
    state.decisions.append(Decision("copy", source.name, reason is None, why))
    if reason is not None:
        return 1
    body.move(moved, first)
    allocs = [i for i in range(position) if _is_alloc(body.statements[i], source)]
    body.remove({position, *allocs})
    if carried:
        _carry_in_row(state, body, source, target)
    return _rename(state, body, source, target) - len(allocs)


def _is_like(source: Buffer, target: Buffer) -> bool:
    """Whether what touches `source` may touch memory that is said of what `target` is."""
    return target.strides is None and source.alignment is None


def _rename(state: _State, body: _Body, source: Buffer, target: Buffer) -> int:
    """Let what touches `source` touch `target`; how many statements there are more."""
    touching = [
        index for index, found in enumerate(body.found) if source.name in found.reads | found.writes
    ]
    state.roots.alias(source, target)
    old = [body.statements[index] for index in touching]
    new, view = renamed(old, source, target)
    for index, statement in zip(touching, new, strict=True):
        body.statements[index] = statement
        body.found[index] = effects(statement, state.roots)
    if view is None:
        return 0
    body.statements.insert(touching[0], view)
    body.found.insert(touching[0], effects(view, state.roots))
    return 1


def _is_alloc(statement: Statement, buffer: Buffer) -> bool:
    return isinstance(statement, Alloc) and statement.buffer == buffer


def _obstacle(
    state: _State, body: _Body, position: int, copy: WholeCopy
) -> tuple[str | None, list[int], int]:
    """Why a copy has to be; else the statements to move up, and to where."""
    source, target = copy.source, copy.target
    memory = state.roots.of(target)
    touching = [
        index
        for index, found in enumerate(body.found)
        if source.name in found.reads | found.writes and index != position
    ]
    if not touching or touching[0] > position:
        return "nothing is in it", [], 0
    first, last = touching[0], max(touching[-1], position)
    if any(isinstance(body.statements[index], Contiguous) for index in touching):
        return "it is brought into another order in memory", [], 0
    if memory in state.parameters:
        return "it is copied to memory of the caller", [], 0
    if any(
        memory in found.reads | found.writes and not isinstance(statement, View)
        for statement, found in zip(
            body.statements[first:position], body.found[first:position], strict=True
        )
    ):
        return f"the memory of {target.name} is in use until it is copied", [], 0
    if any({memory, source.name} & found.writes for found in body.found[position + 1 : last + 1]):
        return "it is read after one of the two has been written to", [], 0
    moved = _to_move_up(body, first, position, copy)
    if moved is None:
        return f"{target.name} is not known when it is computed", [], 0
    return None, moved, first


def _to_move_up(body: _Body, first: int, position: int, copy: WholeCopy) -> list[int] | None:
    """The statements that must stand before `first` for the target to be known there."""
    definers = {
        name: index
        for index in range(first, position)
        for name in names_made_by(body.statements[index])
    }
    wanted = [copy.target.name, *_size_names(copy.target)]
    moved: set[int] = set()
    if not body.known(first).same_sizes(copy.source, copy.target):
        raising = [i for i in range(first, position) if may_raise(body.statements[i])]
        checks = [body.statements[index] for index in raising]
        if not all(isinstance(one, Check) for one in checks):
            return None
        if not body.known(position).same_sizes(copy.source, copy.target):
            return None
        moved.update(raising)
        wanted += [scalar.name for check in checks for scalar in used_scalars(check)]
    while wanted:
        index = definers.get(wanted.pop())
        if index is None or index in moved:
            continue
        statement = body.statements[index]
        if not isinstance(statement, Let | View | Alloc | Constant):
            return None
        moved.add(index)
        wanted += [scalar.name for scalar in used_scalars(statement)]
        wanted += [statement.base.name] if isinstance(statement, View) else []
    return sorted(moved)


def _size_names(buffer: Buffer) -> list[str]:
    return [size.name for size in buffer.sizes if isinstance(size, Scalar)]


def _is_row_of_carried(state: _State, body: _Body, position: int, copy: WholeCopy) -> bool:
    """Whether what is carried on in `source` may be carried on in a row of a stack instead.

    Each iteration must have a row of its own, which nothing else writes; the old value must be what
    the source changes places with, and stay as it is. A result has to be copied out in the end.
    """
    source, row = copy.source, copy.target
    assert body.rebind is not None
    assert body.loop is not None
    sources = dict(zip(body.rebind.targets, body.rebind.sources, strict=True))
    old = sources[source]
    if sources.get(old) != source or not state.scratch.is_only_in(source, body.loop):
        return False
    memory = state.roots.of(row)
    others = [*body.found[:position], *body.found[position + 1 :]]
    return (
        state.rows.is_row(row, body.loop)
        and memory not in state.parameters
        and not any({old.name, memory} & found.writes for found in others)
        and (old.name not in state.results or state.depth == 1)
    )


def _carry_in_row(state: _State, body: _Body, source: Buffer, row: Buffer) -> None:
    """Let the next iteration read the row, and no longer change places."""
    assert body.rebind is not None
    pairs = dict(zip(body.rebind.targets, body.rebind.sources, strict=True))
    old = pairs.pop(source)
    pairs[old] = row
    body.rebind = Rebind(tuple(pairs), tuple(pairs.values()))
    state.gone.add(source)
    state.roots.alias(old, row)
    if old.name in state.results:
        state.finals[old] = Buffer(state.builder.fresh("b"), old.dtype, old.sizes)
