"""The conditions under which each op has a result, made explicit as checks.

A condition on sizes that are the same value is known to hold and leaves nothing behind. A value's
checks are made once, before the loops that compute it.
"""

from collections.abc import Callable, Sequence

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number, number_of, truth
from lltheano_ir.loops.nodes import Operand, Order, Reduce, Reduction, Scalar
from lltheano_ir.lowering.access import ValueAccess
from lltheano_ir.nodes import Value
from lltheano_ir.ops.traits import Sign
from lltheano_ir.shapes import MAX_SIZE
from lltheano_ir.signs import sign_of

__all__ = ["check_value", "require_equal", "require_extent", "require_sizes", "span_of"]


def require_equal(
    state: ValueAccess, value: Value, first: Value, second: Value, what: str, kind: str = "sizes"
) -> None:
    """Two sizes that `value` needs to be the same; those of an axis that a size of 1 would be
    repeated along, had its type said so, are of the kind "broadcast".
    """
    if first is second:
        return
    x, y = state.scalar(first), state.scalar(second)
    if number_of(x) is not None and x == y:
        return
    context = state.context
    condition = context.let("eq", bool_, x, y)
    message = f"{value.op.name}: {what} {{0}} and {{1}} differ"
    context.check(condition, kind, message, state.location(value), x, y)


def require_agreement(state: ValueAccess, value: Value, operands: Sequence[Value]) -> None:
    """The sizes of the `?` axes of operands that broadcast together."""
    for axis in range(operands[0].rank):
        wide = [x for x in operands if not x.type.broadcast[axis]]
        sizes = [state.shapes.sizes(x)[axis] for x in wide]
        for size in sizes[1:]:
            require_equal(state, value, sizes[0], size, f"sizes on axis {axis},", "broadcast")


def require_sizes(state: ValueAccess, value: Value, sizes: Sequence[Value]) -> None:
    """Sizes that the program computes must be those of an axis: from 0 to MAX_SIZE."""
    for size in sizes:
        if not size.op.measures:
            x = state.scalar(size)
            require_extent(state, value, x, not_negative=_not_negative(size))


def require_extent(
    state: ValueAccess, value: Value, x: Operand, *, not_negative: bool = False
) -> None:
    """A number that is to be the size of an axis must be one."""
    context = state.context
    low = truth(True) if not_negative else context.let("ge", bool_, x, number(0))
    condition = context.let("and", bool_, low, context.let("le", bool_, x, number(MAX_SIZE)))
    message = f"{value.op.name}: a size must lie from 0 to {MAX_SIZE}, got {{0}}"
    context.check(condition, "value", message, state.location(value), x)


def _not_negative(size: Value) -> bool:
    """Whether it is a maximum with a number, or another whose sign is known."""
    return sign_of(size) >= Sign.NOT_NEGATIVE


def _check_elementwise(state: ValueAccess, value: Value) -> None:
    require_agreement(state, value, value.operands)


def _check_broadcast(state: ValueAccess, value: Value) -> None:
    require_sizes(state, value, value.operands[1:])


def _check_iota(state: ValueAccess, value: Value) -> None:
    require_sizes(state, value, value.operands)


def _check_nonzero(state: ValueAccess, value: Value) -> None:
    require_sizes(state, value, value.operands[1:])


def _check_rebroadcast(state: ValueAccess, value: Value) -> None:
    (operand,) = value.operands
    for axis, (one, was) in enumerate(
        zip(value.attributes[0], operand.type.broadcast, strict=True)
    ):
        if one and not was:
            _require_one(state, value, axis, state.shapes.sizes(operand)[axis])


def _require_one(state: ValueAccess, value: Value, axis: int, size: Value) -> None:
    x = state.scalar(size)
    if number_of(x) == 1:
        return
    condition = state.context.let("eq", bool_, x, number(1))
    message = f"{value.op.name}: axis {axis} was declared to have size 1 and has size {{0}}"
    state.context.check(condition, "sizes", message, state.location(value), x)


