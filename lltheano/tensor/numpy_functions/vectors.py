"""Products of vectors in space, and powers of their elements."""

from typing import Any

from lltheano.tensor.arrangement.axes import moveaxis
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc, ones
from lltheano.tensor.elementwise.comparison import cast, eq
from lltheano.tensor.reductions.cumulative import cumprod
from lltheano.tensor.shapes.dimshuffle import dimshuffle
from lltheano.tensor.shapes.join import join, stack
from lltheano.tensor.shapes.sizes import as_sizes, dim, known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import sum_dtype, upcast
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["cross", "vander"]


def cross(
    a: object,
    b: object,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> TensorVariable:
    """Return the vectors that stand upright on the pairs of vectors in `a` and `b`.

    The vectors lie along the axes `axisa` and `axisb`, and those of the result along `axisc`, or
    all along `axis`. They have three elements, which is checked when it runs; where both are known
    to have two when the graph is built, the result is the third element alone. The other axes are
    broadcast.

    ValueError for vectors of another length, or an axis that there is not.

    >>> cross([1, 0, 0], [0, 1, 0]).eval()
    array([0, 0, 1])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    x, y = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if known_size(x, x.ndim - 1) == known_size(y, y.ndim - 1) == 2:
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    (x0, x1, x2), (y0, y1, y2) = _elements(x, a), _elements(y, b)
    parts = [x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0]
    return moveaxis(stack(parts, axis=parts[0].ndim), -1, axisc)


def _elements(x: TensorVariable, operand: TensorVariable) -> list[TensorVariable]:
    """The three elements of each vector."""
    size = dim(x, x.ndim - 1)
    known = known_size(x, x.ndim - 1)
    if known not in (None, 3):
        raise ValueError(f"cross takes vectors of 3 elements, got {known} in {operand.describe()}")
    message = "cross: vectors of {0} elements, where 3 are needed"
    checked: TensorVariable = Requirement("sizes", message)(x, eq(size, 3), size)
    return [checked[..., index] for index in range(3)]


def vander(x: object, N: Any = None, increasing: bool = False) -> TensorVariable:  # noqa: N803
    """Return the matrix of powers of the elements of a vector, one row for each.

    There are `N` columns, an integer that may be symbolic, or as many as elements. The last one,
    or the first with `increasing`, is of ones. ValueError when `x` is no vector or `N` is negative.

    >>> vander([1, 2, 3]).eval().tolist()
    [[1, 1, 1], [4, 2, 1], [9, 3, 1]]
    """
    x = as_tensor_variable(x)
    if x.ndim != 1:
        raise ValueError(f"vander takes a vector, got {x.describe()}")
    count = dim(x, 0) if N is None else as_sizes([N])[0]
    dtype = sum_dtype(upcast(x.dtype, "int8"))
    column = dimshuffle(cast(x, dtype), (0, "x"))
    first = ones([dim(x, 0), 1], dtype)
    powers = cumprod(join(1, first, alloc(column, dim(x, 0), count)), axis=1)[:, :count]
    return powers if increasing else powers[:, ::-1]
