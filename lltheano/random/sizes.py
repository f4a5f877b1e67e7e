"""How many numbers are drawn: `size` and `ndim` in all their forms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.graph.core import Variable
from lltheano.random.requirements import require
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant

__all__ = ["Sizes", "count_of", "drawn_sizes"]

Sizes = list[Any]


def drawn_sizes(name: str, size: Any, ndim: int | None, *parameters: Any) -> Sizes:
    """Return the sizes of what is drawn, one by one.

    `size` may be an integer, a list or tuple of numbers and scalars, or a vector; None has the
    sizes to which `parameters` broadcast, and so has a -1 of its axis. ValueError when `ndim`
    contradicts it, or is needed and not given, and for parameters that have more axes, or a larger
    size where 1 is asked for; TypeError for sizes that are no integers.
    """
    if size is None or (isinstance(size, tuple | list) and not size and ndim not in (0, None)):
        return _broadcast_sizes(parameters)
    if isinstance(size, int | np.integer):
        size = (size,)
    if isinstance(size, Variable) and as_tensor_variable(size).ndim == 0:
        size = (size,)
    sizes = list(size) if isinstance(size, tuple | list) else _elements(name, size, ndim)
    if ndim is not None and ndim != len(sizes):
        raise ValueError(f"{name}: ndim={ndim} contradicts the size, which has {len(sizes)} axes")
    tensors = [as_tensor_variable(one) for one in parameters]
    for tensor in tensors:
        if tensor.ndim > len(sizes):
            raise ValueError(
                f"{name}: the size has {len(sizes)} axes, and {tensor.describe()} has {tensor.ndim}"
            )
    own = _broadcast_sizes(tensors)
    own = [None] * (len(sizes) - len(own)) + own
    return [
        _fitting(name, _checked_size(name, one, other), axis - len(sizes), tensors)
        for axis, (one, other) in enumerate(zip(sizes, own, strict=True))
    ]


def _fitting(name: str, size: Any, axis: int, tensors: Sequence[Any]) -> Any:
    """A size, provided that no tensor is larger than 1 along this axis (from the last) where it is
    1: what is drawn would be repeated.
    """
    if not (isinstance(size, int) and size == 1):
        return size
    for tensor in tensors:
        if -axis <= tensor.ndim and not tensor.broadcastable[axis]:
            message = f"{name}: the size on axis {axis} is 1, and not that of {tensor.describe()}"
            return require(T.constant(1, dtype="int64"), T.eq(tensor.shape[axis], 1), message)
    return size


def _elements(name: str, size: Any, ndim: int | None) -> Sizes:
    vector = as_tensor_variable(size)
    if vector.ndim != 1:
        raise TypeError(f"{name}: size is a vector or a tuple, got {vector.describe()}")
    if isinstance(vector, TensorConstant):
        return [int(one) for one in vector.data]
    if ndim is None:
        try:
            ndim = T.get_vector_length(vector)
        except ValueError:
            raise ValueError(
                f"{name}: it is not known how many elements {vector.describe()} has; give ndim"
            ) from None
    return [vector[axis] for axis in range(ndim)]


def _checked_size(name: str, size: Any, own: Any) -> Any:
    """A size; `own` is that which parameters have along its axis, None where they have none."""
    if isinstance(size, int | np.integer):
        if size == -1 and own is not None:
            return own
        if size < 0:
            raise ValueError(f"{name}: a size cannot be negative, got {size}")
        return int(size)
    variable = as_tensor_variable(size)
    if variable.ndim or variable.dtype[0] in "fc":
        raise TypeError(f"{name}: sizes are integers, got {variable.describe()}")
    return variable.astype("int64")  # what is counted in words is more than what is drawn


def _broadcast_sizes(parameters: Sequence[Any]) -> Sizes:
    """The sizes to which the parameters broadcast, from the last axis on."""
    tensors = [as_tensor_variable(one) for one in parameters]
    rank = max((one.ndim for one in tensors), default=0)
    sizes: Sizes = [1] * rank
    for one in tensors:
        for axis in range(one.ndim):
            if not one.broadcastable[axis]:
                sizes[rank - one.ndim + axis] = one.shape[axis]
    return sizes


def count_of(sizes: Sizes) -> Any:
    """Return how many elements there are, an integer or a scalar."""
    count: Any = 1
    for size in sizes:
        count = size if isinstance(count, int) and count == 1 else count * size
    return count
