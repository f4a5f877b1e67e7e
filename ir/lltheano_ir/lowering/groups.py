"""Loop nests for groups of values that are computed in one pass.

A group's roots are either elementwise over one iteration space, or reductions of operands over one
iteration space along the same axes. Elementwise roots become stores in one nest. Reductions become
a nest over the kept axes round one `reduce` over the last axis (in blocked order), round which, if
other axes are reduced too, goes a sequential `reduce` over those.
"""

from collections.abc import Sequence

from lltheano_ir.loops.builder import number, number_of
from lltheano_ir.loops.nodes import (
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.lowering.checks import check_value
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import Reduction as ReductionOp

__all__ = ["lower_group"]

Root = tuple[Value, Value]
"""The value that stands for a result, and the value (free of regions) that says what it is."""


def lower_group(state: Lowering, roots: Sequence[Root]) -> None:
    """Make the loops for `roots`, and give each result its place."""
    if roots[0][1].op.reduction is not None:
        _lower_reductions(state, roots)
    else:
        _lower_elementwise(state, roots)


def _lower_elementwise(state: Lowering, roots: Sequence[Root]) -> None:
    state.prepare(*(root for _, root in roots))
    wide = []
    for result, root in roots:
        if root.rank == 0:
            state.scalars[result] = state.scalar(root)
        else:
            wide.append((result, root))
    if not wide:
        return
    sizes = state.sizes(wide[0][1])
    targets = [state.context.alloc(root.type.dtype, sizes) for _, root in wide]
    with state.context.loops(sizes) as indices, state.scope():
        values = [state.element(root, indices) for _, root in wide]
        for target, value in zip(targets, values, strict=True):
            state.context.emit(Store(target, indices, value))
    for (result, root), target in zip(wide, targets, strict=True):
        state.buffers[result] = target
        state.buffers[root] = target


def _reduction_of(root: Value) -> ReductionOp:
    assert root.op.reduction is not None
    return root.op.reduction(root.attributes)


def _lower_reductions(state: Lowering, roots: Sequence[Root]) -> None:
    state.prepare(*(root.operands[0] for _, root in roots))
    for _, root in roots:
        check_value(state, root)
    operand = roots[0][1].operands[0]
    axes = _reduction_of(roots[0][1]).axes
    sizes = state.sizes(operand)
    kept = tuple(size for axis, size in enumerate(sizes) if axis not in axes)
    if not kept:
        values = _reduced(state, roots, sizes, {})
        for (result, root), value in zip(roots, values, strict=True):
            state.scalars[result] = state.scalars[root] = value
        return
    targets = [state.context.alloc(root.type.dtype, kept) for _, root in roots]
    with state.context.loops(kept) as indices, state.scope():
        places = dict(
            zip((axis for axis in range(len(sizes)) if axis not in axes), indices, strict=True)
        )
        values = _reduced(state, roots, sizes, places)
        for target, value in zip(targets, values, strict=True):
            state.context.emit(Store(target, indices, value))
    for (result, root), target in zip(roots, targets, strict=True):
        state.buffers[result] = state.buffers[root] = target


def _reduced(
    state: Lowering,
    roots: Sequence[Root],
    sizes: tuple[Operand, ...],
    kept: dict[int, Operand],
) -> list[Operand]:
    """The reductions at one place of the kept axes, given by axis in `kept`."""
    last = len(sizes) - 1
    loops: list[tuple[Scalar, Operand]] = []
    indices: list[Operand] = []
    for axis, size in enumerate(sizes):
        if axis in kept:
            indices.append(kept[axis])
        elif number_of(size) == 1:
            indices.append(number(0))
        else:
            index = state.context.index(size)
            loops.append((index, size))
            indices.append(index)
    with state.context.block() as body, state.scope():
        values = [_start(state, root, tuple(indices)) for _, root in roots]
    inner_last = bool(loops) and last not in kept and loops[-1][0] is indices[last]
    statements: tuple[Statement, ...] = tuple(body)
    if inner_last:
        index, size = loops.pop()
        statements, values = _reduce(state, roots, [(index, size)], statements, values)
    if loops:
        statements, values = _reduce(state, roots, loops, statements, values, Order.ROWS)
    state.context.blocks[-1].extend(statements)
    return values


def _start(state: Lowering, root: Value, indices: tuple[Operand, ...]) -> Operand:
    """What is reduced; where no loop is left, the first index itself is the arg-reduction."""
    element = state.element(root.operands[0], indices)
    reduction = _reduction_of(root)
    alone = all(number_of(indices[axis]) == 0 for axis in reduction.axes)
    return number(0) if reduction.gives_index and alone else element


def _reduce(
    state: Lowering,
    roots: Sequence[Root],
    loops: Sequence[tuple[Scalar, Operand]],
    body: tuple[Statement, ...],
    values: Sequence[Operand],
    order: Order = Order.BLOCKED,
) -> tuple[tuple[Statement, ...], list[Operand]]:
    targets = [_total(state, root) for _, root in roots]
    reductions = tuple(
        Reduction(target, _reduction_of(root).kind, value)
        for target, (_, root), value in zip(targets, roots, values, strict=True)
    )
    names = tuple(name for name, _ in loops)
    extents = tuple(size for _, size in loops)
    return (Reduce(reductions, names, extents, body, order),), list(targets)


def _total(state: Lowering, root: Value) -> Scalar:
    """What a reduction gives."""
    with state.context.making(root):
        return Scalar(state.context.fresh("s"), root.type.dtype)
