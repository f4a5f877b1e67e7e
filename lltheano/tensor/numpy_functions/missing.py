"""Reductions that leave NaN out, as NumPy's functions of these names do.

What is left out has gradient zero. Integers have no NaN: of them these are the functions without
`nan` in front.
"""

from typing import Any

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.comparison import cast, invert, isnan, switch
from lltheano.tensor.elementwise.transcendental import sqrt
from lltheano.tensor.numpy_functions.quantiles import of_present
from lltheano.tensor.reducers.ops import axes_of
from lltheano.tensor.reductions.cumulative import cumprod, cumsum
from lltheano.tensor.reductions.extrema import argmax, argmin, max as greatest, min as least
from lltheano.tensor.reductions.functions import all as all_, mean, prod, sum as total, var
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
]


def _filled(x: TensorVariable, value: float) -> TensorVariable:
    """The tensor with a number for NaN."""
    if is_discrete(x.dtype):
        return x
    result: TensorVariable = switch(isnan(x), constant(value, dtype=x.dtype), x)
    return result


def nansum(
    a: object, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> TensorVariable:
    """Add the elements along `axis` that are not NaN, of nothing 0; parameters as of `sum`.

    >>> nansum([[1.0, float("nan")], [2.0, 3.0]], axis=0).eval()
    array([3., 3.])
    """
    return total(_filled(as_tensor_variable(a), 0), axis, dtype, keepdims)


def nanprod(
    a: object, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> TensorVariable:
    """Multiply the elements along `axis` that are not NaN, of nothing 1; parameters as of `sum`.

    >>> nanprod([[2.0, float("nan")], [2.0, 3.0]], axis=0).eval()
    array([4., 3.])
    """
    return prod(_filled(as_tensor_variable(a), 1), axis, dtype, keepdims)


def nancumsum(a: object, axis: int | None = None) -> TensorVariable:
    """Return the sums of all elements up to each place, NaN as 0; see `cumsum`.

    >>> nancumsum([1.0, float("nan"), 2.0]).eval()
    array([1., 1., 3.])
    """
    return cumsum(_filled(as_tensor_variable(a), 0), axis)


def nancumprod(a: object, axis: int | None = None) -> TensorVariable:
    """Return the products of all elements up to each place, NaN as 1; see `cumprod`.

    >>> nancumprod([3.0, float("nan"), 2.0]).eval()
    array([3., 3., 6.])
    """
    return cumprod(_filled(as_tensor_variable(a), 1), axis)


def nanmax(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the greatest element along `axis` that is not NaN, NaN where all are; see `max`.

    >>> nanmax([[1.0, float("nan")], [2.0, 3.0]], axis=1).eval()
    array([1., 3.])
    """
    return _extremum(greatest, a, axis, keepdims, -float("inf"))


def nanmin(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the least element along `axis` that is not NaN, NaN where all are; see `min`.

    >>> nanmin([[1.0, float("nan")], [2.0, 3.0]], axis=1).eval()
    array([1., 2.])
    """
    return _extremum(least, a, axis, keepdims, float("inf"))


def _extremum(
    function: Any, value: object, axis: Any, keepdims: bool, worst: float
) -> TensorVariable:
    x = as_tensor_variable(value)
    if is_discrete(x.dtype) or is_complex(x.dtype):
        result: TensorVariable = function(x, axis, keepdims)
        return result
    found = function(_filled(x, worst), axis, keepdims)
    nothing = all_(isnan(x), axis, keepdims)
    missing: TensorVariable = switch(nothing, constant(float("nan"), dtype=x.dtype), found)
    return missing


def nanargmax(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the place of the greatest element along `axis` that is not NaN; see `argmax`.

    ValueError, when it runs, where all are NaN.

    >>> nanargmax([1.0, float("nan"), 3.0]).eval()
    array(2)
    """
    return _place(argmax, "nanargmax", a, axis, keepdims, -float("inf"))


def nanargmin(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the place of the least element along `axis` that is not NaN; see `argmin`.

    ValueError, when it runs, where all are NaN.

    >>> nanargmin([3.0, float("nan"), 1.0]).eval()
    array(2)
    """
    return _place(argmin, "nanargmin", a, axis, keepdims, float("inf"))


def _place(
    function: Any, name: str, value: object, axis: Any, keepdims: bool, worst: float
) -> TensorVariable:
    x = as_tensor_variable(value)
    result: TensorVariable = function(_filled(x, worst), axis, keepdims)
    if is_discrete(x.dtype):
        return result
    some = all_(invert(all_(isnan(x), axis)))
    checked: TensorVariable = Requirement("value", f"{name}: all elements are NaN")(result, some)
    return checked


def _count(x: TensorVariable, axis: Any, keepdims: bool) -> TensorVariable:
    """How many elements along axes are not NaN."""
    return total(invert(isnan(x)), axis, keepdims=keepdims)


def nanmean(
    a: object, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> TensorVariable:
    """Average the elements along `axis` that are not NaN, of nothing NaN; parameters as of `mean`.

    >>> nanmean([[1.0, float("nan")], [2.0, 3.0]], axis=1).eval()
    array([1. , 2.5])
    """
    x = as_tensor_variable(a)
    if is_discrete(x.dtype):
        return mean(x, axis, dtype, keepdims=keepdims)
    wide = "float32" if x.dtype == "float16" and dtype is None else dtype
    added = total(_filled(x, 0), axis, wide, keepdims)
    average = added / cast(_count(x, axis, keepdims), _real(added.dtype))
    return average if wide == dtype else cast(average, x.dtype)


def _real(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def nanvar(a: object, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> TensorVariable:
    """Return the variance along `axis` of the elements that are not NaN; parameters as of `var`.

    It is NaN where there are not more than `ddof` of them.

    >>> nanvar([[1.0, float("nan"), 3.0], [2.0, 8.0, 2.0]], axis=1).eval()
    array([1., 8.])
    """
    x = as_tensor_variable(a)
    if is_discrete(x.dtype):
        return var(x, axis, ddof, keepdims)
    half = x.dtype == "float16"
    axes = axes_of(x, axis)
    wide = cast(x, "float32") if half else x
    absent = isnan(x)
    distance = switch(absent, 0, wide - nanmean(wide, axes, keepdims=True))
    distance = cast(distance, wide.dtype)
    squares = (distance * distance.conj()).real
    divisor = _count(x, axes, keepdims=True) - ddof
    added = total(squares, axes, keepdims=True)
    enough = divisor > 0
    # A divisor that is not positive is 1 here, so that no gradient is divided by 0.
    spread = added / cast(switch(enough, divisor, 1), added.dtype)
    result = switch(enough, spread, constant(float("nan"), dtype=added.dtype))
    if not keepdims:
        result = result.dimshuffle([index for index in range(x.ndim) if index not in axes])
    return cast(result, x.dtype) if half else result


def nanstd(a: object, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> TensorVariable:
    """Return the square root of `nanvar`, whose parameters these are.

    >>> nanstd([[1.0, float("nan"), 3.0]], axis=1).eval()
    array([1.])
    """
    result: TensorVariable = sqrt(nanvar(a, axis, ddof, keepdims))
    return result


def nanmedian(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the middle element along `axis` of those that are not NaN; see `median`.

    >>> nanmedian([[3.0, float("nan"), 2.0, 10.0]], axis=1).eval()
    array([3.])
    """
    return of_present(a, 0.5, axis, keepdims, "linear")


def nanquantile(
    a: object, q: object, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> TensorVariable:
    """Return quantiles along `axis` of the elements that are not NaN; see `quantile`.

    >>> nanquantile([[3.0, float("nan"), 2.0, 10.0]], [0.0, 0.75], axis=1).eval()
    array([[2. ],
           [6.5]])
    """
    return of_present(a, q, axis, keepdims, method)


def nanpercentile(
    a: object, q: object, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> TensorVariable:
    """Return percentiles along `axis` of the elements that are not NaN; see `percentile`.

    >>> nanpercentile([[3.0, float("nan"), 2.0, 10.0]], 75, axis=1).eval()
    array([6.5])
    """
    return of_present(a, q, axis, keepdims, method, scale=100)
