"""Every distribution, as what draws it beside the law that SciPy knows of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats

import lltheano.tensor as T
from lltheano import scan
from lltheano.random import RandomStreams

__all__ = ["LAWS", "Law"]

Draw = Callable[[RandomStreams, int], Any]
"""Of streams and a count: a vector, or what `scan` returns, a vector and updates."""


@dataclass(frozen=True)
class Law:
    """What a name draws, so many of it as numbers in a vector, and their distribution."""

    name: str
    draw: Draw
    law: Any

    @property
    def is_discrete(self) -> bool:
        """Whether it has probabilities of values, rather than a density."""
        return hasattr(self.law, "pmf")


def _orders(rows: Any) -> Any:
    """Which of the 24 orders of four different numbers each row has, by comparisons."""
    smaller = [
        sum((T.lt(rows[:, j], rows[:, i]).astype("int64") for j in range(i + 1, 4)), 0)
        for i in range(3)
    ]
    return smaller[0] * 6 + smaller[1] * 2 + smaller[2]


def _pairs(streams: RandomStreams, count: int) -> Any:
    """Which of the 12 pairs of two of four were chosen, in a loop: a choice draws one set."""
    return scan(lambda: _pair(streams.choice((2,), 4, replace=False, p=_UNEVEN)), n_steps=count)


def _pair(chosen: Any) -> Any:
    return chosen[0] * 3 + chosen[1] - T.gt(chosen[1], chosen[0])


_UNEVEN = [0.1, 0.2, 0.3, 0.4]

_PAIRS = [
    first * second / (1 - first)
    for i, first in enumerate(_UNEVEN)
    for j, second in enumerate(_UNEVEN)
    if i != j
]


def _categories(*shares: float) -> Any:
    return scipy.stats.rv_discrete(values=(np.arange(len(shares)), shares))


def _floats(dtype: str) -> tuple[Law, ...]:
    stats = scipy.stats
    rows: list[tuple[str, Callable[..., Any], Any]] = [
        ("uniform", lambda s, n: s.uniform((n,), -1, 3, dtype=dtype), stats.uniform(-1, 4)),
        ("normal", lambda s, n: s.normal((n,), 1, 2, dtype=dtype), stats.norm(1, 2)),
        (
            "truncated_normal",
            lambda s, n: s.truncated_normal((n,), 1, 2, dtype=dtype),
            stats.truncnorm(-2, 2, 1, 2),
        ),
        ("exponential", lambda s, n: s.exponential((n,), 2.5, dtype=dtype), stats.expon(scale=2.5)),
        ("gamma(3)", lambda s, n: s.gamma((n,), 3.0, 2.0, dtype=dtype), stats.gamma(3, scale=2)),
        ("gamma(0.4)", lambda s, n: s.gamma((n,), 0.4, dtype=dtype), stats.gamma(0.4)),
        ("beta(2, 5)", lambda s, n: s.beta((n,), 2.0, 5.0, dtype=dtype), stats.beta(2, 5)),
        ("beta(0.5, 0.5)", lambda s, n: s.beta((n,), 0.5, 0.5, dtype=dtype), stats.beta(0.5, 0.5)),
    ]
    return tuple(Law(f"{name} {dtype}", draw, law) for name, draw, law in rows)


def _poisson(mean: float) -> Law:
    return Law(f"poisson({mean:g})", lambda s, n: s.poisson((n,), mean), scipy.stats.poisson(mean))


def _binomial(trials: int, p: float) -> Law:
    law = scipy.stats.binom(trials, p)
    return Law(f"binomial({trials}, {p:g})", lambda s, n: s.binomial((n,), trials, p), law)


_EQUAL = scipy.stats.randint

LAWS: tuple[Law, ...] = (
    *_floats("float64"),
    *_floats("float32"),
    Law(
        "uniform float16",
        lambda s, n: (s.uniform((n,), dtype="float16").astype("float64") * 2048).astype("int64"),
        _EQUAL(0, 2048),
    ),
    *(_poisson(mean) for mean in (0.3, 4.5, 9.9, 10.1, 40.0, 1e3, 1e6)),
    *(
        _binomial(*one)
        for one in ((1, 0.3), (9, 0.3), (20, 0.5), (40, 0.9), (1000, 0.3), (10**6, 0.4))
    ),
    Law("random_integers", lambda s, n: s.random_integers((n,), -2, 6), _EQUAL(-2, 7)),
    Law("choice", lambda s, n: s.choice((n,), 7), _EQUAL(0, 7)),
    Law(
        "choice of p", lambda s, n: s.choice((n,), 3, p=[0.2, 0.5, 0.3]), _categories(0.2, 0.5, 0.3)
    ),
    Law(
        "multinomial",
        lambda s, n: s.multinomial((n,), pvals=[0.1, 0.6, 0.3]).argmax(axis=1),
        _categories(0.1, 0.6, 0.3),
    ),
    Law(
        "multinomial of 5",
        lambda s, n: s.multinomial((n,), n=5, pvals=[0.1, 0.6, 0.3])[:, 1],
        scipy.stats.binom(5, 0.6),
    ),
    Law(
        "multinomial of 1000",
        lambda s, n: s.multinomial((n,), n=1000, pvals=[0.1, 0.6, 0.3])[:, 2],
        scipy.stats.binom(1000, 0.3),
    ),
    Law("choice without replacement", _pairs, _categories(*_PAIRS)),
    Law("permutation", lambda s, n: _orders(s.permutation((n,), n=4)), _EQUAL(0, 24)),
    Law(
        "shuffle_row_elements",
        lambda s, n: _orders(s.shuffle_row_elements(T.tile(T.arange(4), (n, 1)))),
        _EQUAL(0, 24),
    ),
)
