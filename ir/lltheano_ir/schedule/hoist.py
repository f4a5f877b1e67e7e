"""What is the same in every iteration of a sequential loop is done once, before it.

That is index arithmetic, views, allocations (whose contents may differ, and which a branch may be
alone in using), checks, and loops, calls and branches that fill memory which nothing else in the
loop writes. A loop that does not run must do nothing: what could fail or take time is guarded by
the question whether the loop runs, and an allocation whose sizes are known to be sizes only then
has none otherwise.

The errors stay those of the loop: a check is hoisted only if no statement stands before it, and
stays, that could end the function with another one. A check that is known to hold, since one that
says the same has been passed, is dropped.

What stays, too: single loads and reductions to a scalar, which emission keeps in registers where it
can, and the allocation of a buffer that an inner loop rebinds to a row of a stack, since that has
to begin in its own memory again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lltheano_ir.decisions import Decision
from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.analysis.dependence import Effects, Roots, effects, may_raise
from lltheano_ir.loops.builder import LoopBuilder, number, number_of
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Callback,
    Check,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    LoopFunction,
    Operand,
    Rebind,
    Site,
    Statement,
    View,
)
from lltheano_ir.loops.walk import (
    defined_names,
    inner_bodies,
    lent_buffers,
    map_bodies,
    names_made_by,
    rebound_buffers,
    rename_buffers,
    statements_in,
    used_scalars,
)
from lltheano_ir.memory.dead import remove_dead_stores
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record

__all__ = ["hoist_invariants"]


@record
class _State:
    roots: Roots
    builder: LoopBuilder
    sites: Sequence[Site]
    decisions: list[Decision]
    dropped: bool = False


def hoist_invariants(
    function: LoopFunction, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with what its sequential loops would repeat done before them."""
    builder = LoopBuilder(taken=set(defined_names(function)))
    state = _State(
        Roots(function.body), builder, function.sites, decisions if decisions is not None else []
    )
    for parameter in function.parameters:
        _note_sizes(builder, parameter.buffer)
    _emit_body(state, function.body, Equalities())
    hoisted = replace(function, body=tuple(builder.blocks[0]))
    return remove_dead_stores(hoisted) if state.dropped else hoisted


def _note_sizes(builder: LoopBuilder, buffer: Buffer) -> None:
    """The sizes of a buffer that there is in any case are sizes."""
    for size in buffer.sizes:
        builder.ranges.note_size(size)


def _emit_body(state: _State, body: Iterable[Statement], known: Equalities) -> None:
    for statement in body:
        if isinstance(statement, Check) and known.holds(statement.condition):
            state.dropped = True
            continue
        known.note(statement)
        _emit(state, statement, known)


def _may_change(state: _State, statement: Statement) -> bool:
    """Whether a statement may be a reason for another to move."""
    if isinstance(statement, For):
        return statement.sequential
    return isinstance(statement, Alloc) and len(state.builder.blocks) > 1


