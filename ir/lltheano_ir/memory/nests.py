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
from lltheano_ir.ops.polynomials import Polynomial, cleaned, product
from lltheano_ir.ops.table import OPS
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
        expected: Polynomial[str] | None = self._sum(loop.index)
        for size in view.buffer.sizes:
            expected = product(expected, self._sum(size)) if expected is not None else None
        return expected is not None and _sorted(expected) == _sorted(self._sum(view.offset))

    def _sum(self, operand: Operand) -> Polynomial[str]:
        """An index as a sum of products of scalars, by their names."""
        known = number_of(operand)
        if known is not None:
            return {(): known}
        assert isinstance(operand, Scalar)
        let = self._lets.get(operand)
        rule = OPS[let.op].laws.polynomial if let is not None else None
        if let is not None and rule is not None:
            terms = rule(*map(self._sum, let.operands))
            if terms is not None:
                return terms
        return {(operand.name,): 1}


def _sorted(terms: Polynomial[str]) -> Polynomial[str]:
    """The same sum, however its products are written."""
    merged: Counter[tuple[str, ...]] = Counter()
    for names, factor in terms.items():
        merged[tuple(sorted(names))] += factor
    return cleaned(merged)
