"""Limits as if they had been measured, and no profiles that outlive their test."""

import atexit
from collections.abc import Iterator

import pytest

from lltheano.function.profiling import limits as module, requests
from lltheano.function.profiling.limits import Limits

LIMITS = Limits(
    (("L2", 1 << 20, 100e9), ("memory", 1 << 62, 10e9)), {"f32": 50e9, "f64": 25e9}, {"f64": 150e9}
)


@pytest.fixture(autouse=True)
def _printed_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_to_print", [])
    monkeypatch.setattr(atexit, "register", lambda function: function)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Limits]:
    """The limits of no machine, of which nothing is measured."""
    monkeypatch.setattr(module, "_measured", lambda target: LIMITS)
    monkeypatch.setattr(module, "_VERSION", "of a test")
    module.limits.cache_clear()
    yield LIMITS
    module.limits.cache_clear()
