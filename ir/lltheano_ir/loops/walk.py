"""Walks over loop IR: the statements inside a statement, what they use, and rewriting of names."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Clock,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    Number,
    Operand,
    Rebind,
    Reduce,
    Scalar,
    Statement,
    Store,
    Tally,
    View,
)
from lltheano_ir.ops.summation import BLOCK_ROWS

__all__ = [
    "buffer_operands",
    "defined_names",
    "exchanged_names",
    "inner_bodies",
    "is_one_block",
    "lent_buffers",
    "map_bodies",
    "names_made_by",
    "rebound_buffers",
    "rename_buffers",
    "statements_in",
    "used_scalars",
]


def inner_bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The bodies of a statement that has any."""
    if isinstance(statement, For | Reduce):
        return (statement.body,)
    if isinstance(statement, If):
        return (statement.then, statement.otherwise)
    return ()


def map_bodies(
    statement: Statement, change: Callable[[tuple[Statement, ...]], tuple[Statement, ...]]
) -> Statement:
    """The statement with its bodies changed; those of reductions, which only compute, are not."""
    match statement:
        case For():
            return replace(statement, body=change(statement.body))
        case If():
            then, otherwise = change(statement.then), change(statement.otherwise)
            return replace(statement, then=then, otherwise=otherwise)
        case _:
            return statement


def statements_in(statement: Statement) -> Iterator[Statement]:
    """The statement and all inside it, outermost first."""
    stack = [statement]
    while stack:
        one = stack.pop()
        yield one
        for body in inner_bodies(one):
            stack.extend(reversed(body))


def rebound_buffers(body: Iterable[Statement]) -> Iterator[tuple[Buffer, Buffer]]:
    """The buffers that statements, with all inside them, rebind, each with its source."""
    for statement in body:
        for one in statements_in(statement):
            if isinstance(one, Rebind):
                yield from zip(one.targets, one.sources, strict=True)


def exchanged_names(function: LoopFunction) -> dict[str, frozenset[str]]:
    """For each result, by its buffer's name, the names that its memory may have had before."""
    partners: dict[str, set[str]] = {}
    for target, source in rebound_buffers(function.body):
        both = {target.name, source.name}
        group = both.union(*(partners.get(name, ()) for name in both))
        for name in group:
            partners[name] = group
    names = (result.buffer.name for result in function.results)
    return {name: frozenset(partners.get(name, (name,))) for name in names}


def lent_buffers(body: Iterable[Statement]) -> frozenset[Buffer]:
    """The buffers that statements, with all inside them, rebind to views of other memory."""
    rebound = list(rebound_buffers(body))
    targets = {target for target, _ in rebound}
    return frozenset(target for target, source in rebound if source not in targets)


def is_one_block(reduce: Reduce) -> bool:
    """Whether it is known that in order `rows` all elements are combined one after another."""
    known = [one for one in reduce.extents if isinstance(one, Number)]
    count = math.prod(int(one.literal.array()) for one in known)
    return len(known) == len(reduce.extents) and count <= BLOCK_ROWS


def buffer_operands(buffer: Buffer) -> tuple[Operand, ...]:
    """The sizes and strides of a buffer."""
    return buffer.sizes + (buffer.strides or ())


def used_scalars(statement: Statement) -> Iterator[Scalar]:
    """The scalar variables that a statement itself (not its bodies) reads."""
    operands = _OPERANDS.get(type(statement))
    for operand in operands(statement) if operands is not None else ():
        if isinstance(operand, Scalar):
            yield operand


def _given_sizes(one: Callback) -> tuple[Operand, ...]:
    """The sizes that what a callback gives must have."""
    sizes = (size for buffer in one.outputs for size in buffer.sizes)
    return tuple(size for size in sizes if size not in one.measured)


_OPERANDS: dict[type, Callable[[Any], tuple[Operand, ...]]] = {
    Let: lambda one: one.operands,
    Load: lambda one: one.indices,
    Store: lambda one: (*one.indices, one.value),
    For: lambda one: (one.extent, *one.schedule.operands),
    Reduce: lambda one: (
        *one.extents,
        *one.schedule.operands,
        *(each.value for each in one.reductions),
    ),
    If: lambda one: (one.condition,),
    Alloc: lambda one: buffer_operands(one.buffer),
    Constant: lambda one: buffer_operands(one.buffer),
    View: lambda one: (*buffer_operands(one.buffer), one.offset),
    Contiguous: lambda one: buffer_operands(one.buffer),
    Call: lambda one: one.operands,
    Callback: _given_sizes,
    Check: lambda one: (one.condition, *one.values),
    Last: lambda one: (one.condition,),
    Tally: lambda one: one.values,
}


def defined_names(function: LoopFunction) -> Iterator[str]:
    """The names of all scalars and buffers of a function, its parameters first."""
    for parameter in function.parameters:
        yield parameter.buffer.name
        for operand in buffer_operands(parameter.buffer):
            if isinstance(operand, Scalar):
                yield operand.name
    for statement in function.body:
        yield from names_made_by(statement)


def names_made_by(statement: Statement) -> Iterator[str]:
    """The names of the scalars and buffers that a statement, with all inside it, defines."""
    for one in statements_in(statement):
        match one:
            case Let() | Load() | Clock():
                yield one.target.name
            case For():
                yield one.index.name
            case Reduce():
                yield from (index.name for index in one.indices)
                yield from (each.target.name for each in one.reductions)
            case Alloc() | Constant() | View() | Contiguous():
                yield one.buffer.name
            case Callback():
                yield from (scalar.name for scalar in one.measured)
                yield from (buffer.name for buffer in one.outputs)
            case _:
                pass


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
        case Call() | Callback():
            outputs, inputs = (
                tuple(map(new, one)) for one in (statement.outputs, statement.inputs)
            )
            return replace(statement, outputs=outputs, inputs=inputs)
        case Rebind():
            targets, sources = (
                tuple(map(new, one)) for one in (statement.targets, statement.sources)
            )
            return replace(statement, targets=targets, sources=sources)
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
