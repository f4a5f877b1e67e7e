"""Makes statements of the loop IR: fresh names, nested bodies, index arithmetic done once.

Lowering builds whole functions with it, and passes the statements that they put in place of others.
`blocks` is a stack of statement lists: the last is where statements go, the first is the function's
body.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from functools import lru_cache

import numpy as np

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    For,
    Let,
    Load,
    Number,
    Operand,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.ranges import Ranges
from lltheano_ir.ops.definition import Literal
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Laws
from lltheano_ir.records import record

__all__ = ["LoopBuilder", "number", "number_of", "truth"]


@lru_cache(4096)
def number(value: int, dtype: DType = i64) -> Number:
    """The scalar constant `value`."""
    return Number(Literal.of(np.asarray(value, dtype=dtype.numpy)))


def truth(value: bool) -> Number:
    """The bool constant `value`."""
    return number(int(value), bool_)


def number_of(operand: Operand) -> int | None:
    """The integer that an operand is known to be."""
    return _element(operand.literal) if isinstance(operand, Number) else None


@lru_cache(4096)
def _element(literal: Literal) -> int:
    return int(literal.array())


@record
class LoopBuilder:
    """Statements in the making; see the module.

    `owned` are the buffers allocated so far, `taken` names that are in use elsewhere, `ranges` what
    is known of integers.
    """

    blocks: list[list[Statement]] = field(default_factory=lambda: [[]])
    owned: set[Buffer] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    ranges: Ranges = field(default_factory=Ranges)
    _counts: dict[str, int] = field(default_factory=dict)
    _computed: list[dict[tuple[object, ...], Operand]] = field(default_factory=lambda: [{}])

    def fresh(self, stem: str) -> str:
        """A name that is not in use: the stem and a number."""
        while True:
            count = self._counts.get(stem, 0)
            self._counts[stem] = count + 1
            name = f"{stem}{count}"
            if name not in self.taken:
                return name

    def named(self, wanted: str) -> str:
        """The name `wanted`, or one like it if that is in use."""
        name = self.fresh(f"{wanted}.") if wanted in self.taken else wanted
        self.taken.add(name)
        return name

    def emit(self, statement: Statement) -> None:
        """Append a statement to the current block; what it computes need not be computed again."""
        self.blocks[-1].append(statement)
        if isinstance(statement, Let):
            key = (statement.op, statement.target.dtype, statement.operands)
            self._computed[-1].setdefault(key, statement.target)

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        """Collect the statements made inside into a list of their own."""
        self.blocks.append([])
        self._computed.append({})
        try:
            yield self.blocks[-1]
        finally:
            self.blocks.pop()
            self._computed.pop()

    def let(self, op: str, dtype: DType, *operands: Operand) -> Operand:
        """A scalar op, once: index arithmetic on known integers is done now, repetitions are
        shared.
        """
        folded = _fold(op, dtype, operands) or self._known(op, operands)
        if folded is not None:
            return folded
        key = (op, dtype, operands)
        for computed in self._computed:
            if key in computed:
                return computed[key]
        target = Scalar(self.fresh("s"), dtype)
        self.emit(Let(target, op, operands))
        self.ranges.note_result(target, op, operands)
        return target

    def _known(self, op: str, operands: tuple[Operand, ...]) -> Operand | None:
        """What the ranges of the operands tell of an op."""
        holds = self.ranges.comparison(op, operands)
        return self.ranges.extremum(op, operands) if holds is None else truth(holds)

    def index_op(self, op: str, *operands: Operand) -> Operand:
        """A scalar op on i64 values."""
        return self.let(op, i64, *operands)

    def index(self, extent: Operand) -> Scalar:
        """A new index, of a loop of this extent."""
        index = Scalar(self.fresh("i"), i64)
        self.ranges.note_index(index, extent)
        return index

    def load(self, buffer: Buffer, indices: tuple[Operand, ...]) -> Operand:
        """Read an element."""
        target = Scalar(self.fresh("s"), buffer.dtype)
        self.emit(Load(target, buffer, indices))
        return target

    def alloc(self, dtype: DType, sizes: tuple[Operand, ...]) -> Buffer:
        """Fresh row-major memory, owned by the function."""
        buffer = Buffer(self.fresh("b"), dtype, sizes)
        self.owned.add(buffer)
        self.emit(Alloc(buffer))
        return buffer

    @contextmanager
    def loops(
        self, sizes: tuple[Operand, ...], *, sequential: bool = False
    ) -> Iterator[tuple[Operand, ...]]:
        """A nest over `sizes`, the last fastest; gives the indices (0 on an axis of size 1)."""
        indices: list[Operand] = []
        loops: list[tuple[Scalar, Operand]] = []
        for size in sizes:
            if number_of(size) == 1:
                indices.append(number(0))
                continue
            index = self.index(size)
            loops.append((index, size))
            indices.append(index)
        with self.block() as statements:
            yield tuple(indices)
        body = tuple(statements)
        for index, size in reversed(loops):
            body = (For(index, size, body, sequential),)
        self.blocks[-1].extend(body)

    def copy(self, source: Buffer, target: Buffer) -> None:
        """Write all elements of `source` to `target`, of the same sizes."""
        with self.loops(target.sizes) as indices:
            self.emit(Store(target, indices, self.load(source, indices)))

    def strides(self, buffer: Buffer) -> tuple[Operand, ...]:
        """The distance of neighbours along each axis, in elements."""
        if buffer.strides is not None:
            return buffer.strides
        strides: list[Operand] = []
        step: Operand = number(1)
        for size in reversed(buffer.sizes):
            strides.append(step)
            step = self.index_op("mul", step, size) if len(strides) < len(buffer.sizes) else step
        return tuple(reversed(strides))


def _fold(op: str, dtype: DType, operands: tuple[Operand, ...]) -> Operand | None:
    """What is known of an op now, so that no `* 1` and `+ 0` litter the loop IR."""
    laws = OPS[op].laws
    if laws.chooses:
        return _fold_choice(operands)
    if len(operands) != 2 or any(operand.dtype not in (i64, bool_) for operand in operands):
        return None
    first, second = (number_of(operand) for operand in operands)
    if first is not None and second is not None and laws.exact is not None:
        exact = int(laws.exact(first, second))
        return number(exact, dtype) if abs(exact) < 2**63 else None
    if operands[0] == operands[1] and laws.of_same is not None:
        return number(laws.of_same, dtype)
    if operands[0] == operands[1] and laws.idempotent:
        return operands[0]
    return _fold_neutral(laws, operands)


def _fold_neutral(laws: Laws, operands: tuple[Operand, ...]) -> Operand | None:
    """An op with a number that changes nothing, or that nothing changes."""
    pairs = (operands, operands[::-1]) if laws.commutative else (operands,)
    for operand, other in pairs:
        if laws.unit is not None and other == number(laws.unit, other.dtype):
            return operand
        if laws.absorbing is not None and other == number(laws.absorbing, other.dtype):
            return other
    return None


def _fold_choice(operands: tuple[Operand, ...]) -> Operand | None:
    condition, first, second = operands
    if first == second:
        return first
    known = number_of(condition)
    return None if known is None else first if known else second
