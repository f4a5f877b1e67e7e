"""What loop IR does with memory that belongs to the caller, and may change while it runs.

Another thread may write to an input at any time, so each read of an element can give something
else. That does no harm as long as no two reads of one element have to agree: one that is checked,
and one that reaches memory as an index, a size, an extent or an offset.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Constant,
    Contiguous,
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)

__all__ = ["loads_of", "unsteady_reads"]

Reads: TypeAlias = frozenset[int]

_NONE: Reads = frozenset()

_COUNTS_AND_WRITES = frozenset({"nonzero", "sort", "argsort"})
"""Routines that read their input more than once and reach memory by what they find."""


@dataclass(frozen=True)
class _Read:
    """A load from the caller's memory: of which parameter, by which indices unless they are those
    of loops, and whether it is made again and again.
    """

    parameter: str
    place: tuple[str, ...] | None
    repeated: bool

    def may_be(self, other: "_Read") -> bool:
        if self.parameter != other.parameter:
            return False
        return self.place is None or other.place is None or self.place == other.place


@dataclass
class _Walk:
    parameters: dict[str, str]
    reads: list[_Read] = field(default_factory=list)
    scalars: dict[str, Reads] = field(default_factory=dict)
    memory: dict[str, Reads] = field(default_factory=dict)
    reaching: set[int] = field(default_factory=set)
    checked: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def of(self, *operands: Operand) -> Reads:
        found = (self.scalars.get(one.name, _NONE) for one in operands if isinstance(one, Scalar))
        return _NONE.union(*found)

    def reach(self, *operands: Operand) -> Reads:
        found = self.of(*operands)
        self.reaching |= found
        return found

    def body(self, body: Sequence[Statement], loops: tuple[str, ...]) -> None:
        for statement in body:
            self.statement(statement, loops)

    def statement(self, one: Statement, loops: tuple[str, ...]) -> None:
        match one:
            case Let():
                self.scalars[one.target.name] = self.of(*one.operands)
            case Load():
                self.load(one, loops)
            case Store():
                self.reach(*one.indices)
                self.memory[one.buffer.name] |= self.of(one.value)
            case Check():
                self.checked |= self.of(one.condition)
            case For() | Reduce() | If():
                self.bodies(one, loops)
            case _:
                self.buffers(one)

    def bodies(self, one: For | Reduce | If, loops: tuple[str, ...]) -> None:
        if isinstance(one, If):
            self.body(one.then, loops)
            self.body(one.otherwise, loops)
            return
        indices = (one.index,) if isinstance(one, For) else one.indices
        extents = (one.extent,) if isinstance(one, For) else one.extents
        for index, extent in zip(indices, extents, strict=True):
            self.scalars[index.name] = self.reach(extent)
        self.body(one.body, (*loops, *(index.name for index in indices)))
        for reduction in () if isinstance(one, For) else one.reductions:
            self.scalars[reduction.target.name] = self.of(reduction.value)

    def buffers(self, one: Statement) -> None:
        match one:
            case Alloc() | Constant():
                self.declare(one.buffer)
            case View():
                self.reach(one.offset, *(one.buffer.strides or ()))
                self.declare(one.buffer, one.base)
            case Contiguous():
                self.declare(one.buffer, one.source)
            case Call():
                self.call(one)
            case Callback():
                for buffer in one.outputs:
                    self.declare(buffer)

    def declare(self, buffer: Buffer, base: Buffer | None = None) -> None:
        self.reach(*buffer.sizes)
        self.memory[buffer.name] = _NONE if base is None else self.memory[base.name]
        if base is not None and base.name in self.parameters:
            self.parameters[buffer.name] = self.parameters[base.name]

    def load(self, one: Load, loops: tuple[str, ...]) -> None:
        self.reach(*one.indices)
        parameter = self.parameters.get(one.buffer.name)
        if parameter is None:
            self.scalars[one.target.name] = self.memory[one.buffer.name]
            return
        names = {index.name for index in one.indices if isinstance(index, Scalar)}
        place = None if names & set(loops) else tuple(map(str, one.indices))
        self.reads.append(_Read(parameter, place, bool(set(loops) - names)))
        self.scalars[one.target.name] = frozenset({len(self.reads) - 1})

    def call(self, one: Call) -> None:
        found = _NONE.union(*(self.memory[buffer.name] for buffer in one.inputs))
        for buffer in one.inputs:
            parameter = self.parameters.get(buffer.name)
            if parameter is not None and one.callee in _COUNTS_AND_WRITES:
                self.faults.append(f"{one.callee} reads %{parameter} itself")
        for buffer in one.outputs:
            self.memory[buffer.name] |= found

    def found(self) -> Iterator[str]:
        yield from self.faults
        for number in sorted(self.reaching):
            read = self.reads[number]
            for other in sorted((self.reaching | self.checked) - {number}):
                if read.may_be(self.reads[other]):
                    yield f"%{read.parameter} is read twice: {read}, {self.reads[other]}"
            if read.repeated:
                yield f"%{read.parameter} is read again and again: {read}"


def _walked(function: LoopFunction) -> _Walk:
    walk = _Walk({})
    for parameter in function.parameters:
        walk.memory[parameter.buffer.name] = _NONE
        if not parameter.shared:
            walk.parameters[parameter.buffer.name] = parameter.buffer.name
    walk.body(function.body, ())
    return walk


def unsteady_reads(function: LoopFunction) -> list[str]:
    """The reads of an input that reach memory although another read of it may differ."""
    return list(_walked(function).found())


def loads_of(function: LoopFunction, parameter: str) -> int:
    """How many loads there are of an input's own memory."""
    return sum(read.parameter == parameter for read in _walked(function).reads)
