"""Loops that are the same but for their names: code is generated once for all of them.

A training step updates each parameter in the same way, and a network of many layers does the same
arithmetic in each. What a parallel loop does depends on its statements and on what is known of the
memory that they touch; names are but where its table has what it needs. So a loop is described with
numbers for names, in the order in which they occur, and loops of one description share a function.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from lltheano_ir.emit.context import Unit
from lltheano_ir.loops.nodes import Buffer, Scalar, Statement
from lltheano_ir.records import record

__all__ = ["Description", "described"]


@record(frozen=True, slots=True)
class Description:
    """What loops alike have in common; and the names of this one, in an order that all share."""

    key: Hashable
    scalars: tuple[str, ...]
    buffers: tuple[str, ...]


def described(unit: Unit, statements: Iterable[Statement]) -> Description:
    """Describe loops of the function that is emitted."""
    walk = _Walk()
    shape = tuple(map(walk.shape, statements))
    roots: dict[str, int] = {}
    memory = tuple(
        (
            unit.alignments.get(buffer.name),
            roots.setdefault(unit.root(buffer), len(roots)),
            buffer.name in unit.results,
        )
        for buffer in walk.buffers.values()
    )
    key = (shape, memory, unit.committed, unit.layout.report)
    return Description(key, tuple(walk.scalars), tuple(walk.buffers))


class _Walk:
    """Numbers the names of scalars and of buffers as they occur."""

    def __init__(self) -> None:
        self.scalars: dict[str, int] = {}
        self.buffers: dict[str, Buffer] = {}
        self._numbers: dict[str, int] = {}

    def shape(self, part: Any) -> Hashable:
        """A part of a statement with numbers for its names."""
        if isinstance(part, Scalar):
            return self.scalars.setdefault(part.name, len(self.scalars)), part.dtype
        if isinstance(part, Buffer):
            number = self._numbers.setdefault(part.name, len(self._numbers))
            self.buffers.setdefault(part.name, part)
            rest = (part.dtype, part.sizes, part.strides, part.alignment, part.space)
            return "buffer", number, self.shape(rest)
        if isinstance(part, tuple):
            return tuple(map(self.shape, part))
        # `dataclasses.fields` makes a new tuple each time, and there are many parts.
        members = getattr(part, "__dataclass_fields__", None)
        if members is not None:
            return type(part).__name__, *(self.shape(getattr(part, name)) for name in members)
        return part  # type: ignore[no-any-return]  # a word, a number or a dtype