def _check_reshape(state: ValueAccess, value: Value) -> None:
    operand, *wanted = value.operands
    require_sizes(state, value, wanted)
    for axis, one in enumerate(value.attributes[0]):
        if one:
            _require_one(state, value, axis, wanted[axis])
    have = [state.scalar(size) for size in state.shapes.sizes(operand)]
    want = [state.scalar(size) for size in wanted]
    if _product(state, have) == _product(state, want):
        return  # what is reshaped lies in memory, so its number of elements has not overflowed
    count, arranged = _bounded_product(state, have), _bounded_product(state, want)
    condition = state.context.let("eq", bool_, count, arranged)
    message = "reshape: {0} elements cannot be arranged as {1}"
    state.context.check(condition, "sizes", message, state.location(value), count, arranged)


def _product(state: ValueAccess, factors: Sequence[Operand]) -> Operand:
    total: Operand = number(1)
    for factor in factors:
        total = state.context.index_op("mul", total, factor)
    return total


_MOST_ELEMENTS = 1 << 62


def _bounded_product(state: ValueAccess, factors: Sequence[Operand]) -> Operand:
    """The number of elements; `_MOST_ELEMENTS` where it is greater and might overflow."""
    context = state.context
    total: Operand = number(1)
    for factor in sorted(factors, key=lambda one: number_of(one) is None):
        exact = context.index_op("mul", total, factor)
        if number_of(total) in (0, 1) or number_of(exact) is not None:
            total = exact
            continue
        room = context.index_op("floordiv", number(_MOST_ELEMENTS), factor)
        fits = context.let("le", bool_, total, room)
        nothing = context.let("eq", bool_, factor, number(0))
        fits = context.let("or", bool_, fits, nothing)
        total = context.index_op("select", fits, exact, number(_MOST_ELEMENTS))
    return total


def _check_slice(state: ValueAccess, value: Value) -> None:
    axes = value.attributes[0]
    numbers = value.operands[value.op.arity :]
    count = len(axes)
    require_sizes(state, value, numbers[count : 2 * count])
    for position, axis in enumerate(axes):
        start, size, step = (state.scalar(numbers[position + part * count]) for part in range(3))
        bound = state.scalar(state.shapes.sizes(value.operands[0])[axis])
        _require_part_inside(state, value, axis, (start, size, step, bound))


def _require_part_inside(
    state: ValueAccess, value: Value, axis: int, part: tuple[Operand, Operand, Operand, Operand]
) -> None:
    """Start and last element of a part must be inside; no step of the reasoning may overflow."""
    start, size, step, bound = part
    if number_of(start) == 0 and number_of(step) == 1 and size == bound:
        return
    context = state.context
    inside = context.let(
        "and",
        bool_,
        context.let("ge", bool_, start, number(0)),
        context.let("lt", bool_, start, bound),
    )
    reached = context.let("le", bool_, size, _elements_within(state, start, step, bound))
    inside = context.let("and", bool_, inside, reached)
    empty = context.let("eq", bool_, size, number(0))
    condition = context.let("or", bool_, inside, empty)
    span = f"{value.op.name}: {{0}} elements from {{1}} with step {{2}}"
    message = f"{span} leave axis {axis} of size {{3}}"
    where = state.location(value)
    context.check(condition, "index", message, where, size, start, step, bound)


def _elements_within(state: ValueAccess, start: Operand, step: Operand, bound: Operand) -> Operand:
    """How many elements a part may have that begins inside: any number if it does not move."""
    context = state.context
    back = context.let("lt", bool_, step, number(0))
    last = context.index_op("sub", context.index_op("sub", bound, number(1)), start)
    room = context.index_op("select", back, start, last)
    distance = context.index_op("maximum", step, context.index_op("sub", number(0), step))
    whole = context.index_op("maximum", context.index_op("floordiv", room, distance), number(0))
    still = context.let("eq", bool_, step, number(0))
    count = context.index_op("add", whole, number(1))
    return context.index_op("select", still, number(MAX_SIZE), count)


