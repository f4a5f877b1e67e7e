"""What memory a call takes, read off the loops before it is made.

Every `alloc`, copy and work space of the entry draws a block of the pool at its place, keeps it
from one iteration to the next, and gives it back when the function is left, unless it is a result.
A function of the module that is called does the same while it runs. Buffers of one slot share a
block. So with the sizes of the parameters known the blocks of a call are known, and the most that
there are at a time; but not where a size depends on an element, which only the run tells.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.memory.allocation import fits_stack
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Contiguous,
    For,
    LoopFunction,
    LoopModule,
    Statement,
    as_module,
)
from lltheano_ir.loops.routines.extents import Integers
from lltheano_ir.loops.routines.table import routine_of
from lltheano_ir.loops.traffic import Sizes
from lltheano_ir.loops.walk import inner_bodies
from lltheano_ir.records import record

__all__ = ["Block", "MemoryPlan", "memory_plan"]


@record(frozen=True)
class Block:
    """A block of the pool that a call draws.

    Attributes
    ----------
    name
        Of the result, or of the buffer in the loop IR; where several share it, of the first.
    kind
        "output", "update", "temporary", "work space", or "copy" of an argument, which is drawn
        only if that is not row-major.
    dtype
        Of its elements; None where they are of several, or of no, dtype.
    shape
        Of the buffer; None for a size that only the run tells.
    bytes
        That are asked for; None where only the run tells. The pool rounds up, by a quarter at most.
    shared_by
        The names of the buffers that it holds one after another, `name` the first.
    per_thread
        Whether each thread that works on a loop has one.
    """

    name: str
    kind: str
    dtype: DType | None
    shape: tuple[int | None, ...]
    bytes: int | None
    shared_by: tuple[str, ...]
    per_thread: bool = False


@record(frozen=True)
class MemoryPlan:
    """The blocks of a call, in the order in which they are drawn.

    Attributes
    ----------
    blocks
        All of them, those of functions of the module that are called too.
    peak_bytes
        The most that is drawn at a time, by one thread, of what is known; copies of arguments are
        not counted, since what is row-major is not copied.
    """

    blocks: tuple[Block, ...]
    peak_bytes: int

    @property
    def is_complete(self) -> bool:
        """Whether every size is known before the call."""
        return all(one.bytes is not None for one in self.blocks)

    def total(self, kind: str) -> int:
        """The bytes of all blocks of a kind, of what is known."""
        return sum(one.bytes or 0 for one in self.blocks if one.kind == kind)

    def __str__(self) -> str:
        rows = [_row(one) for one in self.blocks]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{kind:<{widths[0]}}  {name:<{widths[1]}}  {shape:<{widths[2]}}  {taken:>{widths[3]}}"
            for kind, name, shape, taken in rows
        ]
        more = "" if self.is_complete else ", and what only a call can tell"
        return "\n".join([*lines, f"at most {self.peak_bytes:,} bytes at a time{more}"])


def _row(block: Block) -> tuple[str, str, str, str]:
    """A block in words: its kind, names, dtype and shape, and bytes."""
    shape = ", ".join("?" if one is None else str(one) for one in block.shape)
    dtype = "" if block.dtype is None else block.dtype
    taken = "?" if block.bytes is None else f"{block.bytes:,}"
    each = " a thread" if block.per_thread else ""
    return block.kind + each, ", ".join(block.shared_by), f"{dtype}[{shape}]", taken


def memory_plan(
    functions: LoopFunction | LoopModule, shapes: Mapping[str, Sequence[int]]
) -> MemoryPlan:
    """The plan of a call whose parameters have the given shapes, by name.

    Raises KeyError for a parameter without a shape.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @twice(%x: f32[%n] strides [1] input) {
    ...   alloc %t: f32[%n]
    ...   alloc %y: f32[%n]
    ...   output "y" = %y
    ... }''')
    >>> plan = memory_plan(function, {"x": (1000,)})
    >>> [(one.name, one.kind, one.bytes) for one in plan.blocks], plan.peak_bytes
    ([('t', 'temporary', 4000), ('y', 'output', 4000)], 8000)
    """
    module = as_module(functions)
    entry = module.entry
    sizes = Sizes()
    for one in entry.parameters:
        sizes.name(one.buffer.sizes, shapes[one.buffer.name])
    walk = _Walk(module, entry, sizes)
    walk.body(entry.body)
    return MemoryPlan(tuple(walk.blocks), walk.peak)


@record
class _Walk:
    """Goes through one function in the order in which it draws."""

    module: LoopModule
    function: LoopFunction
    sizes: Sizes
    blocks: list[Block] = field(default_factory=list)
    drawn: int = 0
    peak: int = 0
    threads: bool = False
    _slots: dict[int, int] = field(default_factory=dict)

    def body(self, statements: Sequence[Statement], *, once: bool = True) -> None:
        """Note what statements draw, which run `once`, or any number of times."""
        for statement in statements:
            self.sizes.note(statement, once=once)
            self._one(statement)
            outer = self.threads
            shared = isinstance(statement, For) and statement.schedule.parallel is not None
            self.threads, drawn = outer or shared, self.drawn
            ends = [drawn]
            for inner in inner_bodies(statement):
                # Of branches only one is taken.
                self.drawn = drawn
                self.body(inner, once=False)
                ends.append(self.drawn)
            self.threads = outer
            # What iterations that threads share have drawn is given back with their chunk.
            self.drawn = drawn if shared and not outer else max(ends[1:], default=self.drawn)

    def _one(self, statement: Statement) -> None:
        match statement:
            case Alloc():
                self._alloc(statement)
            case Contiguous():
                if statement.source.strides is not None:
                    self._draw(self._block(statement.buffer, "copy"), counts=False)
            case Callback():
                for buffer in statement.outputs:
                    self._draw(self._block(buffer, self._kind(buffer)))
            case Call() if statement.internal:
                self._called(statement)
            case Call():
                for block in self._work_space(statement):
                    self._draw(block)
            case _:
                pass

    def _alloc(self, alloc: Alloc) -> None:
        buffer, kind = alloc.buffer, self._kind(alloc.buffer)
        if kind == "temporary" and fits_stack(buffer):
            return
        block = self._block(buffer, kind)
        if alloc.slot is None or kind != "temporary":
            self._draw(block)
        elif alloc.slot not in self._slots:
            self._slots[alloc.slot] = len(self.blocks)
            self._draw(block)
        else:
            self._join(self._slots[alloc.slot], block)

    def _join(self, place: int, block: Block) -> None:
        """Have another buffer share a block, which is as large as the largest needs it to be."""
        old = self.blocks[place]
        sizes = (old.bytes, block.bytes)
        most = None if None in sizes else max(one or 0 for one in sizes)
        self.blocks[place] = replace(old, bytes=most, shared_by=(*old.shared_by, block.name))
        self._grow((most or 0) - (old.bytes or 0))

    def _draw(self, block: Block, *, counts: bool = True) -> None:
        self.blocks.append(block)
        if counts:
            self._grow(block.bytes or 0)

    def _grow(self, amount: int) -> None:
        self.drawn += amount
        self.peak = max(self.peak, self.drawn)

    def _called(self, call: Call) -> None:
        """What a function of the module draws while it runs."""
        callee = next(one for one in self.module.functions if one.name == call.callee)
        sizes = Sizes()
        outputs, inputs = iter(call.outputs), iter(call.inputs)
        for parameter in callee.parameters:
            argument = next(outputs if parameter.inout else inputs)
            known = [self.sizes.of(one) for one in argument.sizes]
            sizes.name(parameter.buffer.sizes, known)
            sizes.hand_over(parameter.buffer, self.sizes, argument)
        inner = _Walk(self.module, callee, sizes)
        inner.body(callee.body)
        self.blocks += inner.blocks
        self.peak = max(self.peak, self.drawn + inner.peak)

    def _work_space(self, call: Call) -> Iterator[Block]:
        routine, number = routine_of(call), call.outputs[0].dtype
        settings = routine.settings(call)
        named: dict[str, int | None] = {}
        for parameter, buffer in routine.matched(call):
            for extent, size in zip(parameter.sizes or (), buffer.sizes, strict=False):
                if extent.kind == "size":
                    named.setdefault(extent.name, self.sizes.of(size))
        known = {name: size for name, size in named.items() if size is not None}
        for scratch in routine.scratch(settings, number):
            dtype = scratch.element.dtype(number) or number
            complete = len(known) == len(named)
            count = scratch.count.worth(Integers(), known) if complete else None
            yield self._space(f"{call.callee} {scratch.name}", dtype, count, dtype.itemsize)
        if routine.row_bytes is not None:
            source, target = call.inputs[0], call.outputs[0]
            each = routine.row_bytes(source.dtype, target.dtype)
            yield self._space(call.callee, None, self.sizes.of(source.sizes[-1]), each)

    def _space(self, name: str, dtype: DType | None, count: int | None, each: int) -> Block:
        taken = None if count is None else count * each
        return Block(name, "work space", dtype, (count,), taken, (name,), self.threads)

    def _kind(self, buffer: Buffer) -> str:
        for result in self.function.results:
            if result.buffer == buffer:
                return "output" if result.update is None else "update"
        return "temporary"

    def _block(self, buffer: Buffer, kind: str) -> Block:
        names = [one.name for one in self.function.results if one.buffer == buffer]
        name = names[0] if names else buffer.name
        shape = tuple(map(self.sizes.of, buffer.sizes))
        known = [one for one in shape if one is not None]
        taken = math.prod(known) * buffer.dtype.itemsize if len(known) == len(shape) else None
        return Block(name, kind, buffer.dtype, shape, taken, (name,), self.threads)
