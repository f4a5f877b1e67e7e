"""Which loops run in vectors.

Innermost loops, and reductions, get a vector width that comes from the target, by the widest
element that they touch, and several copies of the vector body where the work on an element is
cheap.
"""

from collections.abc import Collection
from dataclasses import replace

from lltheano_ir.dtypes import i64
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

__all__ = ["vectorise"]


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
            if isinstance(inner, For | If | Call | Callback):
                return False
            if isinstance(inner, Reduce) and inner.order is not Order.ROWS:
                return False
    return True


_CHEAP = {
    *("abs", "add", "and", "cast", "div", "eq", "ge", "gt", "le", "lt", "maximum", "minimum"),
    *("mul", "ne", "neg", "not", "or", "select", "sub", "xor"),
}


_FEW_ACCESSES = 12
"""With more, one copy of a body has enough loads in flight."""


def _schedule(statement: For | Reduce, vector_bytes: int) -> Schedule:
    """As many of the widest elements as a register holds; four copies where there is little to do,
    so that it does not wait for itself.
    """
    widths, cheap = [1], True
    elements: set[Operand] = set()
    for one in statements_in(statement):
        if isinstance(one, Load | Store):
            widths.append(one.buffer.dtype.itemsize)
        if isinstance(one, Let) and _is_place(one, elements):
            continue
        if isinstance(one, Load | Let):
            elements.add(one.target)
        if isinstance(one, Let):
            widths.append(one.target.dtype.itemsize)
            cheap = cheap and one.op in _CHEAP
    accesses = sum(isinstance(one, Load | Store) for one in statements_in(statement))
    little = cheap and accesses <= _FEW_ACCESSES
    return Schedule(max(1, vector_bytes // max(widths)), 4 if little else 1)


def _is_place(let: Let, elements: Collection[Operand]) -> bool:
    """Whether it computes an index from indices: neighbours differ by a step, so one is enough."""
    linear = let.op in ("add", "sub", "mul") and let.target.dtype is i64
    return linear and not any(operand in elements for operand in let.operands)
