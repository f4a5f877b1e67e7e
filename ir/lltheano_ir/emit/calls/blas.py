"""`gemm`, `gemv` and `dot`: products of vectors and matrices through BLAS (the calls are in
`lltheano_ir.emit.calls.products`).

BLAS stores matrices by columns. A row-major matrix is its own transpose in that view, so ``C = A
B`` is computed as ``C' = B' A'``. An operand whose rows or whose columns are contiguous is used
where it lies, with its transposition flag and leading dimension chosen at run time; any other
(reversed, repeated, stepped along both axes) is copied first. To exchange the axes of one costs
nothing. An inner dimension of no elements adds nothing.
"""

from collections.abc import Mapping, Sequence

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.calls.products import (
    PIECE,
    Factors,
    Matrix,
    Vector,
    emit_gemm,
    emit_gemv,
    emit_inner,
)
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import call_procedure, counted_loop, merged
from lltheano_ir.emit.memory.accesses import as_register, strides_of
from lltheano_ir.emit.memory.allocation import byte_count
from lltheano_ir.emit.memory.pool import draw
from lltheano_ir.emit.values import BIT, integer
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.loops.routines.record import Settings

__all__ = ["emit_dot", "emit_matrix_product", "emit_vector_product", "matrix_of"]


def emit_matrix_product(
    context: EmissionContext, operands: Mapping[str, Buffer], settings: Settings
) -> None:
    """Write ``alpha op(a) op(b) + beta c`` to c, row-major."""
    builder, target = context.builder, operands["c"]
    left, right = (
        _exchanged(builder, matrix_of(context, operands[name]), settings[f"transpose_{name}"])
        for name in "ab"
    )
    factors = _factors(context, target.dtype, settings)
    emit_gemm(builder, context.buffers[target.name], left, right, factors)


def emit_vector_product(
    context: EmissionContext, operands: Mapping[str, Buffer], settings: Settings
) -> None:
    """Write ``alpha op(a) x + beta y`` to y, whose elements are neighbours."""
    builder, target = context.builder, operands["y"]
    matrix = _exchanged(builder, matrix_of(context, operands["a"]), settings["transpose"])
    factors = _factors(context, target.dtype, settings)
    vector = _vector(context, operands["x"])
    emit_gemv(builder, context.buffers[target.name], matrix, vector, factors)


def emit_dot(context: EmissionContext, operands: Mapping[str, Buffer], settings: Settings) -> None:
    """Write the sum of products of two vectors."""
    builder, target = context.builder, operands["sum"]
    output, (left, right) = context.buffers[target.name], (operands["x"], operands["y"])
    if target.dtype.is_complex:
        factors = _factors(context, target.dtype, {"alpha": None, "beta": None})
        emit_gemv(builder, output, _one_row(context, left), _vector(context, right), factors)
    else:
        emit_inner(builder, target.dtype, output, _vector(context, left), _vector(context, right))


def _exchanged(builder: ir.IRBuilder, matrix: Matrix, exchanged: bool) -> Matrix:
    return matrix.transposed(builder) if exchanged else matrix


def _factors(context: EmissionContext, dtype: DType, settings: Settings) -> Factors:
    alpha, beta = (
        number(default, dtype) if settings[name] is None else settings[name]
        for name, default in (("alpha", 1), ("beta", 0))
    )
    return Factors(*(context.value(operand).register for operand in (alpha, beta)))


def _one_row(context: EmissionContext, buffer: Buffer) -> Matrix:
    """A vector as a matrix of one row: its elements may lie apart, as columns of one element."""
    vector = _vector(context, buffer)
    return Matrix(buffer.dtype, vector.data, integer(1), vector.size, BIT(1), vector.step)


def matrix_of(context: EmissionContext, buffer: Buffer) -> Matrix:
    """A buffer of two axes as BLAS can read it, copied if need be."""
    builder = context.builder
    rows, columns = (context.uniform(size) for size in buffer.sizes)
    data = context.buffers[buffer.name]
    if buffer.strides is None:
        return Matrix(buffer.dtype, data, rows, columns, BIT(0), columns)
    down, across = (as_register(stride) for stride in strides_of(context, buffer))
    row_like = _fits(builder, (columns, across), (rows, down))
    column_like = _fits(builder, (rows, down), (columns, across))
    leading = _leading(builder, row_like, (rows, columns), (down, across))
    by_columns = builder.not_(row_like)
    copy, done = (builder.append_basic_block(name) for name in ("pack", "matrix"))
    before = builder.block
    builder.cbranch(builder.or_(row_like, column_like), done, copy)
    builder.position_at_end(copy)
    fresh = _packed(context, buffer)
    copied = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    sources = [(before, [data, by_columns, leading]), (copied, [fresh, BIT(0), columns])]
    data, by_columns, leading = merged(builder, sources)
    return Matrix(buffer.dtype, data, rows, columns, by_columns, leading)


