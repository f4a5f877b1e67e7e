"""What a routine is: the record of which the table `lltheano_ir.loops.routines` is made."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.ops.definition import Array
from lltheano_ir.records import record

__all__ = ["Buffers", "Routine", "Shape"]

Shape: TypeAlias = tuple[int, ...]
Buffers: TypeAlias = Sequence[Buffer]


def _none(shapes: Sequence[Shape]) -> int:
    return 0


@record(frozen=True, slots=True)
class Routine:
    """What a call must look like, and what it does.

    Attributes
    ----------
    outputs, inputs
        How many buffers it writes, and reads.
    require
        Raises ValueError, saying why, unless it takes the outputs and inputs.
    meaning
        The elements of the outputs from those of the inputs and the shapes of the outputs.
    exact
        Whether compiled code gives these very elements, bit for bit.
    work
        From the shapes of the inputs, how many steps it is besides one for each element that it
        reads or writes.
    """

    outputs: int
    inputs: int
    require: Callable[[Buffers, Buffers], None]
    meaning: Callable[[Sequence[Array], Sequence[Shape]], tuple[Array, ...]]
    exact: bool = True
    work: Callable[[Sequence[Shape]], int] = _none
