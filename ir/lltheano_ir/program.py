"""A program of the tensor IR: named parameters, outputs, and updates of shared parameters.

The values themselves are interned (`lltheano_ir.nodes`); a program only names its roots, so it is
immutable and cheap to rebuild. Parameter i is the value `argument(i, type)`. An update gives a
shared parameter the value that it holds once the whole program has run; outputs and updates see the
old values. An effect is a value that nobody takes, to be computed all the same: the last token of
calls that are to be made (`lltheano_ir.ops.callback`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

from lltheano_ir.host import HostFunction
from lltheano_ir.nodes import Value, argument, operands_first
from lltheano_ir.provenance import Location
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = ["Output", "Parameter", "Program", "Update"]


@record(frozen=True, slots=True)
class Parameter:
    """An input, or (when `shared`) a piece of state that updates may change."""

    name: str
    type: ValueType
    shared: bool = False


@record(frozen=True, slots=True)
class Output:
    """A result handed to the caller."""

    name: str
    value: Value


@record(frozen=True, slots=True)
class Update:
    """The new value of the shared parameter at position `parameter`."""

    parameter: int
    value: Value


@record(frozen=True)
class Program:
    """The roots of a computation, by name.

    `locations` says where in the user's source values come from, and `host` has the functions that
    the program calls, by their numbers: neither is part of what a program is, nor is it compared.
    """

    name: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    updates: tuple[Update, ...] = ()
    locations: Mapping[Value, Location] = field(default_factory=dict, compare=False, repr=False)
    effects: tuple[Value, ...] = ()
    host: tuple[HostFunction, ...] = field(default=(), compare=False, repr=False)

    @property
    def roots(self) -> tuple[Value, ...]:
        """The values of the outputs, then of the updates, then the effects."""
        updates = (one.value for one in self.updates)
        return (*(one.value for one in self.outputs), *updates, *self.effects)

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The value of each parameter."""
        return tuple(argument(i, one.type) for i, one in enumerate(self.parameters))

    def values(self) -> Iterator[Value]:
        """Every value that the program computes, each after its operands."""
        return operands_first(self.roots)

    def with_roots(
        self, roots: tuple[Value, ...], locations: Mapping[Value, Location]
    ) -> "Program":
        """The program with other values for its outputs, updates and effects, in that order."""
        count, last = len(self.outputs), len(self.outputs) + len(self.updates)
        outputs = tuple(
            Output(one.name, value) for one, value in zip(self.outputs, roots[:count], strict=True)
        )
        updates = tuple(
            Update(one.parameter, value)
            for one, value in zip(self.updates, roots[count:last], strict=True)
        )
        effects = roots[last:]
        return Program(self.name, self.parameters, outputs, updates, locations, effects, self.host)
