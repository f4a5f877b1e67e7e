"""Loop functions and modules as canonical text; the grammar is in `lltheano_ir.loops.nodes`.

    loops @add_one(%x: f64[%x.0] strides [%x.s0] input, %w: f64[%w.0] shared) {
      site 0 sizes "add: sizes on axis 0, {0} and {1} differ"  ; train.py:3
      contiguous %b0: f64[%x.0] = %x
      for %i0 in %x.0, vector=4, unroll=4 {
        load %s0: f64 = %b0[%i0]
        let %s1: f64 = add %s0, f64 1.0
        ...

A number stands as it is when it is an i64, else behind its dtype.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

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
    LoopParameter,
    Operand,
    Rebind,
    Reduce,
    Result,
    Scalar,
    Schedule,
    Setting,
    Site,
    Statement,
    Store,
    Tally,
    View,
    as_module,
)
from lltheano_ir.target import MemorySpace
from lltheano_ir.text.literals import format_literal
from lltheano_ir.text.names import quoted

__all__ = ["format_loops", "format_statement"]


_SPACES = {one: f" in {one.value}" for one in MemorySpace} | {MemorySpace.HOST: ""}
"""How a buffer's memory space is said; that of the host is not."""


def format_loops(functions: LoopFunction | LoopModule, *, locations: bool = True) -> str:
    """The text of a function, or of all functions of a module, with a newline at its end."""
    return "\n".join(_function(one, locations) for one in as_module(functions).functions)


def _function(function: LoopFunction, locations: bool) -> str:
    parameters = ", ".join(map(_parameter, function.parameters))
    lines = [f"loops {quoted('@', function.name)}({parameters}) {{"]
    lines += [_site(number, site, locations) for number, site in enumerate(function.sites)]
    for statement in function.body:
        lines += _lines(statement, "  ")
    lines += [f"  {_result(function, result)}" for result in function.results]
    return "".join(f"{line}\n" for line in [*lines, "}"])


def format_statement(statement: Statement) -> str:
    """The text of one statement, with all inside it."""
    return "".join(f"{line}\n" for line in _lines(statement, ""))


def _parameter(parameter: LoopParameter) -> str:
    kind = "shared" if parameter.shared else "inout" if parameter.inout else "input"
    return f"{_declared(parameter.buffer)} {kind}"


def _site(number: int, site: Site, locations: bool) -> str:
    place = f"  ; {site.location}".replace("\n", " ") if site.location and locations else ""
    return f"  site {number} {site.kind} {json.dumps(site.message)}{place}"


def _result(function: LoopFunction, result: Result) -> str:
    name = _buffer(result.buffer)
    if result.update is None:
        return f"output {json.dumps(result.name)} = {name}"
    return f"update {_buffer(function.parameters[result.update].buffer)} = {name}"


def _buffer(buffer: Buffer) -> str:
    return quoted("%", buffer.name)


def _operand(operand: Operand) -> str:
    if isinstance(operand, Scalar):
        return quoted("%", operand.name)
    text = format_literal(operand.literal)
    return text if operand.dtype.name == "i64" else f"{operand.dtype} {text}"


def _operands(operands: Sequence[Operand]) -> str:
    return ", ".join(map(_operand, operands))


def _scalar(scalar: Scalar) -> str:
    return f"{quoted('%', scalar.name)}: {scalar.dtype}"


def _declared(buffer: Buffer) -> str:
    strides = "" if buffer.strides is None else f" strides [{_operands(buffer.strides)}]"
    align = "" if buffer.alignment is None else f" align {buffer.alignment}"
    layout = f"{strides}{align}{_SPACES[buffer.space]}"
    return f"{_buffer(buffer)}: {buffer.dtype}[{_operands(buffer.sizes)}]{layout}"


def _at(buffer: Buffer, indices: Sequence[Operand]) -> str:
    return f"{_buffer(buffer)}[{_operands(indices)}]"


def _schedule(schedule: Schedule) -> str:
    settings = ""
    if schedule.vector != 1:
        settings += f", vector={schedule.vector}"
    if schedule.unroll != 1:
        settings += f", unroll={schedule.unroll}"
    if schedule.parallel is not None:
        settings += f", parallel={_operand(schedule.parallel)}"
    return settings


