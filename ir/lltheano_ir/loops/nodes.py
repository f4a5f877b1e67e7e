"""The nodes of the loop IR, a page that is also its grammar.

    module    = function ...                              the first is the entry
    function  = loops @name(parameter, ...) { site* statement* result* }
    parameter = buffer input | buffer shared | buffer inout
    buffer    = %b: dtype[operand, ...] layout
    layout    = [strides [operand, ...]] [align n] [in space]
    site      = site n kind "message"
    statement = let %v: dtype = op operand, ...           a scalar op of the op table
              | load %v: dtype = %b[operand, ...]
              | store %b[operand, ...] = operand
              | for %i in operand { statement* }          the iterations may run in any order
              | for %i in operand, sequential { ... }     one after the other
              | reduce %v: dtype = kind operand, ... over %i in operand, ..., order { statement* }
              | if operand { statement* } else { statement* }
              | alloc buffer                              uninitialised, row-major, freed on return
              | constant buffer = literal                 read-only
              | view buffer = %base, offset=operand       (in elements)
              | contiguous buffer = %source               %source if it is row-major, else a copy
              | call routine(%b, ...) from (%b, ...), attribute, ...    outputs, inputs
              | call @name(%b, ...) from (%b, ...)        another function of the module
              | callback n "name" measures [%v, ...] gives (buffer, ...) from (%b, ...)
              | check operand, site=n, values=[operand, ...]    leave with an error unless it holds
              | last operand                              no iteration follows where it holds
              | rebind %b = %b, ...                       from the next iteration on, all at once
              | commit                                    nothing after it may fail
              | clock %t                                  the time, in nanoseconds
              | tally n, values=[operand, ...]            adds them to row n of the counters
    result    = output "name" = %b | update %b = %b
    operand   = %v | integer | dtype element
    attribute = word=setting                              a word, true, false or an operand

`clock` and `tally` are how a program is profiled (see `lltheano_ir.profiling`): what they do can be
seen in the counters alone.

`for` and `reduce` may name how they run: `vector=8`, `unroll=4`, `parallel=operand`.

A variable is assigned once. Scalars are named by `Scalar`, memory by `Buffer`; both are compared by
value. Index arithmetic is i64. Reductions of no elements give the kind's neutral element (the
lowest value for max). Float sums and products follow `lltheano_ir.ops.summation`: in `blocked`
order as along a last axis, in `rows` order, the last index fastest, as along other axes.

A function that another one calls works on its caller's memory: on `input` it reads, and on `inout`,
which it may write too. Temporaries are its own. It may fail as any other does, and then its caller
fails in the same way.

Invariants are listed, and checked, in `lltheano_ir.loops.verify`.
"""

from collections.abc import Callable
from dataclasses import field
from enum import Enum
from functools import cache
from typing import TypeAlias

from lltheano_ir.dtypes import DType, dtype_of
from lltheano_ir.ops.definition import Literal
from lltheano_ir.provenance import Location
from lltheano_ir.records import record
from lltheano_ir.target import MemorySpace

__all__ = [
    "Alloc",
    "Buffer",
    "Call",
    "Callback",
    "Check",
    "Clock",
    "Commit",
    "Constant",
    "Contiguous",
    "For",
    "If",
    "Last",
    "Let",
    "Load",
    "LoopFunction",
    "LoopModule",
    "LoopParameter",
    "Number",
    "Operand",
    "Order",
    "Rebind",
    "Reduce",
    "Reduction",
    "Result",
    "Scalar",
    "Schedule",
    "Setting",
    "Site",
    "Statement",
    "Store",
    "Tally",
    "View",
    "as_module",
]


@record(frozen=True, slots=True)
class Scalar:
    """A scalar variable."""

    name: str
    dtype: DType


_dtype_called = cache(dtype_of)


@record(frozen=True, slots=True)
class Number:
    """A scalar constant; `literal` has no axes."""

    literal: Literal

    @property
    def dtype(self) -> DType:
        """The dtype of the constant."""
        return _dtype_called(self.literal.dtype)


Operand: TypeAlias = Scalar | Number


@record(frozen=True, slots=True)
class Buffer:
    """A strided piece of memory: `sizes` in elements; row-major when `strides` is None.

    `strides` are in elements, and may be zero or negative. The element at index 0 of every axis
    lies at a multiple of `alignment` bytes, or of what its definition promises where that is None
    (see `lltheano_ir.loops.analysis.alignment`).
    """

    name: str
    dtype: DType
    sizes: tuple[Operand, ...]
    strides: tuple[Operand, ...] | None = None
    alignment: int | None = None
    space: MemorySpace = MemorySpace.HOST


