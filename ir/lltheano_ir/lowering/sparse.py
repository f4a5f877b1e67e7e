"""Products with a sparse matrix: loops over its rows (columns), and in them over its entries.

Its structure is checked once, before any loop follows it. The innermost loop goes along the rows of
the dense operand where that is a matrix, so that neighbours are taken in vectors.
"""

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.lowering.checks import require_equal, require_sizes, span_of
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value
from lltheano_ir.records import record
from lltheano_ir.shapes import integer

__all__ = ["lower_csc_dot", "lower_csr_dot", "lower_csr_sampled_dot"]

Indices = tuple[Operand, ...]


@record(frozen=True, slots=True)
class _Structure:
    """Where entries are: those of `count` rows, or columns, in memory."""

    state: Lowering
    indices: Buffer
    indptr: Buffer
    count: Operand

    def entries(self, row: Operand) -> tuple[Operand, Operand]:
        """The first of the entries of a row, and how many there are."""
        context = self.state.context
        begin = self._number(self.indptr, row)
        end = self._number(self.indptr, context.index_op("add", row, number(1)))
        return begin, context.index_op("sub", end, begin)

    def index(self, entry: Operand) -> Operand:
        """The column, or row, of an entry."""
        return self._number(self.indices, entry)

    def _number(self, buffer: Buffer, place: Operand) -> Operand:
        return _as_index(self.state, self.state.context.load(buffer, (place,)))


def _as_index(state: Lowering, x: Operand) -> Operand:
    return x if x.dtype is i64 else state.context.let("cast", i64, x)


def _checked(state: Lowering, value: Value, minor: Operand) -> _Structure:
    """The structure, whose indices lie below `minor`."""
    indices, indptr = (state.buffer(operand) for operand in value.operands[2:4])
    _require_pointers(state, value, indices, indptr)
    _require_indices(state, value, minor)
    count = state.context.index_op("sub", indptr.sizes[0], number(1))
    return _Structure(state, indices, indptr, count)


def _require_pointers(state: Lowering, value: Value, indices: Buffer, indptr: Buffer) -> None:
    """They go from 0 to the number of entries without falling."""
    context, where, name = state.context, state.location(value), value.op.name
    (size,), (entries,) = indptr.sizes, indices.sizes
    some = context.let("gt", bool_, size, number(0))
    context.check(some, "sizes", f"{name}: indptr needs an element at least", where)
    last = context.index_op("sub", size, number(1))
    ends = [_as_index(state, context.load(indptr, (one,))) for one in (number(0), last)]
    holds = context.let(
        "and",
        bool_,
        context.let("eq", bool_, ends[0], number(0)),
        context.let("eq", bool_, ends[1], entries),
    )
    message = f"{name}: indptr goes from {{0}} to {{1}}, not from 0 to the {{2}} entries"
    context.check(holds, "value", message, where, *ends, entries)
    index = context.index(last)
    with context.block() as body:
        following = context.load(indptr, (context.index_op("add", index, number(1)),))
        rises = context.let("ge", bool_, following, context.load(indptr, (index,)))
    all_rise = Scalar(context.fresh("s"), bool_)
    reductions = (Reduction(all_rise, "and", rises),)
    context.emit(Reduce(reductions, (index,), (last,), tuple(body), Order.BLOCKED))
    context.check(all_rise, "value", f"{name}: indptr falls", where)


def _require_indices(state: Lowering, value: Value, minor: Operand) -> None:
    context, where = state.context, state.location(value)
    indices = value.operands[2]
    (entries,) = state.sizes(indices)
    least, most = (_as_index(state, one) for one in span_of(state, indices))
    low = context.let("ge", bool_, least, number(0))
    high = context.let("lt", bool_, most, minor)
    inside = context.let("and", bool_, low, high)
    nothing = context.let("eq", bool_, entries, number(0))
    holds = context.let("or", bool_, inside, nothing)
    wrong = context.index_op("select", low, most, least)
    stem = f"{value.op.name}: an index of {{0}} is out of range"
    message = f"{stem}: it must lie from 0 to below {{1}}"
    context.check(holds, "index", message, where, wrong, minor)


def _require_entries(state: Lowering, value: Value) -> None:
    data, _, indices, *_ = value.operands
    (have,), (want,) = state.shapes.sizes(data), state.shapes.sizes(indices)
    require_equal(state, value, have, want, "numbers of entries and of indices,")


def _require_count(state: Lowering, value: Value, size: Value, what: str) -> None:
    """The rows, or columns, of the structure are as many as another size."""
    pointers = state.shapes.sizes(value.operands[3])[0]
    count = state.shapes.apply("sub", pointers, integer(1))
    count = state.shapes.apply("maximum", count, integer(0))
    require_equal(state, value, count, size, what)


def lower_csr_dot(state: Lowering, value: Value) -> None:
    """Each row is a sum over its entries, at each place of the rows of the other operand."""
    _require_entries(state, value)
    data, other = (state.buffer(operand) for operand in value.operands[:2])
    structure = _checked(state, value, other.sizes[0])
    context = state.context
    target = context.alloc(value.type.dtype, (structure.count, *other.sizes[1:]))
    with context.loops((structure.count,)) as row:
        begin, count = structure.entries(*row)
        with context.loops(other.sizes[1:]) as place:
            total = _sum_of_entries(state, structure, (begin, count), (data, other, place))
            context.emit(Store(target, (*row, *place), total))
    state.buffers[value] = target


