"""Complex numbers and counters in loop IR: what kernels of transforms are made of."""

from typing import TypeAlias

import numpy as np

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Number, Operand, Store, View
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.ops.definition import Literal
from lltheano_ir.records import record

__all__ = [
    "Pair",
    "Pieces",
    "Planes",
    "StoredInteger",
    "both",
    "part_of",
    "product",
    "real_number",
]


Pair: TypeAlias = tuple[Operand, Operand]
"""A complex number: its real and its imaginary part."""


@record(frozen=True)
class Planes:
    """Complex elements in memory, real and imaginary parts apart."""

    real: Buffer
    imaginary: Buffer

    def load(self, context: FunctionBuilder, *indices: Operand) -> Pair:
        """Read an element."""
        return context.load(self.real, indices), context.load(self.imaginary, indices)

    def store(self, context: FunctionBuilder, value: Pair, *indices: Operand) -> None:
        """Write an element."""
        for buffer, part in zip((self.real, self.imaginary), value, strict=True):
            context.emit(Store(buffer, indices, part))


class Pieces:
    """The pieces of a work space, one after the other."""

    def __init__(self, context: FunctionBuilder, space: Buffer) -> None:
        self._context = context
        self._space = space
        self._taken: Operand = number(0)

    def planes(self, size: Operand) -> Planes:
        """The next two."""
        return Planes(self._piece(size), self._piece(size))

    def _piece(self, size: Operand) -> Buffer:
        piece = _view(self._context, self._space, self._taken, size)
        self._taken = self._context.index_op("add", self._taken, size)
        return piece


def _view(context: FunctionBuilder, base: Buffer, offset: Operand, size: Operand) -> Buffer:
    part = Buffer(context.fresh("b"), base.dtype, (size,))
    context.emit(View(part, base, offset))
    return part


def part_of(context: FunctionBuilder, planes: Planes, offset: Operand, size: Operand) -> Planes:
    """A part of both planes."""
    bases = (planes.real, planes.imaginary)
    real, imaginary = (_view(context, base, offset, size) for base in bases)
    return Planes(real, imaginary)


def product(context: FunctionBuilder, x: Pair, y: Pair) -> Pair:
    """The product of two complex numbers."""
    dtype = x[0].dtype

    def times(first: Operand, second: Operand) -> Operand:
        return context.let("mul", dtype, first, second)

    real = context.let("sub", dtype, times(x[0], y[0]), times(x[1], y[1]))
    return real, context.let("add", dtype, times(x[0], y[1]), times(x[1], y[0]))


def both(context: FunctionBuilder, op: str, x: Pair, y: Pair) -> Pair:
    """A real op on the real parts, and on the imaginary parts."""
    dtype = x[0].dtype
    return context.let(op, dtype, x[0], y[0]), context.let(op, dtype, x[1], y[1])


def real_number(value: float, dtype: DType) -> Number:
    """A constant."""
    return Number(Literal.of(np.asarray(value, dtype.numpy)))


class StoredInteger:
    """An integer in memory, which loops can change."""

    def __init__(self, context: FunctionBuilder, first: Operand) -> None:
        self._context = context
        self._buffer = context.alloc(i64, ())
        self.set(first)

    def get(self) -> Operand:
        """The integer."""
        return self._context.load(self._buffer, ())

    def set(self, value: Operand) -> None:
        """Change it."""
        self._context.emit(Store(self._buffer, (), value))
