"""Batch normalisation (S. Ioffe and C. Szegedy, Batch normalization: accelerating deep network
training by reducing internal covariate shift, ICML 2015).
"""

from collections.abc import Sequence
from typing import Any

from lltheano.tensor.elementwise.transcendental import sqrt
from lltheano.tensor.nnet.floats import of_floats
from lltheano.tensor.reductions.functions import var
from lltheano.tensor.shapes.shaping import addbroadcast, patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]

_LEAST_EPSILON = 1e-5


def _axes_of(axes: Any, rank: int) -> tuple[int, ...]:
    """The axes that are averaged over; ValueError for others than there are."""
    if rank < 2:
        raise ValueError(f"batch normalisation takes a tensor of two axes or more, got {rank}")
    if isinstance(axes, str):
        named = {"per-activation": (0,), "spatial": (0, *range(2, rank))}
        if axes not in named:
            raise ValueError(f"axes are 'per-activation', 'spatial' or a tuple, got {axes!r}")
        return named[axes]
    chosen = tuple(int(one) for one in axes)
    if any(not 0 <= one < rank for one in chosen):
        raise ValueError(f"there is no axis {max(chosen)} in a tensor of {rank} axes")
    return chosen


def _parameter(value: Any, rank: int, axes: Sequence[int]) -> TensorVariable:
    """A parameter with an axis of size 1 for each that is averaged over."""
    x = of_floats(value)
    if x.ndim == rank:
        return addbroadcast(x, *axes)
    if x.ndim != rank - len(axes):
        raise ValueError(
            f"batch normalisation over {len(axes)} of {rank} axes needs parameters of"
            f" {rank - len(axes)} or {rank} axes, got {x.describe()}"
        )
    left = iter(range(x.ndim))
    return x.dimshuffle(*("x" if axis in axes else next(left) for axis in range(rank)))


def _check_epsilon(epsilon: Any) -> None:
    if isinstance(epsilon, int | float) and epsilon < _LEAST_EPSILON:
        raise ValueError(f"epsilon must be at least {_LEAST_EPSILON}, got {epsilon}")


def batch_normalization_train(
    inputs: Any,
    gamma: Any,
    beta: Any,
    axes: Any = "per-activation",
    epsilon: Any = 1e-4,
    running_average_factor: Any = 0.1,
    running_mean: Any = None,
    running_var: Any = None,
) -> Any:
    """Return `inputs` with mean `beta` and deviation `gamma`, as far as the batch itself tells.

    Raises ValueError for axes that there are not, parameters of another number of axes, and an
    epsilon below 1e-5.

    Parameters
    ----------
    inputs
        A tensor of two axes or more, examples along the first.
    gamma, beta
        The scale and the offset of what comes out.
    axes
        What is averaged over: "per-activation" (examples), "spatial" (examples and all axes from
        the third on), or a tuple of axes.
    epsilon
        Added to the variance.
    running_average_factor
        How much the batch counts in the new running averages.
    running_mean, running_var
        Averages of mean and variance over batches so far; both or neither.

    Returns
    -------
    tuple
        The result, the mean, and one over the standard deviation; with running averages also their
        new values, of which that of the variance is unbiased. All but the result have the axes that
        `gamma` has: those that are not averaged over, or all.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]])
    >>> out, mean, invstd = batch_normalization_train(x, [1.0], [0.0])
    >>> out.eval().round(3).tolist(), mean.eval().tolist()
    ([[-1.0], [1.0]], [2.0])
    """
    x = of_floats(inputs)
    over = _axes_of(axes, x.ndim)
    _check_epsilon(epsilon)
    scale, offset = (_parameter(one, x.ndim, over) for one in (gamma, beta))
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var go together: give both, or neither")
    mean = x.mean(axis=over, keepdims=True)
    variance = var(x, axis=over, keepdims=True)
    inverse = 1 / sqrt(variance + epsilon)
    out = (x - mean) * (scale * inverse) + offset
    few = of_floats(gamma).ndim < x.ndim
    found = tuple(_kept(one, over) if few else one for one in (mean, inverse))
    if running_mean is None:
        return (out, *found)
    averages = [_parameter(one, x.ndim, over) for one in (running_mean, running_var)]
    count: Any = 1
    for axis in over:
        count = count * x.shape[axis]
    many = as_tensor_variable(count).astype(x.dtype)
    unbiased = variance * (many / (many - 1))
    kept = 1 - running_average_factor
    news = [
        old * kept + new * running_average_factor
        for old, new in zip(averages, (mean, unbiased), strict=True)
    ]
    shaped = [
        _like(new, given, over)
        for new, given in zip(news, (running_mean, running_var), strict=True)
    ]
    return (out, *found, *shaped)


def _kept(value: TensorVariable, axes: Sequence[int]) -> TensorVariable:
    """Without the axes that were averaged over."""
    return value.dimshuffle(*(axis for axis in range(value.ndim) if axis not in axes))


def _like(value: TensorVariable, model: Any, axes: Sequence[int]) -> TensorVariable:
    """A new average with the axes, and the broadcast pattern, of the old one."""
    old = as_tensor_variable(model)
    if old.ndim == value.ndim:
        return patternbroadcast(value.astype(old.dtype), old.broadcastable)
    return _kept(value, axes).astype(old.dtype)


def batch_normalization_test(
    inputs: Any,
    gamma: Any,
    beta: Any,
    mean: Any,
    var: Any,
    axes: Any = "per-activation",
    epsilon: Any = 1e-4,
) -> TensorVariable:
    """Return `inputs` normalised by a mean and a variance that are given.

    The parameters are those of `batch_normalization_train`.

    >>> batch_normalization_test([[3.0]], [2.0], [1.0], [2.0], [1.0]).eval().round(3)
    array([[3.]])
    """
    x = of_floats(inputs)
    over = _axes_of(axes, x.ndim)
    _check_epsilon(epsilon)
    scale, offset, middle, variance = (
        _parameter(one, x.ndim, over) for one in (gamma, beta, mean, var)
    )
    return (x - middle) * (scale / sqrt(variance + epsilon)) + offset


def batch_normalization(
    inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem"
) -> TensorVariable:
    """Return (inputs - mean) * gamma / std + beta.

    `mode`, "low_mem" or "high_mem", decides nothing; ValueError for another.

    >>> batch_normalization([[3.0]], [2.0], [1.0], [1.0], [4.0]).eval()
    array([[2.]])
    """
    if mode not in ("low_mem", "high_mem"):
        raise ValueError(f"mode must be either 'low_mem' or 'high_mem', got {mode!r}")
    x, scale, offset, middle, spread = map(of_floats, (inputs, gamma, beta, mean, std))
    return (x - middle) * (scale / spread) + offset
