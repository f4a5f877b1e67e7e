"""Where in the user's program a variable was made.

Only the file's name and the line number are kept; the file's text is read when a message needs it.
The frame that counts is the first one that is not in the parts of this package that build graphs,
so helpers of ours never show up, while the demo, which is a program like any other, does.
"""

import linecache
import os
import sys
from pathlib import Path
from typing import Any

from lltheano_ir.records import record

__all__ = ["SourceLine", "caller"]

_PACKAGE = str(Path(__file__).resolve().parents[1]) + os.sep
_PARTS = (
    *("compat", "function", "gradient", "graph", "ops", "scalar", "shared", "tensor"),
    *("dispatch.py", "lowering.py"),
)
_BUILDERS = tuple(_PACKAGE + part for part in _PARTS)


@record(frozen=True, slots=True)
class SourceLine:
    """A line of the user's program: `filename` and the 1-based number `line`.

    >>> print(SourceLine("train.py", 12))
    train.py:12
    """

    filename: str
    line: int

    def __reduce__(self) -> tuple[Any, ...]:
        return (SourceLine, (self.filename, self.line))

    @property
    def text(self) -> str:
        """The line itself, without indentation; empty when its file cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}"


def caller() -> SourceLine | None:
    """Return the innermost line on the stack that is the user's; None when there is none."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_BUILDERS):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return SourceLine(frame.f_code.co_filename, frame.f_lineno)
