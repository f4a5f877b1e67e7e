"""Calls of LAPACK's routines (E. Anderson et al., LAPACK Users' Guide, 3rd edition, SIAM 1999).

What each is given, and why matrices are transposes, is in `lltheano_ir.loops.routines`. Work space
comes from the pool, in the sizes that the routines' documentation asks for and room for blocks
besides; a leading dimension is 1 at least, as LAPACK insists. Each call is a private function of
the module for each dtype.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType, i32
from lltheano_ir.emit.blas import matrix_of
from lltheano_ir.emit.context import Context
from lltheano_ir.emit.control import call_procedure
from lltheano_ir.emit.fortran import Arguments
from lltheano_ir.emit.pool import draw
from lltheano_ir.emit.products import Matrix
from lltheano_ir.emit.values import STATUS, constant, integer, intrinsic, register_type
from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.ops.sylvester import FORMS

__all__ = ["ROUTINES"]

Buffers: TypeAlias = tuple[Buffer, ...]
Builder: TypeAlias = ir.IRBuilder
Registers: TypeAlias = Sequence[ir.Value]

_BLOCK = 64
"""Columns that a blocked algorithm works on at once, at most."""


def _call(
    context: Context,
    name: str,
    dtype: DType,
    registers: Registers,
    body: Callable[[Arguments, Registers], None],
) -> None:
    """Call a private function that calls the routine, defining it on first use."""

    def whole(start: Builder, inside: Builder, args: Registers) -> None:
        body(Arguments(start, inside, dtype), args)

    call_procedure(context.builder, f"lltheano.{name}.{dtype}", registers, whole)


def _data(context: Context, *buffers: Buffer) -> list[ir.Value]:
    return [context.buffers[buffer.name] for buffer in buffers]


def _sizes(context: Context, buffer: Buffer) -> list[ir.Value]:
    return [context.uniform(size) for size in buffer.sizes]


def _at_least_one(builder: Builder, size: ir.Value) -> ir.Value:
    return intrinsic(builder, "smax", size, integer(1))


def _sum(builder: Builder, *terms: tuple[int, ir.Value]) -> ir.Value:
    """1 and multiples of sizes."""
    total = integer(1)
    for factor, size in terms:
        total = builder.add(total, builder.mul(integer(factor), size))
    return total


def _work(
    context: Context, target: Buffer, count: ir.Value, dtype: DType | None = None
) -> Registers:
    """Memory for so many elements while the routine runs, and their number."""
    dtype = dtype or target.dtype
    name = f"{target.name}.work.{len(context.unit.held)}"
    size = context.builder.mul(count, integer(dtype.itemsize))
    return draw(context, name, size), count


def _note(arguments: Arguments, info: ir.Value, found: ir.Value) -> None:
    """Hand on what the routine says of its success."""
    builder = arguments.builder
    word = builder.load(found, typ=STATUS)
    builder.store(builder.sext(word, ir.IntType(64)), info)


def _getrf(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    turned, _ = outputs
    columns, rows = _sizes(context, turned)

    def body(arguments: Arguments, args: Registers) -> None:
        data, pivots, height, width = args
        arguments.sizes(height, width)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, height))
        arguments.pointer(pivots)
        arguments.place()
        arguments.call("lapack", "getrf")

    _call(context, "getrf", turned.dtype, [*_data(context, *outputs), rows, columns], body)


def _potrf(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    """The lower triangle of rows is the upper one of columns."""
    factor, _ = outputs
    (size, _) = _sizes(context, factor)

    def body(arguments: Arguments, args: Registers) -> None:
        data, info, n = args
        arguments.letters("U")
        arguments.sizes(n)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, n))
        found = arguments.place()
        arguments.call("lapack", "potrf")
        _note(arguments, info, found)

    _call(context, "potrf", factor.dtype, [*_data(context, *outputs), size], body)


def _trsm(triangle: str) -> Callable[[Context, Buffers, Buffers], None]:
    """From a x = b follows x' a' = b', which is what columns see of the rows of x and b."""
    lower, diagonal = triangle.endswith("lower"), "U" if triangle.startswith("unit") else "N"

    def body(arguments: Arguments, args: Registers) -> None:
        data, height, width, *rest = args
        matrix = Matrix(arguments.dtype, *rest)
        arguments.letters("R")
        arguments.choice(matrix.by_columns, *("LU" if lower else "UL"))
        arguments.choice(matrix.by_columns, "T", "N")
        arguments.letters(diagonal)
        arguments.sizes(width, height)
        arguments.number(constant(register_type(arguments.dtype), 1.0))
        arguments.pointer(matrix.data)
        arguments.sizes(_at_least_one(arguments.builder, matrix.leading))
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, width))
        arguments.call("blas", "trsm")

    def emit(context: Context, outputs: Buffers, inputs: Buffers) -> None:
        (solution,) = outputs
        matrix = matrix_of(context, inputs[1])
        registers = [*_data(context, solution), *_sizes(context, solution), *matrix.registers]
        _call(context, f"trsm.{triangle}", solution.dtype, registers, body)

    return emit


