"""The functions of `theano.compile.nanguardmode` that look at values."""

from typing import Any

import numpy as np

__all__ = ["contains_inf", "contains_nan", "f_compute", "flatten"]


def flatten(l: Any) -> list[Any]:  # noqa: E741 - Theano's parameter
    """Return what nested lists, tuples and values of dicts hold, as one list.

    >>> flatten([1, (2, {"a": 3})])
    [1, 2, 3]
    """
    if isinstance(l, dict):
        l = list(l.values())  # noqa: E741
    if not isinstance(l, list | tuple):
        return [l]
    return [one for part in l for one in flatten(part)]


def contains_nan(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether an array of floats has a NaN; False for what is no such array.

    `node` and `var` are there for Theano's signature.

    >>> contains_nan(np.array([1.0, np.nan])), contains_nan([1])
    (True, False)
    """
    return _has(np.isnan, arr)


def contains_inf(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether an array of floats has an infinity; False for what is no such array.

    >>> contains_inf(np.array([1.0, np.inf]))
    True
    """
    return _has(np.isinf, arr)


def _has(test: Any, arr: Any) -> bool:
    if not isinstance(arr, np.ndarray | np.generic) or arr.dtype.kind not in "fc":
        return False
    return bool(test(arr).any())


def f_compute(op: Any) -> Any:
    """Return a function that applies an op to the one value that it is given, compiled once for
    each dtype and rank.

    >>> import lltheano.tensor as T
    >>> f_compute(T.exp)(np.zeros(2))
    array([1., 1.])
    """
    from lltheano import function  # noqa: PLC0415 - few programs come here
    from lltheano.tensor.variables.variable import TensorType  # noqa: PLC0415

    results: dict[Any, Any] = {}

    def compute(inp: Any) -> Any:
        array = np.asarray(inp)
        key = (array.dtype, array.ndim)
        if key not in results:
            x = TensorType(array.dtype, (False,) * array.ndim)()
            results[key] = function([x], op(x))
        return results[key](array)

    return compute
