"""Frames and calls of host functions: one array behind the other, and none overlaps."""

import itertools

import pytest

from lltheano_ir.abi import (
    REPORT_WORDS,
    ArrayWords,
    array_words,
    call_words,
    frame_words,
)

RANKS = [(), (0,), (2, 0, 1), (3, 3)]


@pytest.mark.parametrize(("first", "second"), [*itertools.product(RANKS, RANKS)])
def test_arrays_follow_each_other_and_the_report_follows_them(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    frame, call = frame_words(first, second), call_words(first, second)
    for groups, start in (
        ((frame.parameters, frame.results), 0),
        ((call.operands, call.results), call.ticket + 1),
    ):
        for one in (*groups[0], *groups[1]):
            assert one.data == start
            start = one.end
        assert [one.strided for one in (*groups[0], *groups[1])] == (
            [True] * len(first) + [False] * len(second)
        )
    words = sum(1 + 2 * rank for rank in first) + sum(1 + rank for rank in second)
    assert (frame.report, frame.host) == (words, words + REPORT_WORDS)
    assert call.words == words + 1


def test_an_array_without_strides_has_none() -> None:
    (plain,) = array_words([2], strided=False)
    assert plain == ArrayWords(0, 2, strided=False)
    assert plain.end == 3
    with pytest.raises(ValueError, match="row-major"):
        plain.strides  # noqa: B018 - asking is what is refused
