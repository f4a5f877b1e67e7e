"""Where in the user's program a variable was made.

The file's name and the line number are kept, and which calls led there; the text of a file is read
when a message needs it.
The frame that counts is the first one that is not in the parts of this package that build graphs,
so helpers of ours never show up, while the demo, which is a program like any other, does.
"""

import linecache
import os
import sys
from dataclasses import field
from pathlib import Path
from types import FrameType
from typing import Any

from lltheano.config import config
from lltheano.graph.notes import Stack
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
    """A line of the user's program: `filename` and the 1-based number `line`; `stack` is how it was
    reached, as long as the process lives.

    >>> print(SourceLine("train.py", 12))
    train.py:12
    """

    filename: str
    line: int
    stack: Stack = field(default=(), compare=False, repr=False)

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
    return SourceLine(frame.f_code.co_filename, frame.f_lineno, _calls(frame))


def _calls(frame: FrameType) -> Stack:
    found = []
    one: FrameType | None = frame
    for _ in range(config.traceback.limit):
        if one is None:
            break
        found.append((one.f_code, one.f_lineno))
        one = one.f_back
    return tuple(found)
