"""What the rules of single ops may ask of the lowering under way; `state.Lowering` answers."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import Protocol

from lltheano_ir.loops.nodes import Buffer, Operand
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.nodes import Value
from lltheano_ir.provenance import Location
from lltheano_ir.shapes import Shapes

__all__ = ["ValueAccess"]


class ValueAccess(Protocol):
    """Where values live, and the ways to get at them.

    Attributes
    ----------
    checked
        The values whose checks have been made.
    spans
        The least and the greatest element of index tensors for which they were computed.
    """

    context: FunctionBuilder
    shapes: Shapes
    checked: set[Value]
    spans: dict[Value, tuple[Operand, Operand]]

    @abstractmethod
    def location(self, value: Value) -> Location | None:
        """Where in the user's program a value comes from."""

    @abstractmethod
    def sizes(self, value: Value) -> tuple[Operand, ...]:
        """The sizes of a value as operands."""

    @abstractmethod
    def scalar(self, value: Value) -> Operand:
        """The only element of a value of rank 0."""

    @abstractmethod
    def buffer(self, value: Value) -> Buffer:
        """The value in memory; made now if it has none."""

    @abstractmethod
    def prepare(self, *roots: Value) -> None:
        """Make all that the elements of `roots` rely on, before loops are opened."""

    @abstractmethod
    def element(self, value: Value, indices: tuple[Operand, ...]) -> Operand:
        """The element of a prepared value at `indices`, computed in the current block."""

    @abstractmethod
    def wrapped(self, index: Operand, operand: Value, axis: int) -> Operand:
        """An index, negative if it counts from the end, as one that counts from the start."""

    @abstractmethod
    def scope(self) -> AbstractContextManager[None]:
        """Elements computed inside are not known outside."""
