"""Elements picked along an axis, by an index of their own at every place of the others."""

from typing import Any

from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.indexing.functions import subtensor
from lltheano.tensor.shapes.dimshuffle import dimshuffle, normalised_axis
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["take_along_axis"]


def take_along_axis(arr: object, indices: object, axis: int | None = -1) -> TensorVariable:
    """Return the elements of `arr` along `axis` that `indices`, of as many axes, names there.

    What `argsort` and `argmax` with `keepdims` give are such indices. The other axes are broadcast:
    one that is declared to have size 1 is repeated. With `axis` None the tensor is flattened.

    IndexError, when it runs, for an index out of range; ValueError for another number of axes, and
    sizes that do not agree.

    >>> take_along_axis([[30, 10, 20], [60, 50, 40]], [[1], [2]], 1).eval().tolist()
    [[10], [40]]
    """
    x, index = as_tensor_variable(arr), as_tensor_variable(indices)
    if axis is None:
        x, axis = flatten(x), 0
    if x.ndim != index.ndim:
        raise ValueError(
            f"take_along_axis needs indices of as many axes as {x.describe()}, got"
            f" {index.describe()}"
        )
    place = normalised_axis(axis, x)
    entries: list[Any] = [_own(x, position) for position in range(x.ndim)]
    entries[place] = index
    return subtensor(x, tuple(entries))


def _own(x: TensorVariable, axis: int) -> TensorVariable:
    """The index of each place on an axis, which broadcasts on the others, and on its own if 1."""
    indices = arange(1 if x.broadcastable[axis] else dim(x, axis))
    if x.broadcastable[axis]:
        return dimshuffle(indices[:1][0], ["x"] * x.ndim)
    return dimshuffle(indices, [0 if index == axis else "x" for index in range(x.ndim)])
