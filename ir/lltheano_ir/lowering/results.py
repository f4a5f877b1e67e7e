"""Memory for the results of a program: each has its own, which no other result shares.

A result that is the same elements under other sizes (`reshape`) needs no copy: the memory is
allocated under the result's sizes, and what it was computed as becomes a view of it. For that the
sizes must be known, and the checks of them made, before anything is written, so what finds errors
moves in front.
"""

from collections.abc import Sequence

from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Check,
    Let,
    Load,
    Operand,
    Result,
    Scalar,
    Statement,
    View,
)
from lltheano_ir.loops.walk import names_made_by, used_scalars
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.program import Program

__all__ = ["make_results"]


def make_results(state: Lowering, program: Program) -> tuple[Result, ...]:
    """Bring outputs and new values into memory of their own."""
    taken: set[Buffer] = set()
    results = [Result(one.name, _own_buffer(state, one.value, taken)) for one in program.outputs]
    for update in program.updates:
        parameter = program.parameters[update.parameter]
        argument = state.argument(update.parameter, parameter.type)
        own = state.buffers[argument]
        kept = update.value is argument
        buffer = own if kept else _own_buffer(state, update.value, taken)
        results.append(Result(parameter.name, buffer, update.parameter))
    return tuple(results)


def _own_buffer(state: Lowering, value: Value, taken: set[Buffer]) -> Buffer:
    """The value in memory that nothing else uses as a result."""
    buffer = state.buffer(value)
    while value.op.is_operand:
        value = value.operands[0]
    if buffer not in state.context.owned and _is_under_other_sizes(value):
        buffer = _under_other_sizes(state.context, buffer, taken)
    if buffer not in state.context.owned or buffer in taken:
        with state.context.making(value):
            copy = state.context.alloc(buffer.dtype, buffer.sizes)
            state.context.copy(buffer, copy)
        buffer = copy
    taken.add(buffer)
    return buffer


def _is_under_other_sizes(value: Value) -> bool:
    return value.op.view is not None and value.op.view.in_order


def _under_other_sizes(context: FunctionBuilder, view: Buffer, taken: set[Buffer]) -> Buffer:
    """Fresh memory of the sizes of `view`, in the place of that of which it is a view; the view
    itself where that cannot be.
    """
    (body,) = context.blocks
    made = [i for i, one in enumerate(body) if isinstance(one, View) and one.buffer == view]
    base = _base_of(body[made[0]]) if len(made) == 1 else None
    if base is None or base not in context.owned or base in taken:
        return view
    starts = [i for i, one in enumerate(body) if isinstance(one, Alloc) and one.buffer == base]
    if len(starts) != 1:
        return view
    first, last = starts[0], made[0]
    early, late = _split(body, first + 1, last)
    if any(isinstance(one, Check) for one in late) or _defines(late, view.sizes):
        return view
    fresh = Buffer(context.fresh("b"), view.dtype, view.sizes)
    placed = (Alloc(fresh), View(base, fresh, number(0)))
    body[first : last + 1] = [*early, *placed, *late, View(view, fresh, number(0))]
    context.owned.remove(base)
    context.owned.add(fresh)
    return fresh


def _base_of(statement: Statement) -> Buffer | None:
    """What a view of all elements, row by row, is a view of."""
    assert isinstance(statement, View)
    base = statement.base
    whole = base.strides is None and statement.buffer.strides is None
    return base if whole and statement.offset == number(0) else None


def _split(
    body: Sequence[Statement], first: int, last: int
) -> tuple[list[Statement], list[Statement]]:
    """Of some statements the index arithmetic, the checks and the reads of parameters that need
    nothing of the others; and the others.
    """
    local = {name for statement in body for name in names_made_by(statement)}
    early: list[Statement] = []
    late: list[Statement] = []
    for one in body[first:last]:
        pure = isinstance(one, Let | Check)
        pure = pure or (isinstance(one, Load) and one.buffer.name not in local)
        free = pure and not _defines(late, tuple(used_scalars(one)))
        (early if free else late).append(one)
    return early, late


def _defines(statements: Sequence[Statement], operands: Sequence[Operand]) -> bool:
    """Whether one of the operands is not computed before the statements."""
    wanted = {one.name for one in operands if isinstance(one, Scalar)}
    return any(not wanted.isdisjoint(names_made_by(one)) for one in statements)