@record(frozen=True, slots=True)
class Schedule:
    """How a loop runs: elements at once (1: no vectors), copies of the vector body, threads.

    `parallel` lets several threads share the iterations, and is the number of them that are worth a
    thread; a loop with less than twice as many runs on one.

    A blocked sum of floats in vectors takes a row of its order's lanes at once, however many a
    vector has; shared, it is divided between its blocks: see `lltheano_ir.ops.summation`.
    """

    vector: int = 1
    unroll: int = 1
    parallel: Operand | None = None

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The scalars that it names."""
        return () if self.parallel is None else (self.parallel,)


class Order(Enum):
    """In which order a reduction combines floats; see `lltheano_ir.ops.summation`."""

    BLOCKED = "blocked"
    ROWS = "rows"


@record(frozen=True, slots=True)
class Let:
    """`target` = an elementwise op of scalars; a cast converts to the target's dtype."""

    target: Scalar
    op: str
    operands: tuple[Operand, ...]


@record(frozen=True, slots=True)
class Load:
    """`target` = the element of `buffer` at `indices`, which must be in range."""

    target: Scalar
    buffer: Buffer
    indices: tuple[Operand, ...]


@record(frozen=True, slots=True)
class Store:
    """Write `value` to the element of `buffer` at `indices`, which must be in range."""

    buffer: Buffer
    indices: tuple[Operand, ...]
    value: Operand


@record(frozen=True, slots=True)
class For:
    """`body` for `index` = 0 ... `extent` - 1; `sequential` if one needs earlier ones."""

    index: Scalar
    extent: Operand
    body: "tuple[Statement, ...]"
    sequential: bool = False
    schedule: Schedule = field(default=Schedule())


@record(frozen=True, slots=True)
class Reduction:
    """A result of a reduce: kind is add, mul, max, min, and, or, argmax or argmin (target i64)."""

    target: Scalar
    kind: str
    value: Operand


@record(frozen=True, slots=True)
class Reduce:
    """Reductions of values that `body` computes for each of `indices` (one when `order` is
    blocked).
    """

    reductions: tuple[Reduction, ...]
    indices: tuple[Scalar, ...]
    extents: tuple[Operand, ...]
    body: "tuple[Statement, ...]"
    order: Order
    schedule: Schedule = field(default=Schedule())


@record(frozen=True, slots=True)
class Last:
    """In the body of a sequential loop: where the condition holds, no iteration follows this one.

    It may stand anywhere among the statements of the body, which is run to its end.
    """

    condition: Operand


@record(frozen=True, slots=True)
class If:
    """One of two bodies. Buffers and scalars made inside are not seen outside."""

    condition: Operand
    then: "tuple[Statement, ...]"
    otherwise: "tuple[Statement, ...]" = ()


@record(frozen=True, slots=True)
class Alloc:
    """Fresh, uninitialised, 64-byte aligned, row-major memory.

    Buffers of one `slot` share their memory: their lives do not overlap. None: memory of its own.
    """

    buffer: Buffer
    slot: int | None = None


@record(frozen=True, slots=True)
class Constant:
    """Read-only elements known when the program is compiled."""

    buffer: Buffer
    literal: Literal


@record(frozen=True, slots=True)
class View:
    """`buffer` (which has strides) names part of the memory of `base`, from element `offset` on."""

    buffer: Buffer
    base: Buffer
    offset: Operand


@record(frozen=True, slots=True)
class Contiguous:
    """`buffer` is `source` where that lies row-major in memory, else a fresh copy that does."""

    buffer: Buffer
    source: Buffer


Setting: TypeAlias = str | bool | Operand
"""The setting of an attribute."""


