"""The verifier of the loop IR.

Each function of a well-formed module satisfies:

1.  a scalar or buffer is defined once, before it is used, in a body that encloses the use;
2.  an op of `let` is elementwise, and its type rule takes the operands' dtypes and gives the
    target's;
3.  indices, sizes, strides, offsets and extents are i64; a buffer is indexed once for each axis;
4.  a load, a store and a constant have the dtype of their buffer;
5.  a condition is bool;
6.  a reduction's kind is known and takes its value's dtype; `blocked` order has one index; its body
    computes only: it holds let, load and reduce;
7.  vector widths are powers of two up to 64, unrolling, which is of vectors, goes up to 16, and a
    sequential loop has neither and is not parallel;
8.  a constant buffer, and an input, is never written, nor is a view of one;
9.  a buffer of an alloc, contiguous or callback has no strides; a slot is not negative; the source
    of a view or contiguous has its dtype; what a callback measures is a size of what it gives;
10. a check names a site, and gives at least the values that the site's message names, and at most
    as many as can be reported; a site's kind is one of those of assert; a routine is known and gets
    the buffers and attributes it wants;
11. after `commit`, which stands at the top level once at most, nothing can fail (no check,
    allocation, routine or callback); a shared parameter is written only after it;
12. an output is a buffer of the top level that was allocated there, and of no other result; an
    update is such a buffer or the shared parameter itself, and has its dtype and rank;
13. `rebind` stands last in the body of a sequential loop; it rebinds allocations from outside that
    body that share no slot, and from there on no loop's iterations may run in any order; the source
    of each is another of them, from the same loop's body, each once, or a view that the body makes
    of memory that none of them is, from the same loop's body or further out; the dtypes and the
    numbers of axes agree, and the alignments; nothing has strides; views of a rebound buffer from
    before the loop are not used in it or after it, and memory that may be a view's is no result;
14. a loop that is not sequential carries no dependence from one iteration to another, as far as
    that can be seen (`lltheano_ir.loops.analysis.carried`);
15. a loop with a vector width may run in vectors (`lltheano_ir.loops.analysis.vectors`);
16. a function that is called is of the module, and takes the buffers that are passed; what it may
    write is memory that no other argument names; no function calls itself, if only through others;
    only the entry has shared parameters, results and a commit point, and only others have `inout`
    parameters, which are row-major, and parameters with a size in common;
17. an alignment is a power of two, and no more than the definition of the buffer promises
    (`lltheano_ir.loops.analysis.alignment`); what a call gets is aligned to its elements;
18. `last` stands in the body of a sequential loop, in no branch inside it, and once at most.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.analysis.alignment import element_alignment, promised_alignments
from lltheano_ir.loops.analysis.carried import carried_dependence
from lltheano_ir.loops.analysis.vectors import vector_obstacle
from lltheano_ir.loops.calls import require_acyclic, require_arguments
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    LoopModule,
    LoopParameter,
    Operand,
    Order,
    Rebind,
    Reduce,
    Result,
    Scalar,
    Schedule,
    Site,
    Statement,
    Store,
    View,
    as_module,
)
from lltheano_ir.loops.printer import format_statement
from lltheano_ir.loops.routines.table import routine_of
from lltheano_ir.loops.walk import lent_buffers, names_made_by, rebound_buffers
from lltheano_ir.ops.control import ASSERT_KINDS, MAX_REPORTED
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.reduction import REDUCTION_KINDS
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import ValueType

__all__ = ["LoopVerificationError", "verify_loops"]

_MAX_VECTOR = 64
_MAX_UNROLL = 16


class LoopVerificationError(ValueError):
    """A function breaks a rule; the message says which, and shows the statement."""


def verify_loops(functions: LoopFunction | LoopModule) -> None:
    """Raise LoopVerificationError unless the rules at the module's head hold."""
    module = as_module(functions)
    table: dict[str, LoopFunction] = {}
    for function in module.functions:
        if table.setdefault(function.name, function) is not function:
            raise LoopVerificationError(f"@{function.name}: two functions have this name")
    for function in module.functions:
        _Verifier(function, table, is_entry=function is module.entry).run()
    try:
        require_acyclic(module)
    except ValueError as error:
        raise LoopVerificationError(f"@{module.name}: {error}") from None


