"""The matrix factorisations, through LAPACK.

Each op computes its operand into memory of its own, which the routine then overwrites. LAPACK
counts by columns, so that memory is column-major (`_column_major`), and the results are views of it
with the axes exchanged; where the routine can be told to work on the transpose, memory is row-major
(`_row_major`) and nothing is moved.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import bool_, i32, i64
from lltheano_ir.loops.builder import number, number_of
from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    If,
    Number,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Store,
    View,
)
from lltheano_ir.lowering.linalg.checks import (
    check_counted,
    check_eigh,
    check_reflectors,
    check_square,
    check_svd,
    check_sylvester,
    check_triangular_solve,
)
from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value, result
from lltheano_ir.ops.definition import Literal

__all__ = ["lower_factorisation"]


def _row_major(state: Lowering, value: Value, *, lower: bool = False) -> Buffer:
    """The elements in memory of their own, row by row; 0 above the diagonal if only `lower`."""
    context = state.context
    state.prepare(value)
    target = context.alloc(value.type.dtype, state.sizes(value))
    with context.loops(target.sizes) as (row, column), state.scope():
        element = state.element(value, (row, column))
        if lower:
            below = context.let("le", bool_, column, row)
            nothing = number(0, target.dtype)
            element = context.let("select", target.dtype, below, element, nothing)
        context.emit(Store(target, (row, column), element))
    return target


def _column_major(state: Lowering, value: Value) -> Buffer:
    """The elements in memory of their own, column by column."""
    context = state.context
    state.prepare(value)
    rows, columns = state.sizes(value)
    target = context.alloc(value.type.dtype, (columns, rows))
    with context.loops(target.sizes) as (column, row), state.scope():
        element = state.element(value, (row, column))
        context.emit(Store(target, (column, row), element))
    return target


def _exchanged(state: Lowering, matrix: Buffer) -> Buffer:
    """A view of a matrix with its axes exchanged."""
    context = state.context
    columns, rows = matrix.sizes
    view = Buffer(context.fresh("b"), matrix.dtype, (rows, columns), (number(1), rows))
    context.emit(View(view, matrix, number(0)))
    return view


def _filled(state: Lowering, target: Buffer, element: Operand) -> None:
    with state.context.loops(target.sizes) as indices:
        state.context.emit(Store(target, indices, element))


def _settle(state: Lowering, value: Value, info: Buffer, outputs: Sequence[Buffer]) -> None:
    """Note whether the routine has succeeded, and put NaN everywhere if it has not."""
    context = state.context
    ok = context.let("eq", bool_, context.load(info, ()), number(0))
    with context.block() as body:
        for output in outputs:
            _filled(state, output, _nan(output))
    context.emit(If(ok, (), tuple(body)))
    state.scalars[result(value, len(value.types) - 1)] = ok


def _nan(buffer: Buffer) -> Operand:
    return Number(Literal.of(np.asarray(math.nan, buffer.dtype.numpy)))


def _lower_lu(state: Lowering, value: Value) -> None:
    context = state.context
    matrix = _column_major(state, value.operands[0])
    columns, rows = matrix.sizes
    pivots = context.alloc(i32, (context.index_op("minimum", rows, columns),))
    context.emit(Call("getrf", (matrix, pivots), (matrix,)))
    state.buffers[result(value, 0)] = _exchanged(state, matrix)
    state.buffers[result(value, 1)] = _order(state, pivots, rows)
    state.scalars[result(value, 2)] = _swaps(state, pivots)


def _pivot(state: Lowering, pivots: Buffer, index: Operand) -> Operand:
    """The row that was swapped with row `index`; LAPACK counts from 1."""
    context = state.context
    wide = context.let("cast", i64, context.load(pivots, (index,)))
    return context.index_op("sub", wide, number(1))


def _order(state: Lowering, pivots: Buffer, rows: Operand) -> Buffer:
    """The rows in the order that the swaps lead to."""
    context = state.context
    order = context.alloc(i64, (rows,))
    with context.loops((rows,)) as (index,):
        context.emit(Store(order, (index,), index))
    with context.loops(pivots.sizes, sequential=True) as (index,):
        pivot = _pivot(state, pivots, index)
        own, other = (context.load(order, (one,)) for one in (index, pivot))
        context.emit(Store(order, (index,), other))
        context.emit(Store(order, (pivot,), own))
    return order


def _swaps(state: Lowering, pivots: Buffer) -> Operand:
    """How many rows were swapped with another."""
    context = state.context
    index, total = Scalar(context.fresh("i"), i64), Scalar(context.fresh("s"), i64)
    with context.block() as body:
        moved = context.let("ne", bool_, _pivot(state, pivots, index), index)
        one = context.let("select", i64, moved, number(1), number(0))
    reductions = (Reduction(total, "add", one),)
    context.emit(Reduce(reductions, (index,), pivots.sizes, tuple(body), Order.BLOCKED))
    return total


def _lower_cholesky(state: Lowering, value: Value) -> None:
    context = state.context
    factor = _row_major(state, value.operands[0], lower=True)
    info = context.alloc(i64, ())
    _guarded(state, Call("potrf", (factor, info), (factor,)), info, factor)
    _settle(state, value, info, [factor])
    state.buffers[result(value, 0)] = factor


def _lower_triangular_solve(state: Lowering, value: Value) -> None:
    a, b = value.operands
    matrix, solution = state.buffer(a), _row_major(state, b)
    triangle = value.attributes[0].removeprefix("unit_")
    unit = () if triangle == value.attributes[0] else (("unit", True),)
    attributes = (("triangle", triangle), *unit)
    state.context.emit(Call("trsm", (solution,), (solution, matrix), attributes))
    state.buffers[value] = solution


def _lower_qr(state: Lowering, value: Value) -> None:
    context = state.context
    matrix = _column_major(state, value.operands[0])
    columns, rows = matrix.sizes
    scales = context.alloc(matrix.dtype, (context.index_op("minimum", rows, columns),))
    context.emit(Call("geqrf", (matrix, scales), (matrix,)))
    state.buffers[result(value, 0)] = _exchanged(state, matrix)
    state.buffers[result(value, 1)] = scales


def _lower_reflectors(state: Lowering, value: Value) -> None:
    packed, scales = value.operands
    matrix = _column_major(state, packed)
    plain = _contiguous(state, scales)
    state.context.emit(Call("orgqr", (matrix,), (matrix, plain)))
    state.buffers[value] = _exchanged(state, matrix)


def _contiguous(state: Lowering, value: Value) -> Buffer:
    """The elements of a value in row-major memory, which is not written."""
    buffer = state.buffer(value)
    return buffer if buffer.strides is None else state.materialise(value)


def _guarded(state: Lowering, call: Call, info: Buffer, *matrices: Buffer) -> None:
    """Run a routine, unless there are elements of the matrices that are not finite.

    With those, one that iterates might not end, and some versions of LAPACK call a factor of NaN a
    success.
    """
    context = state.context
    first, *others = (_all_finite(state, one) for one in matrices)
    for other in others:
        first = context.let("and", bool_, first, other)
    context.emit(If(first, (call,), (Store(info, (), number(1)),)))


def _all_finite(state: Lowering, a: Buffer) -> Operand:
    context = state.context
    row, column = (Scalar(context.fresh("i"), i64) for _ in range(2))
    with context.block() as body:
        element = context.load(a, (row, column))
        odd = (context.let(name, bool_, element) for name in ("isnan", "isinf"))
        finite = context.let("not", bool_, context.let("or", bool_, *odd))
    all_finite = Scalar(context.fresh("s"), bool_)
    reductions = (Reduction(all_finite, "and", finite),)
    context.emit(Reduce(reductions, (row, column), a.sizes, tuple(body), Order.ROWS))
    return all_finite


def _lower_svd(state: Lowering, value: Value) -> None:
    """LAPACK is given A' = V S U': its left vectors are the rows of our V', and the reverse."""
    context = state.context
    (vectors,) = value.attributes
    matrix = _row_major(state, value.operands[0])
    parts = [
        context.alloc(one.dtype, state.sizes(result(value, position)))
        for position, one in enumerate(value.types[:-1])
    ]
    info = context.alloc(i64, ())
    call = Call("gesdd", (matrix, *parts, info), (matrix,), (("vectors", vectors),))
    _guarded(state, call, info, matrix)
    if vectors == "full":
        _identity_if_empty(state, matrix, parts[0], parts[2])
    _settle(state, value, info, parts)
    for position, part in enumerate(parts):
        state.buffers[result(value, position)] = part


