"""The ops with regions that are not fused: `if`, `loop` and `while`.

A region is lowered by a `Lowering` of its own, whose arguments are bound to the places of the
captured values. The memory of the results is allocated outside, so their sizes are computed before
the branch or the loop, by a first `Lowering` that is then forgotten: only what the sizes need is
computed twice. A branch that is not chosen never fails. A loop that may end before its time has
memory for the rows of all its steps, of which the operating system gives what is written to; its
stacks are views of the rows that there are.
"""

from collections.abc import Callable, Sequence

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    If,
    Last,
    Let,
    Load,
    Operand,
    Statement,
    Store,
    View,
)
from lltheano_ir.lowering.carry import Carry, plan_carry
from lltheano_ir.lowering.checks import require_extent, require_sizes
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import (
    Value,
    argument,
    has_callback,
    needs_an_iteration,
    operands_first,
    result,
)
from lltheano_ir.ops.callback import callback_form

__all__ = ["lower_if", "lower_loop"]

LowerValue = Callable[[Lowering, Value], None]
Sizes = tuple[Operand, ...]


def _bind(child: Lowering, position: int, value: Value, state: Lowering) -> None:
    """Let an argument of the region be where `value` is outside."""
    inner = argument(position, value.type)
    if value.rank:
        child.buffers[inner] = state.buffer(value)
        element = state.uniform_element(value)
        if element is not None:
            child.uniform[inner] = element
    else:
        child.scalars[inner] = state.scalar(value)


def _settle(state: Lowering, values: Sequence[Value]) -> None:
    """Give captured values a place, outside the blocks of the regions."""
    for value in values:
        if value.rank:
            state.prepare(value)
            state.buffer(value)
        else:
            state.scalar(value)


def _lower_values(child: Lowering, values: Sequence[Value], lower_value: LowerValue) -> None:
    for value in operands_first(values):
        lower_value(child, value)


def _store(child: Lowering, value: Value, target: Buffer) -> None:
    """Write a result of a region to memory made outside, whose sizes are then the right ones."""
    child.prepare(value)
    with child.context.loops(target.sizes) as indices, child.scope():
        child.context.emit(Store(target, indices, child.element(value, indices)))


def _sizes(child: Lowering, value: Value, lower_value: LowerValue) -> Sizes:
    """The sizes of a value of a region, after all that they are computed from."""
    sizes = child.shapes.sizes(value)
    for one in operands_first(sizes):
        if one.op.calls_host and callback_form(one.attributes).ordered:
            raise NotImplementedError(
                f"{one.attributes[1]} must be called once each time, but inside a loop or a branch"
                " the sizes of its results are needed before: say them (for an op of Theano's form,"
                " by infer_shape)"
            )
    _lower_values(child, sizes, lower_value)
    return child.sizes(value)


def lower_if(state: Lowering, value: Value, lower_value: LowerValue) -> None:
    """Both regions write to the same memory; only the chosen one runs."""
    form = value.form
    assert form.condition is not None
    condition, captured = value.operands[form.condition], form.arguments(value.operands)
    context = state.context
    chosen = state.scalar(condition)

    def child() -> Lowering:
        found = state.child()
        for position, outer in enumerate(captured):
            _bind(found, position, outer, state)
        return found

    _settle(state, captured)
    sizes_outside = {size for one in captured if one.rank for size in state.buffer(one).sizes}
    shapes = _branch_sizes(context, value, chosen, child, lower_value)
    for size in (size for sizes in shapes for size in sizes):
        if size not in sizes_outside:
            require_extent(state, value, size)
    targets = [
        context.alloc(one.dtype, sizes) for one, sizes in zip(value.types, shapes, strict=True)
    ]
    # A host function that is called again for the elements may give other sizes than before.
    calls_back = any(has_callback(*region.results) for region in value.regions)
    bodies = []
    for region in value.regions:
        with context.block() as body:
            inner = child()
            _lower_values(inner, region.results, lower_value)
            for target, one in zip(targets, region.results, strict=True):
                if calls_back:
                    _require_sizes(inner, value, one, target)
                _store(inner, one, target)
        bodies.append(tuple(body))
    context.emit(If(chosen, bodies[0], bodies[1]))
    for index, target in enumerate(targets):
        state.buffers[result(value, index)] = target