def _geqrf(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    turned, _ = outputs
    columns, rows = _sizes(context, turned)
    work = _work(context, turned, _sum(context.builder, (_BLOCK, columns)))

    def body(arguments: Arguments, args: Registers) -> None:
        data, scales, height, width, space, count = args
        arguments.sizes(height, width)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, height))
        arguments.pointer(scales, space)
        arguments.sizes(count)
        arguments.place()
        arguments.call("lapack", "geqrf")

    registers = [*_data(context, *outputs), rows, columns, *work]
    _call(context, "geqrf", turned.dtype, registers, body)


def _orgqr(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    (turned,), (_, scales) = outputs, inputs
    columns, rows = _sizes(context, turned)
    work = _work(context, turned, _sum(context.builder, (_BLOCK, columns)))

    def body(arguments: Arguments, args: Registers) -> None:
        data, factors, height, width, depth, space, count = args
        arguments.sizes(height, width, depth)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, height))
        arguments.pointer(factors, space)
        arguments.sizes(count)
        arguments.place()
        arguments.call("lapack", "ungqr" if arguments.dtype.is_complex else "orgqr")

    registers = [*_data(context, turned, scales), rows, columns, *_sizes(context, scales), *work]
    _call(context, "orgqr", turned.dtype, registers, body)


def _gesdd(vectors: str) -> Callable[[Context, Buffers, Buffers], None]:
    letter = {"none": "N", "reduced": "S", "full": "A"}[vectors]

    def body(arguments: Arguments, args: Registers) -> None:
        builder = arguments.builder
        data, left, values, right, info, height, width, space, count, whole, _, *real = args
        least = intrinsic(builder, "smin", height, width)
        leading = least if vectors == "reduced" else width
        arguments.letters(letter)
        arguments.sizes(height, width)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(builder, height))
        arguments.pointer(values, left)
        arguments.sizes(_at_least_one(builder, height))
        arguments.pointer(right)
        arguments.sizes(_at_least_one(builder, leading))
        arguments.pointer(space)
        arguments.sizes(count)
        arguments.pointer(*real[:1], whole)
        found = arguments.place()
        arguments.call("lapack", "gesdd")
        _note(arguments, info, found)

    def emit(context: Context, outputs: Buffers, inputs: Buffers) -> None:
        builder, matrix = context.builder, outputs[0]
        columns, rows = _sizes(context, matrix)
        least = intrinsic(builder, "smin", rows, columns)
        square = builder.mul(least, least) if vectors != "none" else integer(0)
        both = builder.add(rows, columns)
        work = _work(context, matrix, _sum(builder, (4, square), (7, least), (_BLOCK, both)))
        whole = _work(context, matrix, _sum(builder, (8, least)), i32)
        if vectors == "none":
            data, values, info = _data(context, *outputs)
            parts = [data, data, values, data, info]
        else:
            # What is our V' is the routine's matrix of left vectors, and the reverse.
            data, right, values, left, info = _data(context, *outputs)
            parts = [data, left, values, right, info]
        registers = [*parts, rows, columns, *work, *whole]
        if matrix.dtype.is_complex:
            area = builder.mul(rows, columns) if vectors != "none" else integer(0)
            room = _sum(builder, (7, square), (2, area), (8, least))
            registers += _work(context, matrix, room, matrix.dtype.real)
        _call(context, f"gesdd.{vectors}", matrix.dtype, registers, body)

    return emit


def _syevd(vectors: str) -> Callable[[Context, Buffers, Buffers], None]:
    def body(arguments: Arguments, args: Registers) -> None:
        data, values, info, n, space, count, whole, whole_count, *real = args
        arguments.letters("NU" if vectors == "none" else "VU")
        arguments.sizes(n)
        arguments.pointer(data)
        arguments.sizes(_at_least_one(arguments.builder, n))
        arguments.pointer(values, space)
        arguments.sizes(count)
        for place, size in zip(real[::2], real[1::2], strict=True):
            arguments.pointer(place)
            arguments.sizes(size)
        arguments.pointer(whole)
        arguments.sizes(whole_count)
        found = arguments.place()
        arguments.call("lapack", "heevd" if arguments.dtype.is_complex else "syevd")
        _note(arguments, info, found)

    def emit(context: Context, outputs: Buffers, inputs: Buffers) -> None:
        builder, matrix = context.builder, outputs[0]
        (size, _) = _sizes(context, matrix)
        square = builder.mul(size, size) if vectors != "none" else integer(0)
        work = _work(context, matrix, _sum(builder, (2, square), (6 + _BLOCK, size)))
        whole = _work(context, matrix, builder.add(_sum(builder, (5, size)), integer(2)), i32)
        registers = [*_data(context, *outputs), size, *work, *whole]
        if matrix.dtype.is_complex:
            room = _sum(builder, (2, square), (5, size))
            registers += _work(context, matrix, room, matrix.dtype.real)
        _call(context, f"syevd.{vectors}", matrix.dtype, registers, body)

    return emit


