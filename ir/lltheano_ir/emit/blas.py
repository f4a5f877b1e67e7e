"""Products of vectors and matrices through BLAS, with Fortran's calling convention and 32-bit integers.

BLAS stores matrices by columns. A row-major matrix is its own transpose in that view, so ``C = A B`` is
computed as ``C' = B' A'``. An operand whose rows or whose columns are contiguous is used where it lies,
with its transposition flag and leading dimension chosen at run time; any other (reversed, repeated,
stepped along both axes) is copied first. An inner dimension of no elements gives zeros.

Sizes do not fit 32 bits in arrays of many gigabytes: each product is a loop over pieces that do, which is
one piece for all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.allocation import byte_count, copy_elements, declared, fresh_block
from lltheano_ir.emit.context import Context
from lltheano_ir.emit.control import counted_loop, merged, when
from lltheano_ir.emit.memory import advance, as_register, strides_of
from lltheano_ir.emit.values import (
    BIT,
    BYTE,
    POINTER,
    STATUS,
    constant,
    integer,
    intrinsic,
    register_type,
    stack_memory,
)
from lltheano_ir.loops.nodes import Buffer

__all__ = ["emit_dot"]

_LETTERS = {"f32": "s", "f64": "d", "c64": "c", "c128": "z"}

_PIECE = 1 << 30
"""Elements along an axis of one call: what 32-bit integers hold, with room."""


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix in memory; `by_columns` (one bit) when its columns are contiguous rather than its rows.

    `leading` is the distance of neighbouring rows, or of columns, in elements.
    """

    dtype: DType
    data: ir.Value
    rows: ir.Value
    columns: ir.Value
    by_columns: ir.Value
    leading: ir.Value

    def transposed(self, builder: ir.IRBuilder) -> "_Matrix":
        """The same memory with rows and columns exchanged."""
        return replace(
            self, rows=self.columns, columns=self.rows, by_columns=builder.not_(self.by_columns)
        )


@dataclass(frozen=True, slots=True)
class _Vector:
    data: ir.Value
    size: ir.Value
    step: ir.Value


def emit_dot(context: Context, target: Buffer, left: Buffer, right: Buffer) -> None:
    """Write the product of two buffers of one or two axes each to a row-major buffer."""
    if target.dtype.name not in _LETTERS:
        raise NotImplementedError(f"BLAS has no product of {target.dtype}")
    ranks = (len(left.sizes), len(right.sizes))
    output = context.buffers[target.name]
    if ranks == (2, 2):
        _gemm(context, output, _matrix(context, left), _matrix(context, right))
    elif ranks == (2, 1):
        _gemv(context, output, _matrix(context, left), _vector(context, right))
    elif ranks == (1, 2):
        matrix = _matrix(context, right).transposed(context.builder)
        _gemv(context, output, matrix, _vector(context, left))
    elif target.dtype.is_complex:
        vector = _vector(context, right)
        _gemv(context, output, _one_row(context, left), vector)
    else:
        _inner(context, target.dtype, output, _vector(context, left), _vector(context, right))


def _one_row(context: Context, buffer: Buffer) -> _Matrix:
    """A vector as a matrix of one row: its elements may lie apart, as columns of one element."""
    vector = _vector(context, buffer)
    return _Matrix(buffer.dtype, vector.data, integer(1), vector.size, BIT(1), vector.step)


def _matrix(context: Context, buffer: Buffer) -> _Matrix:
    builder = context.builder
    rows, columns = (context.uniform(size) for size in buffer.sizes)
    data = context.buffers[buffer.name]
    if buffer.strides is None:
        return _Matrix(buffer.dtype, data, rows, columns, BIT(0), columns)
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
    return _Matrix(buffer.dtype, data, rows, columns, by_columns, leading)


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


def _vector(context: Context, buffer: Buffer) -> _Vector:
    """A vector with a positive step that fits 32 bits."""
    builder = context.builder
    data, size = context.buffers[buffer.name], context.uniform(buffer.sizes[0])
    if buffer.strides is None:
        return _Vector(data, size, integer(1))
    (stride,) = (as_register(one) for one in strides_of(context, buffer))
    forward = builder.icmp_unsigned("<", builder.sub(stride, integer(1)), integer(_PIECE))
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
    return _Vector(data, size, step)


