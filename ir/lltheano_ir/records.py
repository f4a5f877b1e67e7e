"""Dataclasses whose classes are quick to make.

The standard decorator writes and compiles the source of six methods for each class: half a
millisecond, which an import of the package would pay a hundred times. `record` is that decorator
with `__eq__`, `__hash__` and `__repr__` shared instead of generated; what they do is the same. Type
checkers are told that it is the standard one.

>>> @record(frozen=True)
... class Point:
...     x: int
...     y: int = 0
>>> Point(1), Point(1) == Point(1, 0), len({Point(1), Point(1)})
(Point(x=1, y=0), True, 1)
"""

from typing import TYPE_CHECKING

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass, fields
    from operator import attrgetter

    def record(cls=None, /, *, frozen=False, slots=False, eq=True):
        """Decorate a class as `dataclasses.dataclass` does."""

        def decorated(one):
            return _with_methods(
                dataclass(frozen=frozen, slots=slots, eq=False, repr=False)(one), frozen, eq
            )

        return decorated if cls is None else decorated(cls)

    def _with_methods(cls, frozen, eq):
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = _repr
        if eq and "__eq__" not in cls.__dict__:
            names = [field.name for field in fields(cls) if field.compare]
            compared = attrgetter(*names) if names else _nothing
            cls.__eq__ = _equality(compared)
            cls.__hash__ = _hash(compared) if frozen else None
        return cls

    def _repr(self):
        parts = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
        return f"{type(self).__qualname__}({', '.join(parts)})"

    def _nothing(self):
        return ()

    def _equality(compared):
        def __eq__(self, other):  # noqa: N807 - it becomes the method
            if other.__class__ is not self.__class__:
                return NotImplemented
            return compared(self) == compared(other)

        return __eq__

    def _hash(compared):
        def __hash__(self):  # noqa: N807 - it becomes the method
            return hash(compared(self))

        return __hash__