def _geev(vectors: str) -> Callable[[Context, Buffers, Buffers], None]:
    """Of real matrices the eigenvalues are two vectors, of complex ones a single one, and there is
    real work space.
    """

    def body(arguments: Arguments, args: Registers) -> None:
        values = args[1:2] if arguments.dtype.is_complex else args[1:3]
        data, right, info, n, space, count, *real = (args[0], *args[1 + len(values) :])
        leading = _at_least_one(arguments.builder, n)
        arguments.letters("NN" if vectors == "none" else "NV")
        arguments.sizes(n)
        arguments.pointer(data)
        arguments.sizes(leading)
        arguments.pointer(*values, data)
        arguments.sizes(leading)
        arguments.pointer(right)
        arguments.sizes(leading)
        arguments.pointer(space)
        arguments.sizes(count)
        arguments.pointer(*real[:1])
        found = arguments.place()
        arguments.call("lapack", "geev")
        _note(arguments, info, found)

    def emit(context: Context, outputs: Buffers, inputs: Buffers) -> None:
        turned = outputs[0]
        (size, _) = _sizes(context, turned)
        work = _work(context, turned, _sum(context.builder, (5 + 2 * _BLOCK, size)))
        places = _data(context, *outputs)
        if vectors == "none":
            places.insert(-1, places[0])
        registers = [*places, size, *work]
        if turned.dtype.is_complex:
            room = _sum(context.builder, (2, size))
            registers += _work(context, turned, room, turned.dtype.real)
        _call(context, f"geev.{vectors}", turned.dtype, registers, body)

    return emit


def _gees(context: Context, outputs: Buffers, inputs: Buffers) -> None:
    """Eigenvalues are not sorted, so there is no function to choose them by, and no work space for
    that; they themselves stand in the form, and are left in work space.
    """

    def body(arguments: Arguments, args: Registers) -> None:
        data, vectors, info, n, values, parts, space, count, *real = args
        leading = _at_least_one(arguments.builder, n)
        arguments.letters("VN")
        arguments.pointer(data)
        arguments.sizes(n)
        arguments.pointer(data)
        arguments.sizes(leading)
        arguments.place()
        arguments.pointer(values, *(() if arguments.dtype.is_complex else (parts,)), vectors)
        arguments.sizes(leading)
        arguments.pointer(space)
        arguments.sizes(count)
        arguments.pointer(*real[:1], data)
        found = arguments.place()
        arguments.call("lapack", "gees")
        _note(arguments, info, found)

    turned = outputs[0]
    (size, _) = _sizes(context, turned)
    values, parts = (_work(context, turned, _sum(context.builder, (1, size)))[0] for _ in range(2))
    work = _work(context, turned, _sum(context.builder, (5 + 2 * _BLOCK, size)))
    registers = [*_data(context, *outputs), size, values, parts, *work]
    if turned.dtype.is_complex:
        room = _sum(context.builder, (1, size))
        registers += _work(context, turned, room, turned.dtype.real)
    _call(context, "gees", turned.dtype, registers, body)


def _trsyl(*forms: str) -> Callable[[Context, Buffers, Buffers], None]:
    def body(arguments: Arguments, args: Registers) -> None:
        data, scale, info, a, b, height, width = args
        adjoint = "C" if arguments.dtype.is_complex else "T"
        arguments.letters("".join("N" if form == "plain" else adjoint for form in forms))
        arguments.sizes(integer(1))
        arguments.sizes(height, width)
        for matrix, size in ((a, height), (b, width), (data, height)):
            arguments.pointer(matrix)
            arguments.sizes(_at_least_one(arguments.builder, size))
        arguments.pointer(scale)
        found = arguments.place()
        arguments.call("lapack", "trsyl")
        _note(arguments, info, found)

    def emit(context: Context, outputs: Buffers, inputs: Buffers) -> None:
        turned = outputs[0]
        width, height = _sizes(context, turned)
        registers = [*_data(context, *outputs, *inputs[1:]), height, width]
        _call(context, f"trsyl.{'.'.join(forms)}", turned.dtype, registers, body)

    return emit


ROUTINES: Mapping[str, Callable[[Context, Buffers, Buffers], None]] = {
    "getrf": _getrf,
    "potrf": _potrf,
    **{
        f"trsm_{triangle}": _trsm(triangle)
        for triangle in ("lower", "upper", "unit_lower", "unit_upper")
    },
    "geqrf": _geqrf,
    "orgqr": _orgqr,
    **{f"gesdd_{vectors}": _gesdd(vectors) for vectors in ("none", "reduced", "full")},
    **{f"syevd_{vectors}": _syevd(vectors) for vectors in ("none", "full")},
    **{f"geev_{vectors}": _geev(vectors) for vectors in ("none", "full")},
    "gees": _gees,
    **{f"trsyl_{a}_{b}": _trsyl(a, b) for a in FORMS for b in FORMS},
    **{f"geev_complex_{vectors}": _geev(vectors) for vectors in ("none", "full")},
}
"""What emits a call of each routine; the buffers are its outputs, then its inputs."""
