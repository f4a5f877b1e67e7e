"""Names of compiled code for `perf`: lines of a file that it looks for, `/tmp/perf-PID.map`."""

import os
from pathlib import Path

from lltheano_ir.emit.module import ENTRY
from lltheano_ir.locks import ProcessLock
from lltheano_ir.native.mcjit import LoadedCode

__all__ = ["FOLDER", "name_code"]

FOLDER = Path("/tmp")
"""Where `perf` looks for names."""

_lock = ProcessLock()


def name_code(code: LoadedCode, name: str) -> None:
    """Tell `perf` where the functions of some code are; the entry has the name that is given.

    Lines are only ever added: code whose memory is used again has the later one.
    """
    lines = "".join(
        f"{start:x} {size:x} lltheano:{name}{'' if symbol == ENTRY else f':{symbol}'}\n"
        for symbol, start, size in code.extents()
    )
    path = FOLDER / f"perf-{os.getpid()}.map"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with _lock:
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(lines)
