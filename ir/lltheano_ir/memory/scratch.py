"""Memory that only one loop uses, whatever was in it before."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from lltheano_ir.loops.analysis.dependence import touched_buffers
from lltheano_ir.loops.nodes import Alloc, Buffer, For, LoopFunction, Statement
from lltheano_ir.loops.walk import map_bodies, statements_in

__all__ = ["Scratch", "without_allocs"]


class Scratch:
    """Tells of allocations whether they are touched inside one loop only."""

    def __init__(self, function: LoopFunction) -> None:
        self._touches = Counter(_touched_names(function.body))
        self._touches.update(result.buffer.name for result in function.results)

    def is_only_in(self, buffer: Buffer, loop: For) -> bool:
        """Whether nothing but the loop touches the buffer's memory by its name."""
        inside = sum(name == buffer.name for name in _touched_names((loop,)))
        return inside == self._touches[buffer.name]


def _touched_names(body: Iterable[Statement]) -> Iterator[str]:
    for statement in body:
        for inner in statements_in(statement):
            yield from (buffer.name for buffer, _ in touched_buffers(inner))


def without_allocs(
    body: tuple[Statement, ...], buffers: Collection[Buffer]
) -> tuple[Statement, ...]:
    """The statements without the allocations of buffers, wherever they stand."""
    return tuple(
        map_bodies(statement, lambda inner: without_allocs(inner, buffers))
        for statement in body
        if not (isinstance(statement, Alloc) and statement.buffer in buffers)
    )
