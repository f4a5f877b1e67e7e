"""Which loops run in vectors.

Innermost loops, and reductions, that may be vectors get a width that comes from the target, by the
widest element that they touch, and several copies of the vector body where the work on an element
is cheap and elements lie side by side.
"""

from collections.abc import Collection
from dataclasses import replace

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.analysis.strides import accesses
from lltheano_ir.loops.analysis.vectors import vector_obstacle
from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Call,
    Callback,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Order,
    Reduce,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import inner_bodies, statements_in
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Cost
from lltheano_ir.target import Target

__all__ = ["vectorise"]


def vectorise(function: LoopFunction, target: Target) -> LoopFunction:
    """Give each innermost loop and each reduction that may be vectors its width."""
    body = tuple(_vectorised(statement, target) for statement in function.body)
    return replace(function, body=body)


def _vectorised(statement: Statement, target: Target) -> Statement:
    match statement:
        case For() if _is_innermost(statement) and vector_obstacle(statement) is None:
            return replace(statement, schedule=_schedule(statement, target))
        case Reduce() if vector_obstacle(statement) is None:
            return replace(statement, schedule=_schedule(statement, target))
        case For() | Reduce():
            return replace(statement, body=_each(statement.body, target))
        case If():
            then, otherwise = (_each(b, target) for b in inner_bodies(statement))
            return replace(statement, then=then, otherwise=otherwise)
        case _:
            return statement


def _each(body: tuple[Statement, ...], target: Target) -> tuple[Statement, ...]:
    return tuple(_vectorised(one, target) for one in body)


def _is_innermost(statement: For) -> bool:
    """No loops inside but sequential reductions, which run with a vector of accumulators."""
    for one in statement.body:
        for inner in statements_in(one):
            if isinstance(inner, For | If | Call | Callback):
                return False
            if isinstance(inner, Reduce) and inner.order is not Order.ROWS:
                return False
    return True


_FEW_ACCESSES = 12
"""With more, one copy of a body has enough loads in flight."""


def _schedule(statement: For | Reduce, target: Target) -> Schedule:
    """As many of the widest elements as a register holds; four copies where there is little to do,
    so that it does not wait for itself. A row of a blocked sum is a vector however wide its
    elements are.
    """
    dtypes, cheap = [], True
    elements: set[Operand] = set()
    for one in statements_in(statement):
        if isinstance(one, Load | Store):
            dtypes.append(one.buffer.dtype)
        if isinstance(one, Let) and _is_place(one, elements):
            continue
        if isinstance(one, Load | Let):
            elements.add(one.target)
        if isinstance(one, Let):
            dtypes.append(one.target.dtype)
            cheap = cheap and OPS[one.op].cost_on(one.operands[-1].dtype) < Cost.KERNEL
    count = sum(isinstance(one, Load | Store) for one in statements_in(statement))
    lanes = min((target.lanes(dtype) for dtype in dtypes), default=target.vector_bytes)
    if isinstance(statement, Reduce):
        lanes = max(lanes, 2)
    if lanes == 1:
        return Schedule()
    index = statement.index if isinstance(statement, For) else statement.indices[0]
    little = cheap and count <= _FEW_ACCESSES
    copies = 4 if little and not accesses(statement.body, index).scattered else 1
    if isinstance(statement, For):
        lanes, copies = _within(number_of(statement.extent), lanes, copies)
    return Schedule(lanes, copies)


def _within(extent: int | None, lanes: int, copies: int) -> tuple[int, int]:
    """No more lanes, and copies, than a loop of a known extent fills."""
    if extent is None or extent < 1:
        return lanes, copies
    while lanes > extent:
        lanes //= 2
    while lanes * copies > extent:
        copies //= 2
    return lanes, max(copies, 1)


def _is_place(let: Let, elements: Collection[Operand]) -> bool:
    """Whether it computes an index from indices: neighbours differ by a step, so one is enough."""
    linear = let.target.dtype is i64 and OPS[let.op].laws.polynomial is not None
    return linear and not any(operand in elements for operand in let.operands)
