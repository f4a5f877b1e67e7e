"""The distributions, as functions of a state: each returns the state after the draw, and what was
drawn.

Parameters broadcast against the size and against each other. The gradient goes through parameters
that what is drawn is a smooth function of (`low` and `high`, `avg` and `std`), and nowhere else.
"""

from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.config import config
from lltheano.random.draws import Drawn, normals, uniforms, uniforms_above_zero
from lltheano.random.requirements import at_least, between
from lltheano.random.sizes import Sizes, count_of, drawn_sizes
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = ["exponential", "normal", "random_integers", "truncated_normal", "uniform"]


def float_dtype(name: str, dtype: Any, *parameters: Any) -> str:
    """The float dtype that is asked for, or else that to which the parameters and `floatX` are
    promoted.
    """
    if dtype is None:
        dtypes = [as_tensor_variable(one).dtype for one in parameters]
        chosen = str(np.result_type(str(config.floatX), *dtypes))
    else:
        chosen = str(config.floatX) if str(dtype) == "floatX" else str(np.dtype(dtype))
    if chosen not in ("float16", "float32", "float64"):
        raise TypeError(f"{name} draws floats, not {chosen}")
    return chosen


def shaped(flat: Any, sizes: Sizes) -> Any:
    """A flat vector under the sizes asked for."""
    return flat.reshape(sizes, ndim=len(sizes)) if sizes else flat[0]


def parameter(value: Any, dtype: str) -> Any:
    """A parameter in the dtype that is computed in."""
    return as_tensor_variable(value).astype(dtype)


def uniform(
    random_state: Any,
    size: Any = None,
    low: Any = 0.0,
    high: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from [low, high), for rounding's sake sometimes `high` itself.

    >>> from lltheano.random import RandomStreams
    >>> u = RandomStreams(1).uniform((1000,), low=-1.0, high=3.0)
    >>> bool(T.all((u >= -1) & (u <= 3)).eval())
    True
    """
    chosen = float_dtype("uniform", dtype, low, high)
    sizes = drawn_sizes("uniform", size, ndim, low, high)
    following, flat = uniforms(random_state, count_of(sizes), chosen)
    below, above = parameter(low, chosen), parameter(high, chosen)
    width = at_least("uniform: high - low", above - below, 0)
    return following, shaped(flat, sizes) * width + below


def normal(
    random_state: Any,
    size: Any = None,
    avg: Any = 0.0,
    std: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from the normal distribution of this mean and standard deviation.

    >>> from lltheano.random import RandomStreams
    >>> z = RandomStreams(1).normal((10000,), avg=5.0)
    >>> abs(float(z.mean().eval()) - 5) < 0.05
    True
    """
    chosen = float_dtype("normal", dtype, avg, std)
    sizes = drawn_sizes("normal", size, ndim, avg, std)
    following, flat = normals(random_state, count_of(sizes), chosen)
    spread = at_least("normal: std", parameter(std, chosen), 0)
    return following, shaped(flat, sizes) * spread + parameter(avg, chosen)


def truncated_normal(
    random_state: Any,
    size: Any = None,
    avg: Any = 0.0,
    std: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from the normal distribution, given that it is within two standard deviations.

    By the inverse of its distribution function.
    """
    chosen = float_dtype("truncated_normal", dtype, avg, std)
    sizes = drawn_sizes("truncated_normal", size, ndim, avg, std)
    following, flat = uniforms_above_zero(random_state, count_of(sizes), "float64")
    limit = 0.9544997361036416  # erf(2 / sqrt(2))
    inner = np.sqrt(2.0) * T.erfinv((2 * flat - 1) * limit)
    spread = at_least("truncated_normal: std", parameter(std, chosen), 0)
    return following, shaped(inner.astype(chosen), sizes) * spread + parameter(avg, chosen)


def exponential(
    random_state: Any,
    size: Any = None,
    scale: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from the exponential distribution of this mean."""
    chosen = float_dtype("exponential", dtype, scale)
    sizes = drawn_sizes("exponential", size, ndim, scale)
    following, flat = uniforms_above_zero(random_state, count_of(sizes), chosen)
    mean = at_least("exponential: scale", parameter(scale, chosen), 0)
    return following, shaped((-T.log(flat)).astype(chosen), sizes) * mean


def random_integers(
    random_state: Any,
    size: Any = None,
    low: Any = 0,
    high: Any = 1,
    ndim: int | None = None,
    dtype: str = "int64",
) -> Drawn:
    """Draw integers from `low` to `high`, both included, all equally likely but for a part in 2**53
    of the width.
    """
    sizes = drawn_sizes("random_integers", size, ndim, low, high)
    following, flat = uniforms(random_state, count_of(sizes), "float64")
    first, last = parameter(low, "int64"), parameter(high, "int64")
    width = between("random_integers: high - low + 1", last - first + 1, 1, 1 << 53)
    steps = T.floor(shaped(flat, sizes) * width.astype("float64")).astype("int64")
    return following, (first + T.minimum(steps, width - 1)).astype(dtype)