def _emit(state: _State, statement: Statement, known: Equalities) -> None:
    builder = state.builder

    def inner(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        with builder.block() as statements:
            _emit_body(state, body, known.inside())
        return tuple(statements)

    if not any(_may_change(state, one) for one in statements_in(statement)):
        _emit_simple(builder, statement)
        return
    if isinstance(statement, For):
        builder.ranges.note_index(statement.index, statement.extent)
    statement = map_bodies(statement, inner)
    if isinstance(statement, If) and len(builder.blocks) > 1:
        statement = _without_memory(state, statement)
    if isinstance(statement, For) and statement.sequential:
        _Hoisting(state, statement).emit()
    else:
        _emit_simple(builder, statement)


def _without_memory(state: _State, branches: If) -> If:
    """Branches, in a loop, that find the memory of known sizes that they use allocated before."""
    ranges = state.builder.ranges
    bodies = []
    for body in inner_bodies(branches):
        made = {name for statement in body for name in names_made_by(statement)}
        moved = [
            statement
            for statement in body
            if isinstance(statement, Alloc)
            and all(ranges.of(size)[0] >= 0 for size in statement.buffer.sizes)
            and made.isdisjoint(size.name for size in used_scalars(statement))
        ]
        for statement in moved:
            state.builder.emit(statement)
        bodies.append(tuple(statement for statement in body if statement not in moved))
    return replace(branches, then=bodies[0], otherwise=bodies[1])


def _emit_simple(builder: LoopBuilder, statement: Statement) -> None:
    """Write a statement, and note what is then known of integers."""
    builder.emit(statement)
    if isinstance(statement, Let):
        builder.ranges.note_result(statement.target, statement.op, statement.operands)
    elif isinstance(statement, Alloc) and len(builder.blocks) == 1:
        _note_sizes(builder, statement.buffer)


class _Hoisting:
    """The decision what of a loop's body moves in front of it.

    Of what moves, the `guarded` may only be done if the loop runs. A buffer that an inner loop
    leaves in another's memory, `lent` to it, has to name its own again in the next iteration.
    """

    def __init__(self, state: _State, loop: For) -> None:
        self._state = state
        self._loop = loop
        self._found = [effects(statement, state.roots) for statement in loop.body]
        self._pairs = list(rebound_buffers(loop.body))
        self._rebound = {target.name for target, _ in self._pairs}
        self._lent = {buffer.name for buffer in lent_buffers(loop.body)}
        self._own = {one.buffer.name for one in loop.body if isinstance(one, Alloc)}
        self._always = (number_of(loop.extent) or 0) > 0
        self._moved = set(range(len(loop.body)))
        self._behind: set[int] = set()
        self._guarded: set[int] = set()
        while self._shrink():
            pass

    def _shrink(self) -> bool:
        """Take out of what moves what needs what stays; whether there was any."""
        self._guarded = self._find_guarded()
        staying = [found for i, found in enumerate(self._found) if i not in self._moved]
        used = set[str]().union(*(found.uses for found in staying))
        defined = {f"%{self._loop.index.name}"}.union(*(found.defines for found in staying))
        written = self._rebound.union(*(found.writes for found in staying))
        before, raised = len(self._moved), False
        for position, statement in enumerate(self._loop.body):
            found = self._found[position]
            if position in self._moved:
                stays = bool(found.uses & defined) or not self._repeats(statement, found, written)
                if not stays and raised and not _is_harmless(statement):
                    self._behind.add(position)
                    stays = True
                if stays or (position in self._guarded and found.defines & used):
                    self._moved.discard(position)
            raised = raised or (position not in self._moved and may_raise(statement))
        self._keep_together()
        return len(self._moved) < before

    def _keep_together(self) -> None:
        """Buffers that change places live equally long: all of them move, or none."""
        allocs = {
            statement.buffer.name: position
            for position, statement in enumerate(self._loop.body)
            if isinstance(statement, Alloc) and position in self._moved
        }
        for target, source in self._pairs:
            if source.name in self._rebound and (target.name in allocs) != (source.name in allocs):
                self._moved -= {allocs.get(target.name), allocs.get(source.name)}

    def _repeats(self, statement: Statement, found: Effects, written: set[str]) -> bool:
        """Whether a statement that is given the same scalars does the same in every iteration."""
        if isinstance(statement, View):
            return statement.base.name not in self._rebound
        if isinstance(statement, Alloc):
            return statement.buffer.name not in self._lent
        if isinstance(statement, Rebind | Contiguous | Commit | Last) or any(
            isinstance(inner, Callback) for inner in statements_in(statement)
        ):
            return False
        return not (found.reads | found.writes) & written and found.writes <= self._own

    def _find_guarded(self) -> set[int]:
        """What may fail or takes time, and what depends on it."""
        guarded: set[int] = set()
        defined: set[str] = set()
        for position in sorted(self._moved) if not self._always else ():
            found = self._found[position]
            if not _is_harmless(self._loop.body[position]) or found.uses & defined:
                guarded.add(position)
                defined |= found.defines
        return guarded

    def emit(self) -> None:
        """Write what moves, and the loop with what stays."""
        builder = self._state.builder
        renamed: dict[Buffer, Buffer] = {}
        for position in sorted(self._moved - self._guarded):
            self._emit_free(position, renamed)
        if self._guarded:
            runs = builder.let("gt", bool_, self._loop.extent, number(0))
            with builder.block() as statements:
                for position in sorted(self._guarded):
                    for statement in _inside_guard(self._without_slot(position), runs):
                        builder.emit(statement)
            builder.emit(If(runs, rename_buffers(tuple(statements), renamed)))
        body = tuple(one for i, one in enumerate(self._loop.body) if i not in self._moved)
        if body:
            builder.emit(replace(self._loop, body=rename_buffers(body, renamed)))
        self._explain()

    def _emit_free(self, position: int, renamed: dict[Buffer, Buffer]) -> None:
        """Write a statement that is done whether the loop runs or not."""
        builder, statement = self._state.builder, self._without_slot(position)
        (statement,) = rename_buffers((statement,), renamed)
        if isinstance(statement, Alloc) and not self._always:
            sizes = tuple(map(self._safe_size, statement.buffer.sizes))
            if sizes != statement.buffer.sizes:
                renamed[statement.buffer] = replace(statement.buffer, sizes=sizes)
                statement = replace(statement, buffer=renamed[statement.buffer])
        _emit_simple(builder, statement)

    def _safe_size(self, size: Operand) -> Operand:
        """A size that is one even where the loop, which would have checked it, does not run."""
        builder = self._state.builder
        if builder.ranges.of(size)[0] >= 0:
            return size
        runs = builder.let("gt", bool_, self._loop.extent, number(0))
        return builder.index_op("select", runs, size, number(0))

    def _without_slot(self, position: int) -> Statement:
        """An allocation whose contents are made before the loop, and last, shares no memory."""
        statement = self._loop.body[position]
        if isinstance(statement, Alloc) and any(
            statement.buffer.name in self._found[other].writes for other in self._moved
        ):
            return replace(statement, slot=None)
        return statement

    def _explain(self) -> None:
        index = f"%{self._loop.index.name}"
        for position, statement in enumerate(self._loop.body):
            moves = position in self._moved
            if isinstance(statement, Check) and (moves or position in self._behind):
                site = self._state.sites[statement.site]
                reason = f"it is the same in every iteration of {index}"
                if not moves:
                    reason = "what stands before it may fail in another way"
                subject = f"check of {site.kind}"
                decision = Decision("hoist", subject, moves, reason, site.location)
                self._state.decisions.append(decision)
            elif moves and isinstance(statement, Alloc):
                reason = f"its size is the same in every iteration of {index}"
                decision = Decision("hoist", f"memory of {statement.buffer.name}", True, reason)
                self._state.decisions.append(decision)
            elif moves and self._found[position].writes:
                subject = ", ".join(sorted(self._found[position].writes))
                reason = f"its contents are the same in every iteration of {index}"
                self._state.decisions.append(Decision("hoist", subject, True, reason))


def _inside_guard(statement: Statement, runs: Operand) -> tuple[Statement, ...]:
    """What is left of a statement where the condition is known to hold."""
    if isinstance(statement, If) and statement.condition == runs:
        return statement.then
    return (statement,)


def _is_harmless(statement: Statement) -> bool:
    """Whether it may be done where the loop does not run."""
    return isinstance(statement, Let | View | Alloc | Constant)
