"""What some loops and views amount to: a copy of a whole buffer, a row of a stack."""

from collections import Counter
from collections.abc import Iterable

from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    Let,
    Load,
    Operand,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record

__all__ = ["Rows", "WholeCopy", "whole_copy"]


@record(frozen=True, slots=True)
class WholeCopy:
    """A nest that writes elements of `source` to the same places of `target`.

    `extents` are how many on each axis: all of them if the buffers have these sizes.
    """

    source: Buffer
    target: Buffer
    extents: tuple[Operand, ...]

    def is_whole(self, equal: Equalities) -> bool:
        """Whether the two have the same sizes and all elements are written."""
        extents = tuple(map(equal.representative, self.extents))
        return extents == equal.sizes(self.source) == equal.sizes(self.target)


def whole_copy(statement: Statement) -> WholeCopy | None:
    """What a nest copies, if a copy is all that it does."""
    extents: dict[Operand, Operand] = {}
    body: tuple[Statement, ...] = (statement,)
    while len(body) == 1 and isinstance(body[0], For):
        extents[body[0].index] = body[0].extent
        body = body[0].body
    match body:
        case (Load() as load, Store() as store) if extents:
            same = store.value == load.target and store.indices == load.indices
            walked = [index for index in load.indices if number_of(index) != 0]
            if not same or walked != list(extents) or set(extents) & set(extents.values()):
                return None
            one = load.buffer.sizes
            sizes = (
                extents.get(index, size) for index, size in zip(load.indices, one, strict=True)
            )
            return WholeCopy(load.buffer, store.buffer, tuple(sizes))
        case _:
            return None


class Rows:
    """Tells which views in a loop are rows of a stack: each iteration has one of its own."""

    def __init__(self, body: Iterable[Statement]) -> None:
        self._lets: dict[Scalar, Let] = {}
        self._views: dict[Buffer, View] = {}
        for statement in body:
            for inner in statements_in(statement):
                if isinstance(inner, Let):
                    self._lets[inner.target] = inner
                elif isinstance(inner, View):
                    self._views[inner.buffer] = inner

    def is_row(self, buffer: Buffer, loop: For) -> bool:
        """Whether it begins as many rows on as iterations have been, in memory without gaps."""
        view = self._views.get(buffer)
        if view is None or not view.buffer.sizes or view.buffer.strides or view.base.strides:
            return False
        count, scalars = self._factors(view.offset)
        row, sizes = 1, Counter[Scalar]()
        for size in view.buffer.sizes:
            own, names = self._factors(size)
            row, sizes = row * own, sizes + names
        return row == count and scalars == sizes + Counter([loop.index])

    def _factors(self, operand: Operand) -> tuple[int, Counter[Scalar]]:
        """A product, taken apart: its known factor, and scalars."""
        known = number_of(operand)
        if known is not None:
            return known, Counter()
        assert isinstance(operand, Scalar)
        let = self._lets.get(operand)
        if let is None or let.op != "mul":
            return 1, Counter([operand])
        parts = [self._factors(factor) for factor in let.operands]
        return parts[0][0] * parts[1][0], parts[0][1] + parts[1][1]
