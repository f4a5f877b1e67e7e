"""The generator gives the published words, and states move on by what was drawn."""

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.random.philox import BLOCK, STATE, random_words

PUBLISHED = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Counter, key and words of philox4x32 with 10 rounds: the file kat_vectors of Random123."""


def joined(low: int, high: int) -> int:
    return high << 32 | low


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_the_published_words(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]
) -> None:
    state = STATE("state")
    draw = function([state], random_words(state, 1)[1])
    start = [joined(*key), joined(*counter[:2]), joined(*counter[2:])]
    assert draw(np.array(start, np.uint64)).ravel().tolist() == list(words)


def test_blocks_are_those_of_the_counters_one_by_one() -> None:
    """In vectors and one by one, and across the wrap of the lower half."""
    state, count = STATE("state"), T.lscalar("count")
    draw = function([state, count], list(random_words(state, count)))
    for first in (5, (1 << 32) - 3, (1 << 64) - 3):
        start = np.array([17, first, 4], np.uint64)
        following, words = draw(start, 70)
        assert words.shape == (BLOCK, 70)
        one_by_one = []
        for block in range(70):
            number = np.uint64((first + block) % (1 << 64))
            one_by_one.append(draw(np.array([17, number, 4], np.uint64), 1)[1])
        np.testing.assert_array_equal(words, np.concatenate(one_by_one, axis=1))
        assert following.tolist() == [17, (first + 70) % (1 << 64), 4]


def test_substreams_are_others() -> None:
    state = STATE("state")
    draw = function([state], [random_words(state, 8, k)[1] for k in range(3)])
    first, second, third = draw(np.array([1, 2, 3], np.uint64))
    assert len(np.unique(np.concatenate([first, second, third]))) == 3 * 4 * 8


@pytest.mark.parametrize("wrong", [T.dvector("x"), T.lscalar("n")])
def test_what_is_no_state_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="the state of a random stream"):
        random_words(wrong, 1)
