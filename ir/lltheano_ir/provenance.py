"""Where in the user's program a value comes from, and what made it."""

from dataclasses import field

from lltheano_ir.records import record

__all__ = ["Location", "Origin"]


@record(frozen=True, slots=True)
class Location:
    """A place in the user's source, and the name that the user gave to the value, if any.

    `function` is what the user called there, where that is not the op of the value.

    >>> str(Location("train.py", 12, "cost"))
    'train.py:12 (cost)'
    """

    file: str
    line: int
    name: str | None = None
    function: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        name = f" ({self.name})" if self.name else ""
        return f"{self.file}:{self.line}{name}"


@record(frozen=True, slots=True)
class Origin:
    """What a name of the loop IR was made for: an op of the tensor IR, and its place in the source.

    >>> str(Origin("exp", Location("train.py", 12)))
    'exp at train.py:12'
    """

    op: str
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.op} at {self.location}" if self.location else self.op
