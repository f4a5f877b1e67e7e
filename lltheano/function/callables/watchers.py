"""Who wants to know of every function that is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lltheano.function.callables.callable import Function

__all__ = ["announce", "watching"]

_watchers: list[Callable[["Function"], None]] = []


def announce(made: "Function") -> None:
    """Tell all watchers of a function, which is complete."""
    for watch in tuple(_watchers):
        watch(made)


@contextmanager
def watching(watch: Callable[["Function"], None]) -> Iterator[None]:
    """Call `watch` with each function that any thread makes while the block runs.

    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> made = []
    >>> with watching(made.append):
    ...     double = function([x := T.dscalar("x")], x * 2)
    >>> made == [double]
    True
    """
    _watchers.append(watch)
    try:
        yield
    finally:
        _watchers.remove(watch)
