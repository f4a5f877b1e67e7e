"""Walks over loop IR: the statements inside a statement, what they use, and rewriting of names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Check,
    Constant,
    Contiguous,
    For,
    If,
    Let,
    Load,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)

__all__ = ["buffer_operands", "inner_bodies", "rename_buffers", "statements_in", "used_scalars"]


def inner_bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The bodies of a statement that has any."""
    if isinstance(statement, For | Reduce):
        return (statement.body,)
    if isinstance(statement, If):
        return (statement.then, statement.otherwise)
    return ()


def statements_in(statement: Statement) -> Iterator[Statement]:
    """The statement and all inside it, outermost first."""
    stack = [statement]
    while stack:
        one = stack.pop()
        yield one
        for body in inner_bodies(one):
            stack.extend(reversed(body))


def buffer_operands(buffer: Buffer) -> tuple[Operand, ...]:
    """The sizes and strides of a buffer."""
    return buffer.sizes + (buffer.strides or ())


def used_scalars(statement: Statement) -> Iterator[Scalar]:
    """The scalar variables that a statement itself (not its bodies) reads."""
    for operand in _operands(statement):
        if isinstance(operand, Scalar):
            yield operand


def _operands(statement: Statement) -> tuple[Operand, ...]:
    match statement:
        case Let():
            return statement.operands
        case Load():
            return statement.indices
        case Store():
            return (*statement.indices, statement.value)
        case For():
            return (statement.extent,)
        case Reduce():
            return (*statement.extents, *(one.value for one in statement.reductions))
        case If():
            return (statement.condition,)
        case Alloc() | Constant():
            return buffer_operands(statement.buffer)
        case View():
            return (*buffer_operands(statement.buffer), statement.offset)
        case Contiguous():
            return buffer_operands(statement.buffer)
        case Check():
            return (statement.condition, *statement.values)
        case _:
            return ()


def rename_buffers(
    body: tuple[Statement, ...], names: Mapping[Buffer, Buffer]
) -> tuple[Statement, ...]:
    """The statements with buffers replaced; those that define a replaced buffer must be gone."""
    return tuple(
        _renamed(statement, lambda buffer: names.get(buffer, buffer)) for statement in body
    )


def _renamed(statement: Statement, new: Callable[[Buffer], Buffer]) -> Statement:
    match statement:
        case Load() | Store() | Alloc() | Constant():
            return replace(statement, buffer=new(statement.buffer))
        case View():
            return replace(statement, buffer=new(statement.buffer), base=new(statement.base))
        case Contiguous():
            return replace(statement, buffer=new(statement.buffer), source=new(statement.source))
        case Call():
            outputs, inputs = (
                tuple(map(new, one)) for one in (statement.outputs, statement.inputs)
            )
            return replace(statement, outputs=outputs, inputs=inputs)
        case For() | Reduce():
            return replace(statement, body=tuple(_renamed(one, new) for one in statement.body))
        case If():
            then, otherwise = (
                tuple(_renamed(one, new) for one in body)
                for body in (statement.then, statement.otherwise)
            )
            return replace(statement, then=then, otherwise=otherwise)
        case _:
            return statement
