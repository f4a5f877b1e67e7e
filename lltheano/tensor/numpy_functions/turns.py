"""Matrices turned round and mirrored."""

from collections.abc import Sequence

from lltheano.tensor.arrangement.axes import flip
from lltheano.tensor.shapes.dimshuffle import normalised_axis, swapaxes
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["fliplr", "flipud", "rot90"]


def flipud(m: object) -> TensorVariable:
    """Return `m` with its first axis reversed: a matrix upside down.

    >>> flipud([[1, 2], [3, 4]]).eval().tolist()
    [[3, 4], [1, 2]]
    """
    return flip(m, 0)


def fliplr(m: object) -> TensorVariable:
    """Return `m` with its second axis reversed: a matrix mirrored.

    >>> fliplr([[1, 2], [3, 4]]).eval().tolist()
    [[2, 1], [4, 3]]
    """
    return flip(m, 1)


def rot90(m: object, k: int = 1, axes: Sequence[int] = (0, 1)) -> TensorVariable:
    """Return `m` turned by `k` right angles in the plane of two axes, from the first to the second.

    ValueError for axes that there are not, or that are one.

    >>> rot90([[1, 2], [3, 4]]).eval().tolist()
    [[2, 4], [1, 3]]
    """
    m = as_tensor_variable(m)
    first, second = (normalised_axis(axis, m) for axis in axes)
    if first == second:
        raise ValueError(f"rot90 of {m.describe()} needs two axes, got {tuple(axes)}")
    turns = k % 4
    if turns == 2:
        return flip(m, (first, second))
    if turns == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second) if turns else m
