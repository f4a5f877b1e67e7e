"""Reductions over leading axes, turned inside out so that memory is read in the order it lies in.

    for %j in %m {                                   for %k in %m { store %y[%k] = neutral }
      reduce %s = add %v over %i in %n {      ->     for %i in %n, rows {
        load %v = %x[%i, %j]                           for %j in %m {
      }                                                  load %v = %x[%i, %j]
      store %y[%j] = %s                                  %y[%j] = %y[%j] + %v } }
    }

Column by column, the first form jumps a row's length with every load, which no prefetcher
follows; the second walks along the rows and keeps the sums in cache. Each sum still takes its terms
in the same order, so not a bit changes: sums of floats, which are added in blocks of rows, need
some more loops, see `lltheano_ir.schedule.row_blocks`.

Runs before any buffers share memory: the target holds partial sums while operands are still read.
"""

from collections.abc import Sequence
from dataclasses import replace

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import LoopBuilder, number, number_of
from lltheano_ir.loops.nodes import (
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Number,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import defined_names, is_one_block, statements_in
from lltheano_ir.ops.definition import Literal
from lltheano_ir.ops.reduction import REDUCTION_OPS, neutral_element
from lltheano_ir.ops.summation import is_rounded
from lltheano_ir.schedule.row_blocks import Column, RowBlocks, take, tile_bytes
from lltheano_ir.target import Target

__all__ = ["interchange_reductions"]


def interchange_reductions(function: LoopFunction, target: Target) -> LoopFunction:
    """Return `function` with its column-wise reductions made row by row.

    Columns go in tiles whose sums the target's caches hold.
    """
    builder = LoopBuilder(taken=set(defined_names(function)))
    for statement in function.body:
        _emit(builder, statement, target)
    return replace(function, body=tuple(builder.blocks[0]))


def _emit(builder: LoopBuilder, statement: Statement, target: Target) -> None:
    match statement:
        case For() if _is_columnwise(statement):
            _turn(builder, statement, target)
        case For():
            builder.emit(replace(statement, body=_inner(builder, statement.body, target)))
        case If():
            then, otherwise = (
                _inner(builder, body, target) for body in (statement.then, statement.otherwise)
            )
            builder.emit(replace(statement, then=then, otherwise=otherwise))
        case _:
            builder.emit(statement)


def _inner(
    builder: LoopBuilder, body: Sequence[Statement], target: Target
) -> tuple[Statement, ...]:
    with builder.block() as statements:
        for one in body:
            _emit(builder, one, target)
    return tuple(statements)


def _is_columnwise(loop: For) -> bool:
    """Whether it is a reduction and the stores of its results, and reads along the loop's index."""
    match loop.body:
        case [Reduce() as reduce, *stores] if not loop.sequential:
            targets = {one.target for one in reduce.reductions if _is_op(one)}
            stored = [one.value for one in stores if isinstance(one, Store)]
            return (
                reduce.order is Order.ROWS
                and len(targets) == len(reduce.reductions) == len(stores) == len(stored)
                and targets == set(stored)
                and all(isinstance(one, Let | Load) for one in reduce.body)
                and _reads_along(reduce, loop.index)
            )
        case _:
            return False


def _is_op(one: Reduction) -> bool:
    """Whether a step is an op: of a complex product it is not, where a factor of 1 is skipped."""
    return one.kind in REDUCTION_OPS and not (one.kind == "mul" and one.target.dtype.is_complex)


def _reads_along(reduce: Reduce, index: Scalar) -> bool:
    """Whether neighbours in memory differ in `index` and the reduction goes along another axis."""
    return any(
        isinstance(one, Load)
        and len(one.indices) > 1
        and one.indices[-1] == index
        and any(inner in one.indices for inner in reduce.indices)
        for each in reduce.body
        for one in statements_in(each)
    )


def _turn(builder: LoopBuilder, loop: For, target: Target) -> None:
    reduce, *stores = loop.body
    assert isinstance(reduce, Reduce)
    stored = {store.value: store for store in stores if isinstance(store, Store)}
    columns = [
        Column(one, stored[one.target], _neutral(builder, one, reduce.extents))
        for one in reduce.reductions
    ]
    if any(one.is_ordered for one in columns) and not is_one_block(reduce):
        RowBlocks(builder, loop, reduce, columns, tile_bytes(target)).emit()
    else:
        _turn_plainly(builder, loop, reduce, columns)


def _turn_plainly(
    builder: LoopBuilder, loop: For, reduce: Reduce, columns: Sequence[Column]
) -> None:
    """One row after another."""
    index = Scalar(builder.fresh("i"), loop.index.dtype)
    first = tuple(
        Store(one.store.buffer, _moved(one.store, loop.index, index), one.start) for one in columns
    )
    builder.emit(replace(loop, index=index, body=first))
    with builder.block() as body:
        for statement in reduce.body:
            builder.emit(statement)
        take(builder, columns)
    rows: Statement = replace(loop, body=tuple(body))
    for inner, extent in reversed(list(zip(reduce.indices, reduce.extents, strict=True))):
        rows = For(inner, extent, (rows,), sequential=True)
    builder.emit(rows)


def _moved(store: Store, old: Scalar, new: Scalar) -> tuple[Operand, ...]:
    return tuple(new if index == old else index for index in store.indices)


def _is_empty(builder: LoopBuilder, extents: Sequence[Operand]) -> Operand | None:
    """Whether there is nothing to reduce; None when there is known to be something."""
    empty: Operand | None = None
    for extent in extents:
        known = number_of(extent)
        if known is not None and known > 0:
            continue
        one = builder.let("eq", bool_, extent, number(0))
        empty = one if empty is None else builder.let("or", bool_, empty, one)
    return empty


def _neutral(builder: LoopBuilder, one: Reduction, extents: Sequence[Operand]) -> Operand:
    """What it starts with: -0.0 for float sums, so that -0.0 alone gives -0.0; 0.0 for no terms."""
    dtype = one.target.dtype
    start = Number(Literal.of(neutral_element(one.kind, dtype.numpy)))
    if one.kind != "add" or not is_rounded(one.kind, dtype):
        return start
    empty = _is_empty(builder, extents)
    return start if empty is None else builder.let("select", dtype, empty, number(0, dtype), start)
