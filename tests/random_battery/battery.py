"""The battery over distributions: each sample against its law, and against its neighbours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lltheano import function
from lltheano.random import RandomStreams
from tests.random_battery import statistics
from tests.random_battery.laws import Law
from tests.random_battery.statistics import correlation, holm

__all__ = ["COLUMNS", "COUNT", "LEVEL", "SEEDS", "Check", "check_law", "failures"]

SEEDS = (1, 20_26, 0xDEADBEEF, 4)
"""Fixed once for all."""

COUNT = 200_000
"""Numbers in a sample."""

LEVEL = 1e-3
"""The probability with which any check of a good generator fails."""

COLUMNS = ("law", "mean", "variance", "tails", "next", "fourth", "half", "stream", "call")
"""What is checked of a distribution: the sample against its law; and its correlation with what
comes next, fourth, and half a sample later, with another stream, and with the next call.
"""


@dataclass(frozen=True)
class Check:
    """The probability that what is right is so far off."""

    name: str
    what: str
    seed: int
    probability: float


def check_law(law: Law, seed: int, count: int = COUNT) -> Iterator[Check]:
    """All checks of a distribution from one seed."""
    first, other, later = _samples(law, seed, count)
    fit = statistics.pearson if law.is_discrete else statistics.kolmogorov
    found = [
        fit(first, law.law),
        statistics.mean(first, law.law),
        statistics.variance(first, law.law),
        statistics.tails(first, law.law),
        correlation(first[:-1], first[1:]),
        correlation(first[:-4], first[4:]),
        correlation(first[: count // 2], first[count - count // 2 :]),
        correlation(first, other),
        correlation(first, later),
    ]
    for what, probability in zip(COLUMNS, found, strict=True):
        yield Check(law.name, what, seed, probability)


def _samples(law: Law, seed: int, count: int) -> tuple[Any, Any, Any]:
    """One sample, one of another stream in the same call, and one of the next call."""
    streams = RandomStreams(seed)
    drawn, updates = zip(*(_drawn(law.draw, streams, count) for _ in range(2)), strict=True)
    draw = function([], list(drawn), updates=updates[0] + updates[1])
    (first, other), (later, _) = draw(), draw()
    return np.asarray(first), np.asarray(other), np.asarray(later)


def _drawn(draw: Callable[..., Any], streams: RandomStreams, count: int) -> tuple[Any, list[Any]]:
    drawn = draw(streams, count)
    if isinstance(drawn, tuple):
        return drawn[0], list(drawn[1].items())
    return drawn, []


def failures(checks: list[Check]) -> list[Check]:
    """The checks that fail, all of them taken together."""
    return [checks[place] for place in holm([one.probability for one in checks], LEVEL)]
