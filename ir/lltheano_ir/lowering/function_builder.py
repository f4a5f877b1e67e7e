"""Builds the loop IR of one function: the statements so far, the sites of failure, and the
functions that are called.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace

from lltheano_ir.loops.builder import LoopBuilder, number, truth
from lltheano_ir.loops.nodes import Buffer, Call, Check, LoopFunction, Operand, Site
from lltheano_ir.nodes import Value
from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["FunctionBuilder", "projected"]


def projected(operand: Value, indices: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """The indices of an operand that broadcasts: 0 on its static-1 axes."""
    pairs = zip(operand.type.broadcast, indices, strict=True)
    return tuple(number(0) if one else index for one, index in pairs)


@record
class FunctionBuilder(LoopBuilder):
    """What builds one function: beside statements, the user's lines and the sites of failure.

    `current` is the value that statements are made for, and `made_for` that of each name.
    """

    locations: dict[Value, Location] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    functions: dict[str, LoopFunction] = field(default_factory=dict)
    entry: str = ""
    current: Value | None = None
    made_for: dict[str, Value] = field(default_factory=dict)
    _checked: set[Operand] = field(default_factory=set)

    def fresh(self, stem: str) -> str:
        """A name that is not in use, of which is noted what value it is made for."""
        name = super().fresh(stem)
        if self.current is not None:
            self.made_for[name] = self.current
        return name

    @contextmanager
    def making(self, value: Value) -> Iterator[None]:
        """What is made inside is made for a value."""
        outer, self.current = self.current, value
        yield
        self.current = outer

    def call(
        self, function: LoopFunction, outputs: tuple[Buffer, ...], inputs: tuple[Buffer, ...]
    ) -> None:
        """Call a function, which becomes part of the module; `entry` is a name that is taken."""
        name = function.name
        while name == self.entry:
            name += ".1"
        self.functions.setdefault(name, replace(function, name=name))
        self.emit(Call(name, outputs, inputs, internal=True))

    def check(
        self,
        condition: Operand,
        kind: str,
        message: str,
        location: Location | None,
        *values: Operand,
    ) -> None:
        """Leave with an error unless `condition` holds; nothing is made when it is known to."""
        if condition == truth(True) or condition in self._checked:
            return
        if len(self.blocks) == 1:
            self._checked.add(condition)
        site = Site(kind, message, location)
        self.sites.append(site)
        self.emit(Check(condition, len(self.sites) - 1, values))
