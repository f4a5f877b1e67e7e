"""The streams that Theano's programs know from `theano.sandbox.rng_mrg`."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from lltheano.graph.boundary import boundary
from lltheano.random import discrete
from lltheano.random.philox import RandomWords
from lltheano.random.state import RandomState
from lltheano.random.streams import RandomStreams
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = ["MRG_RandomStreams", "guess_n_streams", "mrg_uniform", "mrg_uniform_base"]

mrg_uniform = mrg_uniform_base = RandomWords
"""The op that draws, whatever generator it was named after."""


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """Return a number of streams that Theano would have taken for a size; it decides nothing here.

    >>> guess_n_streams((100, 10))
    166
    """
    if isinstance(size, tuple | list) and all(isinstance(one, int) for one in size):
        count = int(np.prod(size))
        return min(count // 6 if count > 6 else count, 60 * 256)
    if warn:
        warnings.warn("the size is not known, which makes no difference", stacklevel=2)
    return 60 * 256


class MRG_RandomStreams(RandomStreams):  # noqa: N801 - Theano's name
    """`RandomStreams` under the name, and with the parameters, of Theano's other generator.

    `nstreams` is accepted wherever it was, and decides nothing.

    >>> from lltheano import function
    >>> srng = MRG_RandomStreams(seed=1)
    >>> drop = function([], srng.binomial(size=(3, 4), p=0.5, dtype="float32"))
    >>> drop().shape
    (3, 4)
    """

    def __init__(self, seed: Any = 12345, use_cuda: Any = None) -> None:
        if isinstance(seed, int | np.integer) and seed == 0:
            raise ValueError("seed should not be 0")
        super().__init__(seed)
        self._skipped = 0

    @property
    def rstate(self) -> Any:
        """What streams that are made from now on follow from; setting it to that of another family
        makes them the same as that family's.
        """
        return np.array([*self._entropy, self._next], np.uint64)

    @rstate.setter
    def rstate(self, value: Any) -> None:
        *entropy, following = (int(one) for one in value)
        if len(entropy) != len(self._entropy):
            raise ValueError(f"rstate is what rstate of such streams gave, got {value!r:.80}")
        self._entropy, self._skipped = entropy, following - len(self.state_updates)

    @property
    def _next(self) -> int:
        """The number of the stream that is made next."""
        return len(self.state_updates) + self._skipped

    def _first(self, number: int) -> RandomState:
        return super()._first(number + self._skipped)

    def seed(self, seed: Any = None) -> None:
        """Begin all streams anew, as a new family of this seed would; None is the seed they had."""
        self._skipped = 0
        super().seed(seed)

    def set_rstate(self, seed: Any) -> None:
        """Let streams that are made from now on follow from another seed."""
        self.rstate = MRG_RandomStreams(seed).rstate

    def inc_rstate(self) -> None:
        """Let streams that are made from now on be others."""
        self._skipped += 1

    def n_streams(self, size: Any) -> int:
        """Return what `guess_n_streams` does."""
        return guess_n_streams(size)

    def get_substream_rstates(
        self, n_streams: int, dtype: Any = None, inc_rstate: bool = True
    ) -> Any:
        """Return first states of so many streams, a row each."""
        made = len(self.state_updates)
        states = [self._first(made + (one << 32)).words for one in range(n_streams)]
        if inc_rstate:
            self.inc_rstate()
        return np.stack(states)

    def pretty_return(
        self, node_rstate: Any, new_rstate: Any, sample: Any, size: Any, nstreams: Any
    ) -> Any:
        """Note on a sample where it comes from, as Theano's samples have it."""
        sample.rstate = sample.rng = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append(sample.update)
        node_rstate.default_update = new_rstate
        return sample

    @boundary
    def uniform(
        self,
        size: Any = None,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
    ) -> Any:
        """Numbers from [low, high)."""
        return super().uniform(size, low=low, high=high, ndim=ndim, dtype=dtype)

    @boundary
    def normal(
        self,
        size: Any = None,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
        truncate: bool = False,
    ) -> Any:
        """Normal numbers of this mean and standard deviation; truncated, those within two of it."""
        draw = super().truncated_normal if truncate else super().normal
        return draw(size, avg=avg, std=std, ndim=ndim, dtype=dtype)

    @boundary
    def truncated_normal(
        self,
        size: Any = None,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
    ) -> Any:
        """Normal numbers, given that they are within two standard deviations."""
        return super().truncated_normal(size, avg=avg, std=std, ndim=ndim, dtype=dtype)

    @boundary
    def binomial(
        self,
        size: Any = None,
        n: Any = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        prob: Any = None,
        nstreams: Any = None,
    ) -> Any:
        """How many of `n` trials succeed, each with probability `p`."""
        return super().binomial(size, n=n, p=p, ndim=ndim, dtype=dtype, prob=prob)

    @boundary
    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = (0.5, 0.5),
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
    ) -> Any:
        """How often each outcome occurs in `n` trials."""
        return super().multinomial(size, n=n, pvals=pvals, ndim=ndim, dtype=dtype)

    @boundary
    def choice(
        self,
        size: Any = 1,
        a: Any = None,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
    ) -> Any:
        """Elements of a vector, or numbers below `a`; of a matrix `p` so many numbers of the
        outcomes of each row.

        >>> rows = MRG_RandomStreams(1).choice(size=2, p=[[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
        >>> rows.eval().shape
        (2, 2)
        """
        likely = None if p is None else as_tensor_variable(p)
        if likely is not None and likely.ndim == 2:
            if a is not None:
                raise TypeError(
                    "choice: with a matrix p numbers of outcomes are drawn, and a has to be None,"
                    f" got {as_tensor_variable(a).describe()}"
                )
            return self.gen(discrete.rows_of_choices, size, likely, replace, dtype=dtype)
        if a is None:
            a = 2 if likely is None else likely.shape[0]
        return super().choice(size, a=a, replace=replace, p=p, ndim=ndim, dtype=dtype)

    @boundary
    def multinomial_wo_replacement(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
    ) -> Any:
        """Numbers of `n` different outcomes of each row of `pvals`: the older name of `choice`
        without replacement. ValueError for a size, which the rows and `n` are.
        """
        warnings.warn(
            "multinomial_wo_replacement is deprecated; use choice(size=n, p=pvals, replace=False)",
            DeprecationWarning,
            stacklevel=3,
        )
        if size is not None or ndim is not None:
            raise ValueError("multinomial_wo_replacement: n says how many are drawn, not size")
        return self.choice(size=n, replace=False, p=pvals, dtype=dtype)

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what is drawn, with its state under Theano's other name too."""
        drawn = super().gen(op, *args, **kwargs)
        drawn.rstate = drawn.rng
        return drawn
