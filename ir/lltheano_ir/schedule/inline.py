"""What only a reduction reads is computed where it is read, and is never in memory.

    for %i in %n {                          reduce %s = add %w over %j in %n {
      load %v = %x[%i]                        load %v = %x[%j]
      let %w = exp %v                 ->      let %w = exp %v
      store %t[%i] = %w                     }
    }
    reduce %s = add %u over %j in %n {
      load %u = %t[%j]
    }

Reductions over all axes are over a vector, which is all elements of a matrix in their order. Once
the loop over the matrix is one over all its elements, it is seen that the two go together. The
reduction takes the same elements in the same order, so not a bit changes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import touched_buffers
from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Check,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Reduce,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies, map_bodies, statements_in
from lltheano_ir.memory.dead import remove_dead_stores
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record

__all__ = ["inline_producers"]


@record
class _State:
    """`touches` is how often each buffer is named, `bases` what views of all elements are of."""

    touches: Counter[str]
    bases: dict[Buffer, Buffer]
    decisions: list[Decision]
    allocated: set[Buffer] = field(default_factory=set)
    changed: bool = False


def inline_producers(
    function: LoopFunction, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with loops that only feed a reduction made part of that."""
    inside = [one for statement in function.body for one in statements_in(statement)]
    touches = Counter(buffer.name for one in inside for buffer, _ in touched_buffers(one))
    touches.update(result.buffer.name for result in function.results)
    bases = {one.buffer: one.base for one in inside if isinstance(one, View) and _is_whole(one)}
    state = _State(touches, bases, decisions if decisions is not None else [])
    found = replace(function, body=_inlined(state, function.body, Equalities()))
    return remove_dead_stores(found) if state.changed else function


def _is_whole(view: View) -> bool:
    """Whether the first elements of a view are those of its base, row by row."""
    return number_of(view.offset) == 0 and not view.buffer.strides and not view.base.strides


def _inlined(
    state: _State, body: tuple[Statement, ...], outside: Equalities
) -> tuple[Statement, ...]:
    known = outside.inside(body)
    state.allocated.update(one.buffer for one in body if isinstance(one, Alloc))
    statements: list[Statement] = []
    for one in body:
        statement = one
        if isinstance(one, Reduce) and len(one.indices) == 1:
            statement = _with_producers(state, one, statements, known)
        elif any(isinstance(each, For | If) for inner in inner_bodies(one) for each in inner):
            statement = map_bodies(one, lambda inner: _inlined(state, inner, known))
        statements.append(statement)
    return tuple(statements)


def _with_producers(
    state: _State, reduce: Reduce, before: list[Statement], equal: Equalities
) -> Reduce:
    """The reduction with the loops that feed it, which are taken out of what stands before it.

    Nothing may be written between such a loop and the reduction.
    """
    for place in range(len(before) - 1, -1, -1):
        loop = before[place]
        if isinstance(loop, For):
            loads = _fed(state, loop, reduce, equal)
            if not loads:
                break
            del before[place]
            reduce = _with_producer(reduce, loop, loads)
            state.changed = True
        elif not isinstance(loop, Let | Load | View | Alloc | Check):
            break
    return reduce


def _fed(state: _State, loop: For, reduce: Reduce, equal: Equalities) -> Sequence[Load]:
    """The loads of a reduction for which a loop makes one element after another; none if it does
    anything else.
    """
    stores = [one for one in loop.body if isinstance(one, Store)]
    plain = all(isinstance(one, Let | Load | Store) for one in loop.body)
    plain = plain and all(isinstance(one, Let | Load) for one in reduce.body)
    if loop.sequential or not plain or len(stores) != 1:
        return ()
    if equal.representative(loop.extent) != equal.representative(reduce.extents[0]):
        return ()
    (store,) = stores
    memory = state.bases.get(store.buffer, store.buffer)
    loads = [
        one
        for one in reduce.body
        if isinstance(one, Load) and state.bases.get(one.buffer, one.buffer) == memory
    ]
    names = {memory, store.buffer, *(one.buffer for one in loads)}
    views = len(names - {memory})
    touched = sum(state.touches[one.name] for one in names)
    one_by_one = store.indices == (loop.index,) and loads != []
    one_by_one = one_by_one and all(one.indices == reduce.indices for one in loads)
    if not one_by_one or memory not in state.allocated or touched != views + 1 + len(loads):
        return ()
    reason = "its elements are computed where a reduction reads them, without memory"
    state.decisions.append(Decision("inline", memory.name, True, reason))
    return loads


def _with_producer(reduce: Reduce, loop: For, loads: Sequence[Load]) -> Reduce:
    """The reduction with the loop's body at its head, and what that stores for what it loaded."""
    (store,) = (one for one in loop.body if isinstance(one, Store))
    (index,) = reduce.indices
    of_loop: dict[Operand, Operand] = {loop.index: index}
    value = of_loop.get(store.value, store.value)
    stored: dict[Operand, Operand] = {one.target: value for one in loads}
    body = [_renamed(one, of_loop) for one in loop.body if one != store]
    body += [_renamed(one, stored) for one in reduce.body if one not in loads]
    reductions = tuple(
        replace(one, value=stored.get(one.value, one.value)) for one in reduce.reductions
    )
    return replace(reduce, body=tuple(body), reductions=reductions)


def _renamed(statement: Statement, names: Mapping[Operand, Operand]) -> Statement:
    """A statement that computes, with other operands."""

    def new(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple(names.get(one, one) for one in operands)

    match statement:
        case Let():
            return replace(statement, operands=new(statement.operands))
        case Load():
            return replace(statement, indices=new(statement.indices))
        case _:
            return statement
