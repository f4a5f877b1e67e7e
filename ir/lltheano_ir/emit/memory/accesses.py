"""Elements of buffers: where they lie, and loads and stores of one or of many.

An access in several lanes is one of four kinds, told apart by its `Place`: the same element in all
lanes (one scalar access), neighbours (one vector access), elements at a constant distance, or
anywhere (both: one scalar access for each lane). Addresses are computed in scalar registers except
in the last case. Each access says how it is aligned: as its buffer is, as far as what is known of
its indices leaves that.
"""

from collections.abc import Sequence
from math import gcd
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.values import (
    STATUS,
    EmittedValue,
    Linear,
    Pair,
    Register,
    constant,
    gathered,
    integer,
    memory_type,
    register_type,
    splat,
)
from lltheano_ir.loops.nodes import Buffer, Load, Number, Operand, Store
from lltheano_ir.records import record

__all__ = [
    "Amount",
    "advance",
    "as_register",
    "emit_load",
    "emit_store",
    "plus",
    "row_major_strides",
    "strides_of",
    "times",
]

Amount: TypeAlias = int | ir.Value
"""An i64: known now, or in a scalar register."""


@record(frozen=True, slots=True)
class Place:
    """Where an access goes: `pointer` in lane 0, and from there `step` elements on for each lane.

    Where the lanes lie anywhere, `offsets` has their distances from `pointer`. `pointer` is a
    multiple of `multiple` elements from the start of the buffer; 0: it is the start.
    """

    pointer: ir.Value
    step: Amount
    offsets: ir.Value | None = None
    multiple: int = 1

    @property
    def is_single(self) -> bool:
        """Whether all lanes access one element."""
        return self.offsets is None and isinstance(self.step, int) and self.step == 0


def times(builder: ir.IRBuilder, x: Amount, y: Amount) -> Amount:
    """The product, computed now where that can be."""
    if isinstance(x, int) and isinstance(y, int):
        return x * y
    if isinstance(x, int):
        x, y = y, x
    if isinstance(y, int) and y in (0, 1):
        return x if y else 0
    return builder.mul(as_register(x), as_register(y))


def plus(builder: ir.IRBuilder, x: Amount, y: Amount) -> Amount:
    """The sum, computed now where that can be."""
    if isinstance(x, int) and isinstance(y, int):
        return x + y
    if isinstance(x, int):
        x, y = y, x
    if isinstance(y, int) and y == 0:
        return x
    return builder.add(as_register(x), as_register(y))


def as_register(amount: Amount) -> ir.Value:
    """The register of an amount."""
    return integer(amount) if isinstance(amount, int) else amount


def _amount(context: EmissionContext, operand: Operand) -> Amount:
    if isinstance(operand, Number):
        return int(operand.literal.array())
    return 1 if operand.name in context.unit_strides else context.uniform(operand)


def row_major_strides(context: EmissionContext, sizes: Sequence[Operand]) -> list[Amount]:
    """The distances of neighbours, in elements, in memory of these sizes that has no gaps."""
    strides: list[Amount] = [1]
    for size in reversed(sizes[1:]):
        strides.append(times(context.builder, strides[-1], _amount(context, size)))
    return strides[: len(sizes)][::-1]


def strides_of(context: EmissionContext, buffer: Buffer) -> list[Amount]:
    """The distance of neighbours along each axis, in elements."""
    if buffer.strides is None:
        return row_major_strides(context, buffer.sizes)
    return [_amount(context, stride) for stride in buffer.strides]


def _place(context: EmissionContext, buffer: Buffer, indices: Sequence[Operand]) -> Place:
    builder = context.builder
    offset: Amount = 0
    step: Amount = 0
    spread: ir.Value | None = None
    multiple = 0
    for operand, stride in zip(indices, strides_of(context, buffer), strict=True):
        known = None if isinstance(operand, Number) else context.scalars[operand.name]
        if isinstance(known, Linear):
            offset = plus(builder, offset, times(builder, known.base, stride))
            multiple = gcd(multiple, known.multiple * _known_multiple(stride))
            step = plus(builder, step, times(builder, known.step, stride))
        elif known is not None and known.lanes > 1:
            scale = splat(builder, as_register(stride), known.lanes)
            term = known.register if stride == 1 else builder.mul(known.register, scale)
            spread = term if spread is None else builder.add(spread, term)
        else:
            index = _amount(context, operand)
            offset = plus(builder, offset, times(builder, index, stride))
            multiple = gcd(multiple, _known_multiple(index) * _known_multiple(stride))
    pointer = advance(builder, context.buffers[buffer.name], buffer.dtype, offset)
    if spread is not None and step != 0:
        steps = Linear(integer(0), 1, context.lanes).vector(builder, context.tail).register
        scale = splat(builder, as_register(step), context.lanes)
        spread = builder.add(spread, builder.mul(steps, scale))
    return Place(pointer, step, spread, multiple)


def _known_multiple(amount: Amount) -> int:
    """What an amount is known to be a multiple of."""
    return amount if isinstance(amount, int) else 1


def advance(builder: ir.IRBuilder, pointer: ir.Value, dtype: DType, offset: Amount) -> ir.Value:
    """The address `offset` elements on."""
    if isinstance(offset, int) and offset == 0:
        return pointer
    element = memory_type(dtype)
    if dtype.is_complex:
        element = ir.ArrayType(element, 2)
    return builder.gep(pointer, [as_register(offset)], source_etype=element)