def _sum_of_entries(
    state: Lowering,
    structure: _Structure,
    span: tuple[Operand, Operand],
    factors: tuple[Buffer, Buffer, Indices],
) -> Operand:
    context = state.context
    (begin, count), (data, other, place) = span, factors
    index = context.index(count)
    with context.block() as body:
        entry = context.index_op("add", begin, index)
        element = context.load(other, (structure.index(entry), *place))
        term = context.let("mul", data.dtype, context.load(data, (entry,)), element)
    return _summed(state, index, (count, tuple(body), term), Order.ROWS)


def _summed(
    state: Lowering,
    index: Scalar,
    terms: tuple[Operand, tuple[Statement, ...], Operand],
    order: Order,
) -> Operand:
    count, body, term = terms
    total = Scalar(state.context.fresh("s"), term.dtype)
    reduction = Reduction(total, "add", term)
    state.context.emit(Reduce((reduction,), (index,), (count,), body, order))
    return total


def lower_csc_dot(state: Lowering, value: Value) -> None:
    """Zeros, to which entry by entry a multiple of a row of the other operand is added."""
    data_value, other_value, *_, rows = value.operands
    _require_entries(state, value)
    _require_count(state, value, state.shapes.sizes(other_value)[0], "columns and rows,")
    require_sizes(state, value, (rows,))
    data, other = state.buffer(data_value), state.buffer(other_value)
    structure = _checked(state, value, state.scalar(rows))
    context = state.context
    target = context.alloc(value.type.dtype, (state.scalar(rows), *other.sizes[1:]))
    with context.loops(target.sizes) as indices:
        context.emit(Store(target, indices, number(0, target.dtype)))
    if len(other.sizes) == 1:
        _scatter_products(state, structure, (data, other, target), None)
    else:
        _scatter_by_blocks(state, structure, (data, other, target))
    state.buffers[value] = target


_LINE_BYTES = 64
_WIDE = 32


def _scatter_by_blocks(
    state: Lowering, structure: _Structure, buffers: tuple[Buffer, Buffer, Buffer]
) -> None:
    """Columns of the other operand side by side, each part of them in a sweep over the entries.

    As many as make whole blocks of `_WIDE` take part in one sweep; those that are left go in blocks
    of a line of the cache, of 4, and one by one: what is done for an entry is then a few
    instructions without a loop.
    """
    context = state.context
    columns = buffers[1].sizes[1]
    wide = context.index_op("sub", columns, context.index_op("mod", columns, number(_WIDE)))
    with context.loops((context.index_op("minimum", wide, number(1)),)):
        _scatter_products(state, structure, buffers, (number(0), wide))
    first, left = wide, context.index_op("sub", columns, wide)
    for width in (_LINE_BYTES // buffers[1].dtype.itemsize, 4, 1):
        count = context.index_op("floordiv", left, number(width))
        with context.loops((count,)) as block:
            start = context.index_op("mul", *block, number(width))
            span = (context.index_op("add", first, start), number(width))
            _scatter_products(state, structure, buffers, span)
        done = context.index_op("mul", count, number(width))
        first, left = context.index_op("add", first, done), context.index_op("sub", left, done)


def _scatter_products(
    state: Lowering,
    structure: _Structure,
    buffers: tuple[Buffer, Buffer, Buffer],
    span: tuple[Operand, Operand] | None,
) -> None:
    """For each entry add its multiple of a row of the other operand, from a column on so many."""
    context = state.context
    data, other, target = buffers
    with context.loops((structure.count,), sequential=True) as column:
        begin, count = structure.entries(*column)
        with context.loops((count,), sequential=True) as entries:
            entry = context.index_op("add", begin, *entries)
            row, factor = structure.index(entry), context.load(data, (entry,))
            with context.loops(() if span is None else span[1:]) as place:
                inner = (
                    tuple(context.index_op("add", span[0], one) for one in place) if span else ()
                )
                term = context.let(
                    "mul", data.dtype, factor, context.load(other, (*column, *inner))
                )
                so_far = context.load(target, (row, *inner))
                total = context.let("add", data.dtype, so_far, term)
                context.emit(Store(target, (row, *inner), total))


def lower_csr_sampled_dot(state: Lowering, value: Value) -> None:
    """A product of two rows for each entry."""
    x_value, y_value, *_ = value.operands
    (rows, columns), (_, others) = state.shapes.sizes(x_value), state.shapes.sizes(y_value)
    _require_count(state, value, rows, "rows of the structure and of x,")
    require_equal(state, value, columns, others, "columns of x and of y,")
    x, y = state.buffer(x_value), state.buffer(y_value)
    structure = _checked(state, value, y.sizes[0])
    context = state.context
    target = context.alloc(value.type.dtype, structure.indices.sizes)
    with context.loops((structure.count,)) as row:
        begin, count = structure.entries(*row)
        with context.loops((count,)) as entries:
            entry = context.index_op("add", begin, *entries)
            column = structure.index(entry)
            index = context.index(x.sizes[1])
            with context.block() as body:
                left, right = context.load(x, (*row, index)), context.load(y, (column, index))
                term = context.let("mul", x.dtype, left, right)
            total = _summed(state, index, (x.sizes[1], tuple(body), term), Order.BLOCKED)
            context.emit(Store(target, (entry,), total))
    state.buffers[value] = target
