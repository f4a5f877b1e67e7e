"""Which calls release the GIL: those that take long, so that other threads run meanwhile."""

from collections.abc import Iterator, Sequence

from lltheano.runtime.executable import RELEASE_GIL_BYTES
from lltheano_ir.nodes import Value, operands_first
from lltheano_ir.program import Program

__all__ = ["release_gil_from"]

_LONG = {"loop": 0, "factorisation": 1 << 11, "transform": 1 << 12}
"""From how many bytes of parameters on a call is long that has such an op, or one of that family:
a loop runs as often as it is told, and a factorisation of a small matrix takes many microseconds.
"""


def release_gil_from(program: Program) -> int:
    """Return from how many bytes of parameters on calls of a program release the GIL."""
    kinds = (kind for op in _ops(program.roots) for kind in (op.op.name, op.op.family))
    return min((_LONG.get(kind, RELEASE_GIL_BYTES) for kind in kinds), default=RELEASE_GIL_BYTES)


def _ops(roots: Sequence[Value]) -> Iterator[Value]:
    """Every value, those inside regions too."""
    for value in operands_first(roots):
        yield value
        for region in value.regions:
            yield from _ops(region.results)
