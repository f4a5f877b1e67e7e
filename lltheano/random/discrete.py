"""Discrete distributions: outcomes, choices, orders."""

from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.loops import scan
from lltheano.random.counts import binomial_counts
from lltheano.random.distributions import parameter, shaped
from lltheano.random.draws import Drawn, uniforms, uniforms_above_zero
from lltheano.random.philox import random_words
from lltheano.random.requirements import at_least, require
from lltheano.random.sizes import Sizes, count_of, drawn_sizes
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant

__all__ = ["choice", "multinomial", "permutation", "rows_of_choices", "shuffle_row_elements"]

_SUBSTREAMS_OF_A_PART = 1 << 32
"""More tries than any part of a multinomial draw needs."""


def multinomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    pvals: Any = (0.5, 0.5),
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Drawn:
    """Draw how often each of some outcomes, along the last axis of `pvals`, occurs in `n` trials.

    `n` broadcasts against the leading axes of `pvals`.

    >>> from lltheano.random import RandomStreams
    >>> counts = RandomStreams(1).multinomial(n=5, pvals=[[0.2, 0.8], [1.0, 0.0]])
    >>> counts.sum(axis=1).eval()
    array([5, 5])
    """
    likely = checked_probabilities("multinomial", pvals)
    many = at_least("multinomial: n", as_tensor_variable(n).astype("int64"), 0)
    sizes = drawn_sizes("multinomial", size, ndim, many, likely[..., 0])
    if isinstance(many, TensorConstant) and many.ndim == 0 and int(many.data) == 1:
        following, chosen = _one_of(random_state, sizes, likely)
        return following, chosen.astype(dtype)
    following, _ = random_words(random_state, count_of(sizes))
    return following, _parts_of(random_state, sizes, many, likely).astype(dtype)


def _one_of(state: Any, sizes: Sizes, likely: Any) -> Drawn:
    """One-hot: how many edges a number is above says which outcome it is."""
    following, flat = uniforms(state, count_of(sizes), "float64")
    edges = T.cumsum(likely.astype("float64"), axis=-1)
    outcomes = likely.shape[-1]
    number = T.shape_padright(shaped(flat, sizes))
    chosen = T.minimum(T.ge(number, edges).sum(axis=-1), outcomes - 1)
    return following, T.eq(T.shape_padright(chosen), T.arange(outcomes))


def _parts_of(state: Any, sizes: Sizes, many: Any, likely: Any) -> Any:
    """Outcome after outcome: a binomial part of what those before it left. That of the last that
    is possible is all that is left.
    """
    likely = likely.astype("float64")
    rest = T.cumsum(likely[..., ::-1], axis=-1)[..., ::-1]
    shares = T.switch(T.gt(rest, 0), likely / rest, 0.0)

    def part(share: Any, substream: Any, left: Any, _: Any, state: Any) -> Any:
        got = binomial_counts(state, sizes, left, share, substream)
        return [substream + _SUBSTREAMS_OF_A_PART, left - got, got]

    none = T.zeros(sizes, dtype="int64")
    parts, _ = scan(
        part,
        sequences=shares.dimshuffle(likely.ndim - 1, *range(likely.ndim - 1)),
        outputs_info=[np.int64(1), none + many, none],
        non_sequences=state,
    )
    return parts[2].dimshuffle(*range(1, len(sizes) + 1), 0)


def checked_probabilities(name: str, pvals: Any) -> Any:
    """Probabilities along the last axis: none negative, and their sum 1 but for rounding."""
    likely = as_tensor_variable(pvals)
    if likely.ndim == 0:
        raise ValueError(f"{name}: pvals needs an axis of outcomes, got {likely.describe()}")
    likely = at_least(f"{name}: a probability", likely, 0)
    total = likely.astype("float64").sum(axis=-1)
    near = T.le(T.abs_(total - 1), 1e-3 if likely.dtype == "float16" else 1e-5)
    return require(likely, near, f"{name}: probabilities must sum to 1: {likely.describe()}")


