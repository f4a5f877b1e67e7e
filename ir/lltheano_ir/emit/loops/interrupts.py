"""Polls: how compiled code notices that it is to stop.

A function may be left only before its commit point. Until then its loops ask, from time to time,
`int32_t lltheano_poll(void)` of whoever calls the function: 0 is to go on, anything else is to
leave with `Status.INTERRUPTED`, like any other failure. Asking by the clock or by the element would
cost in the loops that matter. So a function has *fuel*, counted in iterations of innermost loops: a
loop over the elements runs in chunks of at most `CHUNK`, pays for each chunk before it runs, and
asks when there is no fuel left. Inside a chunk nothing is added to the loop.

So every loop over data is a `chunked_loop`, whatever its body holds, or pays in another way by
`spend`. So does a call of a library's routine, which cannot be asked to stop inside.
"""

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.abi import Status
from lltheano_ir.emit.context import Unit
from lltheano_ir.emit.control import (
    KEEPS_REGISTERS,
    Registers,
    counted_loop,
    likely_branch,
    loop_until,
    when,
)
from lltheano_ir.emit.values import INT, STATUS, declared, integer, intrinsic, stack_memory

__all__ = ["CHUNK", "POLL", "chunked_loop", "spend"]

POLL = "lltheano_poll"
"""The function that is asked."""

CHUNK = 1 << 13
"""The most iterations of an innermost loop between two payments: even of the slowest special
functions so many take but some tens of milliseconds.
"""

_SHORT_CHUNK = 1 << 11
"""The iterations after which a loop that may end early is asked whether it does."""

_FUEL = 1 << 13


def spend(unit: Unit, builder: ir.IRBuilder, amount: ir.Value) -> None:
    """Pay for some iterations; where the fuel is used up, ask, and leave if so told."""
    if unit.committed:
        return
    if unit.fuel is None:
        unit.fuel = stack_memory(unit.start, INT)
        full = integer(_FUEL)
        # The first chunk of a parallel loop may be all of it, and has been paid for; whoever comes
        # to another one asks, however short it is.
        fuel = full if unit.first is None else unit.start.select(unit.first, full, integer(0))
        unit.start.store(fuel, unit.fuel)
    left = builder.sub(builder.load(unit.fuel, typ=INT), amount)
    builder.store(left, unit.fuel)
    with when(builder, builder.icmp_signed("<", left, integer(0)), likely=False):
        builder.store(integer(_FUEL), unit.fuel)
        stop = builder.call(_asking(builder.module), [], cconv=KEEPS_REGISTERS)
        unit.statuses.append((builder.block, Status.INTERRUPTED))
        likely_branch(builder, builder.icmp_signed("==", stop, STATUS(0)), unit.failed)


def _asking(module: ir.Module) -> ir.Value:
    """The module's own function that asks."""
    name = "lltheano.ask"
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(STATUS, []), name)
        function.linkage = "internal"
        function.calling_convention = KEEPS_REGISTERS
        for attribute in ("noinline", "nounwind"):
            function.attributes.add(attribute)
        inside = ir.IRBuilder(function.append_basic_block("entry"))
        inside.ret(inside.call(declared(module, POLL, STATUS, []), []))
    return function


def chunked_loop(
    unit: Unit,
    builder: ir.IRBuilder,
    bounds: tuple[ir.Value, ir.Value, int],
    carried: Registers,
    body: Callable[[ir.Value, Registers], Registers],
    *,
    not_empty: bool = False,
    enough: Callable[[Registers], ir.Value] | None = None,
) -> list[ir.Value]:
    """Do what `counted_loop` does, paying for the iterations chunk by chunk.

    With `enough` they end with a chunk after which it holds of the carried values.
    """
    if unit.committed and enough is None:
        return counted_loop(builder, bounds, carried, body, not_empty=not_empty)
    start, stop, step = bounds
    size = max(CHUNK if enough is None else _SHORT_CHUNK, step)

    def chunk(position: ir.Value, registers: Registers) -> Sequence[ir.Value]:
        end = intrinsic(builder, "smin", builder.add(position, integer(size)), stop)
        spend(unit, builder, builder.sub(end, position))
        inner = (position, end, step)
        return counted_loop(builder, inner, registers, body, not_empty=True)

    if enough is None:
        return counted_loop(builder, (start, stop, size), carried, chunk, not_empty=not_empty)
    assert not_empty, "a loop that may end early has an iteration"

    def once(registers: Registers) -> tuple[ir.Value, Registers]:
        position, *before = registers
        after = chunk(position, before)
        following = builder.add(position, integer(size))
        left = builder.icmp_signed("<", following, stop)
        return builder.and_(left, builder.not_(enough(after))), [following, *after]

    return loop_until(builder, [start, *carried], once)[1:]
