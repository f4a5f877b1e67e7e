"""What a run by an interpreter may take: steps, and bytes held at one time.

A *step* is an iteration of a loop over data: an interpreted loop function pays one for each
iteration, a tensor op one for each element that it reads or makes, and what
the op declares beyond that (see `Op.work`). So the steps of a run depend on the program
and the sizes of its inputs alone, and not on the machine. All is paid before it is done.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import Array, ExecutionError
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import INDEX, ValueType

__all__ = ["Budget", "SpentError", "sizes_of_results", "steps_of"]


class SpentError(Exception):
    """A run asked for more steps, or for more memory, than it may take."""

    def __init__(self, message: str, *, of_memory: bool) -> None:
        super().__init__(message)
        self.of_memory = of_memory


class Budget:
    """The steps and the bytes that a run may still take; None is any number.

    >>> budget = Budget(steps=10)
    >>> budget.pay(9)
    >>> budget.pay(2)
    Traceback (most recent call last):
    lltheano_ir.budget.SpentError: more than 10 steps
    """

    def __init__(self, steps: int | None = None, memory: int | None = None) -> None:
        self._steps, self._memory = steps, memory
        self._paid = self._held = 0
        self.bounded = steps is not None or memory is not None

    def pay(self, steps: int) -> None:
        """Take steps; SpentError when there are not so many left."""
        self._paid += steps
        if self._steps is not None and self._paid > self._steps:
            raise SpentError(f"more than {self._steps} steps", of_memory=False)

    def hold(self, size: int) -> None:
        """Take bytes; SpentError when there are not so many left."""
        if self._memory is not None and self._held + size > self._memory:
            raise SpentError(
                f"more than {self._memory} bytes at one time: {self._held} held, {size} wanted",
                of_memory=True,
            )
        self._held += size

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Give back what is taken inside, at the end."""
        held = self._held
        yield
        self._held = held


class _Numbers:
    """Shape arithmetic on arrays and numbers that are there."""

    def size(self, operand: Any, axis: int) -> int:
        return int(operand.shape[axis])

    def integer(self, value: int) -> int:
        return value

    def apply(self, op: str, *sizes: Any) -> Array:
        arrays = [np.asarray(size) for size in sizes]
        (size,) = OPS[op].results(arrays, [INDEX for _ in arrays], ())
        return size


def steps_of(value: Value, arrays: Sequence[Array], results: Sequence[int]) -> int:
    """The steps of an op without regions, from its operands and the elements of its results."""
    elements = sum(results) + sum(array.size for array in arrays)
    work = value.op.work
    return elements if work is None else elements + work([array.shape for array in arrays])


def sizes_of_results(value: Value, arrays: Sequence[Array]) -> list[int]:
    """The number of elements of each result of an op without regions, before it is computed.

    Where the operands do not fit each other it is 0: the op itself says what is wrong.
    """
    shape = value.op.shape
    if shape is None:
        return [1 for _ in value.types]
    types = [operand.type for operand in value.operands]
    try:
        sizes = shape(_Numbers(), arrays, types, value.attributes)
    except (ExecutionError, LookupError):
        return [0 for _ in value.types]
    several = sizes if len(value.types) > 1 else (sizes,)
    return [_elements(one, sizes) for one, sizes in zip(value.types, several, strict=True)]


def _elements(type_: ValueType, sizes: Sequence[Any]) -> int:
    pairs = zip(type_.broadcast, sizes, strict=True)
    return math.prod(1 if one else max(int(size), 0) for one, size in pairs)
