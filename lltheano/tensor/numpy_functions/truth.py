"""Truth of elements: NumPy's logic on numbers, what is finite, what is a member, and counts."""

from typing import Any

import numpy as np

from lltheano.tensor.elementwise.arities import TensorLike
from lltheano.tensor.elementwise.comparison import (
    and_,
    cast,
    eq,
    gt,
    invert,
    isinf,
    isnan,
    lt,
    neq,
    or_,
    switch,
    xor,
)
from lltheano.tensor.elementwise.complexes import complex as joined
from lltheano.tensor.ordering.searching import searchsorted
from lltheano.tensor.ordering.sorting import sort
from lltheano.tensor.reductions.functions import sum as total
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upcast
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "count_nonzero",
    "isfinite",
    "isin",
    "isneginf",
    "isposinf",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "nan_to_num",
]


def _truth(x: object) -> TensorVariable:
    """Whether each element is not zero; NaN is not."""
    x = as_tensor_variable(x)
    return x if x.dtype == "bool" else neq(x, 0)


def logical_and(x1: object, x2: object) -> TensorVariable:
    """Whether both elements are not zero, as bool.

    >>> logical_and([0, 2, 3], [1, 0, 1]).eval()
    array([False, False,  True])
    """
    result: TensorVariable = and_(_truth(x1), _truth(x2))
    return result


def logical_or(x1: object, x2: object) -> TensorVariable:
    """Whether one of the elements is not zero, as bool.

    >>> logical_or([0, 2, 0], [0, 0, 1]).eval()
    array([False,  True,  True])
    """
    result: TensorVariable = or_(_truth(x1), _truth(x2))
    return result


def logical_xor(x1: object, x2: object) -> TensorVariable:
    """Whether exactly one of the elements is not zero, as bool.

    >>> logical_xor([0, 2, 3], [0, 0, 1]).eval()
    array([False,  True, False])
    """
    result: TensorVariable = xor(_truth(x1), _truth(x2))
    return result


def logical_not(x: object) -> TensorVariable:
    """Whether each element is zero, as bool.

    >>> logical_not([0, 2]).eval()
    array([ True, False])
    """
    result: TensorVariable = invert(_truth(x))
    return result


def isfinite(x: TensorLike) -> TensorVariable:
    """Whether each element is neither infinite nor NaN, as bool.

    >>> isfinite([1.0, float("inf"), float("nan")]).eval()
    array([ True, False, False])
    """
    result: TensorVariable = invert(or_(isnan(x), isinf(x)))
    return result


def isposinf(x: TensorLike) -> TensorVariable:
    """Whether each element is infinite and positive, as bool; TypeError for complex numbers.

    >>> isposinf([1.0, float("inf"), -float("inf")]).eval()
    array([False,  True, False])
    """
    result: TensorVariable = and_(isinf(x), gt(x, 0))
    return result


def isneginf(x: TensorLike) -> TensorVariable:
    """Whether each element is infinite and negative, as bool; TypeError for complex numbers.

    >>> isneginf([1.0, float("inf"), -float("inf")]).eval()
    array([False, False,  True])
    """
    result: TensorVariable = and_(isinf(x), lt(x, 0))
    return result


def isin(element: object, test_elements: object, *, invert: bool = False) -> TensorVariable:
    """Whether each element is among `test_elements`, of any shape; with `invert`, is not.

    NaN is among none. The elements are looked for by bisection. TypeError for complex numbers.

    >>> isin([[0, 1], [2, 3]], [1, 3, 5]).eval()
    array([[False,  True],
           [False,  True]])
    """
    x, among = as_tensor_variable(element), flatten(test_elements)
    dtype = upcast(x.dtype, among.dtype)
    x, ordered = cast(x, dtype), sort(cast(among, dtype))
    result = neq(searchsorted(ordered, x, "left"), searchsorted(ordered, x, "right"))
    if not is_discrete(dtype):
        result = and_(result, eq(x, x))
    return logical_not(result) if invert else result


def count_nonzero(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return how many elements along `axis` are not zero, as int64; parameters as of `sum`.

    >>> count_nonzero([[0, 1], [2, 3]], axis=1).eval()
    array([1, 2])
    """
    return total(_truth(a), axis, keepdims=keepdims)


def nan_to_num(
    x: object, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> TensorVariable:
    """Return `x` with `nan` for NaN, and for infinities `posinf` and `neginf`.

    Unless given these are the greatest and the least number of the dtype. Integers are returned as
    they are; of complex numbers each part is taken by itself. What is replaced has gradient zero.

    >>> nan_to_num([float("nan"), float("inf"), 1.0], posinf=9.0).eval()
    array([0., 9., 1.])
    """
    x = as_tensor_variable(x)
    if is_discrete(x.dtype):
        return x
    if is_complex(x.dtype):
        parts = (nan_to_num(part, nan, posinf, neginf) for part in (x.real, x.imag))
        return cast(joined(*parts), x.dtype)
    limits = np.finfo(x.dtype)
    most = limits.max if posinf is None else posinf
    least = limits.min if neginf is None else neginf
    kept = switch(isnan(x), nan, switch(isposinf(x), most, switch(isneginf(x), least, x)))
    return cast(kept, x.dtype)
