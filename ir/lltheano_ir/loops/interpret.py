"""The reference interpreter of the loop IR: slow, and checks every access.

Memory is modelled as flat NumPy arrays, so that views share it as they will in native code; an
index out of range, a read of memory that was never written, or a failing operation after `commit`
is an error here, as it would be a wild access in native code. Scalar ops give what their references
in the op table give.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Any

import numpy as np

from lltheano_ir.budget import Budget
from lltheano_ir.host import HostFunction, conforming, missing_function
from lltheano_ir.loops.calls import arguments_of
from lltheano_ir.loops.elements import combined, scalar_op
from lltheano_ir.loops.memory import LoopMemoryError, Memory, MemoryView, row_major_strides
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Clock,
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
    Number,
    Operand,
    Rebind,
    Reduce,
    Scalar,
    Statement,
    Store,
    Tally,
    View,
    as_module,
)
from lltheano_ir.loops.routines.record import Routine, Settings, Shape
from lltheano_ir.loops.routines.table import routine_of
from lltheano_ir.ops.definition import Array, ExecutionError
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = ["LoopMemoryError", "interpret_loops"]


@record
class _Frame:
    function: LoopFunction
    module: LoopModule
    host: Sequence[HostFunction] = ()
    scalars: dict[str, Array] = field(default_factory=dict)
    views: dict[str, MemoryView] = field(default_factory=dict)
    committed: bool = False
    budget: Budget = field(default_factory=Budget)
    allocated: dict[str, int] = field(default_factory=dict)


def interpret_loops(
    functions: LoopFunction | LoopModule,
    inputs: Sequence[Array],
    host: Sequence[HostFunction] = (),
    budget: Budget | None = None,
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Run a function, or the entry of a module, on one array a parameter; returns outputs, and new
    values in the order of updates.

    ExecutionError when a check fails, LoopMemoryError when the function is not memory-safe.
    `inputs` are not written to: shared parameters are copied first. `host` are the host functions
    that it calls; what one of them raises is passed on as it is. SpentError when it takes more
    than its `budget`.
    """
    module = as_module(functions)
    function = module.entry
    frame = _Frame(function, module, host, budget=budget or Budget())
    if len(inputs) != len(function.parameters):
        wanted, got = len(function.parameters), len(inputs)
        raise ExecutionError("argument", f"{function.name} takes {wanted} arguments, got {got}")
    for parameter, given in zip(function.parameters, map(np.asarray, inputs), strict=True):
        _require_fits(parameter.buffer, given)
        _bind(frame, parameter.buffer, given)
    _run(frame, function.body)
    outputs = tuple(_read(frame, r.buffer) for r in function.results if r.update is None)
    updates = tuple(_read(frame, r.buffer) for r in function.results if r.update is not None)
    return outputs, updates


def _require_fits(buffer: Buffer, given: Array) -> None:
    sizes = [int(s.literal.array()) if isinstance(s, Number) else None for s in buffer.sizes]
    fits = given.dtype == buffer.dtype.numpy and given.ndim == len(sizes)
    if not fits or any(s not in (None, n) for s, n in zip(sizes, given.shape, strict=True)):
        wanted = f"{buffer.dtype}[{', '.join('?' if s is None else str(s) for s in sizes)}]"
        message = f"%{buffer.name} is {wanted}, got {given.dtype} of shape {given.shape}"
        raise ExecutionError("argument", message)


def _bind(frame: _Frame, buffer: Buffer, given: Array) -> None:
    flat = np.ascontiguousarray(given).reshape(-1).copy()
    sizes = given.shape
    strides = row_major_strides(sizes)
    for operand, size in zip(buffer.sizes, sizes, strict=True):
        _assign(frame, operand, size)
    for operand, stride in zip(buffer.strides or (), strides, strict=False):
        _assign(frame, operand, stride)
    memory = Memory(flat, np.ones(flat.shape, bool))
    frame.views[buffer.name] = MemoryView(memory, 0, sizes, strides)


