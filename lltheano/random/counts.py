"""Counts of events and of successes: poisson and binomial, in a time that does not grow with them.

Small means are drawn by inversion (`lltheano.random.inversion`), others by transformed rejection
(`lltheano.random.transformed`). One draw may have parameters of both kinds.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.random import inversion, transformed
from lltheano.random.distributions import shaped
from lltheano.random.draws import Drawn
from lltheano.random.philox import random_words
from lltheano.random.requirements import at_least, between, known
from lltheano.random.sizes import Sizes, count_of, drawn_sizes
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant

__all__ = ["binomial", "binomial_counts", "poisson"]

_LARGE = 10
"""The mean that transformed rejection needs."""

_MOST_EXPECTED = float(np.iinfo(np.int64).max) - 10 * 2.0**31.5
"""What may be expected so that what is drawn is an int64: ten deviations below its end."""

Draw = Callable[..., Any]


def poisson(
    random_state: Any,
    size: Any = None,
    lam: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Drawn:
    """Draw how many events there are in a time in which `lam` are expected.

    >>> from lltheano.random import RandomStreams
    >>> events = RandomStreams(1).poisson((10000,), lam=3.0)
    >>> abs(float(events.mean().eval()) - 3) < 0.1
    True
    """
    given = at_least("poisson: lam", as_tensor_variable(lam).astype("float64"), 0)
    expected = between("poisson: lam", given, 0, _MOST_EXPECTED)
    sizes = drawn_sizes("poisson", size, ndim, expected)
    events = _by_mean(
        random_state,
        sizes,
        expected,
        [expected],
        (inversion.poisson, transformed.poisson),
        substream=1,
    )
    return _advanced(random_state, count_of(sizes)), events.astype("int64").astype(dtype)


def binomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    p: Any = 0.5,
    ndim: int | None = None,
    dtype: Any = "int64",
    prob: Any = None,
) -> Drawn:
    """Draw how many of `n` trials succeed, each with probability `p`.

    A single trial compares 32 random bits with `p`. `prob` is the older name of `p`.

    >>> from lltheano.random import RandomStreams
    >>> mask = RandomStreams(1).binomial((10000,), p=0.3)
    >>> abs(float(mask.mean().eval()) - 0.3) < 0.02
    True
    """
    trials, p = as_tensor_variable(n), as_tensor_variable(p if prob is None else prob)
    sizes = drawn_sizes("binomial", size, ndim, trials, p)
    count = count_of(sizes)
    likely = between("binomial: p", p.astype("float64"), 0, 1)
    if isinstance(trials, TensorConstant) and trials.ndim == 0 and int(trials.data) == 1:
        following, words = random_words(random_state, (count + 3) // 4)
        numbers = words.flatten()[:count].astype("float64") * 2.0**-32
        return following, T.lt(shaped(numbers, sizes), likely).astype(dtype)
    many = at_least("binomial: n", trials.astype("int64"), 0)
    successes = binomial_counts(random_state, sizes, many, likely)
    return _advanced(random_state, count), successes.astype(dtype)


def binomial_counts(state: Any, sizes: Sizes, n: Any, p: Any, substream: Any = 1) -> Any:
    """Successes, int64, in `n` trials (int64) of probability `p` (float64), from substreams from
    this one on.
    """
    rarer = T.minimum(p, 1 - p)
    trials = n.astype("float64")
    rare = _by_mean(
        state,
        sizes,
        trials * rarer,
        [trials, rarer],
        (inversion.binomial, transformed.binomial),
        substream,
    ).astype("int64")
    return T.switch(T.gt(p, 0.5), n - rare, rare)


def _by_mean(
    state: Any,
    sizes: Sizes,
    mean: Any,
    parameters: Sequence[Any],
    ways: tuple[Draw, Draw],
    substream: Any,
) -> Any:
    """Numbers of these sizes, by the first of two ways where the mean is small, by the second where
    it is not. A way takes a state, a count, a substream, and parameters that are scalars or
    vectors.
    """
    count = as_tensor_variable(count_of(sizes)).astype("int64")
    if all(one.ndim == 0 for one in (mean, *parameters)):
        return shaped(_of_one_mean(state, count, mean, parameters, ways, substream), sizes)
    large = T.ge(_spread(mean, sizes), _LARGE)
    found = T.zeros((count,), dtype="float64")
    for number, chosen in enumerate((~large, large)):
        (places,) = chosen.nonzero()
        picked = [one if one.ndim == 0 else _spread(one, sizes)[places] for one in parameters]
        drawn = ways[number](state, places.shape[0], substream + number, *picked)
        found = T.set_subtensor(found[places], drawn)
    return shaped(found, sizes)


def _of_one_mean(
    state: Any,
    count: Any,
    mean: Any,
    parameters: Sequence[Any],
    ways: tuple[Draw, Draw],
    substream: Any,
) -> Any:
    """A vector of numbers whose parameters are all the same: one of the ways draws none."""
    value = known(mean)
    if value is not None:
        return ways[int(value >= _LARGE)](state, count, substream, *parameters)
    many = T.switch(T.ge(mean, _LARGE), count, 0)
    few = T.switch(T.ge(mean, _LARGE), 0, count)
    drawn = [
        way(state, c, substream, *parameters) for way, c in zip(ways, (few, many), strict=True)
    ]
    return T.concatenate(drawn)


def _spread(parameter: Any, sizes: Sizes) -> Any:
    """A parameter as a vector with an element for each number that is drawn."""
    return T.alloc(parameter, *sizes).flatten()


def _advanced(state: Any, count: Any) -> Any:
    """The state after as many blocks as any way takes of a substream."""
    following, _ = random_words(state, count)
    return following
