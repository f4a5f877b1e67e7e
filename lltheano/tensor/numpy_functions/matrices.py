"""Products of stacks of matrices and vectors, as NumPy defines them."""

from collections.abc import Sequence

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc
from lltheano.tensor.elementwise.arithmetic import mul
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.reductions.contraction import Dot, dot, floats_together, tensordot
from lltheano.tensor.shapes.dimshuffle import dimshuffle, padded
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim, known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["inner", "matmul", "matvec", "vdot", "vecdot", "vecmat"]


def matmul(x1: object, x2: object) -> TensorVariable:
    """Return the matrix product, of stacks of matrices that of each pair: `x1 @ x2`.

    A vector counts as a row on the left and as a column on the right, and its axis is not in the
    result. The axes in front of the last two are broadcast: those declared to have size 1 are
    repeated. The dtype is the one that holds both.

    TypeError for an operand without axes; ValueError, at once or when it runs, for sizes that do
    not agree.

    >>> matmul([[1, 2], [3, 4]], [1, 10]).eval()
    array([21, 43])
    >>> import lltheano.tensor as T
    >>> matmul(T.ones((5, 1, 2, 3)), T.ones((4, 3, 6))).eval().shape
    (5, 4, 2, 6)
    """
    a, b = _in_one_kind(x1, x2)
    if not a.ndim or not b.ndim:
        raise TypeError(
            f"matmul takes vectors, matrices and stacks of them, got {a.describe()} and"
            f" {b.describe()}; multiply by a number with *"
        )
    if a.ndim <= 2 and b.ndim <= 2:
        return dot(a, b)
    if a.ndim == 1:
        return _without_axis(_stacked(dimshuffle(a, ("x", 0)), b), -2)
    if b.ndim == 1:
        return _without_axis(_stacked(a, dimshuffle(b, (0, "x"))), -1)
    return _stacked(a, b)


def _in_one_kind(x1: object, x2: object) -> list[TensorVariable]:
    return floats_together(as_tensor_variable(x1), as_tensor_variable(x2))


def _without_axis(x: TensorVariable, axis: int) -> TensorVariable:
    return dimshuffle(x, [index for index in range(x.ndim) if index != axis % x.ndim])


def _stacked(a: TensorVariable, b: TensorVariable) -> TensorVariable:
    """The product of two stacks, by one batch of products; by a single matrix on the right, by one
    product of all rows.
    """
    a, b = padded([a, b])
    rank = a.ndim
    rows, columns, inner_size = dim(a, rank - 2), dim(b, rank - 1), dim(a, rank - 1)
    if all(b.broadcastable[:-2]):
        leading = [dim(a, axis) for axis in range(rank - 1)]
        flat = reshape(a, [mul(*leading), inner_size], ndim=2)
        product = dot(flat, dimshuffle(b, [rank - 2, rank - 1]))
        return reshape(product, [*leading, columns], ndim=rank)
    sizes = [_agreed(a, b, axis) for axis in range(rank - 2)]
    result: TensorVariable = Dot()(_one_batch(a, sizes), _one_batch(b, sizes))
    return result if rank == 3 else reshape(result, [*sizes, rows, columns], ndim=rank)


def _agreed(a: TensorVariable, b: TensorVariable, axis: int) -> TensorVariable:
    """The size of an axis of both stacks."""
    left, right = dim(a, axis), dim(b, axis)
    if a.broadcastable[axis] or b.broadcastable[axis]:
        return right if a.broadcastable[axis] else left
    known = known_size(a, axis), known_size(b, axis)
    if None not in known and known[0] != known[1]:
        raise ValueError(
            f"matmul: sizes on axis {axis} differ: {known[0]} of {a.describe()}, {known[1]} of"
            f" {b.describe()}"
        )
    message = f"matmul: sizes on axis {axis}, {{0}} and {{1}} differ"
    checked: TensorVariable = Requirement("broadcast", message)(left, eq(left, right), left, right)
    return checked


