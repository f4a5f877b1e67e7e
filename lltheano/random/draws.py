"""Numbers made of random words, as flat vectors: uniform, normal, integers.

Every function takes a state and a count, and returns the state after it with so many numbers.
"""

from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.random.philox import random_words

__all__ = ["Drawn", "normals", "pairs_above_zero", "uniforms", "uniforms_above_zero"]

Drawn = tuple[Any, Any]
"""The state after a draw, and the numbers."""


def _blocks(count: Any, each: int) -> Any:
    """How many blocks of four words hold `each` words for so many numbers."""
    return (count * each + 3) // 4


def uniforms(state: Any, count: Any, dtype: str, substream: Any = 0) -> Drawn:
    """Draw numbers from [0, 1): multiples of 2**-24 in float32 (2**-11 in float16), of 2**-53 in
    float64.
    """
    if dtype == "float64":
        following, words = random_words(state, _blocks(count, 2), substream)
        high, low = words[:2].flatten()[:count], words[2:].flatten()[:count]
        return following, _double(high, low)
    following, words = random_words(state, _blocks(count, 1), substream)
    bits = 11 if dtype == "float16" else 24
    short = (words.flatten()[:count] >> np.uint32(32 - bits)).astype("int32").astype(dtype)
    return following, short * np.asarray(2.0**-bits, dtype)


def _double(high: Any, low: Any) -> Any:
    """Two words as a multiple of 2**-53 in [0, 1)."""
    upper = (high >> np.uint32(5)).astype("int64")
    lower = (low >> np.uint32(6)).astype("int64")
    return (upper * 67108864 + lower).astype("float64") * 2.0**-53


def uniforms_above_zero(state: Any, count: Any, dtype: str, substream: Any = 0) -> Drawn:
    """Draw numbers from (0, 1): those of `uniforms`, in the middle of their steps, for logarithms.

    In float32 and float16 they are spread on all 32 bits of a word.
    """
    if dtype == "float64":
        following, numbers = uniforms(state, count, dtype, substream)
        return following, numbers + 2.0**-54
    following, words = random_words(state, _blocks(count, 1), substream)
    return following, _open(words.flatten()[:count])


def pairs_above_zero(state: Any, count: Any, substream: Any) -> tuple[Any, Any]:
    """Draw two float64 vectors from (0, 1), of so many numbers each, from as many blocks."""
    _, words = random_words(state, count, substream)
    return _double(words[0], words[1]) + 2.0**-54, _double(words[2], words[3]) + 2.0**-54


def _open(words: Any) -> Any:
    """Words as float32 numbers above 0 and, but for rounding, below 1."""
    return words.astype("float32") * np.float32(2.0**-32) + np.float32(2.0**-33)


def normals(state: Any, count: Any, dtype: str, substream: Any = 0) -> Drawn:
    """Draw standard normal numbers, two at a time, by the method of G. E. P. Box and M. E. Muller
    (Annals of Mathematical Statistics 29, 1958).

    The largest are 6.7 in float32 and float16, 8.6 in float64.
    """
    pairs = (count + 1) // 2
    if dtype == "float64":
        following, words = random_words(state, pairs, substream)
        radius = _double(words[0], words[1]) + 2.0**-54
        turn = _double(words[2], words[3])
    else:
        following, words = random_words(state, _blocks(pairs, 2), substream)
        radius = _open(words[:2].flatten()[:pairs])
        turn = (words[2:].flatten()[:pairs] >> np.uint32(8)).astype("int32").astype("float32")
        turn = turn * np.float32(2.0**-24)
    length = T.sqrt(np.asarray(-2, radius.dtype) * T.log(radius))
    angle = turn * np.asarray(2 * np.pi, radius.dtype)
    both = T.concatenate([length * T.cos(angle), length * T.sin(angle)])
    return following, both[:count].astype(dtype)