def _identity_if_empty(state: Lowering, matrix: Buffer, *squares: Buffer) -> None:
    """Of a matrix without elements, the vectors are any orthonormal basis."""
    context = state.context
    zero, one = (number(n, matrix.dtype) for n in (0, 1))
    least = context.index_op("minimum", *matrix.sizes)
    with context.block() as body:
        for square in squares:
            with context.loops(square.sizes) as (row, column):
                diagonal = context.let("eq", bool_, row, column)
                element = context.let("select", matrix.dtype, diagonal, one, zero)
                context.emit(Store(square, (row, column), element))
    if number_of(least) is None or not number_of(least):
        context.emit(If(context.let("eq", bool_, least, number(0)), tuple(body)))


def _lower_eigh(state: Lowering, value: Value) -> None:
    context = state.context
    (vectors,) = value.attributes
    matrix = _row_major(state, value.operands[0], lower=True)
    values, info = context.alloc(matrix.dtype.real, (matrix.sizes[0],)), context.alloc(i64, ())
    call = Call("syevd", (matrix, values, info), (matrix,), (("vectors", vectors),))
    _guarded(state, call, info, matrix)
    _settle(state, value, info, [matrix, values])
    if vectors == "full" and matrix.dtype.is_complex:
        _conjugate(state, matrix)
    state.buffers[result(value, 0)] = values
    if vectors == "full":
        state.buffers[result(value, 1)] = _exchanged(state, matrix)


