"""Tensors put beside, below or behind one another."""

from collections.abc import Sequence
from typing import Any

from lltheano.tensor.numpy_functions.ranks import atleast_1d, atleast_2d, atleast_3d
from lltheano.tensor.shapes.join import join
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["append", "column_stack", "dstack", "hstack", "vstack"]


def _list(name: str, value: Any, change: Any) -> list[TensorVariable]:
    if not isinstance(value, list | tuple) or not value:
        raise TypeError(f"{name} takes a list of tensors, got {value!r:.80}")
    return [change(as_tensor_variable(one)) for one in value]


def hstack(tup: Sequence[Any], dtype: Any = None) -> TensorVariable:
    """Join tensors side by side: along the second axis, vectors along their only one.

    The dtype is the one that holds them all unless it is named. TypeError for no list or tensors
    of different numbers of axes; ValueError, at once or when it runs, for sizes that do not agree.

    >>> hstack([[1, 2], [3]]).eval().tolist(), hstack([[[1], [2]], [[3], [4]]]).eval().tolist()
    ([1, 2, 3], [[1, 3], [2, 4]])
    """
    given = _list("hstack", tup, atleast_1d)
    return _joined(given, 0 if given[0].ndim == 1 else 1, dtype)


def vstack(tup: Sequence[Any], dtype: Any = None) -> TensorVariable:
    """Join tensors one below the other: along the first axis, vectors as rows; see `hstack`.

    >>> vstack([[1, 2], [3, 4]]).eval().tolist()
    [[1, 2], [3, 4]]
    """
    return _joined(_list("vstack", tup, atleast_2d), 0, dtype)


def dstack(tup: Sequence[Any], dtype: Any = None) -> TensorVariable:
    """Join tensors one behind the other: along the third axis, matrices as layers; see `hstack`.

    >>> dstack([[1, 2], [3, 4]]).eval().tolist()
    [[[1, 3], [2, 4]]]
    """
    return _joined(_list("dstack", tup, atleast_3d), 2, dtype)


def column_stack(tup: Sequence[Any]) -> TensorVariable:
    """Join vectors as columns, and matrices, side by side; see `hstack`.

    >>> column_stack([[1, 2], [3, 4]]).eval().tolist()
    [[1, 3], [2, 4]]
    """
    return _joined(_list("column_stack", tup, _column), 1, None)


def _column(x: TensorVariable) -> TensorVariable:
    row: TensorVariable = atleast_2d(x)
    return row.T if x.ndim < 2 else row


def append(arr: object, values: object, axis: Any = None) -> TensorVariable:
    """Return `values` joined behind `arr` along `axis`, or, for None, both as vectors.

    >>> append([[1, 2]], [[3]], axis=None).eval().tolist()
    [1, 2, 3]
    """
    if axis is None:
        return join(0, flatten(arr), flatten(values))
    return join(axis, arr, values)


def _joined(operands: Sequence[TensorVariable], axis: int, dtype: Any) -> TensorVariable:
    result = join(axis, *operands)
    return result if dtype is None else result.astype(dtype)
