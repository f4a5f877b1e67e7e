"""The values that the parts of a long body have in common: see `lltheano_ir.emit.parts`.

What a part needs is read where the part begins, from the frame if a parameter has it, else from the
table, where the part that made it left it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import field
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.emit.context import Block, EmissionContext
from lltheano_ir.emit.frame import Field
from lltheano_ir.emit.parts import slot_name
from lltheano_ir.emit.values import (
    BYTE,
    INT,
    POINTER,
    EmittedValue,
    Linear,
    Pair,
    integer,
    register_type,
)
from lltheano_ir.loops.nodes import LoopFunction, Operand, Scalar
from lltheano_ir.records import record

__all__ = ["Parameters", "Table"]

_CELL = 16
"""Bytes of a value in the table: room for a complex number."""

_LINE = 64
"""Bytes of a small buffer in the table, which are aligned as on the stack."""


class Parameters:
    """Reads the pointers, sizes and strides of parameters out of the frame, each when asked."""

    def __init__(self, function: LoopFunction, fields: Iterable[Field]) -> None:
        self._pointers: dict[str, int] = {}
        self._scalars: dict[str, tuple[int, int]] = {}
        for one, parameter in zip(fields, function.parameters, strict=True):
            buffer = parameter.buffer
            self._pointers[buffer.name] = one.words.data
            self._note(buffer.sizes, one.words.sizes, 0)
            if one.words.strided:
                shift = one.dtype.itemsize.bit_length() - 1
                self._note(buffer.strides or (), one.words.strides, shift)

    @property
    def names(self) -> Iterator[str]:
        """All names, in the order of the frame."""
        yield from self._pointers
        yield from self._scalars

    def bind(self, context: EmissionContext, names: Iterable[str]) -> None:
        """Define those of `names` that parameters have."""
        for name in names:
            if name in self._pointers:
                context.buffers[name] = _word(context, self._pointers[name], POINTER)
            if name in self._scalars:
                offset, shift = self._scalars[name]
                register = _word(context, offset, INT)
                # Strides come in bytes, and are elements from here on.
                if shift:
                    register = context.builder.ashr(register, integer(shift))
                context.define(name, EmittedValue(i64, register))

    def _note(self, operands: Iterable[Operand], start: int, shift: int) -> None:
        for offset, operand in enumerate(operands, start):
            if isinstance(operand, Scalar):
                self._scalars.setdefault(operand.name, (offset, shift))


def _word(context: EmissionContext, offset: int, kind: ir.Type) -> ir.Value:
    builder = context.builder
    place = builder.gep(context.unit.frame, [integer(offset)], source_etype=INT)
    return builder.load(place, typ=kind)


_Places: TypeAlias = dict[str, ir.Value]


@record
class Table:
    """Where each value that parts have in common lies, in bytes from the start of the table."""

    bytes: int = 0
    scalars: dict[str, tuple[int, DType]] = field(default_factory=dict)
    buffers: dict[str, int] = field(default_factory=dict)
    slots: dict[str, tuple[int, int, frozenset[str]]] = field(default_factory=dict)

    def lines(self, builder: ir.IRBuilder, memory: ir.Value, names: Iterable[str]) -> _Places:
        """Room for small buffers."""
        places = {}
        for name in names:
            self.bytes = -(-self.bytes // _LINE) * _LINE + _LINE
            places[name] = _at(builder, memory, self.bytes - _LINE)
        return places

    def restore(self, context: EmissionContext, memory: ir.Value, names: Iterable[str]) -> None:
        """Define those of `names` that the table has."""
        builder = context.builder
        for name in names:
            if name in self.scalars:
                place, dtype = self.scalars[name]
                context.define(name, EmittedValue(dtype, _restored(builder, memory, place, dtype)))
            if name in self.buffers:
                context.buffers[name] = _read(builder, memory, self.buffers[name], POINTER)
            if name in self.slots:
                place, slot, fitting = self.slots[name]
                context.slots[slot] = Block(_read(builder, memory, place, POINTER), fitting)

    def save(
        self,
        context: EmissionContext,
        memory: ir.Value,
        before: EmissionContext,
        lasting: Collection[str],
    ) -> None:
        """Keep what `context` defines, `before` did not, and is among `lasting`."""
        builder = context.builder
        for name, value in context.scalars.items():
            if name in lasting and before.scalars.get(name) is not value:
                assert not isinstance(value, Linear), "an index of a loop, outside it"
                self.scalars[name] = (self._cell(), value.dtype)
                self._write(builder, memory, self.scalars[name][0], value.register)
        for name, data in context.buffers.items():
            if name in lasting and before.buffers.get(name) is not data:
                self.buffers[name] = self._cell()
                self._write(builder, memory, self.buffers[name], data)
        for slot, block in context.slots.items():
            name = slot_name(slot)
            if name in lasting and before.slots.get(slot) is not block:
                self.slots[name] = (self._cell(), slot, block.fitting)
                self._write(builder, memory, self.slots[name][0], block.data)

    def _cell(self) -> int:
        self.bytes += _CELL
        return self.bytes - _CELL

    def _write(
        self, builder: ir.IRBuilder, memory: ir.Value, place: int, register: ir.Value | Pair
    ) -> None:
        parts = register if isinstance(register, Pair) else (register,)
        for number, part in enumerate(parts):
            builder.store(part, _at(builder, memory, place + number * _CELL // 2))


def _restored(builder: ir.IRBuilder, memory: ir.Value, place: int, dtype: DType) -> ir.Value | Pair:
    kind = register_type(dtype)
    if not dtype.is_complex:
        return _read(builder, memory, place, kind)
    return Pair(*(_read(builder, memory, one, kind) for one in (place, place + _CELL // 2)))


def _read(builder: ir.IRBuilder, memory: ir.Value, place: int, kind: ir.Type) -> ir.Value:
    return builder.load(_at(builder, memory, place), typ=kind)


def _at(builder: ir.IRBuilder, memory: ir.Value, place: int) -> ir.Value:
    return builder.gep(memory, [integer(place)], source_etype=BYTE)
