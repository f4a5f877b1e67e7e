"""One loop in place of a nest.

A perfect nest over row-major buffers that are all looked at in the same order becomes one loop over
all their elements, whose vectors then do not end with each row. Nests inside loops and branches are
collapsed like those of the function's own body.
"""

from collections.abc import Sequence
from dataclasses import replace

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import LoopBuilder, number
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import defined_names, inner_bodies, map_bodies
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record

__all__ = ["collapse_loops"]


@record(frozen=True)
class _Nest:
    indices: tuple[Scalar, ...]
    extents: tuple[Operand, ...]
    body: tuple[Statement, ...]


def _perfect_nest(statement: For) -> _Nest:
    indices, extents = [statement.index], [statement.extent]
    body = statement.body
    while len(body) == 1 and isinstance(body[0], For) and not body[0].sequential:
        indices.append(body[0].index)
        extents.append(body[0].extent)
        body = body[0].body
    return _Nest(tuple(indices), tuple(extents), body)


def collapse_loops(function: LoopFunction) -> LoopFunction:
    """Make one loop of each nest that walks row-major buffers from first element to last."""
    builder = LoopBuilder(taken=set(defined_names(function)))
    _emit_body(builder, function.body, Equalities())
    return replace(function, body=tuple(builder.blocks[0]))


def _emit_body(builder: LoopBuilder, body: Sequence[Statement], equal: Equalities) -> None:
    for statement in body:
        equal.note(statement)
        nest = _perfect_nest(statement) if isinstance(statement, For) else None
        if nest is not None and len(nest.indices) > 1 and _collapsible(nest, equal):
            assert isinstance(statement, For)
            _collapse(builder, statement, nest)
        else:
            builder.emit(_with_bodies(builder, statement, equal))


def _with_bodies(builder: LoopBuilder, statement: Statement, equal: Equalities) -> Statement:
    """The statement with the nests inside it collapsed."""

    def inner(body: Sequence[Statement]) -> tuple[Statement, ...]:
        with builder.block() as statements:
            _emit_body(builder, body, equal.inside())
        return tuple(statements)

    nested = any(isinstance(one, For) for body in inner_bodies(statement) for one in body)
    return map_bodies(statement, inner) if nested or isinstance(statement, If) else statement


def _collapsible(nest: _Nest, equal: Equalities) -> bool:
    """Every access is to one element, or to all in order, and indices serve nothing else."""
    names = set(nest.indices)
    if names & set(nest.extents):
        return False
    for statement in nest.body:
        if not isinstance(statement, Let | Load | Store):
            return False
        if isinstance(statement, Load | Store):
            if not _walks(statement.buffer, statement.indices, nest, equal):
                return False
            others: Sequence[Operand] = (statement.value,) if isinstance(statement, Store) else ()
        else:
            others = statement.operands
        if names & set(others):
            return False
    return True


def _walks(buffer: Buffer, indices: tuple[Operand, ...], nest: _Nest, equal: Equalities) -> bool:
    if not set(indices) & set(nest.indices):
        return True
    axes = [axis for axis, index in enumerate(indices) if index in nest.indices]
    walked = tuple(indices[axis] for axis in axes) == nest.indices
    others = [size for axis, size in enumerate(buffer.sizes) if axis not in axes]
    have = [equal.representative(buffer.sizes[axis]) for axis in axes]
    whole = have == [equal.representative(extent) for extent in nest.extents]
    return buffer.strides is None and walked and whole and all(s == number(1) for s in others)


def _collapse(builder: LoopBuilder, statement: For, nest: _Nest) -> None:
    total: Operand = number(1)
    for extent in nest.extents:
        total = builder.index_op("mul", total, extent)
    flat: dict[Buffer, Buffer] = {}
    index = Scalar(builder.fresh("i"), i64)
    body = tuple(_flattened(builder, one, nest, flat, index, total) for one in nest.body)
    builder.emit(replace(statement, index=index, extent=total, body=body))


def _flattened(
    builder: LoopBuilder,
    statement: Statement,
    nest: _Nest,
    flat: dict[Buffer, Buffer],
    index: Scalar,
    total: Operand,
) -> Statement:
    if not isinstance(statement, Load | Store):
        return statement
    if not set(statement.indices) & set(nest.indices):
        return statement
    buffer = flat.get(statement.buffer)
    if buffer is None:
        buffer = Buffer(builder.fresh("b"), statement.buffer.dtype, (total,))
        flat[statement.buffer] = buffer
        builder.emit(View(buffer, statement.buffer, number(0)))
    return replace(statement, buffer=buffer, indices=(index,))
