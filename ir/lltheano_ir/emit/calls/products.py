"""The calls of BLAS themselves: matrix by matrix, matrix by vector, vector by vector.

Each is a private function of the module for each dtype, shared by all products: Fortran wants every
argument behind a pointer, and sizes of 32 bits. Larger ones, which arrays of many gigabytes have,
are covered by a loop over pieces; it is one piece for all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.calls.fortran import Arguments
from lltheano_ir.emit.control import call_procedure, counted_loop, when
from lltheano_ir.emit.memory.accesses import advance
from lltheano_ir.emit.values import (
    BIT,
    BYTE,
    POINTER,
    Pair,
    Register,
    constant,
    integer,
    intrinsic,
    register_type,
)
from lltheano_ir.records import record

__all__ = ["PIECE", "Factors", "Matrix", "Vector", "emit_gemm", "emit_gemv", "emit_inner"]

PIECE = 1 << 30
"""Elements along an axis of one call: what 32-bit integers hold, with room."""

Builder: TypeAlias = ir.IRBuilder
Registers = Sequence[ir.Value]


@record(frozen=True, slots=True)
class Matrix:
    """A matrix in memory; `by_columns` (one bit) when its columns are contiguous rather than its
    rows.

    `leading` is the distance of neighbouring rows, or of columns, in elements.
    """

    dtype: DType
    data: ir.Value
    rows: ir.Value
    columns: ir.Value
    by_columns: ir.Value
    leading: ir.Value

    def transposed(self, builder: Builder) -> "Matrix":
        """The same memory with rows and columns exchanged."""
        return replace(
            self, rows=self.columns, columns=self.rows, by_columns=builder.not_(self.by_columns)
        )

    @property
    def registers(self) -> Registers:
        """All that a function must be passed."""
        return (self.data, self.rows, self.columns, self.by_columns, self.leading)


@record(frozen=True, slots=True)
class Vector:
    """A vector in memory whose elements are `step` apart, at least 1."""

    data: ir.Value
    size: ir.Value
    step: ir.Value

    @property
    def registers(self) -> Registers:
        """All that a function must be passed."""
        return (self.data, self.size, self.step)


@record(frozen=True, slots=True)
class Factors:
    """What a product is multiplied by, and what the old target is before the product is added."""

    alpha: Register
    beta: Register

    @property
    def registers(self) -> Registers:
        """All that a function must be passed."""
        return [part for one in (self.alpha, self.beta) for part in _parts(one)]

    @staticmethod
    def of(dtype: DType, registers: Registers) -> "Factors":
        """The factors whose registers these are."""
        if dtype.is_complex:
            return Factors(Pair(*registers[:2]), Pair(*registers[2:]))
        return Factors(*registers)


def _parts(register: Register) -> Registers:
    return register if isinstance(register, Pair) else (register,)


def emit_gemm(
    builder: Builder, output: ir.Value, left: Matrix, right: Matrix, factors: Factors
) -> None:
    """``output = alpha left @ right + beta output``, row-major; BLAS, which counts by columns, is
    told ``right' left'``.
    """
    dtype = left.dtype

    def body(start: Builder, inside: Builder, args: Registers) -> None:
        matrices = (Matrix(dtype, *args[1:6]), Matrix(dtype, *args[6:11]))
        _gemm(start, inside, args[0], matrices, Factors.of(dtype, args[11:]))

    args = [output, *left.registers, *right.registers, *factors.registers]
    call_procedure(builder, f"lltheano.gemm.{dtype}", args, body)


def emit_gemv(
    builder: Builder, output: ir.Value, matrix: Matrix, vector: Vector, factors: Factors
) -> None:
    """``output = alpha matrix @ vector + beta output``."""
    dtype = matrix.dtype

    def body(start: Builder, inside: Builder, args: Registers) -> None:
        operands = (Matrix(dtype, *args[1:6]), Vector(*args[6:9]))
        _gemv(start, inside, args[0], *operands, Factors.of(dtype, args[9:]))

    args = [output, *matrix.registers, *vector.registers, *factors.registers]
    call_procedure(builder, f"lltheano.gemv.{dtype}", args, body)


def emit_inner(
    builder: Builder, dtype: DType, output: ir.Value, left: Vector, right: Vector
) -> None:
    """``output = left @ right``, for real vectors."""

    def body(start: Builder, inside: Builder, args: Registers) -> None:
        _inner(start, inside, dtype, args[0], (Vector(*args[1:4]), Vector(*args[4:])))

    args = [output, *left.registers, *right.registers]
    call_procedure(builder, f"lltheano.inner.{dtype}", args, body)


def _zero(builder: Builder, dtype: DType, output: ir.Value, count: ir.Value) -> None:
    size = builder.mul(count, integer(dtype.itemsize))
    fill = builder.module.declare_intrinsic("llvm.memset", [POINTER, size.type])
    builder.call(fill, [output, BYTE(0), size, BIT(0)])


def _scale(
    builder: Builder, dtype: DType, output: ir.Value, count: ir.Value, factor: Register
) -> None:
    """Multiply by a factor; where that is 0, by which even NaN is forgotten, write zeros."""
    is_zero, is_one = (_equals(builder, factor, value) for value in (0.0, 1.0))
    with when(builder, is_zero):
        _zero(builder, dtype, output, count)
    scales = builder.not_(builder.or_(is_zero, is_one))
    kind = register_type(dtype)

    def once(index: ir.Value, _: object) -> Registers:
        place = advance(builder, output, dtype, index)
        places = [place]
        if isinstance(factor, Pair):
            places.append(builder.gep(place, [integer(1)], source_etype=kind))
        old = [builder.load(one, typ=kind) for one in places]
        for part, one in zip(_scaled(builder, factor, old), places, strict=True):
            builder.store(part, one)
        return ()

    with when(builder, scales):
        counted_loop(builder, (integer(0), count, 1), (), once)


def _equals(builder: Builder, factor: Register, value: float) -> ir.Value:
    parts = zip(_parts(factor), (value, 0.0), strict=False)
    same = [builder.fcmp_ordered("==", part, constant(part.type, one)) for part, one in parts]
    return builder.and_(*same) if len(same) > 1 else same[0]


def _scaled(builder: Builder, factor: Register, old: Registers) -> Registers:
    if not isinstance(factor, Pair):
        return [builder.fmul(factor, old[0])]
    re, im = old
    real = builder.fsub(builder.fmul(factor.re, re), builder.fmul(factor.im, im))
    return [real, builder.fadd(builder.fmul(factor.re, im), builder.fmul(factor.im, re))]


def _chosen(builder: Builder, condition: ir.Value, value: float, other: Register) -> Register:
    """A known real factor where the condition holds, else another factor."""
    known = (value, 0.0)
    parts = [
        builder.select(condition, constant(part.type, one), part)
        for part, one in zip(_parts(other), known, strict=False)
    ]
    return Pair(*parts) if len(parts) > 1 else parts[0]


def _gemm(
    start: Builder,
    builder: Builder,
    output: ir.Value,
    matrices: tuple[Matrix, Matrix],
    factors: Factors,
) -> None:
    """Where alpha is 0 nothing is added, as where there is no column, and BLAS is not called:
    OpenBLAS's kernels for small matrices multiply by that 0 what may be NaN.
    """
    left, right = matrices
    is_zero = _equals(builder, factors.alpha, 0.0)
    depth = builder.select(is_zero, integer(0), left.columns)
    nothing = builder.icmp_signed("==", depth, integer(0))
    with when(builder, nothing):
        count = builder.mul(left.rows, right.columns)
        _scale(builder, left.dtype, output, count, factors.beta)
    wide = _too_wide(builder, right.columns)
    row_piece = _piece(builder, builder.or_(wide, _rows_too_wide(builder, left)))
    inner_wide = builder.or_(_columns_too_wide(builder, left), _rows_too_wide(builder, right))
    steps = (
        row_piece,
        _piece(builder, inner_wide),
        _piece(builder, _columns_too_wide(builder, right)),
    )

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        row, inner, column = starts
        rows, terms, columns = sizes
        follows = builder.icmp_signed(">", inner, integer(0))
        offset = builder.add(builder.mul(row, right.columns), column)
        arguments = _Arguments(start, builder, left.dtype)
        arguments.choice(right.by_columns, "T", "N")
        arguments.choice(left.by_columns, "T", "N")
        arguments.sizes(columns, rows, terms)
        arguments.number(factors.alpha)
        arguments.matrix(right, inner, column, terms, columns)
        arguments.matrix(left, row, inner, rows, terms)
        arguments.number(_chosen(builder, follows, 1.0, factors.beta))
        arguments.pointer(advance(builder, output, left.dtype, offset))
        arguments.sizes(builder.select(wide, columns, right.columns))
        arguments.call("blas", "gemm")

    _in_pieces(builder, (left.rows, depth, right.columns), steps, product)


def _gemv(
    start: Builder,
    builder: Builder,
    output: ir.Value,
    matrix: Matrix,
    vector: Vector,
    factors: Factors,
) -> None:
    """The product is added to what was scaled: BLAS returns at once where there is no column."""
    dtype = matrix.dtype
    _scale(builder, dtype, output, matrix.rows, factors.beta)
    steps = (
        _piece(builder, _rows_too_wide(builder, matrix)),
        _piece(builder, _columns_too_wide(builder, matrix)),
    )

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        row, inner = starts
        rows, depth = sizes
        arguments = _Arguments(start, builder, dtype)
        arguments.choice(builder.not_(matrix.by_columns), "T", "N")
        arguments.sizes(
            builder.select(matrix.by_columns, rows, depth),
            builder.select(matrix.by_columns, depth, rows),
        )
        arguments.number(factors.alpha)
        arguments.matrix(matrix, row, inner, rows, depth)
        offset = builder.mul(inner, vector.step)
        arguments.pointer(advance(builder, vector.data, dtype, offset))
        arguments.sizes(vector.step)
        arguments.number(constant(register_type(dtype), 1.0))
        arguments.pointer(advance(builder, output, dtype, row))
        arguments.sizes(integer(1))
        arguments.call("blas", "gemv")

    _in_pieces(builder, (matrix.rows, matrix.columns), steps, product)


def _inner(
    start: Builder,
    builder: Builder,
    dtype: DType,
    output: ir.Value,
    vectors: tuple[Vector, Vector],
) -> None:
    kind = register_type(dtype)
    builder.store(constant(kind, 0.0), output, align=dtype.itemsize)

    def product(starts: Sequence[ir.Value], sizes: Sequence[ir.Value]) -> None:
        arguments = _Arguments(start, builder, dtype)
        arguments.sizes(sizes[0])
        for vector in vectors:
            offset = builder.mul(starts[0], vector.step)
            arguments.pointer(advance(builder, vector.data, dtype, offset))
            arguments.sizes(vector.step)
        total = builder.load(output, typ=kind, align=dtype.itemsize)
        part = arguments.call("blas", "dot", kind)
        builder.store(builder.fadd(total, part), output, align=dtype.itemsize)

    _in_pieces(builder, (vectors[0].size,), (integer(PIECE),), product)


def _too_wide(builder: Builder, size: ir.Value) -> ir.Value:
    return builder.icmp_signed(">", size, integer(PIECE))


def _rows_too_wide(builder: Builder, matrix: Matrix) -> ir.Value:
    """Whether rows lie further apart than BLAS can say, so that they must be taken one by one."""
    return builder.and_(_too_wide(builder, matrix.leading), builder.not_(matrix.by_columns))


def _columns_too_wide(builder: Builder, matrix: Matrix) -> ir.Value:
    return builder.and_(_too_wide(builder, matrix.leading), matrix.by_columns)


def _piece(builder: Builder, single: ir.Value) -> ir.Value:
    return builder.select(single, integer(1), integer(PIECE))


def _in_pieces(
    builder: Builder,
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


class _Arguments(Arguments):
    """The arguments of one product."""

    def matrix(
        self, matrix: Matrix, row: ir.Value, column: ir.Value, rows: ir.Value, columns: ir.Value
    ) -> None:
        """A part of a matrix, and its leading dimension (of no meaning for a single line)."""
        builder = self.builder
        outer = builder.select(matrix.by_columns, column, row)
        inner = builder.select(matrix.by_columns, row, column)
        offset = builder.add(builder.mul(outer, matrix.leading), inner)
        self.pointer(advance(builder, matrix.data, self.dtype, offset))
        line = builder.select(matrix.by_columns, rows, columns)
        single = _too_wide(builder, matrix.leading)
        self.sizes(builder.select(single, line, matrix.leading))