def _check_windows(state: ValueAccess, value: Value) -> None:
    """All windows lie inside, unless there are none, or they are empty."""
    operand, *numbers = value.operands
    (axis,) = value.attributes
    require_sizes(state, value, numbers[:2])
    length, count, dilation, step = map(state.scalar, numbers)
    context = state.context
    for factor in (dilation, step):
        forward = context.let("ge", bool_, factor, number(0))
        message = f"{value.op.name} do not go backwards, got a step of {{0}}"
        context.check(forward, "value", message, state.location(value), factor)
    bound = state.scalar(state.shapes.sizes(operand)[axis])
    span = _last_place(state, length, dilation)
    reached = context.index_op("add", span, _last_place(state, count, step))
    inside = context.let("lt", bool_, reached, bound)
    nothing = context.let(
        "or",
        bool_,
        context.let("eq", bool_, length, number(0)),
        context.let("eq", bool_, count, number(0)),
    )
    condition = context.let("or", bool_, inside, nothing)
    message = f"{value.op.name}: index {{0}} is out of range on axis {axis} of size {{1}}"
    context.check(condition, "index", message, state.location(value), reached, bound)


def _last_place(state: ValueAccess, count: Operand, step: Operand) -> Operand:
    """How far the last of some places is from the first: so far, or further than any size is."""
    context = state.context
    steps = context.index_op("maximum", context.index_op("sub", count, number(1)), number(0))
    few = context.index_op("minimum", step, number(MAX_SIZE))
    divisor = context.index_op("maximum", few, number(1))
    fits = context.let("le", bool_, steps, context.index_op("floordiv", number(MAX_SIZE), divisor))
    distance = context.index_op("mul", steps, few)
    return context.index_op("select", fits, distance, number(MAX_SIZE))


def _check_index(state: ValueAccess, value: Value) -> None:
    operand, index = value.operands
    (axis,) = value.attributes
    size = state.scalar(state.shapes.sizes(operand)[axis])
    x = state.scalar(index)
    _require_index(state, value, axis, (x, x), size, truth(False))


def _require_index(
    state: ValueAccess,
    value: Value,
    axis: int,
    span: tuple[Operand, Operand],
    size: Operand,
    empty: Operand,
) -> None:
    """All indices lie from span[0] to span[1]; nothing is indexed when `empty`."""
    context = state.context
    lowest, highest = span
    low = context.let("ge", bool_, lowest, context.index_op("sub", number(0), size))
    high = context.let("lt", bool_, highest, size)
    condition = context.let("and", bool_, low, high)
    if empty != truth(False):
        condition = context.let("or", bool_, condition, empty)
    wrong = context.let("select", i64, high, lowest, highest)
    message = f"{value.op.name}: index {{0}} is out of range on axis {axis} of size {{1}}"
    context.check(condition, "index", message, state.location(value), wrong, size)


def _check_gather(state: ValueAccess, value: Value) -> None:
    axes = value.attributes[0]
    indices = value.operands[value.op.arity - 1 :]
    require_agreement(state, value, indices)
    for axis, index in zip(axes, indices, strict=True):
        size = state.scalar(state.shapes.sizes(value.operands[0])[axis])
        if index.rank == 0:
            x = state.scalar(index)
            _require_index(state, value, axis, (x, x), size, truth(False))
        else:
            _require_indices(state, value, axis, index, size)


def _require_indices(
    state: ValueAccess, value: Value, axis: int, index: Value, size: Operand
) -> None:
    context = state.context
    state.prepare(index)
    sizes = [state.scalar(one) for one in state.shapes.sizes(index)]
    empty: Operand = truth(False)
    for size_of_index in sizes:
        nothing = context.let("eq", bool_, size_of_index, number(0))
        empty = context.let("or", bool_, empty, nothing)
    root = _root(index)
    below = root.op.below
    if below is not None:
        limit = state.scalar(below(state.shapes, root.operands))
        if root.op.from_index and limit != size:
            last = context.index_op("sub", limit, number(1))
            _require_index(state, value, axis, (number(0), last), size, empty)
        if not root.op.from_index and limit == size:
            # Places of true elements, or 0: all inside, if there is an element.
            _require_index(state, value, axis, (number(0), number(0)), size, empty)
        if root.op.from_index or limit == size:
            return
    _require_index(state, value, axis, span_of(state, index), size, empty)


