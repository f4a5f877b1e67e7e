"""Calls of BLAS and LAPACK as the records of routines describe them.

Each is a private function of the module for each dtype and setting, which all calls share: it puts
the arguments behind pointers. Work space comes from the pool, for the time of the call.
"""

from collections.abc import Mapping
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.calls.blas import matrix_of
from lltheano_ir.emit.calls.fortran import Arguments
from lltheano_ir.emit.context import EmissionContext
from lltheano_ir.emit.control import Registers, call_procedure
from lltheano_ir.emit.memory.pool import draw
from lltheano_ir.emit.values import INT, STATUS, constant, integer, intrinsic, register_type
from lltheano_ir.loops.nodes import Call
from lltheano_ir.loops.routines.extents import Extent
from lltheano_ir.loops.routines.fortran import (
    Argument,
    Data,
    FortranCall,
    Integer,
    Layout,
    Leading,
    LeadingOf,
    Letter,
    One,
    Size,
    Status,
    Work,
    WorkSize,
)
from lltheano_ir.loops.routines.record import Matched, Routine

__all__ = ["emit_fortran_call"]

Builder: TypeAlias = ir.IRBuilder
Named: TypeAlias = Mapping[str, ir.Value]


class _Instructions:
    """The arithmetic of sizes in registers."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def constant(self, value: int) -> ir.Value:
        """A known number."""
        return integer(value)

    def combine(self, kind: str, x: ir.Value, y: ir.Value) -> ir.Value:
        """The result of an instruction."""
        if kind == "lesser":
            return intrinsic(self._builder, "smin", x, y)
        return self._builder.add(x, y) if kind == "sum" else self._builder.mul(x, y)


def emit_fortran_call(context: EmissionContext, routine: Routine, call: Call) -> None:
    """Call the library's routine that a record names."""
    assert routine.fortran is not None
    number, settings = call.outputs[0].dtype, routine.settings(call)
    matched = routine.matched(call)
    named = _operands(context, matched)
    for scratch in routine.scratch(settings, number):
        dtype = scratch.element.dtype(number)
        assert dtype is not None
        count = scratch.count.worth(_Instructions(context.builder), named)
        size = context.builder.mul(count, integer(dtype.itemsize))
        name = f"{call.outputs[0].name}.{scratch.name}.{len(context.unit.held)}"
        named |= {f"{scratch.name}.data": draw(context, name, size), f"{scratch.name}.count": count}
    fortran = routine.fortran(settings, number)
    words = [name if word is True else str(word) for name, word in settings.items() if word]
    symbol = ".".join(["lltheano", routine.name, *words, str(number)])

    def body(start: Builder, inside: Builder, args: Registers) -> None:
        arguments = Arguments(start, inside, number)
        _Call(arguments, dict(zip(named, args, strict=True))).emit(fortran)

    call_procedure(context.builder, symbol, list(named.values()), body)


def _operands(context: EmissionContext, matched: Matched) -> dict[str, ir.Value]:
    """The registers of operands: their elements, how they lie if that varies, and their sizes."""
    named: dict[str, ir.Value] = {}
    for parameter, buffer in matched:
        name = parameter.name
        named[f"{name}.data"] = context.buffers[buffer.name]
        if parameter.strided:
            matrix = matrix_of(context, buffer)
            named[f"{name}.data"] = matrix.data
            named[f"{name}.by_columns"] = matrix.by_columns
            named[f"{name}.leading"] = matrix.leading
        for extent, size in zip(parameter.sizes or (), buffer.sizes, strict=True):
            if extent.kind == "size" and extent.name not in named:
                named[extent.name] = context.uniform(size)
    return named


class _Call:
    """The body of the private function."""

    def __init__(self, arguments: Arguments, named: Named) -> None:
        self._arguments = arguments
        self._builder = arguments.builder
        self._named = named
        self._statuses: list[tuple[str, ir.Value]] = []

    def emit(self, call: FortranCall) -> None:
        """Pass the arguments, and hand on what the routine says of its success."""
        for argument in call.arguments:
            self._pass(argument)
        self._arguments.call(call.library, call.name)
        for name, place in self._statuses:
            word = self._builder.load(place, typ=STATUS)
            self._builder.store(self._builder.sext(word, INT), self._named[f"{name}.data"])

    def _worth(self, extent: Extent) -> ir.Value:
        return extent.worth(_Instructions(self._builder), self._named)

    def _leading(self, size: ir.Value) -> None:
        """A leading dimension, which is 1 at least."""
        self._arguments.sizes(intrinsic(self._builder, "smax", size, integer(1)))

    def _pass(self, argument: Argument) -> None:
        arguments, named = self._arguments, self._named
        match argument:
            case Letter(letter):
                arguments.letters(letter)
            case Layout(name, row_major, column_major):
                arguments.choice(named[f"{name}.by_columns"], column_major, row_major)
            case Size(extent):
                arguments.sizes(self._worth(extent))
            case Integer(value):
                arguments.sizes(integer(value))
            case Leading(extent):
                self._leading(self._worth(extent))
            case LeadingOf(name):
                self._leading(named[f"{name}.leading"])
            case One():
                arguments.number(constant(register_type(arguments.dtype), 1.0))
            case Data(name) | Work(name):
                arguments.pointer(named[f"{name}.data"])
            case WorkSize(name):
                arguments.sizes(named[f"{name}.count"])
            case Status(into):
                place = arguments.place()
                if into is not None:
                    self._statuses.append((into, place))
