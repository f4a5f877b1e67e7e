"""Rules of profiling: `clock`, `tally`."""

from lltheano_ir.abi import MAX_ROWS, Counter
from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import Clock, Tally
from lltheano_ir.loops.verify.scope import Scope

__all__ = ["clock", "tally"]


def clock(scope: Scope, one: Clock) -> None:
    """The time."""
    if one.target.dtype is not i64:
        scope.fail(f"a time of dtype {one.target.dtype}; it should be i64")
    scope.define(one.target)


def tally(scope: Scope, one: Tally) -> None:
    """What is added to a row of counters."""
    if not scope.is_entry:
        scope.fail("only the entry has counters")
    if not 0 <= one.row < MAX_ROWS:
        scope.fail(f"there are rows of counters from 0 to {MAX_ROWS - 1}")
    if len(one.values) > len(Counter):
        scope.fail(f"a row has {len(Counter)} counters, got {len(one.values)} values")
    for value in one.values:
        scope.index(value)
