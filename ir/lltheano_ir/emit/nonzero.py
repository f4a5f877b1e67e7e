"""`nonzero`: the places of the true elements of a vector.

The place of an element is written whether it is true or not, and the next one is written behind it
only if it was: no branch depends on an element. Eight elements that are all false, which are one
word of zeros, are passed over. The search ends with the last place that is wanted.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.context import Context
from lltheano_ir.emit.control import call_procedure, loop_while, merged, when
from lltheano_ir.emit.values import BIT, BYTE, INT, POINTER, integer
from lltheano_ir.loops.nodes import Buffer

__all__ = ["emit_nonzero"]

_BLOCK = 8
"""Elements, of one byte each, that are looked at as one word."""

Registers = Sequence[ir.Value]


def emit_nonzero(context: Context, target: Buffer, mask: Buffer) -> None:
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

    def room_for_block(state: Registers) -> ir.Value:
        place, count = (builder.add(one, integer(_BLOCK)) for one in state)
        inside = builder.icmp_signed("<=", place, size)
        return builder.and_(inside, builder.icmp_signed("<=", count, wanted))

    def block(state: Registers) -> Registers:
        place, count = state
        word = builder.load(builder.gep(mask, [place], source_etype=BYTE), typ=INT, align=1)
        before = builder.block
        found = count
        with when(builder, builder.icmp_unsigned("!=", word, integer(0))):
            for step in range(_BLOCK):
                found = element(builder.add(place, integer(step)), found)
        (total,) = merged(builder, [(before, [count]), (found.parent, [found])])
        return builder.add(place, integer(_BLOCK)), total

    def room(state: Registers) -> ir.Value:
        place, count = state
        inside = builder.icmp_signed("<", place, size)
        return builder.and_(inside, builder.icmp_signed("<", count, wanted))

    def single(state: Registers) -> Registers:
        place, count = state
        return builder.add(place, integer(1)), element(place, count)

    state = loop_while(builder, (integer(0), integer(0)), room_for_block, block)
    _, count = loop_while(builder, state, room, single)
    rest = builder.mul(builder.sub(wanted, count), integer(8))
    fill = builder.module.declare_intrinsic("llvm.memset", [POINTER, INT])
    builder.call(fill, [builder.gep(places, [count], source_etype=INT), BYTE(0), rest, BIT(0)])
