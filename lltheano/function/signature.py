"""The parameters of a compiled function, and how the arguments of a call are matched to them.

Matching follows Python's own rules for a call, and so do the messages. A parameter is known by its
position and, where its variable or `In(name=)` gives one, by a name; two parameters may share a
name, which then names neither. Nothing here looks at the values.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ABSENT", "Parameter", "Signature"]


class _Absent:
    """Stands for an argument that a call did not pass."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = _Absent()
"""What `Signature.bind` puts where a call passed nothing and the parameter allows that."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, if it has one, and whether each call must pass it."""

    name: str | None
    required: bool = True


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
        self._required = sum(one.required for one in self.parameters)
        names = [one.name for one in self.parameters if one.name is not None]
        self._positions = {
            one.name: i
            for i, one in enumerate(self.parameters)
            if one.name is not None and names.count(one.name) == 1
        }

    def __str__(self) -> str:
        listed = (
            self._label(i) if one.required else f"{self._label(i)}=..."
            for i, one in enumerate(self.parameters)
        )
        return f"({', '.join(listed)})"

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return one value for each parameter, `ABSENT` where none was passed and none is needed.

        Raises TypeError, in Python's words, for too many or too few arguments, an unknown name, and
        a parameter that is passed twice.
        """
        if len(args) > len(self.parameters):
            raise TypeError(self._too_many(len(args)))
        values = [*args, *[ABSENT] * (len(self.parameters) - len(args))]
        for name, value in kwargs.items():
            position = self._position(name)
            if values[position] is not ABSENT:
                raise TypeError(f"{self.function} got multiple values for argument {name!r}")
            values[position] = value
        missing = [
            self._quoted(i)
            for i, (one, value) in enumerate(zip(self.parameters, values, strict=True))
            if one.required and value is ABSENT
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
        if any(one.name == name for one in self.parameters):
            return f"{self.function} has several parameters called {name!r}; pass them by position"
        message = f"{self.function} got an unexpected keyword argument {name!r}"
        if not self.parameters:
            return f"{message}; it takes no arguments"
        near = difflib.get_close_matches(name, self._positions, n=1)
        if near:
            return f"{message}; did you mean {near[0]!r}?"
        listed = ", ".join(self._label(i) for i in range(len(self.parameters)))
        return f"{message}; its parameters are {listed}"

    def _too_many(self, given: int) -> str:
        most = len(self.parameters)
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
