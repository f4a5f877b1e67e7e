"""What emission knows at one point of a function: where instructions go, and what names stand for.

A `Unit` belongs to the function as a whole: its exits, its stack slots, the memory it must give
back. An `EmissionContext` belongs to one body, emitted in a given number of lanes: values by scalar
name, data pointers by buffer name. A body inside another starts from a copy, so that names never
leak out of the blocks that define them. Emission is a table from statement class to function;
`EmissionContext.emit` looks it up, so that no module of emission needs to know all the others.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from llvmlite import ir

from lltheano_ir.dtypes import DType, dtype_of
from lltheano_ir.emit.frame import Field, FrameLayout
from lltheano_ir.emit.values import EmittedValue, Linear, Register, literal_value, widened
from lltheano_ir.loops.nodes import Alloc, Buffer, LoopFunction, Number, Operand, Statement
from lltheano_ir.records import record
from lltheano_ir.target import Target

__all__ = ["Block", "EmissionContext", "Handler", "Unit", "operand_dtype"]


@record(frozen=True, slots=True)
class Block:
    """Pool memory shared by the buffers of one slot: where it is and which buffers fit."""

    data: ir.Value
    fitting: frozenset[str]


@record
class Unit:
    """The function that is being emitted.

    `held` are the places that draw blocks from the pool, each with the number of its record among
    `records`. `allocations` are the statements that share each slot number. `failed` is where a
    failure goes once its report is written, with the status among `statuses`. `parameters` are the
    fields by the name of the buffer, `alignments` those of all buffers by their names in bytes,
    `results` the names of the buffers that leave the function. `functions` are those of the module
    that can be called, with their `layouts`; in the module's reports `first_site` is this one's
    first. Of a body in parts, `small` gives room for a small buffer that outlives its part. `spare`
    is stack memory, by its size in bytes, that was used further up and may be used again.
    `bodies` are the functions of parallel loops, by what they do. `fuel` is where the iterations
    are counted that may run until the next poll: none, if this is another chunk of a parallel loop
    than the `first`. After the commit point, when the function is `committed`, there are no polls.
    """

    source: LoopFunction
    layout: FrameLayout
    function: ir.Function
    frame: ir.Value
    start: ir.IRBuilder
    records: ir.Value
    failed: ir.Block
    handlers: "Mapping[type, Handler]"
    target: Target
    allocations: Mapping[int, list[Alloc]]
    parameters: Mapping[str, Field]
    alignments: Mapping[str, int]
    results: frozenset[str]
    functions: Mapping[str, LoopFunction]
    layouts: Mapping[str, FrameLayout]
    first_site: int = 0
    small: Mapping[str, ir.Value] = field(default_factory=dict)
    statuses: list[tuple[ir.Block, int | ir.Value]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    constants: dict[bytes, ir.Value] = field(default_factory=dict)
    spare: dict[int, list[ir.Value]] = field(default_factory=dict)
    bodies: dict[Hashable, ir.Function] = field(default_factory=dict)
    fuel: ir.Value | None = None
    first: ir.Value | None = None
    committed: bool = False

    def root(self, buffer: Buffer) -> str:
        """The name of the buffer whose memory `buffer` is, or may be, a view of."""
        return self.roots.get(buffer.name, buffer.name)


@record
class EmissionContext:
    """One body in `lanes` lanes.

    `vectors` are the lanes of those `scalars` that are linear, once made; `unit_strides` are
    scalars known to be 1 here; `repeats` says that a loop runs the body. At the end of a loop there
    may be more lanes than iterations: `tail` then has the number of the iteration that each lane
    computes, the last one again and again, which does no harm.
    """

    unit: Unit
    builder: ir.IRBuilder
    scalars: dict[str, EmittedValue | Linear]
    buffers: dict[str, ir.Value]
    slots: dict[int, Block]
    vectors: dict[str, EmittedValue] = field(default_factory=dict)
    lanes: int = 1
    unit_strides: frozenset[str] = frozenset()
    tail: Sequence[ir.Value] | None = None
    repeats: bool = False

    def inside(
        self,
        *,
        lanes: int | None = None,
        unit_strides: frozenset[str] | None = None,
        tail: Sequence[ir.Value] | None = None,
        repeats: bool = False,
    ) -> "EmissionContext":
        """A context for a body inside this one, in as many lanes if nothing else is said."""
        return replace(
            self,
            scalars=dict(self.scalars),
            buffers=dict(self.buffers),
            slots=dict(self.slots),
            vectors=dict(self.vectors),
            lanes=self.lanes if lanes is None else lanes,
            unit_strides=self.unit_strides if unit_strides is None else unit_strides,
            tail=self.tail if lanes is None else tail,
            repeats=self.repeats or repeats,
        )

    def emit(self, statements: Iterable[Statement]) -> None:
        """Emit statements in order."""
        for statement in statements:
            self.unit.handlers[type(statement)](self, statement)

    def value(self, operand: Operand) -> EmittedValue:
        """The value of an operand, in one lane if it is the same in all."""
        if isinstance(operand, Number):
            return literal_value(operand.literal, dtype_of(operand.literal.dtype))
        known = self.scalars[operand.name]
        if isinstance(known, EmittedValue):
            return known
        if operand.name not in self.vectors:
            self.vectors[operand.name] = known.vector(self.builder, self.tail)
        return self.vectors[operand.name]

    def register(self, operand: Operand, lanes: int | None = None) -> Register:
        """The register of an operand in `lanes` lanes, by default those of the body."""
        return widened(
            self.builder, self.value(operand), self.lanes if lanes is None else lanes
        ).register

    def uniform(self, operand: Operand) -> ir.Value:
        """The register of an operand that is the same in all lanes, such as a size."""
        value = self.value(operand)
        if value.lanes != 1:
            raise ValueError(f"{operand} differs from lane to lane where one value is needed")
        return value.register

    def define(self, name: str, value: EmittedValue | Linear) -> None:
        """Give a scalar its value."""
        self.scalars[name] = value
        self.vectors.pop(name, None)


Handler = Callable[[EmissionContext, Any], None]


def operand_dtype(operand: Operand) -> DType:
    """The dtype of a scalar variable or constant."""
    return dtype_of(operand.literal.dtype) if isinstance(operand, Number) else operand.dtype