def _root(index: Value) -> Value:
    """The index tensor of which `index` is a reordering of the axes."""
    while index.op.view is not None and index.op.view.whole and len(index.operands) == 1:
        (index,) = index.operands
    return index


def span_of(state: ValueAccess, index: Value) -> tuple[Operand, Operand]:
    """The least and the greatest element of a prepared index tensor, found once."""
    found = state.spans.get(index)
    if found is None:
        found = state.spans[index] = _found_span(state, index, state.sizes(index))
    return found


def _found_span(
    state: ValueAccess, index: Value, sizes: tuple[Operand, ...]
) -> tuple[Operand, Operand]:
    context = state.context
    names = [Scalar(context.fresh("i"), i64) for _ in sizes]
    places = tuple(
        number(0) if number_of(size) == 1 else name for name, size in zip(names, sizes, strict=True)
    )
    with context.block() as body, state.scope():
        element = state.element(index, places)
    kept = [(name, size) for name, size in zip(names, sizes, strict=True) if number_of(size) != 1]
    if not kept:
        context.blocks[-1].extend(body)
        return element, element
    low, high = (Scalar(context.fresh("s"), index.type.dtype) for _ in range(2))
    reductions = (Reduction(low, "min", element), Reduction(high, "max", element))
    order = Order.BLOCKED if len(kept) == 1 else Order.ROWS
    context.emit(
        Reduce(
            reductions,
            tuple(name for name, _ in kept),
            tuple(size for _, size in kept),
            tuple(body),
            order,
        )
    )
    return low, high


def check_nonempty(state: ValueAccess, value: Value) -> None:
    """An extremum needs an element on every axis that it removes."""
    assert value.op.reduction is not None
    reduction = value.op.reduction(value.attributes)
    for axis in reduction.axes if reduction.needs_element else ():
        size = state.scalar(state.shapes.sizes(value.operands[0])[axis])
        known = number_of(size)
        if known is not None and known > 0:
            continue
        condition = state.context.let("gt", bool_, size, number(0))
        kind = value.attributes[0]
        message = f"{value.op.name}: the {kind} of no elements does not exist (axis {axis})"
        state.context.check(condition, "value", message, state.location(value))


def _check_dot(state: ValueAccess, value: Value) -> None:
    left, right = value.operands
    inner = state.shapes.size(right, max(right.rank - 2, 0))
    require_equal(state, value, state.shapes.size(left, left.rank - 1), inner, "inner sizes")
    if left.rank == 3 and not any(operand.type.broadcast[0] for operand in value.operands):
        batches = state.shapes.size(left, 0), state.shapes.size(right, 0)
        require_equal(state, value, batches[0], batches[1], "batches of", "broadcast")


def _check_concatenate(state: ValueAccess, value: Value) -> None:
    (axis,) = value.attributes
    shapes = [state.shapes.sizes(operand) for operand in value.operands]
    for other in range(value.rank):
        for sizes in shapes[1:] if other != axis else ():
            require_equal(state, value, shapes[0][other], sizes[other], f"sizes on axis {other},")


_CHECKS: dict[str, Callable[[ValueAccess, Value], None]] = {
    "broadcast": _check_broadcast,
    "iota": _check_iota,
    "nonzero": _check_nonzero,
    "rebroadcast": _check_rebroadcast,
    "reshape": _check_reshape,
    "slice": _check_slice,
    "windows": _check_windows,
    "slice_update": _check_slice,
    "index": _check_index,
    "gather": _check_gather,
    "scatter": _check_gather,
    "reduce": check_nonempty,
    "argreduce": check_nonempty,
    "dot": _check_dot,
    "concatenate": _check_concatenate,
}


def check_value(state: ValueAccess, value: Value) -> None:
    """Emit the checks of `value` itself (not of its operands), once."""
    if value in state.checked:
        return
    state.checked.add(value)
    if value.op.is_elementwise:
        _check_elementwise(state, value)
    elif value.op.name in _CHECKS:
        _CHECKS[value.op.name](state, value)
