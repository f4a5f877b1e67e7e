"""Dependences that a loop carries from one iteration to another, as far as they can be seen.

Indices are read as sums of known multiples of scalars. Two accesses of one buffer meet, with some
distance between their iterations, where these sums differ by a known number on every axis. An index
that is loaded, or computed in another way, may be anything: nothing is seen then, and whoever says
that the iterations may run in any order is believed.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeAlias

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import (
    For,
    If,
    Let,
    Load,
    Number,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import names_made_by, statements_in
from lltheano_ir.ops.polynomials import Polynomial, cleaned, difference
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record

__all__ = ["Access", "Carried", "Indices", "Sum", "carried_dependence"]

Sum: TypeAlias = Polynomial[Scalar]
"""Multiples of single scalars, and a number."""


@record(frozen=True, slots=True)
class Carried:
    """A store and another access that meet in an element.

    `distance` iterations lie between them; None: all iterations meet in that element.
    """

    store: Store
    access: Load | Store
    distance: int | None


def carried_dependence(loop: For) -> Carried | None:
    """Two accesses of one element that different iterations of a loop make, one of them a store.

    Accesses that a branch guards are left out, since it may be what keeps them apart, and so are
    buffers that an iteration makes for itself.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @f(%x: f64[9] shared) {
    ...   for %i in 8 {
    ...     let %j: i64 = add %i, 1
    ...     load %v: f64 = %x[%i]
    ...     store %x[%j] = %v
    ...   }
    ... }''')
    >>> carried_dependence(function.body[0]).distance
    1
    """
    own = set(names_made_by(loop))
    stored = {one.buffer.name for one in statements_in(loop) if isinstance(one, Store)} - own
    touching: dict[str, list[Access]] = {name: [] for name in stored}
    for access in Indices(loop.index).of(loop.body):
        if access.statement.buffer.name in stored:
            touching[access.statement.buffer.name].append(access)
    for group in touching.values():
        for first, second in product(group, group):
            if isinstance(first.statement, Store):
                distance = _distance(loop.index, first.indices, second.indices)
                if distance != _APART and _fits(loop.extent, distance):
                    return Carried(first.statement, second.statement, distance)
    return None


@record(frozen=True, slots=True)
class Access:
    """A load or store, and the sum on each axis; None where the index is no such sum."""

    statement: Load | Store
    indices: Sequence[Sum | None]


_APART = 0
"""The distance of accesses that only one iteration makes of an element."""


def _fits(extent: Operand, distance: int | None) -> bool:
    """Whether the loop may have iterations so far apart."""
    if not isinstance(extent, Number):
        return True
    return int(extent.literal.array()) > (1 if distance is None else abs(distance))


def _distance(
    index: Scalar, first: Sequence[Sum | None], second: Sequence[Sum | None]
) -> int | None:
    """How many iterations after the first access the second meets it; None where in all."""
    met: int | None = None
    for one, other in zip(first, second, strict=True):
        if one is None or other is None or one.get((index,), 0) != other.get((index,), 0):
            return _APART
        rest = cleaned(difference(one, other))
        if set(rest) - {(), (index,)}:
            return _APART
        step, away = one.get((index,), 0), rest.get((), 0)
        if step == 0:
            if away:
                return _APART
            continue
        iterations, left = divmod(away, step)
        if left or iterations == 0 or met not in (None, iterations):
            return _APART
        met = iterations
    return met


class Indices:
    """Reads the indices of the accesses of a body, statement by statement.

    With `branches` those inside branches are read too.
    """

    def __init__(self, index: Scalar, *, branches: bool = False) -> None:
        self._sums: dict[Scalar, Sum | None] = {index: {(index,): 1}}
        self._branches = branches

    def of(self, body: Sequence[Statement]) -> Iterator[Access]:
        """Each access that every iteration makes, or may make."""
        for statement in body:
            match statement:
                case Let():
                    self._sums[statement.target] = self._let(statement)
                case Load() | Store():
                    yield Access(statement, [self._sum(one) for one in statement.indices])
                    if isinstance(statement, Load):
                        self._sums[statement.target] = None
                case For() | Reduce():
                    yield from self.of(statement.body)
                    if isinstance(statement, Reduce):
                        self._sums.update((one.target, None) for one in statement.reductions)
                case If() if self._branches:
                    yield from self.of((*statement.then, *statement.otherwise))
                case _:
                    pass

    def _sum(self, operand: Operand) -> Sum | None:
        if isinstance(operand, Number):
            return {(): int(operand.literal.array())}
        return self._sums.get(operand, {(operand,): 1})

    def _let(self, let: Let) -> Sum | None:
        polynomial = OPS[let.op].laws.polynomial
        if let.target.dtype is not i64 or polynomial is None:
            return None
        sums = [self._sum(one) for one in let.operands]
        terms = None if None in sums else polynomial(*sums)
        if terms is None or any(len(scalars) > 1 for scalars in terms):
            return self.product(let)
        return cleaned(terms)

    def product(self, let: Let) -> Sum | None:
        """What is made of a product of scalars."""
        return None
