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

import lltheano_ir
from lltheano.config import config
from lltheano.graph.notes import Stack
from lltheano_ir.records import record

__all__ = ["OURS", "SourceLine", "caller", "is_ours"]

_PACKAGE = str(Path(__file__).resolve().parents[1]) + os.sep
_COMPILER = str(Path(lltheano_ir.__file__ or "").resolve().parent) + os.sep
_PARTS = (
    *("compat", "function", "gradient", "graph", "loops", "ops", "random", "scalar", "shared"),
    *("sparse", "tensor", "ctc.py", "ifelse.py", "lowering.py"),
)
_BUILDERS = tuple(_PACKAGE + part for part in _PARTS)
_OURS = (*_BUILDERS, _PACKAGE + "runtime", _COMPILER)


@record(frozen=True, slots=True)
class SourceLine:
    """A line of the user's program: `filename` and the 1-based number `line`; `stack` is how it was
    reached, as long as the process lives.

    `function` is the public function of this package that the line calls, or None.

    >>> print(SourceLine("train.py", 12))
    train.py:12
    """

    filename: str
    line: int
    function: str | None = field(default=None, compare=False)
    stack: Stack = field(default=(), compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return (SourceLine, (self.filename, self.line, self.function))

    @property
    def text(self) -> str:
        """The line itself, without indentation; empty when its file cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}"


def caller() -> SourceLine | None:
    """Return the innermost line on the stack that is the user's; None when there is none."""
    frame = sys._getframe(1)
    function: str | None = None
    while _BUILDS[frame.f_code.co_filename]:
        if frame.f_back is None:
            return None
        function = frame.f_code.co_name
        frame = frame.f_back
    return SourceLine(frame.f_code.co_filename, frame.f_lineno, _public(function), _calls(frame))


def _calls(frame: FrameType) -> Stack:
    results = []
    one: FrameType | None = frame
    for _ in range(config.traceback.limit):
        if one is None:
            break
        results.append((one.f_code, one.f_lineno))
        one = one.f_back
    return tuple(results)


def _public(function: str | None) -> str | None:
    """The name by which a program calls a function; None where it is that of any op."""
    if function is None or function == "__call__":
        return None
    return _OPERATORS.get(function, function)


_OPERATORS = {
    "__getitem__": "x[...]",
    "__iter__": "x[...]",
    **{f"__{name}__": name for name in ("abs", "invert", "neg", "pos")},
    **{
        f"__{side}{name}__": name
        for name in ("add", "sub", "mul", "mod", "pow", "matmul", "lshift", "rshift")
        for side in ("", "r")
    },
    **{f"__{side}truediv__": "true_div" for side in ("", "r")},
    **{f"__{side}floordiv__": "int_div" for side in ("", "r")},
    **{f"__{side}{name}__": f"{name}_" for name in ("and", "or") for side in ("", "r")},
    **{f"__{side}xor__": "xor" for side in ("", "r")},
    **{f"__{name}__": name for name in ("lt", "le", "gt", "ge")},
    "__array_ufunc__": "numpy's function",
    "__array_function__": "numpy's function",
}
"""The functions that operators are."""


class _Belongs(dict[str, bool]):
    """For the name of a file whether it is in one of some folders, found once for each."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        super().__init__()
        self._folders = folders

    def __missing__(self, filename: str) -> bool:
        self[filename] = result = filename.startswith(self._folders)
        return result


_BUILDS = _Belongs(_BUILDERS)

OURS = _Belongs(_OURS)
"""Whether a file is of the parts of this package that build graphs, or of the compiler."""


def is_ours(frame: FrameType) -> bool:
    """Whether code of `OURS` runs in a frame.

    >>> is_ours(sys._getframe())
    False
    """
    return OURS[frame.f_code.co_filename]
