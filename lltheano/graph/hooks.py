"""What is done to the graph of every function before it is compiled: nothing, unless one asks.

`lltheano.graph.registry` adds to it what a program registers; it is a module of its own so that
nothing has to be imported where nothing is registered.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lltheano.graph.core import Variable

__all__ = ["rewriters"]

Wanted: TypeAlias = Callable[[frozenset[str]], bool]
Rewriter: TypeAlias = Callable[[Sequence[Variable], Sequence[Variable], Wanted], list[Variable]]

rewriters: list[Rewriter] = []
"""Each is given a graph's inputs and outputs, and says what to compute for these."""
