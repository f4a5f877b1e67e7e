"""Sizes that are known to be equal once the checks of a function have passed."""

from collections.abc import Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import Buffer, Check, Let, Operand, Scalar, Statement
from lltheano_ir.ops.table import OPS

__all__ = ["Equalities"]


class Equalities:
    """Classes of operands that `check eq` statements make equal (union-find by representative)."""

    def __init__(self, body: Sequence[Statement] = ()) -> None:
        self._parent: dict[Operand, Operand] = {}
        self._compared: dict[Scalar, tuple[Operand, Operand]] = {}
        self._passed: set[Operand] = set()
        for statement in body:
            self.note(statement)

    def inside(self, body: Sequence[Statement] = ()) -> "Equalities":
        """What is known where a body inside begins, to which the checks of `body` are added."""
        inner = Equalities()
        inner._parent, inner._compared = dict(self._parent), dict(self._compared)
        inner._passed = set(self._passed)
        for statement in body:
            inner.note(statement)
        return inner

    def note(self, statement: Statement) -> None:
        """Learn from a statement that has been passed."""
        if isinstance(statement, Let) and OPS[statement.op].laws.equates:
            first, second = statement.operands
            # Of floats, a NaN is not equal to itself, and zeros that are equal differ in sign.
            if first.dtype is i64 and second.dtype is i64:
                self._compared[statement.target] = (first, second)
        elif isinstance(statement, Check) and isinstance(statement.condition, Scalar):
            self._passed.add(statement.condition)
            pair = self._compared.get(statement.condition)
            if pair is not None:
                self._join(*pair)

    def holds(self, condition: Operand) -> bool:
        """Whether a check of the condition would pass, after those that have been passed."""
        if condition in self._passed:
            return True
        pair = self._compared.get(condition) if isinstance(condition, Scalar) else None
        return pair is not None and self.representative(pair[0]) == self.representative(pair[1])

    def _join(self, first: Operand, second: Operand) -> None:
        first, second = self.representative(first), self.representative(second)
        if first != second:
            self._parent[first] = second

    def representative(self, operand: Operand) -> Operand:
        """One operand that stands for all that are equal to `operand`."""
        parent = self._parent
        while operand in parent:
            above = parent[operand]
            # Paths are halved on the way, or many sizes checked one after another make long ones.
            if above in parent:
                parent[operand] = parent[above]
            operand = above
        return operand

    def same_sizes(self, first: Buffer, second: Buffer) -> bool:
        """Whether two buffers have the same rank and sizes."""
        return self.sizes(first) == self.sizes(second)

    def sizes(self, buffer: Buffer) -> tuple[Operand, ...]:
        """The sizes of a buffer, each by its representative."""
        return tuple(self.representative(size) for size in buffer.sizes)