def _packed(context: Context, buffer: Buffer) -> ir.Value:
    """A row-major copy."""
    inside = context.inside()
    name = f"{buffer.name}.packed.{len(context.unit.held)}"
    target = Buffer(name, buffer.dtype, buffer.sizes)
    inside.buffers[name] = fresh_block(inside, name, byte_count(inside, target))
    copy_elements(inside, buffer, target)
    return inside.buffers[name]


def _zero(context: Context, dtype: DType, output: ir.Value, count: ir.Value) -> None:
    builder = context.builder
    size = builder.mul(count, integer(dtype.itemsize))
    fill = builder.module.declare_intrinsic("llvm.memset", [POINTER, size.type])
    builder.call(fill, [output, BYTE(0), size, BIT(0)])


def _gemm(context: Context, output: ir.Value, left: _Matrix, right: _Matrix) -> None:
    builder = context.builder
    nothing = builder.icmp_signed("==", left.columns, integer(0))
    with when(builder, nothing):
        count = builder.mul(left.rows, right.columns)
        _zero(context, left.dtype, output, count)
    wide = _too_wide(builder, right.columns)
    row_piece = _piece(builder, builder.or_(wide, _rows_too_wide(builder, left)))
    inner_wide = builder.or_(
        _columns_too_wide(builder, left), _rows_too_wide(builder, right)
    )
    steps = (row_piece, _piece(builder, inner_wide), _piece(builder, _columns_too_wide(builder, right)))

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        row, inner, column = starts
        rows, depth, columns = sizes
        beta = builder.uitofp(
            builder.icmp_signed(">", inner, integer(0)), register_type(left.dtype)
        )
        offset = builder.add(builder.mul(row, right.columns), column)
        arguments = _Arguments(context, left.dtype)
        arguments.flag(right.by_columns)
        arguments.flag(left.by_columns)
        arguments.sizes(columns, rows, depth)
        arguments.number(constant(register_type(left.dtype), 1.0))
        arguments.matrix(right, inner, column, depth, columns)
        arguments.matrix(left, row, inner, rows, depth)
        arguments.number(beta)
        arguments.pointer(advance(builder, output, left.dtype, offset))
        arguments.sizes(builder.select(wide, columns, right.columns))
        arguments.call("gemm")

    _in_pieces(builder, (left.rows, left.columns, right.columns), steps, product)


def _gemv(context: Context, output: ir.Value, matrix: _Matrix, vector: _Vector) -> None:
    """``output = matrix @ vector``, added to zeros: BLAS returns at once where there is no column."""
    builder = context.builder
    dtype = matrix.dtype
    _zero(context, dtype, output, matrix.rows)
    steps = (
        _piece(builder, _rows_too_wide(builder, matrix)),
        _piece(builder, _columns_too_wide(builder, matrix)),
    )

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        row, inner = starts
        rows, depth = sizes
        one = constant(register_type(dtype), 1.0)
        arguments = _Arguments(context, dtype)
        arguments.flag(builder.not_(matrix.by_columns))
        arguments.sizes(
            builder.select(matrix.by_columns, rows, depth),
            builder.select(matrix.by_columns, depth, rows),
        )
        arguments.number(one)
        arguments.matrix(matrix, row, inner, rows, depth)
        offset = builder.mul(inner, vector.step)
        arguments.pointer(advance(builder, vector.data, dtype, offset))
        arguments.sizes(vector.step)
        arguments.number(one)
        arguments.pointer(advance(builder, output, dtype, row))
        arguments.sizes(integer(1))
        arguments.call("gemv")

    _in_pieces(builder, (matrix.rows, matrix.columns), steps, product)


def _inner(
    context: Context, dtype: DType, output: ir.Value, left: _Vector, right: _Vector
) -> None:
    builder = context.builder
    kind = register_type(dtype)
    builder.store(constant(kind, 0.0), output, align=dtype.itemsize)

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        arguments = _Arguments(context, dtype)
        arguments.sizes(sizes[0])
        for vector in (left, right):
            offset = builder.mul(starts[0], vector.step)
            arguments.pointer(advance(builder, vector.data, dtype, offset))
            arguments.sizes(vector.step)
        total = builder.load(output, typ=kind, align=dtype.itemsize)
        part = arguments.call("dot", kind)
        builder.store(builder.fadd(total, part), output, align=dtype.itemsize)

    _in_pieces(builder, (left.size,), (integer(_PIECE),), product)