class _Verifier:
    def __init__(
        self, function: LoopFunction, functions: Mapping[str, LoopFunction], *, is_entry: bool
    ) -> None:
        self._function = function
        self._functions = functions
        self._is_entry = is_entry
        self._bases: dict[Buffer, Buffer] = {}
        self._scalars: set[Scalar] = set()
        self._buffers: set[Buffer] = set()
        self._names: set[str] = set()
        self._read_only: set[Buffer] = set()
        self._shared: set[Buffer] = set()
        self._allocated: set[Buffer] = set()
        self._alignments: dict[str, int] = {}
        self._levels: dict[Buffer, int] = {}
        self._unshared: dict[Buffer, int] = {}
        self._loops: list[For] = []
        self._depth = 0
        self._committed = False
        self._statement: Statement | None = None

    def run(self) -> None:
        for parameter in self._function.parameters:
            buffer = parameter.buffer
            for operand in (*buffer.sizes, *(buffer.strides or ())):
                known = not self._is_entry and operand in self._scalars
                if isinstance(operand, Scalar) and not known:
                    self._define(operand)
            self._declare(buffer)
            self._align(buffer, element_alignment(buffer.dtype))
            self._parameter(parameter)
        for number, site in enumerate(self._function.sites):
            if site.kind not in ASSERT_KINDS:
                kinds = ", ".join(ASSERT_KINDS)
                self._fail(f"site {number} is of kind {site.kind}; the kinds are {kinds}")
            self._fields(number, site)
        self._body(self._function.body)
        self._statement = None
        self._results()

    def _parameter(self, one: LoopParameter) -> None:
        kind = "shared" if one.shared else "inout" if one.inout else ""
        if kind and one.buffer.strides is not None:
            self._fail(f"the {kind} parameter %{one.buffer.name} has strides")
        if one.inout and (self._is_entry or one.shared):
            self._fail(f"%{one.buffer.name} is inout: only functions that are called have that")
        if one.shared and not self._is_entry:
            self._fail(f"%{one.buffer.name} is shared: only the entry has that")
        if not one.inout:
            (self._shared if one.shared else self._read_only).add(one.buffer)

    def _fields(self, number: int, site: Site) -> int:
        """How many values the message of a site names."""
        count = 0
        try:
            for _, name, form, conversion in string.Formatter().parse(site.message):
                if name is not None:
                    count = max(count, int(name) + 1)
                if form or conversion or (name is not None and not name.isdecimal()):
                    raise ValueError(name)
        except ValueError:
            self._fail(
                f"the message of site {number} names something else than values {{0}}, {{1}}"
            )
        return count

    def _fail(self, message: str) -> NoReturn:
        where = f"@{self._function.name}"
        shown = format_statement(self._statement) if self._statement is not None else ""
        raise LoopVerificationError(f"{where}: {message}\n{shown}".rstrip())

    def _new_name(self, name: str) -> None:
        if name in self._names:
            self._fail(f"%{name} is defined twice")
        self._names.add(name)

    def _define(self, scalar: Scalar) -> None:
        self._new_name(scalar.name)
        self._scalars.add(scalar)

    def _declare(self, buffer: Buffer) -> None:
        for operand in (*buffer.sizes, *(buffer.strides or ())):
            self._index(operand)
        if buffer.strides is not None and len(buffer.strides) != len(buffer.sizes):
            self._fail(f"%{buffer.name} has {len(buffer.strides)} strides")
        self._new_name(buffer.name)
        self._buffers.add(buffer)

    def _align(self, buffer: Buffer, promised: int) -> None:
        alignment = promised if buffer.alignment is None else buffer.alignment
        if alignment < 1 or alignment & (alignment - 1) or alignment > promised:
            self._fail(
                f"%{buffer.name} has align {alignment}, which is no power of two from 1 to"
                f" {promised}, what its memory promises"
            )
        self._alignments[buffer.name] = alignment

    def _operand(self, operand: Operand) -> DType:
        if isinstance(operand, Scalar) and operand not in self._scalars:
            self._fail(f"%{operand.name} is used before it is defined")
        return operand.dtype

    def _index(self, operand: Operand) -> None:
        if self._operand(operand) is not i64:
            self._fail(f"an index or size of dtype {operand.dtype}; it should be i64")

    def _known(self, buffer: Buffer) -> None:
        if buffer not in self._buffers:
            self._fail(f"there is no buffer %{buffer.name} here, of those sizes")

    def _access(self, buffer: Buffer, indices: Sequence[Operand]) -> None:
        self._known(buffer)
        if len(indices) != len(buffer.sizes):
            self._fail(f"%{buffer.name} has {len(buffer.sizes)} axes, got {len(indices)} indices")
        for index in indices:
            self._index(index)

    def _writable(self, buffer: Buffer) -> None:
        if buffer in self._read_only:
            self._fail(f"%{buffer.name} is not for writing")
        if buffer in self._shared and not self._committed:
            self._fail(f"shared %{buffer.name} is written before the commit point")

    def _may_fail(self, what: str) -> None:
        if self._committed:
            self._fail(f"{what} after the commit point")

    def _body(self, body: Sequence[Statement]) -> None:
        outer = self._statement
        for statement in body:
            self._statement = statement
            _RULES[type(statement)](self, statement)
            for buffer, promised in promised_alignments(statement, self._alignments):
                self._align(buffer, promised)
        self._statement = outer

    def _inner(self, body: Sequence[Statement], indices: Sequence[Scalar] = ()) -> None:
        scalars, buffers = set(self._scalars), set(self._buffers)
        self._depth += 1
        for index in indices:
            self._define(index)
        self._body(body)
        self._depth -= 1
        self._scalars, self._buffers = scalars, buffers

    def _schedule(self, schedule: Schedule) -> None:
        vector, unroll = schedule.vector, schedule.unroll
        if not 1 <= vector <= _MAX_VECTOR or vector & (vector - 1):
            self._fail(f"vector={vector} is not a power of two from 1 to {_MAX_VECTOR}")
        if not 1 <= unroll <= _MAX_UNROLL:
            self._fail(f"unroll={unroll} is not from 1 to {_MAX_UNROLL}")
        if unroll > 1 and vector == 1:
            self._fail(f"unroll={unroll} is for vectors, and the loop has none")

    def let(self, one: Let) -> None:
        op = OPS.get(one.op)
        if op is None or not op.is_elementwise:
            self._fail(f"{one.op} is not a scalar op")
        types = [ValueType(self._operand(operand), ()) for operand in one.operands]
        if len(types) != op.arity:
            self._fail(f"{one.op} takes {op.arity} operands, got {len(types)}")
        attributes = (one.target.dtype,) if op.attributes else ()
        try:
            (given,) = op.result_types(types, attributes)
        except TypeRuleError as error:
            self._fail(str(error))
        if given.dtype is not one.target.dtype:
            self._fail(f"{one.op} gives {given.dtype}, %{one.target.name} is {one.target.dtype}")
        self._define(one.target)

    def load(self, one: Load) -> None:
        self._access(one.buffer, one.indices)
        if one.target.dtype is not one.buffer.dtype:
            self._fail(f"%{one.buffer.name} holds {one.buffer.dtype}, not {one.target.dtype}")
        self._define(one.target)

    def store(self, one: Store) -> None:
        self._access(one.buffer, one.indices)
        if self._operand(one.value) is not one.buffer.dtype:
            self._fail(f"%{one.buffer.name} holds {one.buffer.dtype}, not {one.value.dtype}")
        self._writable(one.buffer)

    def for_(self, one: For) -> None:
        self._index(one.extent)
        self._schedule(one.schedule)
        if one.sequential and one.schedule != Schedule():
            self._fail("a sequential loop runs one iteration at a time")
        self._forget_views({target for target, _ in rebound_buffers((one,))})
        for target in lent_buffers((one,)):
            least = target.alignment or element_alignment(target.dtype)
            self._alignments[target.name] = least
        self._loops.append(one)
        self._inner(one.body, (one.index,))
        self._loops.pop()
        self._independent(one)
        self._may_be_vectors(one)

    def reduce(self, one: Reduce) -> None:
        for extent in one.extents:
            self._index(extent)
        self._schedule(one.schedule)
        if len(one.indices) != len(one.extents) or not one.indices:
            self._fail("a reduction needs an extent for each index")
        if one.order is Order.BLOCKED and len(one.indices) != 1:
            self._fail("a blocked reduction has one index")
        for inner in one.body:
            if not isinstance(inner, Let | Load | Reduce):
                self._fail("the body of a reduction holds let, load and reduce only")
        scalars, buffers = set(self._scalars), set(self._buffers)
        for index in one.indices:
            self._define(index)
        self._body(one.body)
        for reduction in one.reductions:
            self._reduction(reduction.kind, self._operand(reduction.value), reduction.target.dtype)
        self._scalars, self._buffers = scalars, buffers
        for reduction in one.reductions:
            self._define(reduction.target)
        self._may_be_vectors(one)

    def _independent(self, loop: For) -> None:
        carried = None if loop.sequential else carried_dependence(loop)
        if carried is None:
            return
        name = f"%{carried.store.buffer.name}"
        if carried.distance is None:
            self._fail(f"all iterations write one element of {name}: the loop must be sequential")
        what = "stores to" if isinstance(carried.access, Store) else "loads"
        self._fail(
            f"an element of {name} that one iteration stores, the iteration"
            f" {abs(carried.distance)} {'after' if carried.distance > 0 else 'before'} it {what}:"
            " the loop must be sequential"
        )

    def _may_be_vectors(self, loop: For | Reduce) -> None:
        if loop.schedule.vector > 1:
            obstacle = vector_obstacle(loop)
            if obstacle is not None:
                self._fail(f"the loop has vector={loop.schedule.vector}, but {obstacle}")

    def _reduction(self, kind: str, dtype: DType, target: DType) -> None:
        arg = kind.startswith("arg")
        base = kind.removeprefix("arg")
        if base not in REDUCTION_KINDS or (arg and base not in ("max", "min")):
            self._fail(f"there is no reduction {kind}")
        if dtype.numpy.kind not in REDUCTION_KINDS[base]:
            self._fail(f"reduction {kind} is not defined on {dtype}")
        if target is not (i64 if arg else dtype):
            self._fail(f"reduction {kind} of {dtype} cannot give {target}")

    def if_(self, one: If) -> None:
        if self._operand(one.condition) is not bool_:
            self._fail(f"a condition of dtype {one.condition.dtype}")
        self._inner(one.then)
        self._inner(one.otherwise)

    def alloc(self, one: Alloc) -> None:
        self._may_fail("an allocation")
        if one.buffer.strides is not None:
            self._fail("allocated memory is row-major, without strides")
        if one.slot is not None and one.slot < 0:
            self._fail("slots are numbered from 0")
        self._declare(one.buffer)
        if not self._depth:
            self._allocated.add(one.buffer)
        self._levels[one.buffer] = len(self._loops)
        if one.slot is None:
            self._unshared[one.buffer] = len(self._loops)

    def constant(self, one: Constant) -> None:
        self._declare(one.buffer)
        if one.buffer.strides is not None or one.literal.dtype != one.buffer.dtype.numpy.name:
            self._fail(f"%{one.buffer.name} does not fit its elements")
        sizes = [s.literal.array() if not isinstance(s, Scalar) else None for s in one.buffer.sizes]
        if [None if s is None else int(s) for s in sizes] != list(one.literal.shape):
            self._fail(f"%{one.buffer.name} does not have the sizes {list(one.literal.shape)}")
        self._read_only.add(one.buffer)

    def view(self, one: View) -> None:
        self._known(one.base)
        self._index(one.offset)
        self._same_dtype(one.buffer, one.base)
        self._declare(one.buffer)
        self._bases[one.buffer] = self._base(one.base)
        for group in (self._read_only, self._shared):
            if one.base in group:
                group.add(one.buffer)

    def _base(self, buffer: Buffer) -> Buffer:
        """The buffer whose memory a buffer is, or may be."""
        return self._bases.get(buffer, buffer)

    def _same_dtype(self, buffer: Buffer, source: Buffer) -> None:
        if buffer.dtype is not source.dtype:
            self._fail(f"%{buffer.name} is {buffer.dtype}, %{source.name} is {source.dtype}")

    def contiguous(self, one: Contiguous) -> None:
        self._may_fail("a copy")
        self._known(one.source)
        self._same_dtype(one.buffer, one.source)
        if one.buffer.strides is not None or one.buffer.sizes != one.source.sizes:
            self._fail("a contiguous buffer has the sizes of its source, and no strides")
        self._declare(one.buffer)
        self._bases[one.buffer] = self._base(one.source)
        self._read_only.add(one.buffer)

    def call(self, one: Call) -> None:
        self._may_fail(f"the {'function @' if one.internal else 'routine '}{one.callee}")
        for buffer in (*one.outputs, *one.inputs):
            self._known(buffer)
            alignment, least = self._alignments[buffer.name], element_alignment(buffer.dtype)
            if alignment < least:
                self._fail(f"%{buffer.name} has align {alignment}, and a call needs {least}")
        for operand in one.operands:
            self._operand(operand)
        try:
            (self._call_function if one.internal else self._call_routine)(one)
        except ValueError as error:
            self._fail(str(error))
        for buffer in one.outputs:
            self._writable(buffer)

    def _call_routine(self, one: Call) -> None:
        routine_of(one).matched(one)

    def _call_function(self, one: Call) -> None:
        function = self._functions.get(one.callee)
        if function is None:
            raise ValueError(f"there is no function @{one.callee}")
        require_arguments(one, function)
        written = [self._base(buffer) for buffer in one.outputs]
        for position, base in enumerate(written):
            others = [*written[:position], *(self._base(buffer) for buffer in one.inputs)]
            if base in others:
                raise ValueError(
                    f"@{one.callee} may write %{base.name}, which another argument names"
                )

    def callback(self, one: Callback) -> None:
        self._may_fail(f"the host function {one.name}")
        if one.function < 0:
            self._fail("host functions are numbered from 0")
        for buffer in one.inputs:
            self._known(buffer)
        for scalar in one.measured:
            self._define(scalar)
            if scalar.dtype is not i64 or not any(scalar in each.sizes for each in one.outputs):
                self._fail(f"%{scalar.name} is not a size of what the function gives")
        for buffer in one.outputs:
            if buffer.strides is not None:
                self._fail("what a host function gives is row-major, without strides")
            self._declare(buffer)
            if not self._depth:
                self._allocated.add(buffer)

    def check(self, one: Check) -> None:
        self._may_fail("a check")
        if self._operand(one.condition) is not bool_:
            self._fail(f"a condition of dtype {one.condition.dtype}")
        if not 0 <= one.site < len(self._function.sites):
            self._fail(f"there is no site {one.site}")
        wanted = self._fields(one.site, self._function.sites[one.site])
        if wanted > len(one.values):
            self._fail(f"site {one.site} names {wanted} values, the check gives {len(one.values)}")
        if len(one.values) > MAX_REPORTED:
            self._fail(f"a check reports at most {MAX_REPORTED} values, got {len(one.values)}")
        for value in one.values:
            self._index(value)

    def last(self, one: Last) -> None:
        if self._operand(one.condition) is not bool_:
            self._fail(f"a condition of dtype {one.condition.dtype}")
        if not self._loops or not self._loops[-1].sequential or one not in self._loops[-1].body:
            self._fail("last stands in the body of a sequential loop, not in a branch")
        if sum(isinstance(other, Last) for other in self._loops[-1].body) > 1:
            self._fail("last stands in the body of a loop once")

    def rebind(self, one: Rebind) -> None:
        if not self._loops or self._loops[-1].body[-1] is not one or not self._loops[-1].sequential:
            self._fail("rebind stands last in the body of a sequential loop")
        if len({*one.targets}) != len(one.targets) or len({*one.sources}) != len(one.sources):
            self._fail("a buffer is rebound once, and takes the place of one other")
        for target in one.targets:
            self._known(target)
            if self._unshared.get(target, len(self._loops)) >= len(self._loops):
                self._fail(f"%{target.name} is no allocation of its own from outside the loop")
            if not all(loop.sequential for loop in self._loops[self._unshared[target] :]):
                self._fail(f"%{target.name} is rebound in a loop that may run in any order")
        for target, source in zip(one.targets, one.sources, strict=True):
            self._known(source)
            self._same_dtype(target, source)
            if len(target.sizes) != len(source.sizes) or source.strides is not None:
                self._fail(f"%{source.name} does not lie in memory as %{target.name} does")
            if source not in one.targets:
                self._row(one, target, source)
                self._allocated.discard(target)
            elif self._levels[source] != self._levels[target]:
                self._fail(f"%{source.name} does not live as long as %{target.name}")
            elif self._alignments[source.name] != self._alignments[target.name]:
                self._fail(f"%{source.name} is not aligned as %{target.name} is")

    def _row(self, one: Rebind, target: Buffer, source: Buffer) -> None:
        """A source that is not rebound itself must be a view that outlives the iteration."""
        base = self._base(source)
        inside = set(names_made_by(self._loops[-1]))
        if source.name not in inside or base is source or base.name in inside:
            self._fail(f"%{source.name} is neither rebound nor a view of memory from outside")
        if self._levels.get(base, 0) > self._levels[target]:
            self._fail(f"%{base.name} does not live as long as %{target.name}")
        if base in one.targets or base in self._shared or base in self._read_only:
            self._fail(f"%{source.name} is a view of memory that cannot be shared in this way")
        needed = target.alignment or element_alignment(target.dtype)
        if self._alignments[source.name] < needed:
            self._fail(f"%{source.name} is not aligned to {needed} bytes, as %{target.name} is")

    def _forget_views(self, rebound: set[Buffer]) -> None:
        """Views made before a loop still name the memory that its buffers had then."""
        for view in [view for view in self._buffers if view in self._bases]:
            if self._base(view) in rebound:
                self._buffers.discard(view)

    def commit(self, one: Commit) -> None:
        if self._depth or self._committed:
            self._fail("commit stands at the top level, once")
        if not self._is_entry:
            self._fail("only the entry has a commit point")
        self._committed = True

    def _results(self) -> None:
        if self._function.results and not self._is_entry:
            self._fail("only the entry has results")
        taken: set[Buffer] = set()
        for result in self._function.results:
            own = self._own_buffer(result)
            if result.buffer != own and result.buffer not in self._allocated:
                self._fail(f"result {result.name!r} is not memory that the function allocated")
            if result.buffer in taken:
                self._fail(f"result {result.name!r} is the memory of another result")
            taken.add(result.buffer)

    def _own_buffer(self, result: Result) -> Buffer | None:
        if result.update is None:
            return None
        if not 0 <= result.update < len(self._function.parameters):
            self._fail(f"update {result.name!r} names no parameter")
        own = self._function.parameters[result.update]
        same = own.buffer.dtype is result.buffer.dtype
        if not own.shared or not same or len(own.buffer.sizes) != len(result.buffer.sizes):
            self._fail(f"update {result.name!r} does not fit its parameter")
        return own.buffer


_RULES: dict[type, Callable[[_Verifier, Any], None]] = {
    Let: _Verifier.let,
    Load: _Verifier.load,
    Store: _Verifier.store,
    For: _Verifier.for_,
    Reduce: _Verifier.reduce,
    If: _Verifier.if_,
    Alloc: _Verifier.alloc,
    Constant: _Verifier.constant,
    View: _Verifier.view,
    Contiguous: _Verifier.contiguous,
    Call: _Verifier.call,
    Callback: _Verifier.callback,
    Check: _Verifier.check,
    Last: _Verifier.last,
    Rebind: _Verifier.rebind,
    Commit: _Verifier.commit,
}
