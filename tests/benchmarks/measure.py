"""Timing two ways of doing one thing, in turn, so that both see the same machine.

A repeat times a batch of calls of one way, then of the other; the figure of a way is the median
over the repeats, the ratio is taken repeat by repeat, and its spread is given by its quartiles.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Comparison", "batch", "compare", "seconds"]

_BATCH_SECONDS = 0.004


@dataclass(frozen=True)
class Comparison:
    """Microseconds a call; the ratio peer / ours (above 1: ours is faster) with its quartiles."""

    ours: float
    peer: float
    ratio: float
    low: float
    high: float


def seconds(call: Callable[[], object], count: int) -> float:
    """Seconds for one call, over `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def batch(call: Callable[[], object]) -> int:
    """How many calls take long enough to be timed."""
    once = max(seconds(call, 1), 1e-8)
    return max(1, int(_BATCH_SECONDS / once))


def compare(
    ours: Callable[[], object], peer: Callable[[], object], *, repeats: int = 15
) -> Comparison:
    """Time `ours` beside `peer`, after a warm-up of both."""
    for call in (ours, peer):
        seconds(call, 2)
    counts = batch(ours), batch(peer)
    pairs = [(seconds(ours, counts[0]), seconds(peer, counts[1])) for _ in range(repeats)]
    ratios = [theirs / own for own, theirs in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    own, theirs = (statistics.median(column) * 1e6 for column in zip(*pairs, strict=True))
    return Comparison(own, theirs, middle, low, high)
