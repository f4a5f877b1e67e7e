"""Transformed rejection for discrete distributions of a mean of 10 or more.

Source: W. Hoermann, The transformed rejection method for generating Poisson random variables,
Insurance: Mathematics and Economics 12, 1993 (PTRS), and The generation of binomial random
variates, Journal of Statistical Computation and Simulation 46, 1993 (BTRS).

A try makes a count of one uniform number, by a function close to the inverse of the distribution
function, and accepts it by another. About six of seven are accepted. All elements are tried at
once; those that are rejected are gathered, and tried again.

Probabilities are computed as C. Loader does (Fast and accurate computation of binomial
probabilities, 2000), from deviances, without the cancellation that differences of logarithms of
factorials suffer at large counts.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.loops import scan, until
from lltheano.random.draws import pairs_above_zero

__all__ = ["binomial", "poisson"]

_MOST_TRIES = 1 << 40
"""More than are ever needed."""

_GATHERINGS = 2
"""How often the rejected are gathered before those left over are tried in a loop."""

_SHIFT = 4
"""By so much counts are raised where Stirling's series is taken, which small ones are too few for:
its five terms are then right to 5e-10.
"""

Attempt = Callable[..., tuple[Any, Any]]
"""Of two vectors of uniform numbers and of parameters: counts, and which of them are accepted."""


def poisson(state: Any, count: Any, substream: Any, lam: Any) -> Any:
    """So many counts of events, of which `lam`, a scalar or a vector, 10 or more, are expected."""
    return _accepted(_poisson, state, count, substream, [lam], _GATHERINGS)


def binomial(state: Any, count: Any, substream: Any, n: Any, p: Any) -> Any:
    """So many counts of successes in `n` trials of probability `p`, at most a half, n p >= 10."""
    return _accepted(_binomial, state, count, substream, [n, p], _GATHERINGS)


def _accepted(
    attempt: Attempt,
    state: Any,
    count: Any,
    substream: Any,
    parameters: Sequence[Any],
    gatherings: int,
) -> Any:
    """Counts that were accepted. Every try has a substream of its own."""
    if not gatherings:
        return _until_all_are_accepted(attempt, state, count, substream, parameters)
    counts, fits = attempt(*pairs_above_zero(state, count, substream), *parameters)
    (rest,) = (~fits).nonzero()
    left = [one if one.ndim == 0 else one[rest] for one in parameters]
    others = _accepted(attempt, state, rest.shape[0], substream + 1, left, gatherings - 1)
    return T.set_subtensor(counts[rest], others)


def _until_all_are_accepted(
    attempt: Attempt, state: Any, count: Any, substream: Any, parameters: Sequence[Any]
) -> Any:
    def again(number: Any, accepted: Any, values: Any, state: Any, *of_all: Any) -> Any:
        counts, fits = attempt(*pairs_above_zero(state, accepted.shape[0], number), *of_all)
        values = T.switch(accepted, values, counts)
        accepted = accepted | fits
        return [number + 1, accepted, values], until(T.all(accepted))

    first = T.cast(substream, "int64")
    start = [first, T.zeros((count,), dtype="bool"), T.zeros((count,), dtype="float64")]
    outputs, _ = scan(
        again, outputs_info=start, non_sequences=[state, *parameters], n_steps=_MOST_TRIES
    )
    return outputs[2][-1]


def _poisson(u: Any, v: Any, lam: Any) -> tuple[Any, Any]:
    """PTRS, without its quick tests, for the full test costs little in vectors."""
    b = 0.931 + 2.53 * T.sqrt(lam)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    k, density = _transformed(u, a, b, lam + 0.43)
    factor, exponent = poisson_density(k, lam)
    return k, T.ge(k, 0) & T.le(T.log(v * inverse_alpha / (density * factor)), exponent)


def poisson_density(k: Any, lam: Any) -> tuple[Any, Any]:
    """A factor and the logarithm of another, whose product is the probability of k events."""
    raised = k + _SHIFT
    factor = 1 / T.sqrt(2 * np.pi * raised)
    for step in range(1, _SHIFT + 1):
        factor = factor * ((k + step) / lam)
    return factor, -_deviance(raised, lam) - _remainder(raised)


def _binomial(u: Any, v: Any, n: Any, p: Any) -> tuple[Any, Any]:
    """BTRS, without its quick tests; densities are relative to that of the mode."""
    deviation = T.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    alpha = (2.83 + 5.1 / b) * deviation
    k, density = _transformed(u, a, b, n * p + 0.5)
    at_mode, exponent_at_mode = binomial_density(T.floor((n + 1) * p), n, p)
    at_k, exponent = binomial_density(k, n, p)
    accepted = T.log(v * alpha / density * (at_mode / at_k)) <= exponent - exponent_at_mode
    return k, T.ge(k, 0) & T.le(k, n) & accepted


def binomial_density(k: Any, n: Any, p: Any) -> tuple[Any, Any]:
    """A factor and the logarithm of another, whose product is the probability of k successes but
    for what depends on n and p alone.
    """
    raised, others = k + _SHIFT, n - k + _SHIFT
    total = n + 2 * _SHIFT
    factor = 1 / T.sqrt(raised * others)
    for step in range(1, _SHIFT + 1):
        factor = factor * ((k + step) * (n - k + step))
    exponent = _deviance(raised, total * p) + _deviance(others, total * (1 - p))
    return factor, -exponent - _remainder(raised) - _remainder(others)


def _transformed(u: Any, a: Any, b: Any, centre: Any) -> tuple[Any, Any]:
    """The count that a uniform number is made, and the slope of what makes it."""
    middle = u - 0.5
    edge = 0.5 - T.abs_(middle)
    return T.floor((2 * a / edge + b) * middle + centre), a / edge**2 + b


def _deviance(k: Any, mean: Any) -> Any:
    """K log(k / mean) + mean - k, for k above 0."""
    x = (mean - k) / k
    return k * (x - T.log1p(x))


def _remainder(k: Any) -> Any:
    """What the logarithm of k! is above that of sqrt(2 pi k) (k / e)**k: Stirling's series."""
    y = 1 / k**2
    series = 1 / 1260 + y * (-1 / 1680 + y / 1188)
    return (1 / 12 + y * (-1 / 360 + y * series)) / k