def _lines(statement: Statement, indent: str) -> Iterator[str]:
    match statement:
        case For():
            head = f"for {quoted('%', statement.index.name)} in {_operand(statement.extent)}"
            order = ", sequential" if statement.sequential else ""
            yield f"{indent}{head}{order}{_schedule(statement.schedule)} {{"
            yield from _body(statement.body, indent)
        case Reduce():
            yield f"{indent}{_reduce(statement)} {{"
            yield from _body(statement.body, indent)
        case If():
            yield f"{indent}if {_operand(statement.condition)} {{"
            yield from _body(statement.then, indent, "} else {")
            yield from _body(statement.otherwise, indent)
        case _:
            yield f"{indent}{_SIMPLE[type(statement)](statement)}"


def _body(body: Sequence[Statement], indent: str, close: str = "}") -> Iterator[str]:
    for statement in body:
        yield from _lines(statement, f"{indent}  ")
    yield f"{indent}{close}"


def _reduce(statement: Reduce) -> str:
    reductions = ", ".join(
        f"{_scalar(one.target)} = {one.kind} {_operand(one.value)}" for one in statement.reductions
    )
    pairs = zip(statement.indices, statement.extents, strict=True)
    loops = ", ".join(f"{quoted('%', index.name)} in {_operand(size)}" for index, size in pairs)
    return (
        f"reduce {reductions} over {loops}, {statement.order.value}{_schedule(statement.schedule)}"
    )


def _let(one: Let) -> str:
    return f"let {_scalar(one.target)} = {one.op} {_operands(one.operands)}"


def _load(one: Load) -> str:
    return f"load {_scalar(one.target)} = {_at(one.buffer, one.indices)}"


def _store(one: Store) -> str:
    return f"store {_at(one.buffer, one.indices)} = {_operand(one.value)}"


def _alloc(one: Alloc) -> str:
    return f"alloc {_declared(one.buffer)}" + ("" if one.slot is None else f", slot={one.slot}")


def _constant(one: Constant) -> str:
    return f"constant {_declared(one.buffer)} = {format_literal(one.literal)}"


def _view(one: View) -> str:
    return f"view {_declared(one.buffer)} = {_buffer(one.base)}, offset={_operand(one.offset)}"


def _contiguous(one: Contiguous) -> str:
    return f"contiguous {_declared(one.buffer)} = {_buffer(one.source)}"


def _call(one: Call) -> str:
    outputs, inputs = (", ".join(map(_buffer, group)) for group in (one.outputs, one.inputs))
    callee = quoted("@", one.callee) if one.internal else one.callee
    attributes = "".join(f", {name}={_setting(setting)}" for name, setting in one.attributes)
    return f"call {callee}({outputs}) from ({inputs}){attributes}"


def _setting(setting: Setting) -> str:
    if isinstance(setting, bool):
        return "true" if setting else "false"
    return setting if isinstance(setting, str) else _operand(setting)


def _callback(one: Callback) -> str:
    measured = ", ".join(quoted("%", scalar.name) for scalar in one.measured)
    outputs = ", ".join(map(_declared, one.outputs))
    inputs = ", ".join(map(_buffer, one.inputs))
    head = f"callback {one.function} {json.dumps(one.name)} measures [{measured}]"
    return f"{head} gives ({outputs}) from ({inputs}){', ordered' if one.ordered else ''}"


def _check(one: Check) -> str:
    values = f", values=[{_operands(one.values)}]" if one.values else ""
    return f"check {_operand(one.condition)}, site={one.site}{values}"


def _last(one: Last) -> str:
    return f"last {_operand(one.condition)}"


def _rebind(one: Rebind) -> str:
    pairs = zip(one.targets, one.sources, strict=True)
    return "rebind " + ", ".join(f"{_buffer(new)} = {_buffer(old)}" for new, old in pairs)


def _commit(one: Commit) -> str:
    return "commit"


def _clock(one: Clock) -> str:
    return f"clock {quoted('%', one.target.name)}"


def _tally(one: Tally) -> str:
    return f"tally {one.row}, values=[{_operands(one.values)}]"


_SIMPLE: dict[type, Callable[[Any], str]] = {
    Let: _let,
    Load: _load,
    Store: _store,
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
