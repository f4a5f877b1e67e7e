"""Checks that a program is well formed, before it is compiled and when the passes are through.

Where asked for (`verify_each` of `lltheano_ir.compile.compile_program`) it is checked after each
pass too.

What is checked:

* parameters have names, no two the same; so have outputs;
* an argument that is reached is one of the parameters, and has its type;
* every value has the operands, attributes and regions that its op declares, and the types that the
  op's rule derives from them; it is the interned one, so that equal values are identical;
* a value with several results is used through `result` only, and so is an operand, a root or a
  result of a region of one type;
* a region is closed: it reaches its own arguments only;
* an update gives a shared parameter a value of the parameter's type, once;
* an effect is a token, of type i64[].

Interned construction keeps most of this by itself; the verifier is there for what is built by other
means, and to say clearly which pass broke it.
"""

from collections import Counter
from collections.abc import Sequence

from lltheano_ir.nodes import Region, Value, derive_types, make, operands_first
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.table import OPS
from lltheano_ir.program import Program
from lltheano_ir.text.printer import Line, listing
from lltheano_ir.types import INDEX, ValueType

__all__ = ["PassError", "VerificationError", "verify"]

_CONTEXT = 2


class VerificationError(ValueError):
    """A program is ill-formed; `value` is the culprit, if it is a value.

    The string shows the lines of the program around it.
    """

    def __init__(self, message: str, program: Program, value: Value | None = None) -> None:
        self.message = message
        self.value = value
        super().__init__(f"{program.name}: {message}{_surroundings(program, value)}")


class PassError(Exception):
    """A pass made IR that is not well formed: a fault of the compiler.

    `name` is that of the pass; the cause is what the verifier said.
    """

    def __init__(self, name: str, error: ValueError) -> None:
        self.name = name
        super().__init__(f"after the pass {name!r}, which is at fault: {error}")


class _FaultError(Exception):
    """What is wrong, before the program is known in which it is shown."""

    def __init__(self, message: str, value: Value | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.value = value


def verify(program: Program) -> Program:
    """Return the program, having checked all that the module's head lists; else VerificationError.

    >>> from lltheano_ir.nodes import argument
    >>> from lltheano_ir.program import Output, Parameter
    >>> from lltheano_ir.types import INDEX
    >>> program = Program("f", (Parameter("n", INDEX),), (Output("y", argument(1, INDEX)),))
    >>> verify(program)
    Traceback (most recent call last):
      ...
    lltheano_ir.verify.VerificationError: f: argument 1 is reached, parameters: 1
    """
    try:
        _check_names(program)
        _check_scope([one.type for one in program.parameters], program.roots)
        _check_updates(program)
        _check_effects(program)
    except _FaultError as fault:
        raise VerificationError(fault.message, program, fault.value) from None
    return program


def _check_names(program: Program) -> None:
    for what, names in (
        ("parameters", [one.name for one in program.parameters]),
        ("outputs", [one.name for one in program.outputs]),
    ):
        for name in (name for name, count in Counter(names).items() if count > 1 or not name):
            raise _FaultError(f"two {what} are called {name!r}" if name else f"{what} need names")


def _check_updates(program: Program) -> None:
    updated: set[int] = set()
    for update in program.updates:
        if not 0 <= update.parameter < len(program.parameters):
            raise _FaultError(
                f"parameter {update.parameter} is updated, there is none", update.value
            )
        parameter = program.parameters[update.parameter]
        if not parameter.shared or update.parameter in updated:
            problem = "is updated twice" if parameter.shared else "is updated but not shared"
            raise _FaultError(f"{parameter.name} {problem}", update.value)
        if update.value.type != parameter.type:
            problem = f"is {parameter.type}, its update is {update.value.type}"
            raise _FaultError(f"{parameter.name} {problem}", update.value)
        updated.add(update.parameter)


def _check_effects(program: Program) -> None:
    for value in program.effects:
        if value.type != INDEX:
            raise _FaultError(f"an effect is a token of type {INDEX}, got {value.type}", value)


def _check_scope(parameters: Sequence[ValueType], roots: Sequence[Value]) -> None:
    for value in operands_first(roots):
        _check_value(value)
        if value.is_argument:
            _check_argument(value, parameters)
        for region in value.regions:
            _check_region(value, region)
    for root in roots:
        if len(root.types) != 1:
            raise _FaultError(
                f"{root.op.name} has several results: one of them must be taken", root
            )


def _check_value(value: Value) -> None:
    if OPS.get(value.op.name) is not value.op:
        raise _FaultError(f"{value.op.name} is not in the op table", value)
    parts = value.operands, value.attributes, value.regions
    try:
        # `make` has derived the types of what it gives.
        if make(value.op.name, *parts) is value:
            return
        types = derive_types(value.op, *parts)
    except TypeRuleError as error:
        raise _FaultError(str(error), value) from None
    if types != value.types:
        raise _FaultError(f"{value.op.name} gives {types}, the value says {value.types}", value)
    raise _FaultError(f"this {value.op.name} is not interned: it was not built by `make`", value)


def _check_argument(value: Value, parameters: Sequence[ValueType]) -> None:
    index, type_ = value.attributes
    if not 0 <= index < len(parameters):
        raise _FaultError(f"argument {index} is reached, parameters: {len(parameters)}", value)
    if parameters[index] != type_:
        raise _FaultError(f"argument {index} is {parameters[index]}, but used as {type_}", value)


def _check_region(owner: Value, region: Region) -> None:
    try:
        _check_scope(region.parameters, region.results)
    except _FaultError as fault:
        raise _FaultError(f"in a region of {owner.op.name}: {fault.message}", fault.value) from None


def _surroundings(program: Program, value: Value | None) -> str:
    if value is None:
        return ""
    lines = listing(program)
    place = next((i for i, line in enumerate(lines) if _shows(line, value)), None)
    if place is None:
        return ""
    first = max(0, place - _CONTEXT)
    shown = lines[first : place + _CONTEXT + 1]
    marks = (">" if line is lines[place] else " " for line in shown)
    return "".join(f"\n{mark} {line.text}" for mark, line in zip(marks, shown, strict=True))


def _shows(line: Line, value: Value) -> bool:
    """Whether a line defines the value or, for an argument, uses it."""
    return line.value is not None and (line.value is value or value in line.value.operands)