def _branch_sizes(
    context: FunctionBuilder,
    value: Value,
    chosen: Operand,
    child: Callable[[], Lowering],
    lower_value: LowerValue,
) -> list[Sizes]:
    """The sizes of each result, whichever branch is chosen."""
    bodies, found = [], []
    for region in value.regions:
        with context.block() as body:
            inner = child()
            found.append([_sizes(inner, one, lower_value) for one in region.results])
        bodies.append(tuple(body))
    if all(isinstance(one, Let | Load) for body in bodies for one in body):
        for one in (*bodies[0], *bodies[1]):
            context.emit(one)
        return [_selected(context, chosen, *pair) for pair in zip(*found, strict=True)]
    return _stored_sizes(context, value, chosen, bodies, found)


def _selected(context: FunctionBuilder, chosen: Operand, then: Sizes, otherwise: Sizes) -> Sizes:
    return tuple(
        context.index_op("select", chosen, one, other)
        for one, other in zip(then, otherwise, strict=True)
    )


def _stored_sizes(
    context: FunctionBuilder,
    value: Value,
    chosen: Operand,
    bodies: Sequence[tuple[Statement, ...]],
    found: Sequence[Sequence[Sizes]],
) -> list[Sizes]:
    """Sizes whose computation may fail: those of the chosen branch alone, passed through memory."""
    places = [[context.alloc(i64, ()) for _ in range(one.rank)] for one in value.types]
    stores = [
        tuple(
            Store(place, (), size)
            for group, sizes in zip(places, shapes, strict=True)
            for place, size in zip(group, sizes, strict=True)
        )
        for shapes in found
    ]
    then, otherwise = (body + after for body, after in zip(bodies, stores, strict=True))
    context.emit(If(chosen, then, otherwise))
    return [tuple(context.load(place, ()) for place in group) for group in places]


def lower_loop(state: Lowering, value: Value, lower_value: LowerValue) -> None:
    """Carried values keep their memory, and sizes, from one iteration to the next."""
    count, *outer = value.operands
    carried = len(value.form.carried)
    body = _Body(value)
    context = state.context
    require_sizes(state, value, (count,))
    extent = state.scalar(count)
    _settle(state, outer[carried:])
    current = [_initial(state, initial) for initial in outer[:carried]]
    carry = plan_carry(context, value.regions[0], current)

    def first() -> Lowering:
        found = _iteration(state, outer, current)
        found.scalars[argument(0, count.type)] = number(0)
        return found

    stacks = [
        context.alloc(one.type.dtype, (extent, *sizes))
        for one, sizes in zip(
            body.stacked,
            _row_sizes(state, value, first, lower_value),
            strict=True,
        )
    ]
    steps = _Steps(context, extent, may_end=body.proceeds is not None and bool(stacks))
    child = _iteration(state, outer, current)
    index = context.index(extent)
    child.scalars[argument(0, count.type)] = index
    with context.block() as statements:
        _lower_values(child, body.results, lower_value)
        rows = [_row(child, stack, index) for stack in stacks]
        if body.proceeds is not None:
            context.emit(Last(context.let("not", bool_, child.scalar(body.proceeds))))
        steps.count(index)
        _finish_iteration(child, value, carry, rows)
    context.emit(For(index, extent, tuple(statements), sequential=True))
    for position, buffer in enumerate((*current, *map(steps.done, stacks))):
        state.buffers[result(value, position)] = buffer


class _Body:
    """The results of a loop's body by what they are; `proceeds` where the loop may end early."""

    def __init__(self, value: Value) -> None:
        form = value.form
        (region,) = value.regions
        self.results = region.results
        self.following = tuple(region.results[one.result] for one in form.carried)
        self.stacked = tuple(region.results[place] for place in form.stacked)
        self.proceeds = None if form.proceeds is None else region.results[form.proceeds]


class _Steps:
    """How many steps a loop has done, counted in memory if it may end early."""

    def __init__(self, context: FunctionBuilder, extent: Operand, *, may_end: bool) -> None:
        self._context = context
        self._memory: Buffer | None = None
        if may_end:
            self._memory = context.alloc(i64, ())
            context.emit(Store(self._memory, (), number(0)))

    def count(self, index: Operand) -> None:
        """Say in the body that another step is done."""
        if self._memory is not None:
            done = self._context.index_op("add", index, number(1))
            self._context.emit(Store(self._memory, (), done))

    def done(self, stack: Buffer) -> Buffer:
        """The rows of a stack that there are."""
        context = self._context
        if self._memory is None:
            return stack
        sizes = (context.load(self._memory, ()), *stack.sizes[1:])
        rows = Buffer(context.fresh("b"), stack.dtype, sizes)
        context.emit(View(rows, stack, number(0)))
        return rows


