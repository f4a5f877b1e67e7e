"""What LAPACK needs to hold of the sizes of its matrices, made explicit as checks."""

from collections.abc import Callable, Mapping

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Operand
from lltheano_ir.lowering.checks import require_equal
from lltheano_ir.lowering.places import Places
from lltheano_ir.nodes import Value

__all__ = ["MATRIX_CHECKS"]

_MOST_COUNTED = (1 << 31) - 1


def _check_counted(state: Places, value: Value) -> None:
    """LAPACK's integers have 32 bits."""
    sizes = [state.scalar(one) for operand in value.operands for one in state.shapes.sizes(operand)]
    for size in dict.fromkeys(sizes):
        _require_most(state, value, size, _MOST_COUNTED)


def _require_work_space(state: Places, value: Value, most: int) -> None:
    """The sides of a matrix for which 32 bits count the work space that vectors need."""
    if value.attributes[0] != "none":
        sizes = [state.scalar(one) for one in state.shapes.sizes(value.operands[0])]
        _require_most(state, value, state.context.index_op("minimum", *sizes), most)


def _require_most(state: Places, value: Value, size: Operand, most: int) -> None:
    fits = state.context.let("le", bool_, size, number(most))
    message = f"{value.op.name}: LAPACK works on up to {most} rows and columns here, got {{0}}"
    state.context.check(fits, "value", message, state.location(value), size)


def _check_square(state: Places, value: Value) -> None:
    rows, columns = state.shapes.sizes(value.operands[0])
    require_equal(state, value, rows, columns, "the sizes of a square matrix,")
    _check_counted(state, value)


def _check_svd(state: Places, value: Value) -> None:
    _check_counted(state, value)
    _require_work_space(state, value, 20_000)


def _check_eigh(state: Places, value: Value) -> None:
    _check_square(state, value)
    _require_work_space(state, value, 30_000)


def _check_triangular_solve(state: Places, value: Value) -> None:
    a, b = value.operands
    _check_square(state, value)
    rows, height = state.shapes.size(a, 0), state.shapes.size(b, 0)
    require_equal(state, value, rows, height, "the rows of the matrix and of the right side,")


def _check_reflectors(state: Places, value: Value) -> None:
    packed, scales = value.operands
    rows, columns = (state.scalar(size) for size in state.shapes.sizes(packed))
    count = state.scalar(state.shapes.size(scales, 0))
    context = state.context
    pairs = ((count, columns), (columns, rows))
    fits = context.let("and", bool_, *(context.let("le", bool_, *pair) for pair in pairs))
    message = "reflectors: {0} cannot be applied to {1} by {2} elements"
    context.check(fits, "sizes", message, state.location(value), count, rows, columns)
    _check_counted(state, value)


def _check_sylvester(state: Places, value: Value) -> None:
    _check_counted(state, value)
    sizes = [state.shapes.sizes(operand) for operand in value.operands]
    for rows, columns in sizes[:2]:
        require_equal(state, value, rows, columns, "the sizes of a square matrix,")
    for (rows, _), wanted, what in zip(sizes, sizes[2], ("rows", "columns"), strict=False):
        require_equal(state, value, rows, wanted, f"the size of a matrix and the {what} of c,")


MATRIX_CHECKS: Mapping[str, Callable[[Places, Value], None]] = {
    "lu": _check_counted,
    "cholesky": _check_square,
    "triangular_solve": _check_triangular_solve,
    "qr": _check_counted,
    "reflectors": _check_reflectors,
    "svd": _check_svd,
    "eigh": _check_eigh,
    "eig": _check_square,
    "schur": _check_square,
    "sylvester": _check_sylvester,
}
"""By the name of the op; each is given the value whose sizes it checks."""
