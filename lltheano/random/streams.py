"""Streams of random numbers, whose states are shared variables that every call advances."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lltheano.graph.boundary import boundary
from lltheano.random import counts, discrete, distributions, rejection
from lltheano.random.philox import STATE
from lltheano.random.state import RandomState, RandomStateSharedVariable, derived_key
from lltheano.shared import SharedVariable

__all__ = ["RandomStreams", "RandomStreamsBase"]


class RandomStreamsBase:
    """The distributions, as methods: what is drawn anew in each call of a function.

    `size` is an integer, a tuple of integers and scalars, or a vector (then `ndim` says of how many
    elements); without it there are as many numbers as the parameters broadcast to.

    >>> issubclass(RandomStreams, RandomStreamsBase)
    True
    """

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what `op(state, *args, **kwargs)` draws from a stream of its own."""
        raise NotImplementedError(f"{type(self).__name__} does not say where states come from")

    @boundary
    def uniform(
        self,
        size: Any = None,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Any:
        """Numbers from [low, high)."""
        return self.gen(distributions.uniform, size, low, high, ndim=ndim, dtype=dtype)

    @boundary
    def normal(
        self,
        size: Any = None,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Any:
        """Normal numbers of this mean and standard deviation."""
        return self.gen(distributions.normal, size, avg, std, ndim=ndim, dtype=dtype)

    @boundary
    def binomial(
        self,
        size: Any = None,
        n: Any = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        prob: Any = None,
    ) -> Any:
        """How many of `n` trials succeed, each with probability `p`."""
        return self.gen(counts.binomial, size, n, p, ndim=ndim, dtype=dtype, prob=prob)

    @boundary
    def random_integers(
        self,
        size: Any = None,
        low: Any = 0,
        high: Any = 1,
        ndim: int | None = None,
        dtype: Any = "int64",
    ) -> Any:
        """Integers from `low` to `high`, both included."""
        return self.gen(distributions.random_integers, size, low, high, ndim=ndim, dtype=dtype)

    @boundary
    def choice(
        self,
        size: Any = None,
        a: Any = 2,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
    ) -> Any:
        """Elements of a vector, or numbers below `a`, with or without repetition."""
        return self.gen(discrete.choice, size, a, replace, p, ndim=ndim, dtype=dtype)

    @boundary
    def poisson(
        self, size: Any = None, lam: Any = 1.0, ndim: int | None = None, dtype: Any = "int64"
    ) -> Any:
        """Counts of events of which `lam` are expected."""
        return self.gen(counts.poisson, size, lam, ndim=ndim, dtype=dtype)

    @boundary
    def permutation(
        self, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64"
    ) -> Any:
        """Orders of 0, 1, ..., n - 1, along the last axis."""
        return self.gen(discrete.permutation, size, n, ndim=ndim, dtype=dtype)

    @boundary
    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = (0.5, 0.5),
        ndim: int | None = None,
        dtype: Any = "int64",
    ) -> Any:
        """How often each outcome, along the last axis of `pvals`, occurs in `n` trials."""
        return self.gen(discrete.multinomial, size, n, pvals, ndim=ndim, dtype=dtype)

    @boundary
    def shuffle_row_elements(self, input: Any) -> Any:  # noqa: A002 - Theano's parameter
        """The elements of each row, along the last axis, in an order of its own."""
        return self.gen(discrete.shuffle_row_elements, input)

    @boundary
    def gamma(
        self,
        size: Any = None,
        shape: Any = 1.0,
        scale: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Any:
        """Gamma variables of this shape and scale."""
        return self.gen(rejection.gamma, size, shape, scale, ndim=ndim, dtype=dtype)

    @boundary
    def beta(
        self,
        size: Any = None,
        a: Any = 1.0,
        b: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Any:
        """Beta variables."""
        return self.gen(rejection.beta, size, a, b, ndim=ndim, dtype=dtype)

    @boundary
    def exponential(
        self, size: Any = None, scale: Any = 1.0, ndim: int | None = None, dtype: Any = None
    ) -> Any:
        """Exponential variables of this mean."""
        return self.gen(distributions.exponential, size, scale, ndim=ndim, dtype=dtype)

    @boundary
    def truncated_normal(
        self,
        size: Any = None,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Any:
        """Normal numbers, given that they are within two standard deviations."""
        return self.gen(distributions.truncated_normal, size, avg, std, ndim=ndim, dtype=dtype)


class RandomStreams(RandomStreamsBase):
    """A family of streams, one for each expression that draws.

    A function that uses what is drawn advances its stream by a default update, all or nothing like
    any other; functions that share an expression share its stream. With one seed the streams are
    the same in every process, on every machine.

    Parameters
    ----------
    seed
        An integer, or a list of integers; None is chance.

    Examples
    --------
    >>> from lltheano import function
    >>> srng = RandomStreams(seed=234)
    >>> u = srng.uniform((2, 2))
    >>> f, g = function([], u), function([], u, no_default_updates=True)
    >>> bool((f() == f()).any()), bool((g() == g()).all())
    (False, True)
    """

    def __init__(self, seed: Any = None) -> None:
        self.state_updates: list[tuple[SharedVariable, Any]] = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.SeedSequence(None if seed is None else _integers(seed))
        self._entropy = [int(one) for one in self.gen_seedgen.generate_state(4, np.uint64)]

    def updates(self) -> list[tuple[SharedVariable, Any]]:
        """Return the updates that advance all streams."""
        return list(self.state_updates)

    def seed(self, seed: Any = None) -> None:
        """Begin all streams anew, as a new family of this seed would; None is the seed they had."""
        chosen = self.default_instance_seed if seed is None else seed
        sequence = np.random.SeedSequence(None if chosen is None else _integers(chosen))
        self._entropy = [int(one) for one in sequence.generate_state(4, np.uint64)]
        for number, (state, _) in enumerate(self.state_updates):
            state.set_value(self._first(number))

    def _first(self, number: int) -> RandomState:
        return RandomState.of_words([derived_key(self._entropy, number), 0, 0])

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what `op(state, *args, **kwargs)`, which returns (new state, drawn), draws from a
        stream of its own.
        """
        number = len(self.state_updates)
        state = RandomStateSharedVariable(None, STATE, self._first(number))
        following, drawn = op(state, *args, **kwargs)
        drawn.rng, drawn.update = state, (state, following)
        self.state_updates.append(drawn.update)
        state.default_update = following
        return drawn

    def __getitem__(self, item: Any) -> Any:
        """Return the value of a stream's state, given the state; KeyError for others."""
        return self._known(item).get_value(borrow=True)

    def __setitem__(self, item: Any, val: Any) -> None:
        """Set the value of a stream's state."""
        self._known(item).set_value(val, borrow=True)

    def _known(self, item: Any) -> SharedVariable:
        for state, following in self.state_updates:
            if item is state or item is following:
                return state
        raise KeyError(f"{item} is no state of these streams; it is `drawn.rng`")


def _integers(seed: Any) -> list[int]:
    seeds = [int(one) for one in np.ravel(seed)]
    return [one % (1 << 64) for one in seeds]