def choice(
    random_state: Any,
    size: Any = None,
    a: Any = 2,
    replace: bool = True,
    p: Any = None,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Drawn:
    """Draw from 0, 1, ..., a - 1, or the elements of a vector `a`.

    Without `replace` no element is drawn twice: elements are put in the order of exponential
    numbers with their probabilities as rates, and the first are taken (P. S. Efraimidis and P. G.
    Spirakis, Information Processing Letters 97, 2006).
    """
    given = as_tensor_variable(a)
    if given.ndim > 1:
        raise ValueError(f"choice: a is a number or a vector, got {given.describe()}")
    many = given.astype("int64") if given.ndim == 0 else given.shape[0]
    sizes = drawn_sizes("choice", () if size is None else size, ndim)
    count = count_of(sizes)
    many = at_least("choice: a", many, 1)
    likely = None if p is None else _of_elements(p, many)
    if replace:
        following, flat = uniforms(random_state, count, "float64")
        places = (
            T.floor(flat * many.astype("float64")).astype("int64")
            if likely is None
            else T.ge(T.shape_padright(flat), T.cumsum(likely)).sum(axis=-1)
        )
        places = T.minimum(places, many - 1)
    else:
        enough = T.le(count, many if likely is None else T.gt(likely, 0).sum())
        count = require(as_tensor_variable(count), enough, "choice: fewer elements than are drawn")
        following, flat = uniforms_above_zero(random_state, many, "float64")
        keys = -T.log(flat) if likely is None else -T.log(flat) / likely
        places = T.argsort(keys)[:count]
    found = shaped(places, sizes)
    return following, (found if given.ndim == 0 else given[found]).astype(dtype)


def _of_elements(p: Any, many: Any) -> Any:
    """The probabilities, float64, of so many elements."""
    likely = checked_probabilities("choice", p).astype("float64")
    if likely.ndim != 1:
        raise ValueError(f"choice: p is a vector, got {likely.describe()}")
    message = f"choice: p needs a probability for each element of a: {likely.describe()}"
    return require(likely, T.eq(likely.shape[0], many), message)


def rows_of_choices(
    random_state: Any, size: Any, p: Any, replace: bool, dtype: Any = "int64"
) -> Drawn:
    """Draw so many (an integer) of the outcomes of each row of a matrix `p`, by their numbers."""
    likely = checked_probabilities("choice", p).astype("float64")
    (many,) = drawn_sizes("choice", size, 1)
    rows, outcomes = likely.shape[0], likely.shape[1]
    if replace:
        following, flat = uniforms(random_state, rows * many, "float64")
        edges = T.cumsum(likely, axis=1).dimshuffle(0, "x", 1)
        above = T.ge(T.shape_padright(flat.reshape((rows, many))), edges).sum(axis=-1)
        return following, T.minimum(above, outcomes - 1).astype(dtype)
    enough = T.le(many, T.gt(likely, 0).sum(axis=1))
    likely = require(likely, enough, "choice: a row has fewer elements than are drawn")
    following, flat = uniforms_above_zero(random_state, rows * outcomes, "float64")
    keys = -T.log(flat.reshape((rows, outcomes))) / likely
    return following, T.argsort(keys, axis=1)[:, :many].astype(dtype)


def permutation(
    random_state: Any, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64"
) -> Drawn:
    """Draw orders of 0, 1, ..., n - 1, along a last axis of their own; one where size is None.

    They are the orders of random numbers of 53 bits.
    """
    sizes = drawn_sizes("permutation", () if size is None else size, ndim)
    many = at_least("permutation: n", as_tensor_variable(n).astype("int64"), 0)
    following, keys = uniforms(random_state, count_of([*sizes, many]), "float64")
    orders = T.argsort(shaped(keys, [*sizes, many]), axis=-1)
    return following, orders.astype(dtype)


def shuffle_row_elements(random_state: Any, x: Any) -> Drawn:
    """Put the elements of each row, along the last axis, into an order of its own."""
    given = as_tensor_variable(x)
    if given.ndim == 0:
        raise ValueError(f"shuffle_row_elements: {given.describe()} has no rows")
    leading = [given.shape[axis] for axis in range(given.ndim - 1)]
    following, orders = permutation(random_state, leading, n=given.shape[-1])
    return following, parameter(T.take_along_axis(given, orders, axis=-1), given.dtype)