def _fits(
    builder: ir.IRBuilder, inner: tuple[ir.Value, ir.Value], outer: tuple[ir.Value, ir.Value]
) -> ir.Value:
    """Whether lines of `inner` (size, stride) are contiguous, and do not overlap along `outer`."""
    one = integer(1)
    packed = _at_most_one_or(builder, inner[0], builder.icmp_signed("==", inner[1], one))
    apart = _at_most_one_or(builder, outer[0], builder.icmp_signed(">=", outer[1], inner[0]))
    return builder.and_(packed, apart)


def _at_most_one_or(builder: ir.IRBuilder, size: ir.Value, condition: ir.Value) -> ir.Value:
    return builder.or_(builder.icmp_signed("<=", size, integer(1)), condition)


def _leading(
    builder: ir.IRBuilder,
    row_like: ir.Value,
    sizes: tuple[ir.Value, ir.Value],
    strides: tuple[ir.Value, ir.Value],
) -> ir.Value:
    """The leading dimension; where there is one line only, its stride says nothing."""
    rows, columns = sizes
    single_row = builder.icmp_signed("<=", rows, integer(1))
    single_column = builder.icmp_signed("<=", columns, integer(1))
    by_rows = builder.select(single_row, columns, strides[0])
    by_columns = builder.select(single_column, rows, strides[1])
    return builder.select(row_like, by_rows, by_columns)


def _vector(context: EmissionContext, buffer: Buffer) -> Vector:
    """A vector with a positive step that fits 32 bits."""
    builder = context.builder
    data, size = context.buffers[buffer.name], context.uniform(buffer.sizes[0])
    if buffer.strides is None:
        return Vector(data, size, integer(1))
    (stride,) = (as_register(one) for one in strides_of(context, buffer))
    forward = builder.icmp_unsigned("<", builder.sub(stride, integer(1)), integer(PIECE))
    copy, done = (builder.append_basic_block(name) for name in ("pack", "vector"))
    before = builder.block
    builder.cbranch(forward, done, copy)
    builder.position_at_end(copy)
    fresh = _packed(context, buffer)
    copied = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    sources = [(before, [data, stride]), (copied, [fresh, integer(1)])]
    data, step = merged(builder, sources)
    return Vector(data, size, step)


def _packed(context: EmissionContext, buffer: Buffer) -> ir.Value:
    """A row-major copy."""
    inside = context.inside()
    builder = inside.builder
    name = f"{buffer.name}.packed.{len(context.unit.held)}"
    fresh = draw(inside, name, as_register(byte_count(inside, buffer)))
    sizes = [inside.uniform(size) for size in buffer.sizes]
    strides = [as_register(stride) for stride in strides_of(inside, buffer)]
    rows, columns = [integer(1), *sizes][-2:]
    down, across = [integer(0), *strides][-2:]
    args = [fresh, inside.buffers[buffer.name], rows, columns, down, across]
    kind = ir.ArrayType(ir.IntType(8), buffer.dtype.itemsize)

    def body(_: ir.IRBuilder, inner: ir.IRBuilder, own: Sequence[ir.Value]) -> None:
        _pack(inner, kind, own)

    call_procedure(builder, f"lltheano.pack.{buffer.dtype.itemsize}", args, body)
    return fresh


def _pack(builder: ir.IRBuilder, kind: ir.Type, args: Sequence[ir.Value]) -> None:
    """Copy elements of some bytes, with strides in elements, to where they lie row by row."""
    target, source, rows, columns, down, across = args

    def row(number: ir.Value, _: object) -> tuple[ir.Value, ...]:
        def element(place: ir.Value, _: object) -> tuple[ir.Value, ...]:
            there = builder.add(builder.mul(number, down), builder.mul(place, across))
            here = builder.add(builder.mul(number, columns), place)
            value = builder.load(builder.gep(source, [there], source_etype=kind), typ=bits, align=1)
            builder.store(value, builder.gep(target, [here], source_etype=kind), align=1)
            return ()

        counted_loop(builder, (integer(0), columns, 1), (), element)
        return ()

    bits = ir.IntType(8 * kind.count)
    counted_loop(builder, (integer(0), rows, 1), (), row)
