"""The text of the native half's module: the files of `native/`, and what is generated from records.

Generated are the types of the structures, their accessors, the routines that take Python numbers as
arguments, and the numbers that stand in the files by name.
"""

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from lltheano.runtime.scalar_arguments import ROUTINES, routine_text
from lltheano.runtime.structures import PLACE, STRUCTURES
from lltheano_ir.abi import REPORT_WORDS, STATUSES, Structure
from lltheano_ir.shapes import MAX_SIZE

__all__ = ["QUEUE_PLACES", "SLICE_MICROSECONDS", "declarations", "module_text"]

PARTS = (
    "outside",
    "pool",
    "lock",
    "storage",
    "signal",
    "call",
    "box",
    "arguments",
    "results",
    "entry",
    "invoke",
    "lease",
)

SLICE_MICROSECONDS = 50_000
"""How long native code waits for a lock before Python gets to serve signals."""

QUEUE_PLACES = 256
"""How many threads can wait in turn; others get in when none of them waits."""

_NESTED_THREADS = 256


def numbers(structures: Sequence[Structure] = STRUCTURES) -> Mapping[str, int]:
    """What each name stands for: a status, a limit, the size of a structure in bytes."""
    place = next(one for one in structures if one.name == PLACE.name)
    return {
        **STATUSES,
        **{f"{one.name}.bytes": one.bytes for one in structures},
        "MAX_SIZE": MAX_SIZE,
        "REPORT_WORDS": REPORT_WORDS,
        "REPORT_BYTES": 8 * REPORT_WORDS,
        "REPORT_LENGTH": 1 + REPORT_WORDS,
        "SLICE_MICROSECONDS": SLICE_MICROSECONDS,
        "QUEUE_PLACES": QUEUE_PLACES,
        "QUEUE_BYTES": QUEUE_PLACES * place.bytes,
        "NESTED_THREADS": _NESTED_THREADS,
        "NESTED_BYTES": 8 * _NESTED_THREADS,
    }


def module_text(structures: Sequence[Structure] = STRUCTURES) -> str:
    """LLVM IR of the whole native half.

    Raises
    ------
    KeyError
        A file uses the name of a number that there is not.
    """
    values = numbers(structures)
    body = "\n".join([*map(_part, PARTS), *map(routine_text, ROUTINES)])
    body = re.sub(r"\$(\w+(?:\.\w+)?)", lambda name: str(values[name[1]]), body)
    types = [one.llvm_type for one in structures]
    accessors = [one.accessors(body) for one in structures]
    return "\n".join([*types, body, *accessors])


def declarations() -> list[tuple[str, str, str]]:
    """The outside functions that native code calls: result, name and parameters."""
    return re.findall(r"^declare (\S+) @(\w+)(\(.*\))$", _part("outside"), re.MULTILINE)


def _part(name: str) -> str:
    file = resources.files("lltheano.runtime") / "native" / f"{name}.ll"
    return file.read_text(encoding="utf-8")