def _lane_pointers(context: EmissionContext, place: Place, dtype: DType) -> list[ir.Value]:
    builder = context.builder
    if place.offsets is not None:
        offsets = [
            builder.extract_element(place.offsets, ir.Constant(STATUS, lane))
            for lane in range(context.lanes)
        ]
        return [advance(builder, place.pointer, dtype, offset) for offset in offsets]
    if context.tail is not None:
        distances = [times(builder, number, place.step) for number in context.tail]
        return [advance(builder, place.pointer, dtype, distance) for distance in distances]
    pointers = [place.pointer]
    while len(pointers) < context.lanes:
        pointers.append(advance(builder, pointers[-1], dtype, place.step))
    return pointers


def _is_vector(context: EmissionContext, place: Place) -> bool:
    """Whether the lanes are neighbours in memory, and all of them there."""
    neighbours = place.offsets is None and isinstance(place.step, int) and place.step == 1
    return neighbours and context.tail is None


def _alignment(context: EmissionContext, buffer: Buffer, multiple: int) -> int:
    """The alignment of an access at a multiple of so many elements from the start of a buffer."""
    return gcd(context.unit.alignments[buffer.name], multiple * buffer.dtype.itemsize)


def emit_load(context: EmissionContext, load: Load) -> None:
    """Read an element, or one for each lane."""
    place = _place(context, load.buffer, load.indices)
    dtype, align = load.buffer.dtype, _alignment(context, load.buffer, place.multiple)
    if place.is_single or _is_vector(context, place):
        lanes = 1 if place.is_single else context.lanes
        register = _read(context.builder, place.pointer, dtype, lanes, align)
        context.define(load.target.name, EmittedValue(dtype, register, lanes))
        return
    align = _alignment(context, load.buffer, 1)
    pointers = _lane_pointers(context, place, dtype)
    registers = [_read(context.builder, pointer, dtype, 1, align) for pointer in pointers]
    register = gathered(context.builder, registers)
    context.define(load.target.name, EmittedValue(dtype, register, context.lanes))


def emit_store(context: EmissionContext, store: Store) -> None:
    """Write an element, or one for each lane; of lanes that write one element, the last wins."""
    place = _place(context, store.buffer, store.indices)
    dtype, align = store.buffer.dtype, _alignment(context, store.buffer, place.multiple)
    builder = context.builder
    if _is_vector(context, place):
        register = context.register(store.value)
        _write(builder, place.pointer, dtype, register, align)
        return
    value = context.value(store.value)
    if place.is_single:
        last = (
            _lane(builder, value.register, value.lanes - 1) if value.lanes > 1 else value.register
        )
        _write(builder, place.pointer, dtype, last, align)
        return
    align = _alignment(context, store.buffer, 1)
    for lane, pointer in enumerate(_lane_pointers(context, place, dtype)):
        one = _lane(builder, value.register, lane) if value.lanes > 1 else value.register
        _write(builder, pointer, dtype, one, align)


def _read(
    builder: ir.IRBuilder, pointer: ir.Value, dtype: DType, lanes: int, align: int
) -> Register:
    if dtype.is_complex:
        return _read_pairs(builder, pointer, dtype, lanes, align)
    kind = register_type(dtype, lanes)
    if not dtype.is_bool:
        return builder.load(pointer, typ=kind, align=align)
    byte = ir.IntType(8)
    stored = ir.VectorType(byte, lanes) if lanes > 1 else byte
    read = builder.load(pointer, typ=stored, align=1)
    # Bytes other than 0 and 1 reach us in views of other memory as bool; NumPy calls them true.
    return builder.icmp_unsigned("!=", read, constant(stored, 0))


def _write(
    builder: ir.IRBuilder, pointer: ir.Value, dtype: DType, register: Register, align: int
) -> None:
    if isinstance(register, Pair):
        _write_pairs(builder, pointer, dtype, register, align)
        return
    if dtype.is_bool:
        byte = ir.IntType(8)
        vector = isinstance(register.type, ir.VectorType)
        kind = ir.VectorType(byte, register.type.count) if vector else byte
        register = builder.zext(register, kind)
    builder.store(register, pointer, align=align)


def _read_pairs(
    builder: ir.IRBuilder, pointer: ir.Value, dtype: DType, lanes: int, align: int
) -> Pair:
    part = register_type(dtype)
    if lanes == 1:
        second = builder.gep(pointer, [integer(1)], source_etype=part)
        places = ((pointer, align), (second, gcd(align, dtype.real.itemsize)))
        return Pair(*(builder.load(place, typ=part, align=one) for place, one in places))
    both = builder.load(pointer, typ=ir.VectorType(part, 2 * lanes), align=align)
    return Pair(*(_shuffled(builder, both, both, range(start, 2 * lanes, 2)) for start in (0, 1)))


def _write_pairs(
    builder: ir.IRBuilder, pointer: ir.Value, dtype: DType, pair: Pair, align: int
) -> None:
    if not isinstance(pair.re.type, ir.VectorType):
        second = builder.gep(pointer, [integer(1)], source_etype=pair.re.type)
        builder.store(pair.re, pointer, align=align)
        builder.store(pair.im, second, align=gcd(align, dtype.real.itemsize))
        return
    lanes = pair.re.type.count
    order = [lane + part * lanes for lane in range(lanes) for part in (0, 1)]
    builder.store(_shuffled(builder, pair.re, pair.im, order), pointer, align=align)


def _shuffled(builder: ir.IRBuilder, x: ir.Value, y: ir.Value, order: Sequence[int]) -> ir.Value:
    mask = ir.Constant(ir.VectorType(STATUS, len(order)), [STATUS(lane) for lane in order])
    return builder.shuffle_vector(x, y, mask)


def _lane(builder: ir.IRBuilder, register: Register, lane: int) -> Register:
    if isinstance(register, Pair):
        return Pair(*(_lane(builder, part, lane) for part in register))
    return builder.extract_element(register, ir.Constant(STATUS, lane))
