"""Memory that the function owns or names: allocations, views, constants, row-major copies.

Invariants: every block drawn from the pool is pointed to by a stack slot that is null while it owns
nothing, so that one exit path gives everything back; small temporaries of fixed size lie on the
stack; buffers of one slot share one block of the greatest size, so far as the sizes are known where
the first of them is allocated; an allocation inside a loop keeps its block from one iteration to
the next while the size stays the same.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import Block, Context
from lltheano_ir.emit.control import call_procedure, likely_branch, merged, when
from lltheano_ir.emit.frame import OUT_OF_MEMORY
from lltheano_ir.emit.memory import Amount, advance, as_register, row_major_strides
from lltheano_ir.emit.values import BYTE, INT, POINTER, integer, intrinsic, stack_memory
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Constant,
    Contiguous,
    For,
    Load,
    Number,
    Operand,
    Scalar,
    Schedule,
    Statement,
    Store,
    View,
)

__all__ = [
    "byte_count",
    "copy_elements",
    "declared",
    "emit_alloc",
    "emit_constant",
    "emit_contiguous",
    "emit_view",
    "fresh_block",
    "is_row_major",
    "release",
]

_ON_STACK = 64
"""Bytes: temporaries of a fixed size up to this lie on the stack, where they become registers."""

_MOST = (1 << 63) - 1


def emit_alloc(context: Context, alloc: Alloc) -> None:
    """Give a buffer memory."""
    buffer = alloc.buffer
    if _fits_stack(context, buffer):
        context.buffers[buffer.name] = stack_memory(context.unit.start, BYTE, _ON_STACK)
        return
    shared = context.slots.get(alloc.slot) if alloc.slot is not None else None
    if shared is not None and buffer.name in shared.fitting:
        context.buffers[buffer.name] = shared.data
        return
    if alloc.slot is None or _is_result(context, buffer):
        context.buffers[buffer.name] = fresh_block(
            context, buffer.name, byte_count(context, buffer)
        )
        return
    block = _shared_block(context, alloc, alloc.slot)
    context.slots[alloc.slot] = block
    context.buffers[buffer.name] = block.data


def _fits_stack(context: Context, buffer: Buffer) -> bool:
    size = buffer.dtype.itemsize
    for operand in buffer.sizes:
        if not isinstance(operand, Number):
            return False
        size *= int(operand.literal.array())
    return size <= _ON_STACK and not _is_result(context, buffer)


def _is_result(context: Context, buffer: Buffer) -> bool:
    return any(result.buffer.name == buffer.name for result in context.unit.source.results)


def _shared_block(context: Context, alloc: Alloc, slot: int) -> Block:
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
    data = fresh_block(context, alloc.buffer.name, most)
    return Block(data, frozenset(buffer.name for buffer in fitting))


def _is_known(context: Context, operand: Operand) -> bool:
    return isinstance(operand, Number) or operand.name in context.scalars


def byte_count(context: Context, buffer: Buffer) -> Amount:
    """The bytes of a row-major buffer; more than there can be where the product overflows."""
    fixed = buffer.dtype.itemsize
    total: ir.Value | None = None
    overflow: ir.Value | None = None
    for operand in buffer.sizes:
        if isinstance(operand, Number):
            fixed *= int(operand.literal.array())
            continue
        size = context.uniform(operand)
        total, lost = (size, None) if total is None else _product(context, total, size)
        overflow = _either(context, overflow, lost)
    if total is None:
        return fixed
    total, lost = _product(context, total, integer(fixed))
    overflow = _either(context, overflow, lost)
    return context.builder.select(overflow, integer(_MOST), total)


def _product(context: Context, x: ir.Value, y: ir.Value) -> tuple[ir.Value, ir.Value]:
    both = context.builder.umul_with_overflow(x, y)
    return tuple(context.builder.extract_value(both, part) for part in (0, 1))


def _either(context: Context, x: ir.Value | None, y: ir.Value | None) -> ir.Value | None:
    if x is None or y is None:
        return x if y is None else y
    return context.builder.or_(x, y)


def fresh_block(context: Context, name: str, size: Amount) -> ir.Value:
    """Draw a block from the pool, held by the slot called `name`; leave the function if there is
    none.

    The slot may hold a block from an earlier iteration: it is kept if its size is right.
    """
    builder, unit = context.builder, context.unit
    wanted = as_register(size)
    if name not in unit.held:
        unit.held[name] = _null_slot(unit.start)
    slot = unit.held[name]
    if context.repeats:
        return _renewed(context, slot, wanted)
    data = _drawn(context, wanted)
    builder.store(data, slot)
    return data


def _renewed(context: Context, slot: ir.Value, wanted: ir.Value) -> ir.Value:
    """The block of the last iteration if it is of the size wanted, else a new one."""
    builder, unit = context.builder, context.unit
    size_slot = stack_memory(unit.start, INT)
    old = builder.load(slot, typ=POINTER)
    owns = builder.icmp_unsigned("!=", old, ir.Constant(POINTER, None))
    unit.start.store(integer(-1), size_slot)
    same = builder.icmp_signed("==", builder.load(size_slot, typ=INT), wanted)
    keep, draw, done = (builder.append_basic_block(name) for name in ("keep", "draw", "held"))
    builder.cbranch(builder.and_(owns, same), keep, draw)
    builder.position_at_end(keep)
    builder.branch(done)
    builder.position_at_end(draw)
    release(context.builder, old)
    builder.store(ir.Constant(POINTER, None), slot)
    new = _drawn(context, wanted)
    builder.store(new, slot)
    builder.store(wanted, size_slot)
    drawn_in = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    return merged(builder, [(keep, [old]), (drawn_in, [new])])[0]


def _null_slot(start: ir.IRBuilder) -> ir.Value:
    slot = stack_memory(start, POINTER)
    start.store(ir.Constant(POINTER, None), slot)
    return slot


def _drawn(context: Context, size: ir.Value) -> ir.Value:
    builder = context.builder
    allocate = declared(builder.module, "lltheano_pool_alloc", POINTER, [INT])
    data = builder.call(allocate, [size])
    failed = builder.append_basic_block("no_memory")
    exits = ir.IRBuilder(failed)
    context.unit.report(exits, OUT_OF_MEMORY, [size])
    found = builder.icmp_unsigned("!=", data, ir.Constant(POINTER, None))
    likely_branch(builder, found, failed)
    return data


def release(builder: ir.IRBuilder, pointer: ir.Value) -> None:
    """Give a block back to the pool; null is no block."""
    free = declared(builder.module, "lltheano_pool_free", ir.VoidType(), [POINTER])

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        owned = inside.icmp_unsigned("!=", args[0], ir.Constant(POINTER, None))
        with when(inside, owned):
            inside.call(free, args)

    call_procedure(builder, "lltheano.release", [pointer], body)


def declared(module: ir.Module, name: str, result: ir.Type, parameters: list[ir.Type]) -> ir.Value:
    """The function outside the module with that name, declared once."""
    known = module.globals.get(name)
    return known or ir.Function(module, ir.FunctionType(result, parameters), name)


def emit_constant(context: Context, statement: Constant) -> None:
    """Name the read-only elements of a literal, which lie in the module once."""
    data = statement.literal.data
    constants = context.unit.constants
    if data not in constants:
        kind = ir.ArrayType(BYTE, max(len(data), 1))
        name = f"lltheano.constant.{len(constants)}"
        variable = ir.GlobalVariable(context.builder.module, kind, name)
        variable.initializer = ir.Constant(kind, bytearray(data or b"\0"))
        variable.global_constant = True
        variable.linkage = "internal"
        variable.align = 64
        constants[data] = variable
    context.buffers[statement.buffer.name] = constants[data]


def emit_view(context: Context, view: View) -> None:
    """Name a part of a buffer's memory."""
    unit = context.unit
    unit.roots[view.buffer.name] = unit.root(view.base)
    offset = context.uniform(view.offset)
    data = advance(context.builder, context.buffers[view.base.name], view.base.dtype, offset)
    context.buffers[view.buffer.name] = data


