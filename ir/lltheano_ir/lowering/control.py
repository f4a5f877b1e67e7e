"""The ops with regions that are not fused: `if` and `loop`.

A region is lowered by a `Lowering` of its own, whose arguments are bound to the places of the
captured values. The sizes of the results are computed before the branch or the loop, from the sizes
of the arguments, so that their memory can be allocated outside.
"""

from collections.abc import Callable, Sequence

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.nodes import Buffer, For, If, Operand, Scalar, Statement, Store, View
from lltheano_ir.lowering.context import number
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Region, Value, argument, operands_first, result

__all__ = ["lower_if", "lower_loop"]

LowerValue = Callable[[Lowering, Value], None]


def _bind(child: Lowering, position: int, value: Value, state: Lowering) -> None:
    """Let an argument of the region be where `value` is outside."""
    inner = argument(position, value.type)
    if value.rank:
        state.prepare(value)
        child.buffers[inner] = state.buffer(value)
    else:
        child.scalars[inner] = state.scalar(value)


def _lower_region(child: Lowering, region: Region, lower_value: LowerValue) -> None:
    for value in operands_first(region.results):
        lower_value(child, value)


def _store(child: Lowering, value: Value, target: Buffer) -> None:
    """Write a result of a region to memory made outside, whose sizes are then the right ones."""
    child.prepare(value)
    with child.context.loops(target.sizes) as indices, child.scope():
        child.context.emit(Store(target, indices, child.element(value, indices)))


def lower_if(state: Lowering, value: Value, lower_value: LowerValue) -> None:
    """Both regions write to the same memory; only the chosen one runs."""
    condition, *captured = value.operands
    context = state.context
    chosen = state.scalar(condition)
    children = []
    for _ in value.regions:
        child = state.child()
        for position, outer in enumerate(captured):
            _bind(child, position, outer, state)
        children.append(child)
    targets = [
        context.alloc(one.dtype, _branch_sizes(value, index, chosen, children))
        for index, one in enumerate(value.types)
    ]
    bodies: list[tuple[Statement, ...]] = []
    for child, region in zip(children, value.regions, strict=True):
        with context.block() as body:
            _lower_region(child, region, lower_value)
            for target, inner in zip(targets, region.results, strict=True):
                _store(child, inner, target)
        bodies.append(tuple(body))
    context.emit(If(chosen, bodies[0], bodies[1]))
    for index, target in enumerate(targets):
        state.buffers[result(value, index)] = target


def _branch_sizes(
    value: Value, index: int, chosen: Operand, children: Sequence[Lowering]
) -> tuple[Operand, ...]:
    pairs = zip(children, value.regions, strict=True)
    then, otherwise = (child.sizes(region.results[index]) for child, region in pairs)
    context = children[0].context
    return tuple(
        one if one == other else context.let("select", i64, chosen, one, other)
        for one, other in zip(then, otherwise, strict=True)
    )


def lower_loop(state: Lowering, value: Value, lower_value: LowerValue) -> None:
    """Carried values keep their memory, and sizes, from one iteration to the next."""
    count, *outer = value.operands
    (carried,) = value.attributes
    (body,) = value.regions
    context = state.context
    extent = state.scalar(count)
    condition = context.let("ge", bool_, extent, number(0))
    message = "loop: a count cannot be negative, got {0}"
    context.check(condition, "value", message, state.location(value), extent)
    current = [_initial(state, initial) for initial in outer[:carried]]
    first, child = (_iteration(state, outer, current) for _ in range(2))
    stacks = [
        context.alloc(one.type.dtype, (extent, *first.sizes(one))) for one in body.results[carried:]
    ]
    index = Scalar(context.fresh("i"), i64)
    child.scalars[argument(0, count.type)] = index
    with context.block() as statements:
        _lower_region(child, body, lower_value)
        for stack, inner in zip(stacks, body.results[carried:], strict=True):
            row = _row(child, stack, index)
            _require_sizes(child, value, inner, row)
            _store(child, inner, row)
        _carry(child, value, body.results[:carried], current)
    context.emit(For(index, extent, tuple(statements), sequential=True))
    for position, buffer in enumerate((*current, *stacks)):
        state.buffers[result(value, position)] = buffer


def _iteration(state: Lowering, outer: Sequence[Value], current: Sequence[Buffer]) -> Lowering:
    """The state of the body in an iteration: carried values in `current`, the others as outside.

    Sizes are computed before the loop, in a state of their own: what is loaded there is of the
    first iteration.
    """
    child = state.child()
    for position, initial in enumerate(outer):
        if position < len(current):
            child.buffers[argument(position + 1, initial.type)] = current[position]
        else:
            _bind(child, position + 1, initial, state)
    return child


def _require_sizes(child: Lowering, value: Value, inner: Value, kept: Buffer) -> None:
    """A result of the body must have in each iteration the sizes that it had in the first."""
    context = child.context
    for axis, (size, old) in enumerate(zip(child.sizes(inner), kept.sizes, strict=True)):
        same = context.let("eq", bool_, size, old)
        message = f"loop: a value had size {{0}} on axis {axis} and then {{1}}"
        context.check(same, "sizes", message, child.location(value), old, size)


def _initial(state: Lowering, value: Value) -> Buffer:
    """A copy of the first value, for the loop to overwrite."""
    state.prepare(value)
    buffer = state.context.alloc(value.type.dtype, state.sizes(value))
    _store(state, value, buffer)
    return buffer


def _row(child: Lowering, stack: Buffer, index: Operand) -> Buffer:
    context = child.context
    row = Buffer(context.fresh("b"), stack.dtype, stack.sizes[1:])
    step: Operand = number(1)
    for size in row.sizes:
        step = context.index_op("mul", step, size)
    context.emit(View(row, stack, context.index_op("mul", index, step)))
    return row


def _carry(
    child: Lowering, value: Value, results: Sequence[Value], current: Sequence[Buffer]
) -> None:
    """Compute all the new values before any old one is overwritten."""
    context = child.context
    made = []
    for inner, buffer in zip(results, current, strict=True):
        _require_sizes(child, value, inner, buffer)
        fresh = context.alloc(buffer.dtype, buffer.sizes)
        _store(child, inner, fresh)
        made.append(fresh)
    for fresh, buffer in zip(made, current, strict=True):
        context.copy(fresh, buffer)
