"""Profiling in LLVM IR: the clock, and the counters, which threads share.

The counters are a variable of the module, so that they are where the code is, and cached code needs
no address. Each is added to in one atomic step: no call of another thread is lost.
"""

from llvmlite import ir

from lltheano_ir.abi import COUNTERS, Counter
from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.values import INT, EmittedValue, declared, integer
from lltheano_ir.loops.nodes import Clock, LoopFunction, Number, Tally
from lltheano_ir.loops.walk import statements_in

__all__ = ["CLOCK", "declare_counters", "emit_clock", "emit_tally"]

CLOCK = "lltheano_clock"
"""The function that is asked for the time, `int64_t lltheano_clock(void)`."""


def declare_counters(module: ir.Module, function: LoopFunction) -> None:
    """Give a module the rows that its function adds to, if there are any."""
    inner = (one for statement in function.body for one in statements_in(statement))
    rows = [one.row for one in inner if isinstance(one, Tally)]
    if rows:
        kind = ir.ArrayType(INT, (max(rows) + 1) * len(Counter))
        ir.GlobalVariable(module, kind, COUNTERS).initializer = ir.Constant(kind, None)


def emit_clock(context: EmissionContext, clock: Clock) -> None:
    """Ask for the time."""
    builder = context.builder
    now = builder.call(declared(builder.module, CLOCK, INT, []), [])
    context.define(clock.target.name, EmittedValue(i64, now))


def emit_tally(context: EmissionContext, tally: Tally) -> None:
    """Add to the counters of a row."""
    builder = context.builder
    counters = builder.module.globals[COUNTERS]
    for column, value in enumerate(tally.values, tally.row * len(Counter)):
        if isinstance(value, Number) and not value.literal.array():
            continue
        place = builder.gep(counters, [integer(column)], source_etype=INT)
        builder.atomic_rmw("add", place, context.uniform(value), "monotonic")