def _one_batch(x: TensorVariable, sizes: Sequence[TensorVariable]) -> TensorVariable:
    """A stack with one axis in front, broadcastable where all of its axes are, and repeated
    where only some are.
    """
    tail = [dim(x, x.ndim - 2), dim(x, x.ndim - 1)]
    if x.ndim == 3:
        return x
    front = x.broadcastable[:-2]
    if all(front):
        return dimshuffle(x, ["x", x.ndim - 2, x.ndim - 1])
    wide = alloc(x, *sizes, *tail) if any(front) else x
    return reshape(wide, [mul(*sizes), *tail], ndim=3)


def matvec(x1: object, x2: object) -> TensorVariable:
    """Return the products of the matrices in `x1` with the vectors in `x2`, broadcast as `matmul`.

    >>> matvec([[1, 2], [3, 4]], [[1, 1], [1, 0]]).eval().tolist()
    [[3, 7], [1, 3]]
    """
    a, b = _in_one_kind(x1, x2)
    _need("matvec", a, 2)
    _need("matvec", b, 1)
    return _without_axis(matmul(a, dimshuffle(b, [*range(b.ndim), "x"])), -1)


def vecmat(x1: object, x2: object) -> TensorVariable:
    """Return the products of the vectors in `x1`, conjugated, with the matrices in `x2`; see
    `matmul`.

    >>> vecmat([1, 10], [[1, 2], [3, 4]]).eval()
    array([31, 42])
    """
    a, b = _in_one_kind(x1, x2)
    a = a.conj()
    _need("vecmat", a, 1)
    _need("vecmat", b, 2)
    row = dimshuffle(a, [*range(a.ndim - 1), "x", a.ndim - 1])
    return _without_axis(matmul(row, b), -2)


def vecdot(x1: object, x2: object, axis: int = -1) -> TensorVariable:
    """Return the products of the vectors in `x1`, conjugated, with those in `x2`, along an axis.

    The other axes are broadcast.

    >>> vecdot([[1, 2], [3, 4]], [1, 10]).eval()
    array([21, 43])
    """
    a, b = _in_one_kind(x1, x2)
    _need("vecdot", a, 1)
    _need("vecdot", b, 1)
    columns = [_axis_last(one, axis) for one in (a.conj(), b)]
    row = dimshuffle(columns[0], [*range(a.ndim - 1), "x", a.ndim - 1])
    column = dimshuffle(columns[1], [*range(b.ndim), "x"])
    return _without_axis(_without_axis(matmul(row, column), -1), -1)


def _axis_last(x: TensorVariable, axis: int) -> TensorVariable:
    order = [index for index in range(x.ndim) if index != axis % x.ndim]
    return dimshuffle(x, [*order, axis % x.ndim])


def _need(name: str, x: TensorVariable, axes: int) -> None:
    if x.ndim < axes:
        raise ValueError(f"{name} needs at least {axes} axes here, got {x.describe()}")


def inner(a: object, b: object) -> TensorVariable:
    """Return the sum of products over the last axes of `a` and `b`; of scalars the product.

    >>> inner([[1, 2], [3, 4]], [[1, 10], [1, 0]]).eval()
    array([[21,  1],
           [43,  3]])
    """
    a, b = _in_one_kind(a, b)
    if not a.ndim or not b.ndim:
        product: TensorVariable = mul(a, b)
        return product
    return tensordot(a, b, [[a.ndim - 1], [b.ndim - 1]])


def vdot(a: object, b: object) -> TensorVariable:
    """Return the sum of the products of all elements of `a`, conjugated, with those of `b`.

    >>> vdot([[1, 2], [3, 4]], [[1, 1], [1, 1]]).eval()
    array(10)
    """
    left, right = _in_one_kind(a, b)
    return dot(left.conj().flatten(), right.flatten())
