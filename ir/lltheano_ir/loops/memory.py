"""Memory as the interpreter models it: flat arrays, seen through sizes and strides.

Buffers that share memory in native code share it here. Every access is checked.
"""

from collections.abc import Sequence

from lltheano_ir.ops.definition import Array
from lltheano_ir.records import record

__all__ = ["LoopMemoryError", "Memory", "MemoryView", "row_major_strides"]


class LoopMemoryError(RuntimeError):
    """The function touched memory in a way that native code must not."""


@record
class Memory:
    """A flat block and which of its elements have been written."""

    elements: Array
    written: Array


@record
class MemoryView:
    """A buffer at run time."""

    memory: Memory
    offset: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]

    def at(self, name: str, indices: Sequence[int]) -> int:
        """Where in the memory an element of the buffer called `name` is; it must be one."""
        position = self.offset
        for axis, (index, size) in enumerate(zip(indices, self.sizes, strict=True)):
            if not 0 <= index < size:
                raise LoopMemoryError(f"index {index} on axis {axis} of %{name}, of size {size}")
            position += index * self.strides[axis]
        if not 0 <= position < self.memory.elements.size:
            raise LoopMemoryError(f"element {position} of the memory of %{name}")
        return position


def row_major_strides(sizes: Sequence[int]) -> tuple[int, ...]:
    """The distance of neighbours along each axis, in elements, in row-major memory."""
    strides, step = [], 1
    for size in reversed(sizes):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))
