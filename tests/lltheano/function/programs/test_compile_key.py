"""What the configuration says of a function is in the key of its code, or changes no code."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.config.flag import Flag
from lltheano.config.flags import MEANINGFUL_FLAGS
from lltheano.config.inert import INERT_FLAGS
from lltheano.errors import ConfigError
from lltheano.function import function
from lltheano.shared import shared
from lltheano_ir.program_cache import program_key

OWN_WORDS: dict[str, tuple[Any, ...]] = {
    "mode": ("FAST_COMPILE", "FAST_RUN", "DebugMode", "NanGuardMode"),
    "optimizer_including": ("stabilise",),
    "optimizer_excluding": ("fuse", "inplace", "stabilise:fuse"),
    "optimizer_requiring": ("fuse",),
    "unittests.rseed": ("1",),
    "profiling.destination": ("stdout",),
}
"""What to set the flags to that take any text."""

x, y = T.dmatrix("x"), T.dvector("y")
weights = shared(np.array([0.5, 2.0, 1.0]), "weights")
COST = T.log(T.nnet.softmax(T.dot(x, T.outer(weights, y)))).sum() + T.exp(y).sum()
STEP = weights - 0.1 * T.grad(COST, weights)


def key_and_code() -> tuple[str | None, str]:
    """The key of a function that is made now, and the code that all passes give for it."""
    made = function([x, y], COST, updates=[(weights, STEP)]).compiled
    key = program_key(made.source, made.target, made.without, profile=made.profile)
    return key, made.llvm


def others(flag: Flag) -> Iterator[Any]:
    """The values of a flag beside the one that it has, by what it says that it takes."""
    value = config.value(flag.name)
    if flag.name in OWN_WORDS:
        yield from OWN_WORDS[flag.name]
        return
    with pytest.raises(ConfigError) as refusal:
        flag.converted(object())
    takes = str(refusal.value).partition(" it takes ")[2]
    words = {"a number": "0.25"}.get(takes, "3" if takes.startswith("a whole number") else takes)
    for word in re.split(", | or ", words):
        if flag.converted(word) != value:
            yield flag.converted(word)


MUTABLE = [flag for flag in MEANINGFUL_FLAGS if flag.mutable]


def test_all_flags_have_another_value() -> None:
    assert [flag.name for flag in MUTABLE if not list(others(flag))] == []


@pytest.mark.parametrize("flag", MUTABLE, ids=lambda flag: flag.name)
def test_a_flag_changes_the_key_or_no_code(flag: Flag) -> None:
    key, code = key_and_code()
    for value in others(flag):
        with config.change_flags({flag.name: value}):
            its_key, its_code = key_and_code()
        assert its_key != key or its_code == code, value


def test_flags_that_mean_nothing_here_change_neither() -> None:
    plain = key_and_code()
    changes = {flag.name: value for flag in INERT_FLAGS if flag.mutable for value in taken(flag)}
    assert len(changes) > 50
    with config.change_flags(changes):
        assert key_and_code() == plain


def taken(flag: Flag) -> list[Any]:
    """Another value of a flag, or none where it takes any text."""
    try:
        return list(others(flag))[:1]
    except pytest.fail.Exception:
        return ["anything"]
