"""More axes, and one shape for several tensors."""

from typing import Any

from lltheano.tensor.creation.filled import alloc
from lltheano.tensor.shapes.dimshuffle import dimshuffle, padded, shape_padleft
from lltheano.tensor.shapes.sizes import check_agreement, dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "matrix_transpose"]


def _each(arys: tuple[object, ...], change: Any) -> Any:
    """One tensor for one, a tuple for several."""
    result = tuple(change(as_tensor_variable(ary)) for ary in arys)
    return result[0] if len(result) == 1 else result


def atleast_1d(*arys: object) -> Any:
    """Return the tensor with at least one axis; several as a tuple.

    >>> atleast_1d(3.0).eval()
    array([3.], dtype=float32)
    """
    return _each(arys, lambda x: shape_padleft(x, max(1 - x.ndim, 0)))


def atleast_2d(*arys: object) -> Any:
    """Return the tensor with at least two axes, new ones in front; several as a tuple.

    >>> atleast_2d([1, 2]).eval()
    array([[1, 2]])
    """
    return _each(arys, lambda x: shape_padleft(x, max(2 - x.ndim, 0)))


_THREE: dict[int, tuple[Any, ...]] = {
    0: ("x", "x", "x"),
    1: ("x", 0, "x"),
    2: (0, 1, "x"),
}
"""Where NumPy puts the axes of a tensor of fewer than three."""


def atleast_3d(*arys: object) -> Any:
    """Return the tensor with at least three axes, as NumPy places them: (1, n, 1) for a vector,
    (m, n, 1) for a matrix; several as a tuple.

    >>> atleast_3d([[1, 2]]).eval().shape, atleast_3d([1, 2]).eval().shape
    ((1, 2, 1), (1, 2, 1))
    """
    return _each(arys, lambda x: dimshuffle(x, _THREE[x.ndim]) if x.ndim < 3 else x)


def broadcast_arrays(*args: object) -> tuple[TensorVariable, ...]:
    """Return the tensors repeated to one shape.

    An axis is repeated where it is declared to have size 1; sizes that do not agree otherwise are a
    ValueError, where they are known at once, else when it runs.

    >>> [one.eval().tolist() for one in broadcast_arrays([[1], [2]], [3, 4])]
    [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]
    """
    operands = padded([as_tensor_variable(argument) for argument in args])
    check_agreement("broadcast_arrays", operands)
    sizes = [_size(operands, axis) for axis in range(operands[0].ndim if operands else 0)]
    return tuple(alloc(operand, *sizes) for operand in operands)


def _size(operands: list[TensorVariable], axis: int) -> TensorVariable:
    wide = [operand for operand in operands if not operand.broadcastable[axis]]
    return dim((wide or operands)[0], axis)


def matrix_transpose(x: object) -> TensorVariable:
    """Return `x` with its last two axes exchanged, which is `x.mT`; ValueError for fewer axes.

    >>> matrix_transpose([[[1, 2], [3, 4]]]).eval().tolist()
    [[[1, 3], [2, 4]]]
    """
    x = as_tensor_variable(x)
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose needs at least 2 axes, got {x.describe()}")
    return dimshuffle(x, [*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])
