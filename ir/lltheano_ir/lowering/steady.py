"""Which inputs must be copied, since the caller's memory may change under a running function.

Another thread may write an array while a call reads it. A wrong element is then the caller's own
doing, but an index that was in bounds when it was checked, and is not when it is used, would let
the write go anywhere. So an input that takes part in such an index (see `Op.steady`) is copied
first, and the copy is checked and used; nothing else can reach it. Shared parameters are locked.
"""

from collections.abc import Iterable

from lltheano_ir.nodes import Region, Value, argument, operands_first
from lltheano_ir.program import Program

__all__ = ["steady_parameters"]


def steady_parameters(program: Program) -> frozenset[int]:
    """The positions of the inputs whose elements must be read once."""
    steady = _steady(program.values())
    return frozenset(
        position
        for position, one in enumerate(program.parameters)
        if not one.shared and argument(position, one.type) in steady
    )


def _steady(values: Iterable[Value]) -> set[Value]:
    """Those of `values`, given operands first, and their operands, that must not change."""
    steady: set[Value] = set()
    for value in reversed(list(values)):
        if value in steady and not value.op.measures:
            steady.update(value.operands)
        elif value.op.steady is not None:
            steady.update(value.operands[value.op.steady :])
        if any(_reaches_memory(region) for region in value.regions):
            steady.update(value.operands)
    return steady


def _reaches_memory(region: Region) -> bool:
    """Whether an op inside needs operands that do not change."""
    return any(
        value.op.steady is not None or any(map(_reaches_memory, value.regions))
        for value in operands_first(region.results)
    )
