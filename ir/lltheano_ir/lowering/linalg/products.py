"""`dot` and `concatenate`.

Products of matrices of floats go through a library routine. Those of integers are loops, and so are
those of two vectors of real numbers: that is as quick, adds up in the order of every sum, and wakes
no threads of the library's, which callers in several threads would have fight for the cores.
"""

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    For,
    If,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Store,
    View,
)
from lltheano_ir.lowering.checks import check_value
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.ops.linalg.matrices import LIBRARY_DTYPES

__all__ = ["is_library_product", "library_product", "lower_concatenate", "lower_dot"]


def lower_dot(state: Lowering, value: Value) -> None:
    """Allocate the result and fill it."""
    check_value(state, value)
    x, y = (state.buffer(operand) for operand in value.operands)
    target = state.context.alloc(value.type.dtype, state.sizes(value))
    if len(x.sizes) < 3:
        _product(state, x, y, target)
    elif value.operands[1].type.broadcast[0] and not value.operands[0].type.broadcast[0]:
        _batched_with_one(state, value, (x, y, target))
    else:
        _batched(state, value, (x, y, target))
    state.buffers[value] = target


def _batched_with_one(
    state: Lowering, value: Value, buffers: tuple[Buffer, Buffer, Buffer]
) -> None:
    """Matrices times the same matrix: one product of all their rows, if these lie evenly."""
    context = state.context
    x, y, target = buffers
    over, down, across = context.strides(x)
    even = context.let("eq", bool_, over, context.index_op("mul", x.sizes[1], down))
    with context.block() as merged:
        rows = context.index_op("mul", x.sizes[0], x.sizes[1])
        strides = None if x.strides is None else (down, across)
        left = Buffer(context.fresh("b"), x.dtype, (rows, x.sizes[2]), strides)
        context.emit(View(left, x, number(0)))
        product = Buffer(context.fresh("b"), target.dtype, (rows, target.sizes[2]))
        context.emit(View(product, target, number(0)))
        right = _matrix(state, y, context.strides(y), number(0))
        _product(state, left, right, product)
    if x.strides is None:
        context.blocks[-1].extend(merged)
        return
    with context.block() as one_by_one:
        _batched(state, value, buffers)
    context.emit(If(even, tuple(merged), tuple(one_by_one)))


def _product(state: Lowering, x: Buffer, y: Buffer, target: Buffer) -> None:
    if is_library_product(target.dtype, len(target.sizes)):
        state.context.emit(library_product(x, y, target))
    else:
        _product_by_loops(state, x, y, target)


def is_library_product(dtype: DType, rank: int) -> bool:
    """Whether BLAS makes a product of a dtype and rank; loops of ours add up all others.

    Those of real vectors are, which the call would cost more than the sum.
    """
    return dtype.name in LIBRARY_DTYPES and (rank > 0 or dtype.is_complex)


def library_product(x: Buffer, y: Buffer, target: Buffer) -> Call:
    """The call that makes the product of vectors and matrices."""
    match len(x.sizes), len(y.sizes):
        case 2, 2:
            return Call("gemm", (target,), (x, y))
        case 2, 1:
            return Call("gemv", (target,), (x, y))
        case 1, 2:
            return Call("gemv", (target,), (y, x), (("transpose", True),))
        case _:
            return Call("dot", (target,), (x, y))


def _product_by_loops(state: Lowering, x: Buffer, y: Buffer, target: Buffer) -> None:
    context = state.context
    with context.loops(target.sizes) as indices:
        row = indices[: len(x.sizes) - 1]
        column = indices[len(row) :]
        k = Scalar(context.fresh("i"), i64)
        with context.block() as body:
            left, right = context.load(x, (*row, k)), context.load(y, (k, *column))
            product = context.let("mul", target.dtype, left, right)
        total = Scalar(context.fresh("s"), target.dtype)
        reductions = (Reduction(total, "add", product),)
        extents = (x.sizes[-1],)
        context.emit(Reduce(reductions, (k,), extents, tuple(body), Order.BLOCKED))
        context.emit(Store(target, indices, total))


def _batched(state: Lowering, value: Value, buffers: tuple[Buffer, Buffer, Buffer]) -> None:
    """One product of matrices after the other; a static-1 batch is used again for each."""
    context = state.context
    *_, target = buffers
    index = Scalar(context.fresh("i"), i64)
    ones = (*(operand.type.broadcast[0] for operand in value.operands), False)
    strides = [context.strides(buffer) for buffer in buffers]
    with context.block() as body:
        parts = [
            _matrix(state, buffer, steps, number(0) if one else index)
            for buffer, steps, one in zip(buffers, strides, ones, strict=True)
        ]
        _product(state, *parts)
    context.emit(For(index, target.sizes[0], tuple(body), sequential=True))


def _matrix(
    state: Lowering, buffer: Buffer, strides: tuple[Operand, ...], index: Operand
) -> Buffer:
    context = state.context
    kept = None if buffer.strides is None else strides[1:]
    part = Buffer(context.fresh("b"), buffer.dtype, buffer.sizes[1:], kept)
    context.emit(View(part, buffer, context.index_op("mul", index, strides[0])))
    return part


def lower_concatenate(state: Lowering, value: Value) -> None:
    """Copy each operand behind the one before it."""
    check_value(state, value)
    context = state.context
    (axis,) = value.attributes
    state.prepare(*value.operands)
    target = context.alloc(value.type.dtype, state.sizes(value))
    strides = context.strides(target)
    offset: Operand = number(0)
    for operand in value.operands:
        sizes = state.sizes(operand)
        part = Buffer(context.fresh("b"), target.dtype, sizes, strides)
        context.emit(View(part, target, offset))
        with context.loops(sizes) as indices, state.scope():
            context.emit(Store(part, indices, state.element(operand, indices)))
        step = context.index_op("mul", sizes[axis], strides[axis])
        offset = context.index_op("add", offset, step)
    state.buffers[value] = target
