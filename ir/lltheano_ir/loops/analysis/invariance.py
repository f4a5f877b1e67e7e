"""Which statements of a loop's body give the same in every iteration."""

from collections.abc import Callable, Iterable, Mapping

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Clock,
    Constant,
    Contiguous,
    Let,
    Load,
    Operand,
    Rebind,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import statements_in

__all__ = ["split_invariant"]

Statements = tuple[Statement, ...]

Root = Callable[[Buffer], str]
"""The name of the buffer whose memory a buffer is, or may be, a view of."""


def split_invariant(
    root: Root, body: Statements, indices: Iterable[Scalar]
) -> tuple[Statements, Statements]:
    """Split off the statements that give the same in every iteration and may run before the loop.

    The loop must run at least once. Loads stay behind the first statement that may leave the
    function, since it may be what makes their indices valid, and those of memory that the loop
    writes, or of buffers that its body makes, stay too. `root` knows of the buffers from outside.
    """
    varying = {index.name for index in indices}
    made = _made_roots(root, body)
    written = _written_roots(root, body, made)
    before: list[Statement] = []
    rest: list[Statement] = []
    guarded = False
    for statement in body:
        moves = isinstance(statement, Let) or (
            isinstance(statement, Load)
            and not guarded
            and statement.buffer.name not in made
            and root(statement.buffer) not in written
        )
        if moves and not any(_varies(operand, varying) for operand in _inputs(statement)):
            before.append(statement)
            continue
        guarded = guarded or any(
            isinstance(one, Check | Call | Callback) for one in statements_in(statement)
        )
        varying.update(_defined(statement))
        rest.append(statement)
    return tuple(before), tuple(rest)


def _varies(operand: Operand, varying: set[str]) -> bool:
    return isinstance(operand, Scalar) and operand.name in varying


def _inputs(statement: Statement) -> tuple[Operand, ...]:
    if isinstance(statement, Let):
        return statement.operands
    if not isinstance(statement, Load):
        return ()
    buffer = statement.buffer
    return (*statement.indices, *buffer.sizes, *(buffer.strides or ()))


def _defined(statement: Statement) -> Iterable[str]:
    if isinstance(statement, Let | Load | Clock):
        yield statement.target.name
    elif isinstance(statement, Reduce):
        yield from (one.target.name for one in statement.reductions)
    elif isinstance(statement, Callback):
        yield from (scalar.name for scalar in statement.measured)


def _made_roots(root: Root, body: Statements) -> dict[str, str]:
    """The root of each buffer that the body makes, which nobody outside knows of."""
    made: dict[str, str] = {}
    for one in body:
        for statement in statements_in(one):
            if isinstance(statement, Alloc | Constant):
                made[statement.buffer.name] = statement.buffer.name
            elif isinstance(statement, Callback):
                made.update((buffer.name, buffer.name) for buffer in statement.outputs)
            elif isinstance(statement, View | Contiguous):
                base = statement.base if isinstance(statement, View) else statement.source
                made[statement.buffer.name] = made.get(base.name, root(base))
    return made


def _written_roots(root: Root, body: Statements, made: Mapping[str, str]) -> set[str]:
    written: list[Buffer] = []
    for one in body:
        for statement in statements_in(one):
            if isinstance(statement, Store):
                written.append(statement.buffer)
            elif isinstance(statement, Call):
                written.extend(statement.outputs)
            elif isinstance(statement, Rebind):
                written.extend(statement.targets)
    return {made.get(buffer.name, root(buffer)) for buffer in written}
