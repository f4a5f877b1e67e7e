"""Memory of the pool during a call: drawing blocks, holding them, giving them back.

The function's stack frame has a record of two words for each place that draws a block: the pointer,
null while it owns nothing, and the size. Drawing again at a place, in a later iteration of a loop,
keeps the block if its size is right. Whichever way the function is left, one helper walks the
records.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.abi import Status
from lltheano_ir.emit.context import EmissionContext, Unit
from lltheano_ir.emit.control import call_procedure, counted_loop, likely_branch, when
from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.values import BIT, BYTE, INT, POINTER, declared, integer

__all__ = [
    "DRAW",
    "clear_records",
    "draw",
    "draw_block",
    "found_or_failed",
    "hand_over",
    "keep",
    "own_what_is_named",
    "record_of",
    "release",
    "release_all",
    "report_of",
    "saturating_product",
]

_NULL = ir.Constant(POINTER, None)
_MOST = (1 << 63) - 1
DRAW = ("noinline", "nounwind")
"""The attributes of routines that draw blocks: many places share each."""


def draw(context: EmissionContext, name: str, size: ir.Value) -> ir.Value:
    """A block of `size` bytes for the place called `name`; leave the function if there is none."""
    builder, unit = context.builder, context.unit
    record = record_of(unit, builder, name)
    report = report_of(unit, builder)
    data = draw_block(builder, record, size, report)
    return found_or_failed(context, data)


def found_or_failed(context: EmissionContext, data: ir.Value) -> ir.Value:
    """The block itself; leave the function where it is null, once its size has been reported."""
    builder, unit = context.builder, context.unit
    found = builder.icmp_unsigned("!=", data, _NULL)
    unit.statuses.append((builder.block, Status.NO_MEMORY))
    likely_branch(builder, found, unit.failed)
    return data


def draw_block(
    builder: ir.IRBuilder, record: ir.Value, size: ir.Value, report: ir.Value
) -> ir.Value:
    """A block of `size` bytes that `record` owns, or null and the size at `report`."""
    return call_helper(builder, "lltheano.draw", POINTER, (record, size, report), _draw_body, DRAW)


def record_of(unit: Unit, builder: ir.IRBuilder, name: str) -> ir.Value:
    """Where the record of the place called `name` is; a new one if there is none."""
    number = unit.held.setdefault(name, len(unit.held))
    return builder.gep(unit.records, [integer(2 * number)], source_etype=INT)


def report_of(unit: Unit, builder: ir.IRBuilder) -> ir.Value:
    """Where the report is."""
    return builder.gep(unit.frame, [integer(unit.layout.report)], source_etype=INT)


def release(unit: Unit, builder: ir.IRBuilder, name: str) -> None:
    """Give back the block of the place called `name`, if it has one."""

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        _give_back(inside, inside.load(args[0], typ=POINTER))
        inside.store(_NULL, args[0])

    call_procedure(builder, "lltheano.release.one", [record_of(unit, builder, name)], body)


def keep(unit: Unit, builder: ir.IRBuilder, name: str, block: ir.Value) -> None:
    """Own a block that came from elsewhere, at the place called `name`, which has none."""
    builder.store(block, record_of(unit, builder, name))


def _draw_body(builder: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    record, size, report = args
    allocate = declared(builder.module, "lltheano_pool_alloc", POINTER, [INT])
    held_size = builder.gep(record, [integer(1)], source_etype=INT)
    old = builder.load(record, typ=POINTER)
    owns = builder.icmp_unsigned("!=", old, _NULL)
    fits = builder.icmp_signed("==", builder.load(held_size, typ=INT), size)
    with when(builder, builder.not_(builder.and_(owns, fits))):
        _give_back(builder, old)
        new = builder.call(allocate, [size])
        builder.store(new, record)
        builder.store(size, held_size)
        with when(builder, builder.icmp_unsigned("==", new, _NULL)):
            builder.store(size, report)
    return builder.load(record, typ=POINTER)


def _give_back(builder: ir.IRBuilder, block: ir.Value) -> None:
    free = declared(builder.module, "lltheano_pool_free", ir.VoidType(), [POINTER])
    with when(builder, builder.icmp_unsigned("!=", block, _NULL)):
        builder.call(free, [block])


def own_what_is_named(unit: Unit, builder: ir.IRBuilder, name: str, block: ir.Value) -> None:
    """Let the place called `name` own the block that the name stands for by now.

    Buffers that changed places are of one size, and all of them are told.
    """
    if name in unit.held:
        place = integer(2 * unit.held[name])
        builder.store(block, builder.gep(unit.records, [place], source_etype=INT))


def hand_over(unit: Unit, builder: ir.IRBuilder, name: str) -> None:
    """The caller now owns the block of the place called `name`, if it is one."""
    if name in unit.held:
        place = integer(2 * unit.held[name])
        builder.store(_NULL, builder.gep(unit.records, [place], source_etype=INT))


def release_all(unit: Unit, builder: ir.IRBuilder) -> None:
    """Give back every block that the function owns."""

    def body(_: ir.IRBuilder, inside: ir.IRBuilder, args: Sequence[ir.Value]) -> None:
        records, count = args

        def once(place: ir.Value, _: object) -> tuple[ir.Value, ...]:
            record = inside.gep(records, [place], source_etype=INT)
            _give_back(inside, inside.load(record, typ=POINTER))
            return ()

        counted_loop(inside, (integer(0), count, 2), (), once)

    if unit.held:
        args = [unit.records, integer(2 * len(unit.held))]
        call_procedure(builder, "lltheano.release", args, body)


def clear_records(unit: Unit) -> None:
    """Make all records own nothing at the start, once it is known how many there are."""
    count = 2 * len(unit.held)
    if count:
        unit.records.allocated_type = ir.ArrayType(INT, count)
        fill = unit.start.module.declare_intrinsic("llvm.memset", [POINTER, INT])
        unit.start.call(fill, [unit.records, BYTE(0), integer(8 * count), BIT(0)])


def saturating_product(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """The product of two sizes, or the greatest i64 if it is more than that."""

    def body(inside: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
        both = inside.umul_with_overflow(*args)
        product, lost = (inside.extract_value(both, part) for part in (0, 1))
        too_great = inside.or_(lost, inside.icmp_signed("<", product, integer(0)))
        return inside.select(too_great, integer(_MOST), product)

    return call_helper(builder, "lltheano.product", INT, (x, y), body, DRAW)