def _assign(frame: _Frame, operand: Operand, number: int) -> None:
    if isinstance(operand, Scalar):
        frame.scalars[operand.name] = np.asarray(number, np.int64)


def _read(frame: _Frame, buffer: Buffer) -> Array:
    view = frame.views[buffer.name]
    result = np.empty(view.sizes, buffer.dtype.numpy)
    for indices in np.ndindex(*view.sizes):
        result[indices] = _element(view, buffer, indices)
    return result


def _element(view: MemoryView, buffer: Buffer, indices: Sequence[int]) -> Array:
    position = view.at(buffer.name, indices)
    if not view.memory.written[position]:
        raise LoopMemoryError(f"%{buffer.name}{list(indices)} is read before it is written")
    return np.asarray(view.memory.elements[position])


def _value(frame: _Frame, operand: Operand) -> Array:
    if isinstance(operand, Scalar):
        return frame.scalars[operand.name]
    return operand.literal.array()


def _number(frame: _Frame, operand: Operand) -> int:
    return int(_value(frame, operand))


def _run(frame: _Frame, body: Sequence[Statement]) -> None:
    for statement in body:
        _STATEMENTS[type(statement)](frame, statement)


def _let(frame: _Frame, statement: Let) -> None:
    operands = [_value(frame, operand) for operand in statement.operands]
    target = statement.target
    frame.scalars[target.name] = scalar_op(statement.op, target.dtype, operands)


def _indices(frame: _Frame, operands: Sequence[Operand]) -> tuple[int, ...]:
    return tuple(_number(frame, operand) for operand in operands)


def _load(frame: _Frame, statement: Load) -> None:
    view = frame.views[statement.buffer.name]
    indices = _indices(frame, statement.indices)
    frame.scalars[statement.target.name] = _element(view, statement.buffer, indices)


def _store(frame: _Frame, statement: Store) -> None:
    view = frame.views[statement.buffer.name]
    position = view.at(statement.buffer.name, _indices(frame, statement.indices))
    view.memory.elements[position] = _value(frame, statement.value)
    view.memory.written[position] = True


def _for(frame: _Frame, statement: For) -> None:
    for index in range(_number(frame, statement.extent)):
        frame.budget.pay(1)
        frame.scalars[statement.index.name] = np.asarray(index, np.int64)
        _run(frame, statement.body)
        if any(isinstance(one, Last) and _value(frame, one.condition) for one in statement.body):
            break


def _if(frame: _Frame, statement: If) -> None:
    _run(frame, statement.then if _value(frame, statement.condition) else statement.otherwise)


def _iterations(frame: _Frame, statement: Reduce) -> Iterator[None]:
    extents = [_number(frame, extent) for extent in statement.extents]
    for position in _positions(extents):
        frame.budget.pay(1)
        for index, number in zip(statement.indices, position, strict=True):
            frame.scalars[index.name] = np.asarray(number, np.int64)
        _run(frame, statement.body)
        yield


