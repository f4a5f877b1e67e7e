"""What a sequential loop does again and again, read off the loop IR without asking any pass."""

from collections.abc import Iterator, Sequence

from lltheano_ir.loops.nodes import (
    Alloc,
    Check,
    For,
    Let,
    Load,
    LoopFunction,
    Reduce,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.printer import format_statement
from lltheano_ir.loops.walk import inner_bodies, statements_in, used_scalars

__all__ = ["repeated_work"]


def repeated_work(function: LoopFunction) -> list[str]:
    """The allocations, copies and invariant checks inside the sequential loops of a function.

    A check in a branch is not one of them: a branch that is not taken must not fail.
    """
    loops = (
        inner
        for statement in function.body
        for inner in statements_in(statement)
        if isinstance(inner, For) and inner.sequential
    )
    return [format_statement(one) for loop in loops for one in _repeated(loop)]


def _repeated(loop: For) -> Iterator[Statement]:
    varying = {loop.index}
    for statement in _all(loop.body):
        match statement:
            case Let() if varying.intersection(used_scalars(statement)):
                varying.add(statement.target)
            case Load():
                varying.add(statement.target)
            case For():
                varying.add(statement.index)
                if _copies(statement):
                    yield statement
            case Reduce():
                varying.update(one.target for one in statement.reductions)
            case Alloc():
                yield statement
            case Check() if statement in loop.body and statement.condition not in varying:
                yield statement
            case _:
                pass


def _all(body: Sequence[Statement]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        for inner in inner_bodies(statement):
            yield from _all(inner)


def _copies(loop: For) -> bool:
    """Whether a nest only moves elements as they are, none of them its own index or a number."""
    inner: Statement = loop
    while isinstance(inner, For) and len(inner.body) == 1:
        inner = inner.body[0]
    match inner:
        case For(body=(Load() as load, Store() as store)):
            return isinstance(store.value, Scalar) and store.value == load.target
        case _:
            return False
