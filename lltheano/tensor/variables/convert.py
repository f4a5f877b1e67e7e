"""Making tensor variables of Python numbers, NumPy arrays and nested lists."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.errors import AsTensorError, DefaultOutputError
from lltheano.graph.core import Apply, CompoundType, Variable
from lltheano.interfaces.layers import language
from lltheano.tensor.variables.promotion import autocast, canonical_dtype
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable, is_tensor

__all__ = ["as_tensor_variable", "constant"]


def constant(
    x: object, name: str | None = None, ndim: int | None = None, dtype: Any = None
) -> TensorConstant:
    """Return a constant that holds a copy of `x`: a number, an array, or nested lists of numbers.

    A Python number has the dtype that `promotion.autocast` gives it unless `dtype` is named. Axes
    of size 1 broadcast. `ndim` adds axes of size 1 in front. AsTensorError when `x` is not numeric.

    >>> constant([1.0, 2.0]).type, constant(3).type
    (TensorType(float64, vector), TensorType(int8, scalar))
    """
    array = _array(x, dtype)
    if ndim is not None:
        if array.ndim > ndim:
            raise ValueError(f"a constant of shape {array.shape} cannot have {ndim} axes")
        array = array.reshape((1,) * (ndim - array.ndim) + array.shape)
    kind = TensorType(array.dtype, [size == 1 for size in array.shape])
    return kind.make_constant(array, name)


def _array(x: object, dtype: Any) -> NDArray[Any]:
    if dtype is not None:
        return np.asarray(_numeric(x)).astype(canonical_dtype(dtype))
    if isinstance(x, np.ndarray | np.generic):
        return _numeric(x)
    if isinstance(x, numbers.Number):
        return autocast(x)  # type: ignore[arg-type]
    array = _numeric(x)
    return array if array.size else array.astype(config.floatX)


def _numeric(x: object) -> NDArray[Any]:
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise AsTensorError(f"cannot make a tensor of {x!r:.80}: {error}") from None
    if array.dtype.kind not in "biufc":
        raise AsTensorError(
            f"cannot make a tensor of {x!r:.80}, a {type(x).__name__}; tensors are made of numbers,"
            " arrays and nested lists of them"
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def as_tensor_variable(
    x: object, name: str | None = None, ndim: int | None = None
) -> TensorVariable:
    """Return `x` as a tensor variable: itself if it is one, else a constant or a stack of its
    parts.

    `ndim` adds axes of size 1 in front, or drops leading ones that broadcast. AsTensorError when
    `x` is neither a tensor nor numeric.

    >>> as_tensor_variable(np.zeros((2, 1))).broadcastable
    (False, True)
    """
    if isinstance(x, Apply):
        x = _default_output(x)
    if isinstance(x, Variable):
        if not is_tensor(x):
            hint = ""
            if isinstance(x.type, CompoundType):
                hint = "; take its .toarray(), or a function of lltheano.sparse"
            raise AsTensorError(f"{x.describe()} is not a tensor{hint}")
        return x if ndim is None else _with_ndim(x, ndim)
    if isinstance(x, bool):
        raise AsTensorError(
            f"{x} is a Python bool, which is often the result of `v == w` on variables: that"
            " compares identity, T.eq(v, w) compares elements. A bool is written T.constant(...)"
        )
    if isinstance(x, Sequence) and not isinstance(x, str) and _has_variable(x):
        stacked = language.stack(list(x))
        return stacked if ndim is None else _with_ndim(stacked, ndim)
    return constant(x, name, ndim)


def _default_output(node: Apply) -> Variable:
    """The output that an application stands for."""
    chosen: Any = node.op.default_output
    if chosen is None:
        if len(node.outputs) != 1:
            raise DefaultOutputError(
                f"{node.op} has {len(node.outputs)} outputs: take one from .outputs"
            )
        return node.outputs[0]
    if type(chosen) is not int or not 0 <= chosen < len(node.outputs):
        raise DefaultOutputError(
            f"{node.op}.default_output is the number of one of its {len(node.outputs)} outputs, got"
            f" {chosen!r}"
        )
    return node.outputs[chosen]


def _has_variable(x: Sequence[Any]) -> bool:
    return any(
        isinstance(one, Variable) or (isinstance(one, list | tuple) and _has_variable(one))
        for one in x
    )


def _with_ndim(x: TensorVariable, ndim: int) -> TensorVariable:
    extra = x.ndim - ndim
    if extra <= 0:
        return x if extra == 0 else x.dimshuffle(["x"] * -extra + list(range(x.ndim)))
    if not all(x.broadcastable[:extra]):
        raise ValueError(
            f"{x.describe()} has {x.ndim} axes where {ndim} are wanted, and its first {extra}"
            " cannot be dropped, as they are not known to be of size 1"
        )
    return x.dimshuffle(list(range(extra, x.ndim)))
