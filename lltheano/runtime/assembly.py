"""The text of the native half's module: the files of `native/`, and what is generated from records.

Generated are the types of the structures, their accessors, the routines that take Python numbers as
arguments, and the numbers that stand in the files by name.
"""

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from lltheano.runtime.scalar_arguments import ROUTINES, routine_text
from lltheano.runtime.structures import JOB, MAX_THREADS, PLACE, STRUCTURES, WORKER
from lltheano_ir.abi import REPORT_WORDS, STATUSES, Structure
from lltheano_ir.shapes import MAX_SIZE

__all__ = ["QUEUE_PLACES", "SLICE_MICROSECONDS", "declarations", "module_text"]

PARTS = (
    "outside",
    "pool",
    "lock",
    "storage",
    "signal",
    "threads",
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

_JOBS = 16
"""How many parallel loops run at a time; those of more callers run on their own threads."""

_CHUNKS_OF_A_THREAD = 4
"""How often a thread may come back for more, so that one that is held up holds up nobody."""

_LONGEST_CHUNK = 512
"""In grains: some milliseconds."""

_IDLE_NANOSECONDS = 50_000
"""How long a thread looks out for the next loop before it sleeps."""


def numbers(structures: Sequence[Structure] = STRUCTURES) -> Mapping[str, int]:
    """What each name stands for: a status, a limit, the size of a structure in bytes."""
    sizes = {one.name: one.bytes for one in structures}
    return {
        **STATUSES,
        **{f"{name}.bytes": size for name, size in sizes.items()},
        "MAX_SIZE": MAX_SIZE,
        "REPORT_WORDS": REPORT_WORDS,
        "REPORT_BYTES": 8 * REPORT_WORDS,
        "REPORT_LENGTH": 1 + REPORT_WORDS,
        "SLICE_MICROSECONDS": SLICE_MICROSECONDS,
        "QUEUE_PLACES": QUEUE_PLACES,
        "QUEUE_BYTES": QUEUE_PLACES * sizes[PLACE.name],
        "NESTED_THREADS": _NESTED_THREADS,
        "NESTED_BYTES": 8 * _NESTED_THREADS,
        "MAX_THREADS": MAX_THREADS,
        "PARTS": MAX_THREADS,
        "JOBS": _JOBS,
        "JOBS_BYTES": _JOBS * sizes[JOB.name],
        "WORKERS_BYTES": MAX_THREADS * sizes[WORKER.name],
        "CHUNKS_OF_A_THREAD": _CHUNKS_OF_A_THREAD,
        "LONGEST_CHUNK": _LONGEST_CHUNK,
        "IDLE_NANOSECONDS": _IDLE_NANOSECONDS,
    }


def module_text(structures: Sequence[Structure] = STRUCTURES, machine: str = "") -> str:
    """LLVM IR of the whole native half.

    It is tied to no machine, but for a hint to the processor where one is named as
    `platform.machine` does.

    Raises
    ------
    KeyError
        A file uses the name of a number that there is not.
    """
    values = numbers(structures)
    pause = _relax_text(machine)
    body = "\n".join([*map(_part, PARTS), pause, *map(routine_text, ROUTINES)])
    body = re.sub(r"\$(\w+(?:\.\w+)?)", lambda name: str(values[name[1]]), body)
    types = [one.llvm_type for one in structures]
    accessors = [one.accessors(body) for one in structures]
    return "\n".join([*types, body, *accessors])


def _relax_text(machine: str) -> str:
    """The function `relax`, for loops that wait: it leaves the core to its other thread for a
    moment, where a processor has an instruction for that.
    """
    hints = {"x86_64": "@llvm.x86.sse2.pause()", "aarch64": "@llvm.aarch64.hint(i32 1)"}
    hint = hints.get({"AMD64": "x86_64", "arm64": "aarch64"}.get(machine, machine))
    kind = "()" if machine == "x86_64" else "(i32)"
    declared = [f"declare void {hint.partition('(')[0]}{kind}"] if hint else []
    called = [f"  call void {hint}"] if hint else []
    head = "define internal void @relax() alwaysinline nounwind {"
    return "\n".join([*declared, head, *called, "  ret void", "}"])


def declarations() -> list[tuple[str, str, str]]:
    """The outside functions that native code calls: result, name and parameters."""
    return re.findall(r"^declare (\S+) @(\w+)(\(.*\))$", _part("outside"), re.MULTILINE)


def _part(name: str) -> str:
    file = resources.files("lltheano.runtime") / "native" / f"{name}.ll"
    return file.read_text(encoding="utf-8")
