"""Inversion: the distribution function is added up, from 0 on, until it passes a uniform number.

The number has 53 bits, and so what is rarer than that, far in the tail, is never drawn.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.loops import scan, until
from lltheano.random.draws import uniforms

__all__ = ["binomial", "poisson"]

_MOST_STEPS = 1 << 40
"""More than are ever taken."""

_NEVER = 2.0**-60
"""A probability in the tail that a number of 53 bits does not see, but by the rounding of sums."""


def poisson(state: Any, count: Any, substream: Any, lam: Any) -> Any:
    """So many counts of events, of which `lam` (a scalar or a vector) are expected."""
    return _inverted(state, count, substream, T.exp(-lam), lambda k, mean: mean / k, [lam])


def binomial(state: Any, count: Any, substream: Any, n: Any, p: Any) -> Any:
    """So many counts of successes in `n` trials of probability `p`, at most a half."""

    def quotient(k: Any, trials: Any, odds: Any) -> Any:
        return (trials - k + 1) / k * odds

    none = T.exp(n * T.log1p(-p))
    return _inverted(state, count, substream, none, quotient, [n, p / (1 - p)])


def _inverted(
    state: Any,
    count: Any,
    substream: Any,
    first: Any,
    quotient: Callable[..., Any],
    parameters: list[Any],
) -> Any:
    """Counts whose probabilities begin with `first`, and of which that of k is `quotient(k,
    *parameters)` times that of k - 1.
    """
    _, numbers = uniforms(state, count, "float64", substream)

    def element(number: Any, first: Any, *of_one: Any) -> Any:
        def step(k: Any, likely: Any, next_: Any, left: Any, *of_one: Any) -> Any:
            k, left, likely = k + 1, left - likely, next_
            after = likely * quotient(k + 1, *of_one)
            return [k, likely, after, left], until(T.lt(left, likely) | T.lt(likely, _NEVER))

        start = [np.float64(-1), np.float64(0), first, number]
        outputs, _ = scan(step, outputs_info=start, non_sequences=list(of_one), n_steps=_MOST_STEPS)
        return outputs[0][-1]

    if all(one.ndim == 0 for one in parameters):
        counts, _ = scan(element, sequences=[numbers], non_sequences=[first, *parameters])
    else:
        vectors = [one if one.ndim else T.alloc(one, count) for one in (first, *parameters)]
        counts, _ = scan(element, sequences=[numbers, *vectors])
    return counts
