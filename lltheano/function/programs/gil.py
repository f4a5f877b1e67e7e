"""Which calls release the GIL: those that take long, so that other threads run meanwhile."""

from collections.abc import Iterator, Sequence

from lltheano.runtime.calls.executable import RELEASE_GIL_BYTES
from lltheano_ir.nodes import Value, operands_first
from lltheano_ir.program import Program

__all__ = ["release_gil_from"]


def release_gil_from(program: Program) -> int:
    """Return from how many bytes of parameters on calls of a program release the GIL."""
    return min(map(_long_from, _values(program.roots)), default=RELEASE_GIL_BYTES)


def _long_from(value: Value) -> int:
    """From how many bytes on a value takes long; a loop runs as often as it is told."""
    if value.regions and value.form.repeats:
        return 0
    return RELEASE_GIL_BYTES if value.op.long_from is None else value.op.long_from


def _values(roots: Sequence[Value]) -> Iterator[Value]:
    """Every value, those inside regions too."""
    for value in operands_first(roots):
        yield value
        for region in value.regions:
            yield from _values(region.results)
