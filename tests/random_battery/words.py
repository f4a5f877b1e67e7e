"""The battery over raw words, and the stream of them that other batteries read."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.stats

import lltheano.tensor as T
from lltheano import function
from lltheano.random import RandomStreams
from lltheano.random.philox import BLOCK, STATE, random_words
from tests.random_battery.battery import Check
from tests.random_battery.statistics import cells, popcounts, rare

__all__ = ["BLOCKS", "check_words", "stream_of_bytes"]

BLOCKS = 1 << 18
"""Blocks, of four words, in a sample."""

_PUBLISHED = (
    ((0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (((1 << 64) - 1,) * 3, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
)
"""States and words of philox4x32 with 10 rounds: the file kat_vectors of Random123."""

Sample = Callable[..., Any]


def check_words(seed: int, blocks: int = BLOCKS) -> Iterator[Check]:
    """All checks of words from one seed."""
    state, substream = STATE("state"), T.lscalar("substream")
    sample = function([state, substream], random_words(state, blocks, substream)[1])
    streams = RandomStreams(seed)
    call = function([], [streams.gen(random_words, blocks) for _ in range(2)])
    (first, other), (later, _) = call(), call()
    start = streams.state_updates[0][0].get_value().words
    found = {
        "published": _published(),
        **_alone(first),
        "stream": popcounts(first ^ other),
        "call": popcounts(first ^ later),
        **_beside(sample, start),
    }
    for what, probability in found.items():
        yield Check("words", what, seed, probability)


def _published() -> float:
    """1 where the words are those that were published, 0 otherwise: this is no matter of chance."""
    state = STATE("state")
    draw = function([state], random_words(state, 1)[1])
    pairs = [(draw(np.array(start, np.uint64)), words) for start, words in _PUBLISHED]
    return float(all(found.ravel().tolist() == list(words) for found, words in pairs))


def _alone(words: Any) -> dict[str, float]:
    """Of one sample: its bits, bytes, neighbours and repetitions."""
    stream = words.T.ravel()
    shares = np.array([(words >> np.uint32(bit) & 1).mean(axis=1) for bit in range(32)])
    distance = (4 * words.shape[1] * (shares - 0.5) ** 2).sum()
    pairs = words[:2].astype(np.uint64)
    long = pairs[0] << np.uint64(32) | pairs[1]
    return {
        "bits": float(scipy.stats.chi2.sf(distance, 32 * BLOCK)),
        "bytes": cells(np.ascontiguousarray(stream).view(np.uint8), 256),
        "upper halves": cells(stream >> np.uint32(16), 1 << 16),
        "lower halves": cells(stream & np.uint32(0xFFFF), 1 << 16),
        "next, upper": _pairs(stream[:-1] >> np.uint32(24), stream[1:] >> np.uint32(24)),
        "next, lower": _pairs(stream[:-1] & np.uint32(255), stream[1:] & np.uint32(255)),
        **{
            f"0 with {row}": _pairs(words[0] >> np.uint32(24), words[row] >> np.uint32(24))
            for row in range(1, BLOCK)
        },
        "block": popcounts(words[:, :-1] ^ words[:, 1:]),
        "repeated words": rare(_repeated(words[0]), words.shape[1] ** 2 / 2.0**33),
        "repeated pairs": rare(_repeated(long), words.shape[1] ** 2 / 2.0**65),
    }


def _pairs(x: Any, y: Any) -> float:
    """Of pairs of bytes, that do not overlap."""
    return cells((x[::2] << np.uint32(8) | y[::2]).astype(np.int64), 1 << 16)


def _repeated(numbers: Any) -> int:
    return len(numbers) - len(np.unique(numbers))


def _beside(sample: Sample, start: Any) -> dict[str, float]:
    """Words beside those of a key, a counter and a substream that differ in one bit."""
    base = sample(start, 0)

    def flipped(word: int, bit: int) -> Any:
        other = start.copy()
        other[word] ^= np.uint64(1 << bit)
        return popcounts(base ^ sample(other, 0))

    return {
        "key, bit 0": flipped(0, 0),
        "key, bit 63": flipped(0, 63),
        "counter, bit 40": flipped(1, 40),
        "counter, bit 64": flipped(2, 0),
        "counter, bit 127": flipped(2, 63),
        "substream": popcounts(base ^ sample(start, 1)),
    }


def stream_of_bytes(seed: int) -> Iterator[bytes]:
    """Words of one stream, block after block, without end."""
    drawn = RandomStreams(seed).gen(random_words, BLOCKS)
    draw = function([], drawn.T.flatten())
    while True:
        yield draw().tobytes()
