"""What LAPACK needs to hold of the sizes of its matrices, made explicit as checks."""

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Operand
from lltheano_ir.lowering.access import ValueAccess
from lltheano_ir.lowering.checks import require_equal
from lltheano_ir.nodes import Value

__all__ = [
    "check_counted",
    "check_eigh",
    "check_reflectors",
    "check_square",
    "check_svd",
    "check_sylvester",
    "check_triangular_solve",
]

_MOST_COUNTED = (1 << 31) - 1


def check_counted(state: ValueAccess, value: Value) -> None:
    """LAPACK's integers have 32 bits."""
    sizes = [state.scalar(one) for operand in value.operands for one in state.shapes.sizes(operand)]
    for size in dict.fromkeys(sizes):
        _require_most(state, value, size, _MOST_COUNTED)


def _require_work_space(state: ValueAccess, value: Value, most: int) -> None:
    """The sides of a matrix for which 32 bits count the work space that vectors need."""
    if value.attributes[0] != "none":
        sizes = [state.scalar(one) for one in state.shapes.sizes(value.operands[0])]
        _require_most(state, value, state.context.index_op("minimum", *sizes), most)


def _require_most(state: ValueAccess, value: Value, size: Operand, most: int) -> None:
    fits = state.context.let("le", bool_, size, number(most))
    message = f"{value.op.name}: LAPACK works on up to {most} rows and columns here, got {{0}}"
    state.context.check(fits, "value", message, state.location(value), size)


def check_square(state: ValueAccess, value: Value) -> None:
    """The matrix is square, and its size counted."""
    rows, columns = state.shapes.sizes(value.operands[0])
    require_equal(state, value, rows, columns, "the sizes of a square matrix,")
    check_counted(state, value)


def check_svd(state: ValueAccess, value: Value) -> None:
    """And the work space for the vectors is counted."""
    check_counted(state, value)
    _require_work_space(state, value, 20_000)


def check_eigh(state: ValueAccess, value: Value) -> None:
    """And the work space for the vectors is counted."""
    check_square(state, value)
    _require_work_space(state, value, 30_000)


def check_triangular_solve(state: ValueAccess, value: Value) -> None:
    """The matrix is square, and has the rows of the right side."""
    a, b = value.operands
    check_square(state, value)
    rows, height = state.shapes.size(a, 0), state.shapes.size(b, 0)
    require_equal(state, value, rows, height, "the rows of the matrix and of the right side,")


def check_reflectors(state: ValueAccess, value: Value) -> None:
    """There are not more reflectors than columns, and not more of these than rows."""
    packed, scales = value.operands
    rows, columns = (state.scalar(size) for size in state.shapes.sizes(packed))
    count = state.scalar(state.shapes.size(scales, 0))
    context = state.context
    pairs = ((count, columns), (columns, rows))
    fits = context.let("and", bool_, *(context.let("le", bool_, *pair) for pair in pairs))
    message = "reflectors: {0} cannot be applied to {1} by {2} elements"
    context.check(fits, "sizes", message, state.location(value), count, rows, columns)
    check_counted(state, value)


def check_sylvester(state: ValueAccess, value: Value) -> None:
    """Square matrices on the sides of one that fits both."""
    check_counted(state, value)
    sizes = [state.shapes.sizes(operand) for operand in value.operands]
    for rows, columns in sizes[:2]:
        require_equal(state, value, rows, columns, "the sizes of a square matrix,")
    for (rows, _), wanted, what in zip(sizes, sizes[2], ("rows", "columns"), strict=False):
        require_equal(state, value, rows, wanted, f"the size of a matrix and the {what} of c,")
