"""Distributions drawn by trying until all are accepted: gamma, beta.

Every try takes its numbers from a substream of its own, for all elements at once; the loop ends
when none is left.
"""

from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.loops import scan, until
from lltheano.random.distributions import float_dtype, parameter, shaped
from lltheano.random.draws import Drawn, normals, uniforms_above_zero
from lltheano.random.philox import random_words
from lltheano.random.requirements import at_least
from lltheano.random.sizes import Sizes, count_of, drawn_sizes

__all__ = ["beta", "gamma"]

_MOST_TRIES = 1 << 40
"""More than are ever needed."""

_HALF = 1 << 62
"""Substreams that the second of two draws begins with."""


def _advanced(state: Any, count: Any) -> Any:
    """The state after the blocks that any try takes of its substream: those of `count` doubles."""
    following, _ = random_words(state, (count * 2 + 3) // 4)
    return following


def gamma(
    random_state: Any,
    size: Any = None,
    shape: Any = 1.0,
    scale: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from the gamma distribution of this shape and scale.

    Source: G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables, ACM
    Transactions on Mathematical Software 26, 2000.
    """
    chosen = float_dtype("gamma", dtype, shape, scale)
    sizes = drawn_sizes("gamma", size, ndim, shape, scale)
    form = at_least("gamma: shape", parameter(shape, "float64"), 0)
    width = at_least("gamma: scale", parameter(scale, chosen), 0)
    standard = _standard_gammas(random_state, sizes, form, 0)
    return _advanced(random_state, count_of(sizes)), standard.astype(chosen) * width


def _standard_gammas(state: Any, sizes: Sizes, shape: Any, substream: int) -> Any:
    count = count_of(sizes)
    raised = T.switch(T.lt(shape, 1), shape + 1, shape)  # and lowered again in the end
    d = raised - 1 / 3
    c = 1 / T.sqrt(9 * d)

    def attempt(number: Any, accepted: Any, values: Any, state: Any) -> Any:
        _, flat = normals(state, count, "float64", substream + 3 * number + 1)
        _, second = uniforms_above_zero(state, count, "float64", substream + 3 * number + 2)
        x, u = shaped(flat, sizes), shaped(second, sizes)
        cube = (1 + c * x) ** 3
        bound = x**2 / 2 + d * (1 - cube + T.log(T.maximum(cube, np.float64(1e-300))))
        passes = T.gt(cube, 0) & T.lt(T.log(u), bound)
        values = T.switch(accepted, values, d * cube)
        accepted = accepted | passes
        return [number + 1, accepted, values], until(T.all(accepted))

    start = [0, T.zeros(sizes, dtype="bool"), T.zeros(sizes, dtype="float64")]
    outputs, _ = scan(attempt, outputs_info=start, non_sequences=state, n_steps=_MOST_TRIES)
    _, last = uniforms_above_zero(state, count, "float64", substream + _HALF - 1)
    factor = T.switch(T.lt(shape, 1), shaped(last, sizes) ** (1 / shape), 1.0)
    return outputs[2][-1] * factor


def beta(
    random_state: Any,
    size: Any = None,
    a: Any = 1.0,
    b: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Drawn:
    """Draw from the beta distribution: the share that one of two gamma variables has of both."""
    chosen = float_dtype("beta", dtype, a, b)
    sizes = drawn_sizes("beta", size, ndim, a, b)
    first = at_least("beta: a", parameter(a, "float64"), 0)
    second = at_least("beta: b", parameter(b, "float64"), 0)
    x = _standard_gammas(random_state, sizes, first, 0)
    y = _standard_gammas(random_state, sizes, second, _HALF)
    return _advanced(random_state, count_of(sizes)), (x / (x + y)).astype(chosen)