def _too_wide(builder: ir.IRBuilder, size: ir.Value) -> ir.Value:
    return builder.icmp_signed(">", size, integer(_PIECE))


def _rows_too_wide(builder: ir.IRBuilder, matrix: _Matrix) -> ir.Value:
    """Whether rows lie further apart than BLAS can say, so that they must be taken one by one."""
    return builder.and_(_too_wide(builder, matrix.leading), builder.not_(matrix.by_columns))


def _columns_too_wide(builder: ir.IRBuilder, matrix: _Matrix) -> ir.Value:
    return builder.and_(_too_wide(builder, matrix.leading), matrix.by_columns)


def _piece(builder: ir.IRBuilder, single: ir.Value) -> ir.Value:
    return builder.select(single, integer(1), integer(_PIECE))


def _in_pieces(
    builder: ir.IRBuilder,
    extents: Sequence[ir.Value],
    steps: Sequence[ir.Value],
    product: Callable[[Sequence[ir.Value], Sequence[ir.Value]], None],
) -> None:
    """Run `product` on (starts, sizes) that cover `extents` piece by piece."""

    def nest(starts: list[ir.Value], sizes: list[ir.Value]) -> None:
        axis = len(starts)
        if axis == len(extents):
            product(starts, sizes)
            return

        def once(start: ir.Value, _: object) -> tuple[ir.Value, ...]:
            rest = builder.sub(extents[axis], start)
            nest([*starts, start], [*sizes, intrinsic(builder, "smin", rest, steps[axis])])
            return ()

        counted_loop(builder, (integer(0), extents[axis], steps[axis]), (), once)

    nest([], [])


class _Arguments:
    """The arguments of one call, each behind a pointer."""

    def __init__(self, context: Context, dtype: DType) -> None:
        self._context = context
        self._dtype = dtype
        self._pointers: list[ir.Value] = []

    def pointer(self, address: ir.Value) -> None:
        """An address."""
        self._pointers.append(address)

    def flag(self, transposed: ir.Value) -> None:
        """The transposition flag."""
        letter = self._context.builder.select(transposed, BYTE(ord("T")), BYTE(ord("N")))
        self._stored(letter)

    def sizes(self, *sizes: ir.Value) -> None:
        """Sizes and strides, which fit 32 bits."""
        for size in sizes:
            self._stored(self._context.builder.trunc(size, STATUS))

    def number(self, number: ir.Value) -> None:
        """A real factor."""
        if not self._dtype.is_complex:
            self._stored(number)
            return
        builder = self._context.builder
        place = stack_memory(self._context.unit.start, number.type, 2)
        imaginary = builder.gep(place, [integer(1)], source_etype=number.type)
        builder.store(number, place)
        builder.store(constant(number.type, 0.0), imaginary)
        self._pointers.append(place)

    def matrix(
        self, matrix: _Matrix, row: ir.Value, column: ir.Value, rows: ir.Value, columns: ir.Value
    ) -> None:
        """A part of a matrix, and its leading dimension (of no meaning for a single line)."""
        builder = self._context.builder
        outer = builder.select(matrix.by_columns, column, row)
        inner = builder.select(matrix.by_columns, row, column)
        offset = builder.add(builder.mul(outer, matrix.leading), inner)
        self._pointers.append(advance(builder, matrix.data, self._dtype, offset))
        line = builder.select(matrix.by_columns, rows, columns)
        single = _too_wide(builder, matrix.leading)
        self.sizes(builder.select(single, line, matrix.leading))

    def call(self, name: str, result: ir.Type | None = None) -> ir.Value:
        """Call the routine of that name for the dtype."""
        builder = self._context.builder
        full_name = f"blas_{_LETTERS[self._dtype.name]}{name}"
        kinds = [POINTER] * len(self._pointers)
        routine = declared(builder.module, full_name, result or ir.VoidType(), kinds)
        return builder.call(routine, self._pointers)

    def _stored(self, register: ir.Value) -> None:
        place = stack_memory(self._context.unit.start, register.type)
        self._context.builder.store(register, place)
        self._pointers.append(place)