def emit_contiguous(context: Context, statement: Contiguous) -> None:
    """Name the source itself if it is row-major, else a copy of it."""
    builder = context.builder
    source, target = statement.source, statement.buffer
    context.unit.roots[target.name] = context.unit.root(source)
    data = context.buffers[source.name]
    if source.strides is None:
        context.buffers[target.name] = data
        return
    copy, done = (builder.append_basic_block(name) for name in ("copy", "row_major"))
    builder.cbranch(is_row_major(context, source), done, copy)
    before = builder.block
    builder.position_at_end(copy)
    inside = context.inside()
    fresh = fresh_block(inside, target.name, byte_count(inside, target))
    inside.buffers[target.name] = fresh
    copy_elements(inside, source, target)
    copied_in = builder.block
    builder.branch(done)
    builder.position_at_end(done)
    (chosen,) = merged(builder, [(before, [data]), (copied_in, [fresh])])
    context.buffers[target.name] = chosen


def is_row_major(context: Context, buffer: Buffer) -> ir.Value:
    """One bit: do the elements lie without gaps, row by row? (Strides of single ones are free.)"""
    builder = context.builder
    wanted = row_major_strides(context, buffer.sizes)
    result: ir.Value = ir.Constant(ir.IntType(1), 1)
    for size, stride, step in zip(buffer.sizes, buffer.strides or (), wanted, strict=True):
        fits = builder.icmp_signed("==", context.uniform(stride), as_register(step))
        single = builder.icmp_signed("<=", context.uniform(size), integer(1))
        result = builder.and_(result, builder.or_(fits, single))
    return result


def copy_elements(context: Context, source: Buffer, target: Buffer) -> None:
    """Write all elements of `source` to `target`, of the same sizes, a row at a time."""
    width = max(1, context.unit.vector_bytes // source.dtype.itemsize)
    indices = tuple(Scalar(f"{target.name}.{axis}", i64) for axis in range(len(source.sizes)))
    element = Scalar(f"{target.name}.element", source.dtype)
    body: tuple[Statement, ...] = (
        Load(element, source, indices),
        Store(target, indices, element),
    )
    schedule = Schedule(vector=width)
    for index, size in reversed(tuple(zip(indices, source.sizes, strict=True))):
        body = (For(index, size, body, schedule=schedule),)
        schedule = Schedule()
    context.emit(body)
