"""Memory that the function owns or names: allocations, views, constants, row-major copies.

Invariants: blocks are drawn from the pool by `lltheano_ir.emit.memory.pool`, which gives back what
is not handed over; small temporaries of fixed size lie on the stack; buffers of one slot share one
block of the greatest size, so far as the sizes are known where the first of them is allocated; an
allocation inside a loop keeps its block from one iteration to the next while the size stays the
same.
"""

from llvmlite import ir

from lltheano_ir.emit.context import Block, EmissionContext
from lltheano_ir.emit.memory.accesses import Amount, advance, as_register
from lltheano_ir.emit.memory.pool import (
    draw,
    found_or_failed,
    record_of,
    report_of,
    saturating_product,
)
from lltheano_ir.emit.memory.row_major import row_major_data
from lltheano_ir.emit.values import (
    BYTE,
    INT,
    POINTER,
    bytes_constant,
    integer,
    intrinsic,
    stack_memory,
)
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Constant,
    Contiguous,
    Number,
    Operand,
    View,
)

__all__ = [
    "byte_count",
    "bytes_of",
    "emit_alloc",
    "emit_constant",
    "emit_contiguous",
    "emit_view",
    "fits_stack",
]

_ON_STACK = 64
"""Bytes: temporaries of a fixed size up to this lie on the stack, where they become registers."""


def emit_alloc(context: EmissionContext, alloc: Alloc) -> None:
    """Give a buffer memory."""
    buffer = alloc.buffer
    if fits_stack(buffer) and not _is_result(context, buffer):
        small = context.unit.small.get(buffer.name)
        if small is None:
            small = stack_memory(context.unit.start, BYTE, _ON_STACK)
        context.buffers[buffer.name] = small
        return
    shared = context.slots.get(alloc.slot) if alloc.slot is not None else None
    if shared is not None and buffer.name in shared.fitting:
        context.buffers[buffer.name] = shared.data
        return
    if alloc.slot is None or _is_result(context, buffer):
        context.buffers[buffer.name] = draw(
            context, buffer.name, as_register(byte_count(context, buffer))
        )
        return
    block = _shared_block(context, alloc, alloc.slot)
    context.slots[alloc.slot] = block
    context.buffers[buffer.name] = block.data


def fits_stack(buffer: Buffer) -> bool:
    """Whether a temporary is small, and of a fixed size."""
    size = buffer.dtype.itemsize
    for operand in buffer.sizes:
        if not isinstance(operand, Number):
            return False
        size *= int(operand.literal.array())
    return size <= _ON_STACK


def _is_result(context: EmissionContext, buffer: Buffer) -> bool:
    return buffer.name in context.unit.results


def _shared_block(context: EmissionContext, alloc: Alloc, slot: int) -> Block:
    """A block for `alloc` and for all others of its slot whose sizes are known here."""
    builder = context.builder
    fitting = [alloc.buffer]
    for other in context.unit.allocations[slot]:
        known = all(_is_known(context, size) for size in other.buffer.sizes)
        if other is not alloc and known and not _is_result(context, other.buffer):
            fitting.append(other.buffer)
    sizes: list[Amount] = [byte_count(context, buffer) for buffer in fitting]
    fixed = max((size for size in sizes if isinstance(size, int)), default=0)
    most: Amount = fixed
    for size in (size for size in sizes if not isinstance(size, int)):
        most = intrinsic(builder, "umax", size, as_register(most)) if most != 0 else size
    data = draw(context, alloc.buffer.name, as_register(most))
    return Block(data, frozenset(buffer.name for buffer in fitting))


def _is_known(context: EmissionContext, operand: Operand) -> bool:
    return isinstance(operand, Number) or operand.name in context.scalars


def byte_count(context: EmissionContext, buffer: Buffer) -> Amount:
    """The bytes of a row-major buffer; more than there can be where the product overflows."""
    fixed = buffer.dtype.itemsize
    total: ir.Value | None = None
    for operand in buffer.sizes:
        if isinstance(operand, Number):
            fixed *= int(operand.literal.array())
            continue
        size = context.uniform(operand)
        total = size if total is None else saturating_product(context.builder, total, size)
    if total is None:
        return fixed
    return saturating_product(context.builder, total, integer(fixed))


def emit_constant(context: EmissionContext, statement: Constant) -> None:
    """Name the read-only elements of a literal."""
    context.buffers[statement.buffer.name] = bytes_of(context, statement.literal.data)


def bytes_of(context: EmissionContext, data: bytes) -> ir.Value:
    """Where bytes that never change lie in the module, once however often they are asked for."""
    constants = context.unit.constants
    if data not in constants:
        kind = ir.ArrayType(BYTE, max(len(data), 1))
        name = f"lltheano.constant.{len(constants)}"
        variable = ir.GlobalVariable(context.builder.module, kind, name)
        variable.initializer = bytes_constant(data or b"\0")
        variable.global_constant = True
        variable.linkage = "internal"
        variable.align = 64
        variable.type = POINTER  # as of any memory: what takes it does not ask how long it is
        constants[data] = variable
    return constants[data]


def emit_view(context: EmissionContext, view: View) -> None:
    """Name a part of a buffer's memory."""
    unit = context.unit
    unit.roots[view.buffer.name] = unit.root(view.base)
    offset = context.uniform(view.offset)
    data = advance(context.builder, context.buffers[view.base.name], view.base.dtype, offset)
    context.buffers[view.buffer.name] = data


def emit_contiguous(context: EmissionContext, statement: Contiguous) -> None:
    """Name the source itself if it is row-major, else a copy of it."""
    builder = context.builder
    source, target = statement.source, statement.buffer
    context.unit.roots[target.name] = context.unit.root(source)
    data = context.buffers[source.name]
    if source.strides is None:
        context.buffers[target.name] = data
        return
    unit = context.unit
    chosen = row_major_data(
        builder,
        _words_of(context, source, data),
        record_of(unit, builder, target.name),
        report_of(unit, builder),
        rank=len(source.sizes),
        item_bytes=source.dtype.itemsize,
    )
    context.buffers[target.name] = found_or_failed(context, chosen)


def _words_of(context: EmissionContext, buffer: Buffer, data: ir.Value) -> ir.Value:
    """A strided buffer as a frame has it: a pointer, sizes, strides in bytes."""
    unit, builder = context.unit, context.builder
    field = unit.parameters.get(buffer.name)
    if field is not None:
        return builder.gep(unit.frame, [integer(field.words.data)], source_etype=INT)
    scale = integer(buffer.dtype.itemsize)
    strides = [builder.mul(context.uniform(one), scale) for one in buffer.strides or ()]
    values = [data, *(context.uniform(size) for size in buffer.sizes), *strides]
    words = stack_memory(unit.start, INT, len(values))
    for number, value in enumerate(values):
        builder.store(value, builder.gep(words, [integer(number)], source_etype=INT))
    return words
