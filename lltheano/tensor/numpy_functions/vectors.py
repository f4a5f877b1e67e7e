"""Products of vectors in space, powers of their elements, and convolutions."""

from typing import Any

from lltheano.tensor.arrangement.axes import moveaxis
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc, ones, zeros
from lltheano.tensor.elementwise.arithmetic import int_div, maximum, minimum, mul
from lltheano.tensor.elementwise.comparison import cast, eq, ge
from lltheano.tensor.reductions.cumulative import cumprod
from lltheano.tensor.reductions.functions import sum as total
from lltheano.tensor.shapes.dimshuffle import dimshuffle
from lltheano.tensor.shapes.join import join, stack
from lltheano.tensor.shapes.shaping import flatten, reshape
from lltheano.tensor.shapes.sizes import as_sizes, dim, known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import sum_dtype, upcast
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["convolve", "cross", "vander"]


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


def convolve(a: object, v: object, mode: str = "full") -> TensorVariable:
    """Return the convolution of two vectors: at n the sum of `a[i] * v[n - i]`.

    With `mode` "full" it has as many elements as both vectors have, less one; "same" keeps as many
    in the middle as the longer vector has, "valid" those at which the vectors overlap wholly. The
    dtype is the one that holds both. It makes all products before it adds them up.

    ValueError for operands that are no vectors, another mode, and, when it runs, an empty vector.

    >>> convolve([1, 2, 3], [0, 1, 10]).eval()
    array([ 0,  1, 12, 23, 30])
    >>> convolve([1.0, 2.0, 3.0], [1.0, -1.0], "valid").eval()
    array([1., 1.])
    """
    x, y = as_tensor_variable(a), as_tensor_variable(v)
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"convolve takes vectors, got {x.describe()} and {y.describe()}")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f'the mode of convolve is "full", "same" or "valid", got {mode!r}')
    x, y = _filled(x), _filled(y)
    everything = _all_overlaps(x, y)
    if mode == "full":
        return everything
    longer, shorter = maximum(dim(x, 0), dim(y, 0)), minimum(dim(x, 0), dim(y, 0))
    if mode == "same":
        first = int_div(shorter - 1, 2)
        return everything[first : first + longer]
    return everything[shorter - 1 : longer]


def _filled(x: TensorVariable) -> TensorVariable:
    size = dim(x, 0)
    message = "convolve: a vector of {0} elements, where one at least is needed"
    filled: TensorVariable = Requirement("value", message)(x, ge(size, 1), size)
    return filled


def _all_overlaps(x: TensorVariable, y: TensorVariable) -> TensorVariable:
    """The sums over rows of products, in which each row is shifted by one more than the last.

    Rows that are padded to one element more than the result has, and read as rows of its size,
    are shifted so.
    """
    dtype = upcast(x.dtype, y.dtype)
    rows, columns = dim(y, 0), dim(x, 0)
    products = mul(dimshuffle(cast(y, dtype), (0, "x")), dimshuffle(cast(x, dtype), ("x", 0)))
    padded = flatten(join(1, products, zeros([rows, rows], dtype)))
    size = rows + columns - 1
    shifted = reshape(padded[: rows * size], [rows, size], ndim=2)
    return cast(total(shifted, axis=0), dtype)
