"""What a loop nest does with rows: which memory its iterations touch, and whether each touches its
own.

The rows of a nest are the iterations of its outermost loop or, `depth` loops deep, of the outermost
ones together. An access is to the iteration's own row where the loop's index is one of its indices,
as it is, once, and on the first axis that has a size: rows lie in memory one after the other.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    If,
    Let,
    Load,
    Operand,
    Reduce,
    Scalar,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import statements_in, used_scalars
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record

__all__ = ["RowNest", "Use", "row_axis", "row_nest"]


def row_axis(access: Load | Store, index: Scalar) -> int | None:
    """The axis of which an access takes the row `index`; None where it does not take its row."""
    buffer = access.buffer
    sizes = enumerate(buffer.sizes)
    first = next((axis for axis, size in sizes if number_of(size) != 1), None)
    if first is None or buffer.strides is not None:
        return None
    return first if access.indices[first] == index and access.indices.count(index) == 1 else None


@record(frozen=True, slots=True)
class Use:
    """How nests touch some memory: under which names, along which axes their rows lie, and whether
    it is written. An axis of None is that of an access to more than one's own row.
    """

    buffers: frozenset[Buffer]
    axes: frozenset[int | None]
    written: bool

    def joined(self, other: "Use") -> "Use":
        """The use that both make."""
        return Use(
            self.buffers | other.buffers, self.axes | other.axes, self.written or other.written
        )

    @property
    def stays_in_rows(self) -> bool:
        """Whether no iteration touches what another one writes."""
        return not self.written or (
            len(self.buffers) == 1 and len(self.axes) == 1 and None not in self.axes
        )

    @property
    def has_rows(self) -> bool:
        """Whether there is an access to one's own row."""
        return self.axes != {None}

    @property
    def is_wide(self) -> bool:
        """Whether a row has more than one element, as far as is known."""
        return any(
            axis is not None
            and any(number_of(size) != 1 for at, size in enumerate(buffer.sizes) if at != axis)
            for buffer in self.buffers
            for axis in self.axes
        )


@record(frozen=True)
class RowNest:
    """A nest that only computes, its outermost loops perfectly nested: `indices` and `extents` are
    theirs, `body` is what the innermost of them holds.
    """

    loop: For
    indices: tuple[Scalar, ...]
    extents: tuple[Operand, ...]
    bodies: tuple[tuple[Statement, ...], ...]

    @cached_property
    def accesses(self) -> tuple[Load | Store, ...]:
        """All loads and stores."""
        inside = (inner for one in self.bodies[0] for inner in statements_in(one))
        return tuple(one for one in inside if isinstance(one, Load | Store))

    @cached_property
    def touched(self) -> frozenset[Buffer]:
        """The buffers that are loaded from or stored to."""
        return frozenset(one.buffer for one in self.accesses)

    @cached_property
    def written(self) -> tuple[Buffer, ...]:
        """The buffers that are stored to, each once."""
        stores = (one.buffer for one in self.accesses if isinstance(one, Store))
        return tuple(dict.fromkeys(stores))

    def uses(self, roots: Roots) -> dict[str, Use]:
        """How the nest touches memory, by the name of what owns it."""
        found: dict[str, Use] = {}
        for one in self.accesses:
            axis = row_axis(one, self.indices[0])
            use = Use(frozenset((one.buffer,)), frozenset((axis,)), isinstance(one, Store))
            root = roots.of(one.buffer)
            found[root] = found[root].joined(use) if root in found else use
        return found

    def needs_number(self, depth: int) -> bool:
        """Whether a row's own number is asked for, other than to access the row."""
        rows = set(self.indices[:depth])
        return any(
            one in rows
            for statement in self.bodies[depth - 1]
            for one in self._numbers_in(statement, depth)
        )

    def _numbers_in(self, statement: Statement, depth: int) -> Iterator[Scalar]:
        for one in statements_in(statement):
            if isinstance(one, Load | Store) and self.is_own_row(one, depth):
                others = one.indices[depth:] if depth > 1 else ()
                values = (one.value,) if isinstance(one, Store) else ()
                yield from (each for each in (*others, *values) if isinstance(each, Scalar))
            else:
                yield from used_scalars(one)

    def is_own_row(self, access: Load | Store, depth: int) -> bool:
        """Whether an access goes to the iteration's own row alone."""
        if depth > 1:
            rows = access.indices[:depth] == self.indices[:depth]
            return rows and row_axis(access, self.indices[0]) == 0
        return row_axis(access, self.indices[0]) is not None

    def may_be_flat(self, depth: int, extents: tuple[Operand, ...], equal: Equalities) -> bool:
        """Whether `depth` loops of these extents may be one: rows follow each other in memory."""
        wanted = _representatives(extents[:depth], equal)
        return (
            len(self.indices) >= depth
            and _representatives(self.extents[:depth], equal) == wanted
            and not self.needs_number(depth)
            and all(
                _representatives(one.buffer.sizes[1:depth], equal) == wanted[1:]
                for one in self.accesses
                if self.is_own_row(one, depth)
            )
        )


def _representatives(operands: Iterable[Operand], equal: Equalities) -> tuple[Operand, ...]:
    return tuple(map(equal.representative, operands))


def row_nest(statement: Statement) -> RowNest | None:
    """A statement as a nest over rows; None where it is none, or does more than compute."""
    if not isinstance(statement, For) or not _is_plain(statement):
        return None
    inside = (inner for one in statement.body for inner in statements_in(one))
    if not all(isinstance(one, For | Reduce | If | Let | Load | Store) for one in inside):
        return None
    indices, extents, bodies = [statement.index], [statement.extent], [statement.body]
    while (inner := _only_loop(bodies[-1])) is not None and inner.extent not in indices:
        indices.append(inner.index)
        extents.append(inner.extent)
        bodies.append(inner.body)
    return RowNest(statement, tuple(indices), tuple(extents), tuple(bodies))


def _is_plain(loop: For) -> bool:
    return not loop.sequential and loop.schedule == Schedule()


def _only_loop(body: tuple[Statement, ...]) -> For | None:
    match body:
        case (For() as loop,) if _is_plain(loop):
            return loop
        case _:
            return None