def _conjugate(state: Lowering, matrix: Buffer) -> None:
    """Rows of a Hermitian matrix are columns of its conjugate, whose vectors the routine finds."""
    context, real = state.context, matrix.dtype.real
    with context.loops(matrix.sizes) as indices:
        element = context.load(matrix, indices)
        below = context.let("neg", real, context.let("imag", real, element))
        above = context.let("real", real, element)
        context.emit(Store(matrix, indices, context.let("complex", matrix.dtype, above, below)))


def _lower_eig(state: Lowering, value: Value) -> None:
    context = state.context
    (vectors,) = value.attributes
    matrix = _column_major(state, value.operands[0])
    size, dtype = matrix.sizes[0], matrix.dtype
    single = dtype.is_complex
    given = [context.alloc(dtype, (size,)) for _ in range(1 if single else 2)]
    columns = [context.alloc(dtype, (size, size))] if vectors == "full" else []
    info = context.alloc(i64, ())
    outputs, attributes = (matrix, *given, *columns, info), (("vectors", vectors),)
    _guarded(state, Call("geev", outputs, (matrix,), attributes), info, matrix)
    _settle(state, value, info, [*given, *columns])
    values = _parts(state, given[0]) if single else given
    places = [*values, *(_exchanged(state, one) for one in columns)]
    for position, place in enumerate(places):
        state.buffers[result(value, position)] = place


def _parts(state: Lowering, numbers: Buffer) -> list[Buffer]:
    """The real and the imaginary parts of complex numbers, NaN in both where they are not."""
    context, real = state.context, numbers.dtype.real
    parts = [context.alloc(real, numbers.sizes) for _ in range(2)]
    with context.loops(numbers.sizes) as indices:
        element = context.load(numbers, indices)
        odd = context.let("isnan", bool_, element)
        for part, name in zip(parts, ("real", "imag"), strict=True):
            own = context.let(name, real, element)
            context.emit(Store(part, indices, context.let("select", real, odd, _nan(part), own)))
    return parts


def _lower_schur(state: Lowering, value: Value) -> None:
    context = state.context
    matrix = _column_major(state, value.operands[0])
    vectors, info = context.alloc(matrix.dtype, matrix.sizes), context.alloc(i64, ())
    _guarded(state, Call("gees", (matrix, vectors, info), (matrix,)), info, matrix)
    _settle(state, value, info, [matrix, vectors])
    state.buffers[result(value, 0)] = _exchanged(state, matrix)
    state.buffers[result(value, 1)] = _exchanged(state, vectors)


def _lower_sylvester(state: Lowering, value: Value) -> None:
    """The routine gives the solution times a scale, lest it overflow on the way."""
    context = state.context
    a, b, c = value.operands
    matrices = {one: _column_major(state, one) for one in (a, b)}
    solution, given = _column_major(state, c), (matrices[a], matrices[b])
    scale, info = context.alloc(solution.dtype.real, ()), context.alloc(i64, ())
    forms = tuple(zip(("a", "b"), value.attributes, strict=True))
    call = Call("trsyl", (solution, scale, info), (solution, *given), forms)
    context.emit(Store(scale, (), number(1, scale.dtype)))
    _guarded(state, call, info, *given)
    _settle(state, value, info, [solution])
    _divided(state, solution, context.load(scale, ()))
    state.buffers[result(value, 0)] = _exchanged(state, solution)


def _divided(state: Lowering, matrix: Buffer, scale: Operand) -> None:
    """Divide by a real number that is nearly always 1."""
    context, real = state.context, matrix.dtype.real
    with context.block() as body, context.loops(matrix.sizes) as indices:
        element = context.load(matrix, indices)
        if matrix.dtype.is_complex:
            parts = [context.let(name, real, element) for name in ("real", "imag")]
            parts = [context.let("div", real, part, scale) for part in parts]
            element = context.let("complex", matrix.dtype, *parts)
        else:
            element = context.let("div", real, element, scale)
        context.emit(Store(matrix, indices, element))
    is_one = context.let("eq", bool_, scale, number(1, real))
    context.emit(If(is_one, (), tuple(body)))


_RULES: Mapping[str, tuple[Callable[[Lowering, Value], None], ...]] = {
    "lu": (check_counted, _lower_lu),
    "cholesky": (check_square, _lower_cholesky),
    "triangular_solve": (check_triangular_solve, _lower_triangular_solve),
    "qr": (check_counted, _lower_qr),
    "reflectors": (check_reflectors, _lower_reflectors),
    "svd": (check_svd, _lower_svd),
    "eigh": (check_eigh, _lower_eigh),
    "eig": (check_square, _lower_eig),
    "schur": (check_square, _lower_schur),
    "sylvester": (check_sylvester, _lower_sylvester),
}
"""For each op what its sizes must be, and how its results are made."""


def lower_factorisation(state: Lowering, value: Value) -> None:
    """Check the sizes, then make the results."""
    for step in _RULES[value.op.name]:
        step(state, value)
