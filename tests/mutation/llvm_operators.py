"""Changes of LLVM IR text: predicates, arithmetic, constants, branches, and lines left out."""

import re
from collections.abc import Iterator

from tests.mutation.edits import Edit

__all__ = ["llvm_edits"]

_SWAPS = {
    "icmp eq": "icmp ne",
    "icmp ne": "icmp eq",
    "icmp slt": "icmp sle",
    "icmp sle": "icmp slt",
    "icmp sgt": "icmp sge",
    "icmp sge": "icmp sgt",
    "icmp ult": "icmp ule",
    "icmp ule": "icmp ult",
    "icmp ugt": "icmp uge",
    "icmp uge": "icmp ugt",
    "= add": "= sub",
    "= sub": "= add",
    "= mul": "= add",
    "= and": "= or",
    "= or": "= and",
    "= shl": "= lshr",
    "= lshr": "= shl",
}
_SWAP = re.compile("|".join(rf"{re.escape(text)}\b" for text in _SWAPS))
_CONSTANT = re.compile(r"(?<=[ ,])(?:i64|i32) (-?\d+)\b(?=[,\n )])")
_BRANCH = re.compile(r"br i1 (\S+), label (%[\w.]+), label (%[\w.]+)")
_LEFT_OUT = re.compile(r"^  (?:store|call void|atomicrmw|%\S+ = atomicrmw) .*$", re.MULTILINE)


def llvm_edits(source: str) -> Iterator[Edit]:
    """Every change of a module's functions; comments and declarations stay as they are."""
    for start, line in _code_lines(source):
        for match in _SWAP.finditer(line):
            yield Edit("other operation", start + match.start(), match[0], _SWAPS[match[0]])
        if "getelementptr" not in line and "alloca" not in line:
            for match in _CONSTANT.finditer(line):
                after = str(int(match[1]) + 1)
                yield Edit("constant plus one", start + match.start(1), match[1], after)
        for match in _BRANCH.finditer(line):
            after = f"br i1 {match[1]}, label {match[3]}, label {match[2]}"
            yield Edit("branches exchanged", start + match.start(), match[0], after)
        for match in _LEFT_OUT.finditer(line):
            if not match[0].lstrip().startswith("%"):
                yield Edit("statement left out", start + match.start(), match[0], "  ; left out")


def _code_lines(source: str) -> Iterator[tuple[int, str]]:
    """The lines of function bodies, each with where it begins."""
    offset, inside = 0, False
    for line in source.splitlines(keepends=True):
        if line.startswith("define "):
            inside = True
        elif line.startswith("}"):
            inside = False
        elif inside and not line.lstrip().startswith(";"):
            yield offset, line
        offset += len(line)
