"""How the loops of a function run: nests collapsed, innermost loops vectorised.

`collapse_loops` turns a perfect nest over row-major buffers that are all looked at in the same
order into one loop over all their elements. `vectorise` gives innermost loops, and reductions, a
vector width that comes from the target, by the widest element that they touch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Order,
    Reduce,
    Scalar,
    Schedule,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import defined_names, inner_bodies, statements_in
from lltheano_ir.lowering.context import Context, number
from lltheano_ir.memory.equality import Equalities

__all__ = ["collapse_loops", "vectorise"]


@dataclass(frozen=True)
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
    context = Context({}, taken=set(defined_names(function)))
    equal = Equalities()
    for statement in function.body:
        equal.note(statement)
        nest = _perfect_nest(statement) if isinstance(statement, For) else None
        if nest is not None and len(nest.indices) > 1 and _collapsible(nest, equal):
            assert isinstance(statement, For)
            _collapse(context, statement, nest)
        else:
            context.emit(statement)
    return replace(function, body=tuple(context.blocks[0]))


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


def _collapse(context: Context, statement: For, nest: _Nest) -> None:
    total: Operand = number(1)
    for extent in nest.extents:
        total = context.index_op("mul", total, extent)
    flat: dict[Buffer, Buffer] = {}
    index = Scalar(context.fresh("i"), i64)
    body = tuple(_flattened(context, one, nest, flat, index, total) for one in nest.body)
    context.emit(replace(statement, index=index, extent=total, body=body))


def _flattened(
    context: Context,
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
        buffer = Buffer(context.fresh("b"), statement.buffer.dtype, (total,))
        flat[statement.buffer] = buffer
        context.emit(View(buffer, statement.buffer, number(0)))
    return replace(statement, buffer=buffer, indices=(index,))


def vectorise(function: LoopFunction, vector_bytes: int) -> LoopFunction:
    """Give each innermost loop and each reduction its vector width."""
    body = tuple(_vectorised(statement, vector_bytes) for statement in function.body)
    return replace(function, body=body)


def _vectorised(statement: Statement, vector_bytes: int) -> Statement:
    match statement:
        case For() if not statement.sequential and _is_innermost(statement):
            return replace(statement, schedule=_schedule(statement, vector_bytes))
        case Reduce() if statement.order is Order.BLOCKED:
            return replace(statement, schedule=_schedule(statement, vector_bytes))
        case For() | Reduce():
            return replace(statement, body=_each(statement.body, vector_bytes))
        case If():
            then, otherwise = (_each(b, vector_bytes) for b in inner_bodies(statement))
            return replace(statement, then=then, otherwise=otherwise)
        case _:
            return statement


def _each(body: tuple[Statement, ...], vector_bytes: int) -> tuple[Statement, ...]:
    return tuple(_vectorised(one, vector_bytes) for one in body)


def _is_innermost(statement: For) -> bool:
    """No loops inside but sequential reductions, which run with a vector of accumulators."""
    for one in statement.body:
        for inner in statements_in(one):
            if isinstance(inner, For | If | Call):
                return False
            if isinstance(inner, Reduce) and inner.order is not Order.SEQUENTIAL:
                return False
    return True


_CHEAP = {
    *("abs", "add", "and", "cast", "div", "eq", "ge", "gt", "le", "lt", "maximum", "minimum"),
    *("mul", "ne", "neg", "not", "or", "select", "sub", "xor"),
}


def _schedule(statement: For | Reduce, vector_bytes: int) -> Schedule:
    """As many of the widest elements as a register holds; four copies where the work is cheap."""
    widths, cheap = [1], True
    for one in statements_in(statement):
        if isinstance(one, Load | Store):
            widths.append(one.buffer.dtype.itemsize)
        elif isinstance(one, Let):
            widths.append(one.target.dtype.itemsize)
            cheap = cheap and one.op in _CHEAP
    return Schedule(max(1, vector_bytes // max(widths)), 4 if cheap else 1)
