"""Which object is a program's code, kept on disk, so that a known program skips every stage.

Two entries of the object cache make a shortcut: under the key of the LLVM IR lies the object, and
under the key of the program lies the key of the LLVM IR, with the facts that a caller needs before
it can call. Invariants: the key of a program holds all that its code depends on (the canonical
text, the target, LLVM, NumPy, which computes folded constants, and this compiler's own sources);
places in the user's source are no part of it, so nothing that is kept may depend on them; an entry
that is missing, damaged or points nowhere only costs time.
"""

import json
import os
from collections.abc import Collection, Iterator
from functools import cache as once
from pathlib import Path

import numpy as np

from lltheano_ir import IMPORTED
from lltheano_ir.native.mcjit import toolchain
from lltheano_ir.native.object_cache import CacheEntry, ObjectCache, content_key
from lltheano_ir.program import Program
from lltheano_ir.records import record
from lltheano_ir.target import Target
from lltheano_ir.text import format_program

__all__ = [
    "Shortcut",
    "compiler_fingerprint",
    "find_shortcut",
    "keep_shortcut",
    "program_key",
    "sources_fingerprint",
]


@record(frozen=True)
class Shortcut:
    """What there is to know about a compiled program before it is called.

    Attributes
    ----------
    module
        The key of its LLVM IR, under which its object is kept.
    in_place
        For each update, whether it writes the memory of the shared parameter itself.
    """

    module: str
    in_place: tuple[bool, ...]


def program_key(
    program: Program, target: Target, without: Collection[str] = (), *, profile: bool = False
) -> str | None:
    """The key of a program that is compiled `without` some passes, and may be profiled.

    None when this compiler cannot say which one it is.

    >>> from lltheano_ir.native.target import host_target
    >>> from lltheano_ir.text import parse_program
    >>> one, other = (
    ...     parse_program(f'program @f(%x: f64[]) {{ output "{name}" = %x }}') for name in "yz"
    ... )
    >>> program_key(one, host_target()) == program_key(other, host_target())
    False
    """
    compiler = compiler_fingerprint()
    if compiler is None:
        return None
    text = format_program(program, locations=False)
    omitted = " ".join(sorted(without))
    versions = (compiler, np.__version__, *toolchain(target))
    kind = "profiled program" if profile else "program"
    return content_key(kind, text, omitted, repr(target), *versions)


def find_shortcut(cache: ObjectCache, key: str) -> Shortcut | None:
    """What was kept under the key of a program, or None."""
    entry = cache.load(key)
    if entry is None:
        return None
    try:
        in_place = json.loads(entry.metadata["in_place"])
        return Shortcut(entry.metadata["module"], tuple(bool(one) for one in in_place))
    except (KeyError, TypeError, ValueError):
        return None


def keep_shortcut(cache: ObjectCache, key: str, shortcut: Shortcut) -> None:
    """Keep a shortcut under the key of a program, if the disk allows."""
    facts = {"module": shortcut.module, "in_place": json.dumps(shortcut.in_place)}
    cache.store(key, CacheEntry(b"", facts))


@once
def compiler_fingerprint() -> str | None:
    """What tells this compiler from others, by its source files; None when nothing can."""
    return sources_fingerprint(Path(__file__).parent, IMPORTED)


def sources_fingerprint(folder: Path, imported: float) -> str | None:
    """What tells Python sources from others: the paths, sizes and times of change of all files.

    Sizes and times are also how Python tells whether its bytecode is current. None when the files
    cannot be read, and when one has changed since the time `imported`, so that what runs here may
    not be what the files say.
    """
    try:
        files = sorted(_sources(str(folder)))
    except OSError:
        return None
    if not files or max(changed for _, _, changed in files) > imported * 1e9:
        return None
    return content_key(repr(files))


def _sources(folder: str) -> Iterator[tuple[str, int, int]]:
    """The path, the size and the time of change in nanoseconds of each source file."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _sources(entry.path)