def _iteration(state: Lowering, outer: Sequence[Value], current: Sequence[Buffer]) -> Lowering:
    """The state of the body in an iteration: carried values in `current`, the others as outside."""
    child = state.child()
    for position, initial in enumerate(outer):
        if position < len(current):
            child.buffers[argument(position + 1, initial.type)] = current[position]
        else:
            _bind(child, position + 1, initial, state)
    return child


def _row_sizes(
    state: Lowering, value: Value, first: Callable[[], Lowering], lower_value: LowerValue
) -> list[Sizes]:
    """The sizes of the rows to be stacked, in the first iteration, which `first` begins.

    A size that is known in an iteration alone is 0 where there is none.
    """
    iteration = first()
    found = []
    handed_on = _handed_on(value)
    for one in _Body(value).stacked:
        if one in handed_on:
            found.append(state.sizes(handed_on[one]))
            continue
        told = [iteration.shapes.told(size) for size in iteration.shapes.sizes(one)]
        if needs_an_iteration(value.form.step, *told):
            found.append(_sizes_if_it_runs(state, value, one, first, lower_value))
            continue
        found.append(_sizes(iteration, one, lower_value))
        require_sizes(iteration, value, iteration.shapes.sizes(one))
    return found


def _handed_on(value: Value) -> dict[Value, Value]:
    """By what a body hands on to the next iteration, the first value, which has the same sizes."""
    results = value.regions[0].results
    return {
        results[one.result]: value.operands[one.operand]
        for one in value.form.carried
        if len(one.arguments) == 1
    }


def _sizes_if_it_runs(
    state: Lowering,
    value: Value,
    row: Value,
    first: Callable[[], Lowering],
    lower_value: LowerValue,
) -> Sizes:
    context = state.context
    runs = context.let("gt", bool_, state.scalar(value.operands[0]), number(0))
    places = [None if one else context.alloc(i64, ()) for one in row.type.broadcast]
    with context.block() as then:
        iteration = first()
        sizes = _sizes(iteration, row, lower_value)
        require_sizes(iteration, value, iteration.shapes.sizes(row))
        for place, size in zip(places, sizes, strict=True):
            if place is not None:
                context.emit(Store(place, (), size))
    with context.block() as otherwise:
        iteration = first()
        told = [iteration.shapes.told(one) for one in iteration.shapes.sizes(row)]
        known = [one for one in told if not needs_an_iteration(value.form.step, one)]
        _lower_values(iteration, known, lower_value)
        require_sizes(iteration, value, known)
        for place, one in zip(places, told, strict=True):
            if place is not None:
                length = iteration.scalar(one) if one in known else number(0)
                context.emit(Store(place, (), length))
    context.emit(If(runs, tuple(then), tuple(otherwise)))
    return tuple(number(1) if place is None else context.load(place, ()) for place in places)


def _require_sizes(child: Lowering, value: Value, inner: Value, kept: Buffer) -> None:
    """A result of a region must have the sizes for which memory was made before the region ran."""
    context = child.context
    for axis, (size, old) in enumerate(zip(child.sizes(inner), kept.sizes, strict=True)):
        same = context.let("eq", bool_, size, old)
        message = f"{value.op.name}: a value had size {{0}} on axis {axis} and then {{1}}"
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


def _finish_iteration(child: Lowering, value: Value, carry: Carry, rows: Sequence[Buffer]) -> None:
    """Compute the next values and the rows, once what they are computed from is there."""
    body = _Body(value)
    following, stacked = body.following, body.stacked
    for inner, buffer in zip((*stacked, *following), (*rows, *carry.current), strict=True):
        _require_sizes(child, value, inner, buffer)
        child.prepare(inner)
    targets = [(following[position], buffer) for position, buffer in carry.following.items()]
    for inner, buffer in (*targets, *zip(stacked, rows, strict=True)):
        _store(child, inner, buffer)
        if inner.rank and not child.has(inner):
            child.buffers[inner] = buffer
    scalars = [
        (buffer, child.scalar(inner))
        for inner, buffer in zip(following, carry.current, strict=True)
        if not inner.rank and child.buffers.get(inner) != buffer
    ]
    for buffer, element in scalars:
        child.context.emit(Store(buffer, (), element))
    rebind = carry.rebind()
    if rebind is not None:
        child.context.emit(rebind)
