"""What only programs of Theano's take from its modules of random numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.random.philox import STATE
from lltheano.random.state import RandomState, RandomStateSharedVariable

__all__ = ["infer_ndim_bcast", "randomstate_constructor"]


def randomstate_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
) -> RandomStateSharedVariable:
    """Return a shared variable that holds the state of a stream; TypeError for other values.

    `value` is one of NumPy's `RandomState`s, of which a seed is drawn from a copy, or one of ours.
    The other parameters are those of `shared`.

    >>> state = randomstate_constructor(np.random.RandomState(7), name="state")
    >>> state.type
    TensorType(uint64, vector)
    """
    if not isinstance(value, RandomState | np.random.RandomState):
        raise TypeError(f"a RandomState is wanted, got {type(value).__name__}")
    return RandomStateSharedVariable(name, STATE, value, strict, allow_downcast)


def infer_ndim_bcast(
    ndim: int | None, shape: Any, *args: Variable
) -> tuple[int, Variable, tuple[bool, ...]]:
    """Return the rank of what is drawn, its sizes as a vector of int64, and its broadcast pattern.

    `shape` is a tuple or list of integers and scalars, where -1 is the size to which the parameters
    `args` broadcast, a vector, or None for these sizes altogether; `ndim` is the rank, which a
    vector needs unless its length is known. ValueError when they contradict each other; TypeError
    for sizes that are no integers.

    >>> x = T.drow("x")
    >>> rank, sizes, pattern = infer_ndim_bcast(None, (4, -1, -1), x)
    >>> rank, pattern, sizes.eval({x: [[1.0, 2.0, 3.0]]}).tolist()
    (3, (False, True, False), [4, 1, 3])
    """
    parameters = [T.as_tensor_variable(one) for one in args]
    least = max((one.ndim for one in parameters), default=0)
    if shape is None:
        shape = (-1,) * max(least, ndim or 0)
    if not isinstance(shape, tuple | list):
        return _of_vector(ndim, T.as_tensor_variable(shape), least)
    if ndim is not None and ndim != len(shape):
        raise ValueError(f"ndim={ndim} contradicts the size, which has {len(shape)} axes")
    _check_rank(len(shape), least)
    axes = [_axis(one, len(shape) - axis, parameters) for axis, one in enumerate(shape)]
    sizes = [size for size, _ in axes]
    vector = T.stack(sizes) if sizes else T.constant(np.zeros(0, np.int64))
    return len(axes), vector, tuple(is_one for _, is_one in axes)


def _of_vector(ndim: int | None, vector: Any, least: int) -> tuple[int, Variable, tuple[bool, ...]]:
    if vector.ndim != 1:
        raise TypeError(f"a size is a vector or a tuple, got {vector.describe()}")
    if vector.dtype[0] not in "iu":
        raise TypeError(f"sizes are integers, got {vector.describe()}")
    rank = T.get_vector_length(vector) if ndim is None else ndim
    _check_rank(rank, least)
    return rank, vector.astype("int64"), (False,) * rank


def _check_rank(rank: int, least: int) -> None:
    if rank < least:
        raise ValueError(f"what is drawn has {rank} axes, but a parameter has {least}")


def _axis(size: Any, from_end: int, parameters: Sequence[Any]) -> tuple[Any, bool]:
    """The size of an axis and whether it is 1, for one that is so far from the end."""
    if isinstance(size, int | np.integer) and size == -1:
        known = [one for one in parameters if one.ndim >= from_end]
        sizes = [
            one.shape[-from_end] for one in known if not one.broadcastable[one.ndim - from_end]
        ]
        return (sizes[0], False) if sizes else (T.constant(1, dtype="int64"), True)
    if isinstance(size, int | np.integer):
        if size < 0:
            raise ValueError(f"a size cannot be negative, got {size}")
        return T.constant(int(size), dtype="int64"), size == 1
    variable = T.as_tensor_variable(size)
    if variable.ndim or variable.dtype[0] not in "iu":
        raise TypeError(f"sizes are integers, got {variable.describe()}")
    return variable.astype("int64"), False
