"""Checks on every floating value of a program: for NaN, infinities and values that are too big.

A complex number is what its parts are, and as big as its modulus.

It is no part of the pipeline: a mode that hunts for faults applies it to the program as it is after
the other passes, so that what is checked is what is computed. Steps of loops and branches are
checked inside, where the fault arises; their arguments are not, for what they stand for was checked
where it was computed. Constants are not checked, as they are what the user wrote.
"""

from collections.abc import Sequence

import numpy as np

from lltheano_ir.nodes import Region, Value, make, operands_first, rebuilt
from lltheano_ir.ops.definition import Literal
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["Guard", "guard"]


@record(frozen=True, slots=True)
class Guard:
    """What is an error: NaN, infinities, numbers of greater magnitude than `limit` if it is given.

    A limit that the dtype cannot reach is none.
    """

    nan: bool = True
    inf: bool = True
    limit: float | None = None


def guard(program: Program, faults: Guard) -> Program:
    """The program with an assertion after each floating or complex value, parameters among them.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('program @f(%x: f64[?]) { output "y" = %x }')
    >>> print(format_program(guard(program, Guard(inf=False))), end="")
    program @f(%x: f64[?]) {
      %0: bool[?] = eq %x, %x
      %1: bool[] = reduce %0, kind=and, axes=[0]
      %2: f64[?] = assert %x, %1, kind=assert, message="NaN in x"
      output "y" = %2
    }
    """
    scope = _Scope(program, faults, dict(program.locations))
    return program.with_roots(scope.guarded(program.roots), scope.locations)


@record(frozen=True, slots=True)
class _Scope:
    """Checks the values of a program, and those in the regions of its ops."""

    program: Program
    faults: Guard
    locations: dict[Value, Location]

    def guarded(self, roots: Sequence[Value], inside: bool = False) -> tuple[Value, ...]:
        """What stands for the roots; `inside` says that they are the results of a region."""
        new: dict[Value, Value] = {}
        for value in operands_first(roots):
            rewritten = self._with_guarded_regions(value, tuple(new[one] for one in value.operands))
            if inside and value.is_argument:
                new[value] = rewritten
                continue
            location = self.program.locations.get(value)
            name = _name(self.program, value, location)
            new[value] = _checked(rewritten, self.faults, name)
            if location is not None:
                for one in operands_first([new[value]]):
                    self.locations.setdefault(one, location)
        return tuple(new[root] for root in roots)

    def _with_guarded_regions(self, value: Value, operands: tuple[Value, ...]) -> Value:
        if not value.regions:
            return rebuilt(value, operands)
        regions = tuple(
            Region(region.parameters, self.guarded(region.results, inside=True))
            for region in value.regions
        )
        return make(value.op.name, operands, value.attributes, regions)


def _name(program: Program, value: Value, location: Location | None) -> str:
    """What messages call a value: its parameter's name, the user's, or else that of its op."""
    if value.is_argument:
        name: str = program.parameters[value.attributes[0]].name
    elif location is not None and location.name:
        name = location.name
    else:
        op = value.operands[0].op if value.is_result else value.op
        name = f"a result of {op.name}"
    return name.replace("{", "{{").replace("}", "}}")


def _checked(value: Value, faults: Guard, name: str) -> Value:
    if len(value.types) != 1 or value.is_constant or value.op.is_operand:
        return value
    if not (value.type.dtype.is_float or value.type.dtype.is_complex):
        return value
    checked = value
    if faults.nan:
        checked = _require(checked, make("eq", (value, value)), f"NaN in {name}")
    magnitude = make("abs", (value,))
    if faults.inf:
        finite = make("ne", (magnitude, _like(magnitude, np.inf)))
        checked = _require(checked, finite, f"an infinity in {name}")
    if faults.limit is not None and faults.limit < _greatest(magnitude):
        above = make("gt", (magnitude, _like(magnitude, faults.limit)))
        small = make("not", (above,))
        checked = _require(checked, small, f"a magnitude above {faults.limit:g} in {name}")
    return checked


def _greatest(value: Value) -> float:
    array = np.zeros((), value.type.dtype.numpy)
    return float(np.finfo(array.dtype.name).max)


def _like(value: Value, number: float) -> Value:
    """A number of the dtype and rank of a value, which broadcasts with it."""
    rank = value.type.rank
    array = np.full((1,) * rank, number, value.type.dtype.numpy)
    return make("constant", (), (Literal.of(array), (True,) * rank))


def _require(value: Value, elements: Value, message: str) -> Value:
    """The value, provided that all elements of a mask are true."""
    axes = tuple(range(elements.type.rank))
    condition = make("reduce", (elements,), ("and", axes)) if axes else elements
    return make("assert", (value, condition), ("assert", message))
