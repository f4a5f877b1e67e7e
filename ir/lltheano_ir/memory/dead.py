"""Dead stores: what is written and never read, and what is computed for nothing else.

A value of which only the sizes are asked for has been given memory by the lowering; here it loses
it again, with the loops and the library calls that filled it. What must stay are checks, calls of
other functions, and writes to memory that somebody reads: a result, a shared parameter, or memory
of the caller's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from lltheano_ir.loops.analysis.dependence import Roots, touched_buffers
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    Rebind,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies, used_scalars
from lltheano_ir.records import record

__all__ = ["remove_dead_stores"]


@record
class _Live:
    """What is needed, as far as it is known: scalars, the names of buffers, memory that is read."""

    roots: Roots
    scalars: set[Scalar] = field(default_factory=set)
    buffers: set[str] = field(default_factory=set)
    memory: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.scalars) + len(self.buffers) + len(self.memory)


def remove_dead_stores(function: LoopFunction) -> LoopFunction:
    """Return `function` without the statements of which nothing depends.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @f(%x: f64[%n] shared) {
    ...   alloc %y: f64[%n]
    ...   for %i in %n {
    ...     load %v: f64 = %x[%i]
    ...     store %y[%i] = %v
    ...   }
    ... }''')
    >>> remove_dead_stores(function).body
    ()
    """
    live = _Live(Roots(function.body))
    kept = (one for one in function.parameters if one.shared or one.inout)
    live.memory.update(one.buffer.name for one in kept)
    for result in function.results:
        _use(live, (result.buffer,), read=True)
    before = -1
    while live.count != before:
        before = live.count
        _mark(live, function.body)
    return replace(function, body=_swept(live, function.body))


def _use(live: _Live, buffers: Iterable[Buffer], *, read: bool) -> None:
    for buffer in buffers:
        live.buffers.add(buffer.name)
        if read:
            live.memory.add(live.roots.of(buffer))


def _mark(live: _Live, body: Sequence[Statement]) -> bool:
    """Note what the needed statements of a body use, users first; whether there are any."""
    found = False
    for statement in reversed(body):
        inside = [_mark(live, one) for one in inner_bodies(statement)]
        if not (any(inside) if isinstance(statement, For | If) else _is_needed(live, statement)):
            continue
        found = True
        live.scalars.update(used_scalars(statement))
        for buffer, written in touched_buffers(statement):
            # What is rebound is read under another name in the next iteration.
            read = isinstance(statement, Rebind) or not (written or isinstance(statement, View))
            _use(live, (buffer,), read=read)
    return found


def _is_needed(live: _Live, statement: Statement) -> bool:
    match statement:
        case Let() | Load():
            return statement.target in live.scalars
        case Reduce():
            return any(one.target in live.scalars for one in statement.reductions)
        case Store():
            return live.roots.of(statement.buffer) in live.memory
        case Call():
            # A function of the module may have checks.
            return statement.internal or any(
                live.roots.of(one) in live.memory for one in statement.outputs
            )
        case Rebind():
            return any(live.roots.of(one) in live.memory for one in statement.targets)
        case Alloc() | Constant() | View() | Contiguous():
            return statement.buffer.name in live.buffers
        case _:
            return isinstance(statement, Check | Callback | Commit | Last)


def _swept(live: _Live, body: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(one for statement in body for one in _kept(live, statement))


def _kept(live: _Live, statement: Statement) -> tuple[Statement, ...]:
    match statement:
        case For():
            body = _swept(live, statement.body)
            return (replace(statement, body=body),) if body else ()
        case If():
            then, otherwise = (_swept(live, one) for one in inner_bodies(statement))
            return (
                (replace(statement, then=then, otherwise=otherwise),) if then or otherwise else ()
            )
        case Reduce() if _is_needed(live, statement):
            return (replace(statement, body=_swept(live, statement.body)),)
        case _:
            return (statement,) if _is_needed(live, statement) else ()
