"""Comparison and casts by dtype, as `theano.tensor.basic` has them for its own use."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lltheano.tensor import cast, get_scalar_constant_value as scalar_constant_value

__all__ = ["allclose", "cast_mapping", "get_scalar_constant_value"]


def get_scalar_constant_value(v: Any) -> Any:
    """Return the value of a variable that is known while the graph is built.

    >>> import lltheano.tensor as T
    >>> int(get_scalar_constant_value(T.constant(2)))
    2
    """
    return scalar_constant_value(v)


_TOLERANCES = {"float16": 1e-3, "float32": 1e-5, "complex64": 1e-5}

cast_mapping: dict[str, Callable[[Any], Any]] = {
    name: partial(cast, dtype=name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
"""For each dtype what casts to it."""


def allclose(
    a: ArrayLike, b: ArrayLike, rtol: float | None = None, atol: float | None = None
) -> bool:
    """Whether arrays are equal up to what their dtypes hold, or by the given tolerances.

    >>> allclose(np.float32(1), np.float32(1.000001)), allclose(1.0, 1.001)
    (True, False)
    """
    one, other = np.asarray(a), np.asarray(b)
    result = max(_TOLERANCES.get(each.dtype.name, 1e-8) for each in (one, other))
    relative = max(result, 1e-5) if rtol is None else rtol
    return bool(np.allclose(one, other, relative, result if atol is None else atol))