def _positions(extents: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All indices, the last fastest, one at a time."""
    if not extents:
        yield ()
        return
    for first in range(extents[0]):
        for rest in _positions(extents[1:]):
            yield (first, *rest)


def _reduce(frame: _Frame, statement: Reduce) -> None:
    columns: list[list[Array]] = [[] for _ in statement.reductions]
    with frame.budget.scope():
        for _ in _iterations(frame, statement):
            for column, reduction in zip(columns, statement.reductions, strict=True):
                frame.budget.hold(reduction.target.dtype.itemsize)
                column.append(_value(frame, reduction.value))
    for column, reduction in zip(columns, statement.reductions, strict=True):
        blocked = statement.order.value == "blocked"
        with np.errstate(all="ignore"):
            frame.scalars[reduction.target.name] = combined(reduction, column, blocked)


def _alloc(frame: _Frame, statement: Alloc) -> None:
    _require_open(frame, "an allocation")
    buffer = statement.buffer
    sizes = _sizes(frame, buffer)
    count = math.prod(sizes)
    frame.budget.hold(count * buffer.dtype.itemsize - frame.allocated.get(buffer.name, 0))
    frame.allocated[buffer.name] = count * buffer.dtype.itemsize
    try:
        memory = Memory(np.zeros(count, buffer.dtype.numpy), np.zeros(count, bool))
    except (MemoryError, ValueError) as error:  # NumPy's word for far too much is ValueError
        raise ExecutionError("memory", f"%{buffer.name}: {error}", (count,)) from None
    frame.views[buffer.name] = MemoryView(memory, 0, sizes, row_major_strides(sizes))


def _sizes(frame: _Frame, buffer: Buffer) -> tuple[int, ...]:
    sizes = _indices(frame, buffer.sizes)
    for axis, size in enumerate(sizes):
        if size < 0:
            raise LoopMemoryError(f"size {size} of %{buffer.name} on axis {axis}")
    return sizes


def _require_open(frame: _Frame, what: str) -> None:
    if frame.committed:
        raise LoopMemoryError(f"{what} after the commit point")


def _constant(frame: _Frame, statement: Constant) -> None:
    _bind(frame, statement.buffer, statement.literal.array())


def _view(frame: _Frame, statement: View) -> None:
    base = frame.views[statement.base.name]
    sizes = _sizes(frame, statement.buffer)
    strides = statement.buffer.strides
    steps = row_major_strides(sizes) if strides is None else _indices(frame, strides)
    offset = base.offset + _number(frame, statement.offset)
    frame.views[statement.buffer.name] = MemoryView(base.memory, offset, sizes, steps)


def _contiguous(frame: _Frame, statement: Contiguous) -> None:
    _require_open(frame, "an allocation")
    frame.views[statement.buffer.name] = frame.views[statement.source.name]


def _call(frame: _Frame, statement: Call) -> None:
    if statement.internal:
        _call_function(frame, statement)
    else:
        _call_routine(frame, statement)


def _call_function(frame: _Frame, statement: Call) -> None:
    """Run another function on the caller's memory."""
    _require_open(frame, f"the function @{statement.callee}")
    (function,) = (one for one in frame.module.functions if one.name == statement.callee)
    own = _Frame(function, frame.module, frame.host, budget=frame.budget)
    for parameter, argument in arguments_of(statement, function):
        view = frame.views[argument.name]
        _bind_operands(own, parameter.buffer, view)
        own.views[parameter.buffer.name] = view
    with frame.budget.scope():
        _run(own, function.body)


def _bind_operands(frame: _Frame, buffer: Buffer, view: MemoryView) -> None:
    """Give the scalars among a parameter's sizes and strides their values; others must agree."""
    operands = (*buffer.sizes, *(buffer.strides or ()))
    values = (*view.sizes, *(view.strides if buffer.strides is not None else ()))
    for operand, value in zip(operands, values, strict=True):
        if isinstance(operand, Scalar) and operand.name not in frame.scalars:
            _assign(frame, operand, value)
        if _number(frame, operand) != value:
            raise LoopMemoryError(f"%{buffer.name} of @{frame.function.name} has size {value}")


def _call_routine(frame: _Frame, statement: Call) -> None:
    _require_open(frame, f"the routine {statement.callee}")
    routine = routine_of(statement)
    settings = {
        name: _value(frame, one) if isinstance(one, Scalar | Number) else one
        for name, one in routine.settings(statement).items()
    }
    unread = routine.unread(settings)
    inputs = [
        _blank(frame, buffer) if parameter.name in unread else _read(frame, buffer)
        for parameter, buffer in routine.matched(statement)
        if parameter.access.reads
    ]
    shapes = [frame.views[buffer.name].sizes for buffer in statement.outputs]
    frame.budget.pay(routine.steps([one.shape for one in inputs], shapes))
    results = _results(routine, inputs, shapes, settings)
    for buffer, result in zip(statement.outputs, results, strict=True):
        view = frame.views[buffer.name]
        if np.shape(result) != view.sizes:
            raise LoopMemoryError(
                f"the routine {statement.callee} writes {np.shape(result)} to %{buffer.name}, of"
                f" shape {view.sizes}"
            )
        for indices in np.ndindex(*view.sizes):
            position = view.at(buffer.name, indices)
            view.memory.elements[position] = result[indices]
            view.memory.written[position] = True


def _blank(frame: _Frame, buffer: Buffer) -> Array:
    """What is passed for elements that nobody looks at."""
    return np.zeros(frame.views[buffer.name].sizes, buffer.dtype.numpy)


def _results(
    routine: Routine, inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings
) -> Sequence[Array]:
    """What a routine gives. It trusts the sizes that it gets, which checks before it have seen."""
    try:
        return routine.computes(inputs, shapes, settings)
    except (ValueError, LookupError, ArithmeticError, TypeError) as error:
        given = ", ".join(str(one.shape) for one in inputs)
        raise LoopMemoryError(
            f"the routine {routine.name} cannot make {', '.join(map(str, shapes))} of"
            f" {given}: {error}"
        ) from None


def _callback(frame: _Frame, statement: Callback) -> None:
    _require_open(frame, f"the host function {statement.name}")
    if statement.function >= len(frame.host):
        message = missing_function(statement.function, statement.name)
        raise ExecutionError("value", message)
    given = frame.host[statement.function].call([_read(frame, one) for one in statement.inputs])
    wanted = [
        [None if size in statement.measured else _number(frame, size) for size in one.sizes]
        for one in statement.outputs
    ]
    types = [ValueType(one.dtype, (False,) * len(one.sizes)) for one in statement.outputs]
    for buffer, array in zip(
        statement.outputs, conforming(statement.name, types, wanted, given), strict=True
    ):
        for operand, size in zip(buffer.sizes, array.shape, strict=True):
            if operand in statement.measured:
                _assign(frame, operand, size)
        memory = Memory(array.reshape(-1).copy(), np.ones(array.size, bool))
        frame.views[buffer.name] = MemoryView(
            memory, 0, array.shape, row_major_strides(array.shape)
        )


def _check(frame: _Frame, statement: Check) -> None:
    _require_open(frame, "a check")
    if _value(frame, statement.condition):
        return
    site = frame.function.sites[statement.site]
    values = _indices(frame, statement.values)
    raise ExecutionError(site.kind, site.message.format(*values), values)


def _last(frame: _Frame, statement: Last) -> None:
    """The loop asks for it when the body has been run."""


def _rebind(frame: _Frame, statement: Rebind) -> None:
    views = [frame.views[source.name] for source in statement.sources]
    for target, view in zip(statement.targets, views, strict=True):
        if frame.views[target.name].sizes != view.sizes:
            raise LoopMemoryError(f"%{target.name} is rebound to memory of shape {view.sizes}")
        frame.views[target.name] = view


def _commit(frame: _Frame, statement: Commit) -> None:
    frame.committed = True


def _clock(frame: _Frame, statement: Clock) -> None:
    """Time stands still, so that equal programs give equal results."""
    _assign(frame, statement.target, 0)


def _tally(frame: _Frame, statement: Tally) -> None:
    """Nobody reads the counters of what is interpreted."""


_STATEMENTS: dict[type, Callable[[_Frame, Any], None]] = {
    Let: _let,
    Load: _load,
    Store: _store,
    For: _for,
    Reduce: _reduce,
    If: _if,
    Alloc: _alloc,
    Constant: _constant,
    View: _view,
    Contiguous: _contiguous,
    Call: _call,
    Callback: _callback,
    Check: _check,
    Last: _last,
    Rebind: _rebind,
    Commit: _commit,
    Clock: _clock,
    Tally: _tally,
}
