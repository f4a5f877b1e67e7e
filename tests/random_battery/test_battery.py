"""The battery passes what is right, at a part of its size, and finds planted faults."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.stats

import lltheano.tensor as T
from lltheano.random import RandomStreams, draws, philox, transformed
from tests.random_battery.battery import Check, check_law, failures
from tests.random_battery.dieharder import ask_dieharder, is_installed
from tests.random_battery.laws import LAWS, Law
from tests.random_battery.statistics import cells, holm, pearson, rare
from tests.random_battery.words import check_words, stream_of_bytes

NORMAL = scipy.stats.norm()


def found(checks: Iterator[Check]) -> set[str]:
    return {one.what for one in failures(list(checks))}


def test_words_are_well() -> None:
    assert not found(check_words(3, 1 << 14))


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS[::5], ids=lambda law: law.name)
def test_distributions_are_well(law: Law) -> None:
    """A sample: the command draws from all."""
    assert not found(check_law(law, 3, 10_000))


def test_a_wrong_constant_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Odd ones mix as well as the published, but for the words being others."""
    monkeypatch.setattr(philox, "_MULTIPLIERS", (0xD2511F55, 0xCD9E8D57))
    assert found(check_words(3, 1 << 14)) == {"published"}
    monkeypatch.setattr(philox, "_MULTIPLIERS", (0xD2511F50, 0xCD9E8D57))
    assert {"published", "bits", "lower halves"} <= found(check_words(3, 1 << 14))


def test_too_few_rounds_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(philox, "_ROUNDS", 3)
    assert {"block", "counter, bit 40", "key, bit 63"} & found(check_words(3, 1 << 14))


def test_keys_that_do_not_change_from_round_to_round_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(philox, "_KEY_STEPS", (0, 0))
    assert "published" in found(check_words(3, 1 << 14))


def test_a_stream_that_is_not_advanced_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def standing(state: Any, blocks: Any, substream: Any = 0) -> Any:
        return state, philox.random_words(state, blocks, substream)[1]

    monkeypatch.setattr(draws, "random_words", standing)
    law = Law("normal", lambda s, n: s.normal((n,)), NORMAL)
    assert found(check_law(law, 3, 10_000)) == {"call"}


def test_a_counter_that_repeats_is_found() -> None:
    """The second half of a sample is the first again; every fourth number is that before it."""

    def halves(s: RandomStreams, n: int) -> Any:
        half = s.normal((n // 2,))
        return T.concatenate([half, half])

    def fours(s: RandomStreams, n: int) -> Any:
        return T.repeat(s.normal((n // 8, 4)), 2, axis=0).flatten()

    assert "half" in found(check_law(Law("halves", halves, NORMAL), 3, 10_000))
    assert "fourth" in found(check_law(Law("fours", fours, NORMAL), 3, 10_000))
    twice = np.tile(np.frombuffer(next(stream_of_bytes(3)), np.uint32)[:50_000], 2)
    repeated = len(twice) - len(np.unique(twice))
    assert rare(repeated, len(twice) ** 2 / 2.0**33) < 1e-9


def test_streams_that_are_the_same_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first = RandomStreams._first
    monkeypatch.setattr(RandomStreams, "_first", lambda self, number: first(self, 0))
    law = Law("normal", lambda s, n: s.normal((n,)), NORMAL)
    assert found(check_law(law, 3, 10_000)) == {"stream"}


WRONG: dict[str, tuple[Law, str]] = {
    "truncated tail": (
        Law("normal", lambda s, n: T.clip(s.normal((n,)), -3.05, 3.05), NORMAL),
        "tails",
    ),
    "wrong variance": (Law("normal", lambda s, n: s.normal((n,), std=1.03), NORMAL), "variance"),
    "wrong mean": (Law("normal", lambda s, n: s.normal((n,), avg=0.02), NORMAL), "mean"),
    "wrong law": (
        Law("laplace", lambda s, n: s.exponential((n,)) - s.exponential((n,)), NORMAL),
        "law",
    ),
    "autoregressive": (
        Law("normal", lambda s, n: _smoothed(s.normal((n + 1,))), NORMAL),
        "next",
    ),
    "off by one": (
        Law("integers", lambda s, n: s.random_integers((n,), 0, 8), scipy.stats.randint(0, 8)),
        "law",
    ),
    "one value too rare": (
        Law(
            "integers",
            lambda s, n: T.minimum((s.uniform((n,)) * 8.1).astype("int64"), 7),
            scipy.stats.randint(0, 8),
        ),
        "law",
    ),
}


def _smoothed(z: Any) -> Any:
    return (z[1:] + 0.05 * z[:-1]) / np.sqrt(1 + 0.05**2)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_distribution_is_found(name: str) -> None:
    law, what = WRONG[name]
    assert what in found(check_law(law, 3, 100_000))


def test_a_rejection_that_accepts_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformed, "_deviance", lambda k, mean: (k - mean) ** 2 / (2 * mean))
    law = Law("poisson", lambda s, n: s.poisson((n,), 40.0), scipy.stats.poisson(40.0))
    assert "law" in found(check_law(law, 3, 100_000))


def test_what_is_too_even_is_found() -> None:
    assert cells(np.arange(25_600) % 256, 256) < 1e-9
    assert cells(np.arange(25_600) % 255, 256) < 1e-9


def test_a_value_that_cannot_be_is_found() -> None:
    sample = np.append(np.zeros(100_000, np.int64), 2)
    assert pearson(sample, scipy.stats.bernoulli(1e-6)) == 0


def test_holms_method() -> None:
    """Places of the failing, the worst first; after one that holds, all others do."""
    assert holm([0.5, 1e-9, 4e-4, 1e-4], 1e-3) == [1, 3, 2]
    assert holm([0.5, 0.02, 6e-4, 1e-4], 1e-3) == [3]
    assert holm([0.5, 0.02], 1e-3) == []


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="dieharder is not installed")
def test_dieharder_reads_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    assert min(one.probability for one in ask_dieharder(100, 3)) > 1e-6
    monkeypatch.setattr(philox, "_MULTIPLIERS", (0xD2511F50, 0xCD9E8D57))
    assert min(one.probability for one in ask_dieharder(100, 3)) < 1e-6
