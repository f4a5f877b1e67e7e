"""Programs as canonical text; the grammar is in `lltheano_ir.text`.

Values are numbered in the order in which they are computed, from 0 in each region. The printer also
prints what the verifier refuses, so that the culprit can be shown: a value that is not what it
should be is only ever shown, never looked into.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lltheano_ir.nodes import Region, Value, operands_first
from lltheano_ir.ops.definition import Attribute
from lltheano_ir.program import Program
from lltheano_ir.records import record
from lltheano_ir.text.literals import format_literal
from lltheano_ir.text.names import quoted

__all__ = ["Line", "format_program", "listing"]


@record(frozen=True, slots=True)
class Line:
    """A line of a program's text, and the value that it defines, if it defines one."""

    text: str
    value: Value | None = None


def format_program(program: Program, *, locations: bool = True) -> str:
    """The text of a program, with a newline at its end; see `lltheano_ir.text` for an example.

    With `locations`, lines whose place in the user's source is known end in a comment saying it.
    """
    lines = listing(program)
    if not locations:
        return "".join(f"{line.text}\n" for line in lines)
    return "".join(f"{line.text}{_comment(program, line)}\n" for line in lines)


def _comment(program: Program, line: Line) -> str:
    place = program.locations.get(line.value) if line.value is not None else None
    return f"  ; {place}".replace("\n", " ") if place else ""


def listing(program: Program) -> list[Line]:
    """The lines of a program, each with the value that it defines."""
    names = [quoted("%", one.name) for one in program.parameters]
    parameters = ", ".join(
        f"{name}: {one.type}{' shared' if one.shared else ''}"
        for name, one in zip(names, program.parameters, strict=True)
    )
    scope = _Scope(names, "  ")
    scope.define(program.roots)
    outputs = (
        Line(f"  output {json.dumps(one.name)} = {scope.name(one.value)}")
        for one in program.outputs
    )
    updates = (
        Line(f"  update {_nth(names, one.parameter)} = {scope.name(one.value)}")
        for one in program.updates
    )
    head = Line(f"program {quoted('@', program.name)}({parameters}) {{")
    effects = (Line(f"  effect {scope.name(one)}") for one in program.effects)
    return [head, *scope.lines, *outputs, *updates, *effects, Line("}")]


def _nth(names: Sequence[str], index: int) -> str:
    return names[index] if 0 <= index < len(names) else f"%?{index}"


class _Scope:
    """The names and lines of a program or region."""

    def __init__(self, names: Sequence[str], indent: str) -> None:
        self.lines: list[Line] = []
        self._arguments = names
        self._indent = indent
        self._numbers: dict[Value, int] = {}

    def define(self, roots: Sequence[Value]) -> None:
        """Write a statement for every value that `roots` need."""
        for value in operands_first(roots):
            if not value.is_argument and not value.is_result:
                self._numbers[value] = len(self._numbers)
                self._statement(value)

    def name(self, value: Value) -> str:
        """How a value that has been defined is referred to."""
        if value.is_argument:
            return _nth(self._arguments, value.attributes[0])
        if value.is_result:
            return f"{self.name(value.operands[0])}#{value.attributes[0]}"
        return f"%{self._numbers[value]}"

    def _statement(self, value: Value) -> None:
        types = ", ".join(map(str, value.types))
        if len(value.types) != 1:
            types = f"({types})"
        operands = [self.name(operand) for operand in value.operands]
        parts = ", ".join([*operands, *_attributes(value)])
        text = f"{self._indent}%{self._numbers[value]}: {types} = {value.op.name} {parts}"
        self.lines.append(Line(text.rstrip(), value))
        for label, region in zip(value.op.region_names, value.regions, strict=True):
            self._region(label, region)

    def _region(self, label: str, region: Region) -> None:
        names = [f"%a{index}" for index in range(len(region.parameters))]
        pairs = zip(names, region.parameters, strict=True)
        parameters = ", ".join(f"{name}: {one}" for name, one in pairs)
        inner = _Scope(names, self._indent + "    ")
        inner.define(region.results)
        results = ", ".join(inner.name(one) for one in region.results)
        self.lines += [
            Line(f"{self._indent}  {label}({parameters}) {{"),
            *inner.lines,
            Line(f"{self._indent}    yield {results}"),
            Line(f"{self._indent}  }}"),
        ]


def _listed(parts: Sequence[object]) -> str:
    return f"[{', '.join(map(str, parts))}]"


_FORMATS: Mapping[Attribute, Callable[[Any], str]] = {
    Attribute.INTEGER: str,
    Attribute.INTEGERS: _listed,
    Attribute.ORDER: lambda order: _listed(["new" if axis is None else axis for axis in order]),
    Attribute.PATTERN: lambda pattern: _listed(["1" if one else "?" for one in pattern]),
    Attribute.DTYPE: str,
    Attribute.TYPE: str,
    Attribute.TYPES: lambda types: f"({', '.join(map(str, types))})",
    Attribute.WORD: str,
    Attribute.TEXT: json.dumps,
}


def _attributes(value: Value) -> list[str]:
    """The attributes as text; those of a constant are its elements, the pattern is in its type."""
    if value.is_constant:
        return [format_literal(value.attributes[0])]
    return [
        f"{name}={_FORMATS[kind](given)}"
        for (name, kind), given in zip(value.op.attributes, value.attributes, strict=True)
    ]
