"""`nonzero`: the places of the true elements of a vector.

The place of an element is written whether it is true or not, and the next one is written behind it
only if it was: no branch depends on an element. Where few are wanted, stretches that are all false
are passed over. The search ends with the last place that is wanted.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import call_procedure, loop_while, merged, when
from lltheano_ir.emit.values import BIT, BYTE, INT, POINTER, integer
from lltheano_ir.loops.nodes import Buffer

__all__ = ["emit_nonzero"]

_BLOCK = 8
"""Elements that are written without asking for room in between."""

_STRETCH = 32
"""Elements, of one byte each, that are compared with zero at once."""

_FEW = 32
"""Where at most one of so many elements is wanted, looking for stretches pays."""

Registers = Sequence[ir.Value]


def emit_nonzero(context: EmissionContext, target: Buffer, mask: Buffer) -> None:
    """Write the first places that hold true, as many as `target` has, and zeros after them."""
    args = [
        context.buffers[target.name],
        context.uniform(target.sizes[0]),
        context.buffers[mask.name],
        context.uniform(mask.sizes[0]),
    ]
    call_procedure(context.builder, "lltheano.nonzero", args, _nonzero)


def _nonzero(_: ir.IRBuilder, builder: ir.IRBuilder, args: Registers) -> None:
    places, wanted, mask, size = args

    def element(place: ir.Value, count: ir.Value) -> ir.Value:
        """Note a place, and count it if the element is true."""
        builder.store(place, builder.gep(places, [count], source_etype=INT))
        byte = builder.load(builder.gep(mask, [place], source_etype=BYTE), typ=BYTE)
        # Views of other memory as bool have other bytes than 0 and 1, which must count for one too.
        truth = builder.icmp_unsigned("!=", byte, BYTE(0))
        return builder.add(count, builder.zext(truth, INT))

    def room_for(elements: int, state: Registers) -> ir.Value:
        """Whether so many elements are left, and a block of places."""
        place, count = state
        inside = builder.icmp_signed("<=", builder.add(place, integer(elements)), size)
        free = builder.icmp_signed("<=", builder.add(count, integer(_BLOCK)), wanted)
        return builder.and_(inside, free)

    def block(state: Registers) -> Registers:
        place, count = state
        for step in range(_BLOCK):
            count = element(builder.add(place, integer(step)), count)
        return builder.add(place, integer(_BLOCK)), count

    def stretch(state: Registers) -> Registers:
        """Pass over a stretch, or else write one block of it."""
        kind = ir.IntType(8 * _STRETCH)
        start = builder.gep(mask, [state[0]], source_etype=BYTE)
        some = builder.icmp_unsigned("!=", builder.load(start, typ=kind, align=1), kind(0))
        passed = builder.add(state[0], integer(_STRETCH)), state[1]
        before = builder.block
        with when(builder, some):
            written = block(state)
            inside = builder.block
        return merged(builder, [(before, passed), (inside, written)])

    def room(state: Registers) -> ir.Value:
        place, count = state
        inside = builder.icmp_signed("<", place, size)
        return builder.and_(inside, builder.icmp_signed("<", count, wanted))

    def single(state: Registers) -> Registers:
        place, count = state
        return builder.add(place, integer(1)), element(place, count)

    def goes_on(state: Registers) -> ir.Value:
        return builder.and_(few, room_for(_STRETCH, state))

    few = builder.icmp_signed("<=", builder.mul(wanted, integer(_FEW)), size)
    state: Registers = (integer(0), integer(0))
    state = loop_while(builder, state, goes_on, stretch)
    state = loop_while(builder, state, lambda now: room_for(_BLOCK, now), block)
    _, count = loop_while(builder, state, room, single)
    rest = builder.mul(builder.sub(wanted, count), integer(8))
    fill = builder.module.declare_intrinsic("llvm.memset", [POINTER, INT])
    builder.call(fill, [builder.gep(places, [count], source_etype=INT), BYTE(0), rest, BIT(0)])
