"""Watching variables being made: `nodes_constructed`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lltheano.graph.core import Variable

__all__ = ["nodes_constructed", "notice"]


class _Watchers(threading.local):
    """The lists that collect what this thread makes."""

    def __init__(self) -> None:
        self.lists: list[list[Variable]] = []


_watchers = _Watchers()


def notice(variable: "Variable") -> None:
    """Note that a variable was made."""
    for one in _watchers.lists:
        one.append(variable)


@contextmanager
def nodes_constructed() -> "Iterator[list[Variable]]":
    """Collect the variables that this thread makes while the block runs.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> with nodes_constructed() as made:
    ...     y = T.exp(T.log(x))
    >>> made
    [log, exp]
    """
    results: list[Variable] = []
    _watchers.lists.append(results)
    try:
        yield results
    finally:
        # By identity: equal lists are not one.
        _watchers.lists = [one for one in _watchers.lists if one is not results]