@record(frozen=True, slots=True)
class Call:
    """A call that writes `outputs`, and reads `inputs`.

    The callee is a routine of the table `lltheano_ir.loops.routines`, to which `attributes` say
    what exactly is wanted; or, if the call is `internal`, another function of the module: outputs
    are then its `inout` parameters in order, and inputs the others.
    """

    callee: str
    outputs: tuple[Buffer, ...]
    inputs: tuple[Buffer, ...]
    attributes: tuple[tuple[str, Setting], ...] = ()
    internal: bool = False

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The scalars among the settings of the attributes."""
        return tuple(one for _, one in self.attributes if isinstance(one, Scalar | Number))


@record(frozen=True, slots=True)
class Callback:
    """A call of host function number `function`, which messages call `name`, on `inputs`.

    It gives `outputs`: fresh row-major memory, as from an allocation, with what the function gave
    in it. Their sizes hold, or the call has failed, but for `measured`, which are defined by it.
    `ordered` calls are made in the order in which they stand.
    """

    function: int
    name: str
    outputs: tuple[Buffer, ...]
    inputs: tuple[Buffer, ...]
    measured: tuple[Scalar, ...] = ()
    ordered: bool = False


@record(frozen=True, slots=True)
class Check:
    """Leave the function with the error of `site`, reporting `values`, unless `condition` holds."""

    condition: Operand
    site: int
    values: tuple[Operand, ...] = ()


@record(frozen=True, slots=True)
class Rebind:
    """From the next iteration on, each of `targets` names the memory that its source names now.

    All of them at once, so that buffers can change places: that is how values are carried from one
    iteration to the next without being copied. After the last iteration, too.
    """

    targets: tuple[Buffer, ...]
    sources: tuple[Buffer, ...]


@record(frozen=True, slots=True)
class Commit:
    """The commit point: writes to shared memory come after it, and nothing that may fail does."""


@record(frozen=True, slots=True)
class Clock:
    """`target`, an i64, = the time in nanoseconds, by a clock that is never set back."""

    target: Scalar


@record(frozen=True, slots=True)
class Tally:
    """Add the values, i64 each, to the counters of row `row`, from the first one on."""

    row: int
    values: tuple[Operand, ...]


Statement: TypeAlias = (
    Let
    | Load
    | Store
    | For
    | Reduce
    | If
    | Alloc
    | Constant
    | View
    | Contiguous
    | Call
    | Callback
    | Check
    | Last
    | Rebind
    | Commit
    | Clock
    | Tally
)


@record(frozen=True, slots=True)
class Site:
    """A place where the function can fail: kind (sizes, index, ...), text, user's line.

    `message` may name the reported values as {0}, {1}.
    """

    kind: str
    message: str
    location: Location | None = field(default=None, compare=False)


@record(frozen=True, slots=True)
class LoopParameter:
    """A parameter: a strided input, a row-major shared buffer, or, of a function that another one
    calls, row-major memory that it may write (`inout`).
    """

    buffer: Buffer
    shared: bool
    inout: bool = False


@record(frozen=True, slots=True)
class Result:
    """A buffer handed back: an output, or the new memory of the shared parameter `update`.

    An output is an allocated row-major buffer that no other result shares. An update may be the
    parameter's own buffer: it was then updated in place.
    """

    name: str
    buffer: Buffer
    update: int | None = None


@record(frozen=True)
class LoopFunction:
    """A function before it becomes LLVM IR."""

    name: str
    parameters: tuple[LoopParameter, ...]
    body: tuple[Statement, ...]
    results: tuple[Result, ...]
    sites: tuple[Site, ...] = ()


@record(frozen=True)
class LoopModule:
    """A compiled program before it becomes LLVM IR: its entry, and the functions that are called.

    What a caller sees of a module is its entry.
    """

    functions: tuple[LoopFunction, ...]

    @property
    def entry(self) -> LoopFunction:
        """The function that is called from outside, the first one."""
        return self.functions[0]

    @property
    def name(self) -> str:
        """The name of the entry."""
        return self.entry.name

    @property
    def parameters(self) -> tuple[LoopParameter, ...]:
        """The parameters of the entry."""
        return self.entry.parameters

    @property
    def results(self) -> tuple[Result, ...]:
        """The results of the entry."""
        return self.entry.results

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites of all functions, one function after the other: what reports name."""
        return tuple(site for function in self.functions for site in function.sites)

    def first_site(self, name: str) -> int:
        """The number among `sites` of the first site of a function."""
        count = 0
        for function in self.functions:
            if function.name == name:
                return count
            count += len(function.sites)
        raise KeyError(name)

    def mapped(self, change: Callable[[LoopFunction], LoopFunction]) -> "LoopModule":
        """The module with each function changed."""
        return LoopModule(tuple(map(change, self.functions)))


def as_module(functions: LoopFunction | LoopModule) -> LoopModule:
    """A function that calls no other is a module by itself."""
    return LoopModule((functions,)) if isinstance(functions, LoopFunction) else functions
