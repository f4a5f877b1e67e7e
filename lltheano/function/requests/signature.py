"""The parameters of a compiled function, and how the arguments of a call are matched to them.

Matching follows Python's own rules for a call, and so do the messages. A parameter is known by its
position and, where its variable or `In(name=)` gives one, by a name; two parameters may share a
name, which then names neither. A hidden parameter has its value from elsewhere, and callers do not
see it. Nothing here looks at the values.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lltheano_ir.records import record

__all__ = ["ABSENT", "Parameter", "Signature"]


class _Absent:
    """Stands for an argument that a call did not pass."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = _Absent()
"""What `Signature.bind` puts where a call passed nothing and the parameter allows that."""


@record(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, if any, whether each call must pass it, and whether none may."""

    name: str | None
    required: bool = True
    hidden: bool = False


class Signature:
    """The parameters of the function that messages call `function`, in order.

    >>> add = Signature("add()", [Parameter("x"), Parameter("y", required=False)])
    >>> add.bind((1,), {})
    [1, <absent>]
    >>> add.bind((), {"y": 2, "x": 1})
    [1, 2]
    >>> add.bind((1,), {"z": 2})
    Traceback (most recent call last):
    TypeError: add() got an unexpected keyword argument 'z'; its parameters are x, y
    """

    def __init__(self, function: str, parameters: Sequence[Parameter]) -> None:
        self.function = function
        self.parameters = tuple(parameters)
        self._places = [i for i, parameter in enumerate(self.parameters) if not parameter.hidden]
        self._required = sum(self.parameters[i].required for i in self._places)
        names = [self.parameters[i].name for i in self._places]
        self._positions = {
            name: i
            for i, name in zip(self._places, names, strict=True)
            if name is not None and names.count(name) == 1
        }

    def __str__(self) -> str:
        listed = (
            self._label(i) if self.parameters[i].required else f"{self._label(i)}=..."
            for i in self._places
        )
        return f"({', '.join(listed)})"

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return one value for each parameter, `ABSENT` where none was passed and none is needed.

        Raises TypeError, in Python's words, for too many or too few arguments, an unknown name, and
        a parameter that is passed twice.
        """
        if len(args) > len(self._places):
            raise TypeError(self._too_many(len(args)))
        values: list[Any] = [ABSENT] * len(self.parameters)
        for index, value in zip(self._places, args, strict=False):
            values[index] = value
        for name, value in kwargs.items():
            position = self._position(name)
            if values[position] is not ABSENT:
                raise TypeError(f"{self.function} got multiple values for argument {name!r}")
            values[position] = value
        missing = [
            self._quoted(i)
            for i in self._places
            if self.parameters[i].required and values[i] is ABSENT
        ]
        if missing:
            raise TypeError(self._missing(missing))
        return values

    def _position(self, name: str) -> int:
        try:
            return self._positions[name]
        except KeyError:
            raise TypeError(self._unknown(name)) from None

    def _unknown(self, name: str) -> str:
        if any(self.parameters[i].name == name for i in self._places):
            return f"{self.function} has several parameters called {name!r}; pass them by position"
        message = f"{self.function} got an unexpected keyword argument {name!r}"
        if not self._places:
            return f"{message}; it takes no arguments"
        near = difflib.get_close_matches(name, self._positions, n=1)
        if near:
            return f"{message}; did you mean {near[0]!r}?"
        listed = ", ".join(self._label(i) for i in self._places)
        return f"{message}; its parameters are {listed}"

    def _too_many(self, given: int) -> str:
        most = len(self._places)
        takes = str(most) if self._required == most else f"from {self._required} to {most}"
        plural = "" if most == 1 else "s"
        verb = "was" if given == 1 else "were"
        return f"{self.function} takes {takes} positional argument{plural} but {given} {verb} given"

    def _missing(self, labels: Sequence[str]) -> str:
        plural = "" if len(labels) == 1 else "s"
        listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        return f"{self.function} missing {len(labels)} required argument{plural}: {listed}"

    def _label(self, position: int) -> str:
        return self.parameters[position].name or f"<argument {position}>"

    def _quoted(self, position: int) -> str:
        name = self.parameters[position].name
        return repr(name) if name is not None else f"number {position} (unnamed)"
