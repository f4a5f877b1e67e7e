"""What ordered host functions gave in one call, for computing the call again without them.

A function that prints, sends or receives must not do so twice because a call is checked against
the reference. While a call is recorded, what such functions give is kept in order; the reference
gets it in that order. Both see the same order, for ordered calls hand on a token.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from lltheano_ir.host import HostFunction

__all__ = ["recorded", "recording", "replaying"]

Calls = deque[list[Any]]


class _Records(threading.local):
    """The calls that this thread records, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[Calls] = []


_records = _Records()


@contextmanager
def recording() -> Iterator[Calls]:
    """Keep what ordered functions give to this thread's call while the block runs."""
    calls: Calls = deque()
    _records.stack.append(calls)
    try:
        yield calls
    finally:
        _records.stack.pop()


def recorded(host: Sequence[HostFunction]) -> tuple[HostFunction, ...]:
    """Return the functions, those that are ordered so that what they give is kept."""
    return tuple(_recorded(one) if one.ordered else one for one in host)


def _recorded(function: HostFunction) -> HostFunction:
    def call(arrays: Sequence[Any]) -> Sequence[Any]:
        given = list(function.call(arrays))
        if _records.stack:
            _records.stack[-1].append([np.array(one) for one in given])
        return given

    return replace(function, call=call)


def replaying(host: Sequence[HostFunction], calls: Calls) -> tuple[HostFunction, ...]:
    """Return the functions, with those that are ordered giving what was recorded instead."""
    return tuple(
        replace(one, call=lambda arrays: calls.popleft()) if one.ordered else one for one in host
    )
