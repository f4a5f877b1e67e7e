"""Tests of samples. Each returns the probability that a good sample is so far off, or farther."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.stats

__all__ = [
    "cells",
    "correlation",
    "holm",
    "kolmogorov",
    "mean",
    "pearson",
    "popcounts",
    "rare",
    "tails",
    "variance",
]

_TAIL = 1e-3
"""The probability of each of the tails that are counted."""


def kolmogorov(sample: Any, law: Any) -> float:
    """By Kolmogorov and Smirnov."""
    return float(scipy.stats.kstest(sample, law.cdf).pvalue)


def pearson(sample: Any, law: Any) -> float:
    """By Pearson's chi-square, over values that five at least are expected of, and the rest in one.

    Values that are many are put into ranges. A value that the law does not have is impossible.
    """
    if not law.pmf(np.unique(sample)).all():
        return 0.0
    low, high = law.ppf([1e-9, 1 - 1e-9])
    step = max(1, int(high - low) // 400)
    edges = np.arange(low - 1, high + step, step)
    shares = np.diff(law.cdf(edges), prepend=0, append=1)
    counts = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(shares))
    often = shares * len(sample) >= 5
    return _chi_square(
        np.append(counts[often], counts[~often].sum()),
        np.append(shares[often], shares[~often].sum()) * len(sample),
    )


def _chi_square(counts: Any, expected: Any) -> float:
    kept = expected > 1e-3
    if counts[~kept].any():
        return 0.0
    seen, wanted = counts[kept], expected[kept]
    distance = float(((seen - wanted) ** 2 / wanted).sum())
    return float(scipy.stats.chi2.sf(distance, max(1, len(seen) - 1)))


def cells(numbers: Any, count: int) -> float:
    """By Pearson's chi-square, of numbers below `count` that are equally likely; both too uneven
    and too even is off.
    """
    expected = len(numbers) / count
    counts = np.bincount(numbers, minlength=count)
    distance = float(((counts - expected) ** 2).sum() / expected)
    return _two_sided(float(scipy.stats.chi2.sf(distance, count - 1)))


def popcounts(differences: Any) -> float:
    """Of words xored with others, rows of uint32: so many bits differ as of independent ones."""
    rows = np.bitwise_count(differences).sum(axis=0, dtype=np.int64)
    return pearson(rows, scipy.stats.binom(32 * len(differences), 0.5))


def mean(sample: Any, law: Any) -> float:
    """By the mean, which is normal."""
    return _normal((np.mean(sample) - law.mean()) / law.std() * np.sqrt(len(sample)))


def variance(sample: Any, law: Any) -> float:
    """By the mean of squares about the law's mean."""
    kurtosis = float(law.stats(moments="k")) + 2
    squares = ((np.asarray(sample, np.float64) - law.mean()) / law.std()) ** 2
    return _normal((squares.mean() - 1) / np.sqrt(kurtosis / len(sample)))


def tails(sample: Any, law: Any) -> float:
    """By how many are beyond the outermost thousandths, both ways; the worse of the two, twice."""
    low, high = law.ppf([_TAIL, 1 - _TAIL])
    below, above = np.sum(sample < low), np.sum(sample > high)
    chances = law.cdf(low) - _mass(law, low), law.sf(high)
    pairs = zip((below, above), chances, strict=True)
    return min(1.0, 2 * min(rare(int(k), len(sample) * p) for k, p in pairs))


def _mass(law: Any, value: float) -> float:
    return float(law.pmf(value)) if hasattr(law, "pmf") else 0.0


def rare(count: int, expected: float) -> float:
    """Of a count of rare events: too few, or too many."""
    few, many = (
        scipy.stats.poisson.cdf(count, expected),
        scipy.stats.poisson.sf(count - 1, expected),
    )
    return min(1.0, 2 * min(float(few), float(many)))


def correlation(x: Any, y: Any) -> float:
    """By the correlation of two samples, which is normal."""
    r = np.corrcoef(np.asarray(x, np.float64), np.asarray(y, np.float64))[0, 1]
    return _normal(r * np.sqrt(len(x)))


def _normal(deviations: float) -> float:
    return float(2 * scipy.stats.norm.sf(abs(deviations)))


def _two_sided(p: float) -> float:
    return min(1.0, 2 * min(p, 1 - p))


def holm(probabilities: Sequence[float], level: float) -> list[int]:
    """The places of the tests that fail, by S. Holm's method (Scandinavian Journal of Statistics 6,
    1979): where all is well, any does with probability `level` at most.
    """
    order = sorted(range(len(probabilities)), key=lambda place: probabilities[place])
    failing = []
    for number, place in enumerate(order):
        if probabilities[place] > level / (len(order) - number):
            break
        failing.append(place)
    return failing
