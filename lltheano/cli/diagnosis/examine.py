"""What `lltheano doctor` looks at: one function for each section, each a list of findings.

A section that fails is one broken finding with the error in it; the others are still looked at.
"""

import dataclasses
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

import lltheano.tensor as T
from lltheano import __version__
from lltheano.cli.diagnosis.blas import blas_library, blas_threads
from lltheano.config import ENVIRONMENT, FLAGS, config
from lltheano.errors import ConfigError
from lltheano.function import function
from lltheano.function.programs.compiler import object_cache
from lltheano.runtime import pool
from lltheano.runtime.native_code import native_code
from lltheano.runtime.threads import thread_count
from lltheano.shared import shared
from lltheano_ir.dtypes import f32, f64, i8, i16
from lltheano_ir.native.libraries import blas
from lltheano_ir.native.target import host_target

__all__ = ["BROKEN", "NOTE", "OK", "Finding", "examine"]

OK: Final = "ok"
NOTE: Final = "note"
BROKEN: Final = "broken"

_PACKAGES: Final = ("numpy", "scipy", "llvmlite", "click", "rich", "matplotlib")
_OPTIONAL: Final = frozenset({"matplotlib"})
_ENVIRONMENT: Final = (
    ENVIRONMENT,
    "LLTHEANORC",
    "LLTHEANO_CACHE_DIR",
    "LLTHEANO_NUM_THREADS",
    "LLTHEANO_POOL_CHECK",
)
_SHOWN_FEATURES: Final = (
    "sse4.2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512vl",
    "neon",
    "sve",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its value, whether that is as it should be, and what to do."""

    section: str
    name: str
    value: Any
    state: str = OK
    hint: str = ""
    shown: str = ""

    @property
    def text(self) -> str:
        """The value for people."""
        return self.shown or str(self.value)


def examine() -> Iterator[Finding]:
    """Look at everything, cheapest first."""
    for section, look in SECTIONS.items():
        try:
            yield from look(section)
        except Exception as error:  # noqa: BLE001 - whatever is broken is what one wants to know
            text = f"{type(error).__name__}: {error}"
            yield Finding(section, "failed", text, BROKEN)


def _versions(section: str) -> Iterator[Finding]:
    yield Finding(section, "lltheano", __version__)
    yield Finding(section, "python", platform.python_version(), shown=_python())
    for name in _PACKAGES:
        version = _version(name)
        if version is not None:
            yield Finding(section, name, version)
        elif name in _OPTIONAL:
            hint = "only PNG plots need it: pip install 'lltheano[plot]'"
            yield Finding(section, name, None, NOTE, hint, "not installed")
        else:
            yield Finding(section, name, None, BROKEN, f"pip install {name}", "not installed")
    yield Finding(section, "llvm", _llvm_version())


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _python() -> str:
    implementation = platform.python_implementation()
    return f"{platform.python_version()} ({implementation}, {sys.executable})"


def _llvm_version() -> str:
    # Third-party and slow to import; a broken llvmlite must not keep the doctor from its work.
    import llvmlite.binding as llvm  # noqa: PLC0415

    return ".".join(map(str, llvm.llvm_version_info))


def _machine(section: str) -> Iterator[Finding]:
    target = host_target()
    yield Finding(section, "system", platform.platform())
    yield Finding(
        section, "processor", _processor_name(), shown=f"{_processor_name()} ({target.cpu})"
    )
    yield Finding(section, "triple", target.triple)
    features = [name for name in _SHOWN_FEATURES if target.has(name)]
    yield Finding(
        section, "features", features, shown=" ".join(features) or "none that matter here"
    )
    width = target.vector_bytes
    listed = ", ".join(f"{target.lanes(dtype)} {dtype}" for dtype in (f64, f32, i16, i8))
    yield Finding(section, "vector width", width, shown=f"{width} bytes: {listed}")
    yield Finding(section, "vector registers", target.vector_registers)
    for cache in target.caches:
        shown = f"{cache.size_bytes >> 10} KiB in lines of {cache.line_bytes} bytes"
        yield Finding(section, f"L{cache.level} cache", cache.size_bytes, shown=shown)
    spaces = [space.value for space in target.memory_spaces]
    yield Finding(section, "memory spaces", spaces, shown=", ".join(spaces))
    yield Finding(section, "cores", os.cpu_count())
    few = target.cores != os.cpu_count()
    hint = "affinity, or the quota of a control group" if few else ""
    yield Finding(section, "usable cores", target.cores, NOTE if few else OK, hint)
    yield _threads(section)


def _threads(section: str) -> Finding:
    """How many threads share a loop."""
    try:
        count = thread_count()
    except ValueError as error:
        return Finding(section, "threads of a loop", None, BROKEN, str(error))
    return Finding(section, "threads of a loop", count)


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _libraries(section: str) -> Iterator[Finding]:
    dgemm = blas().find("blas_dgemm")
    if dgemm is None:
        yield Finding(section, "dgemm", None, BROKEN, "install SciPy's own wheel", "not found")
        return
    library = blas_library(dgemm.address)
    shown = f"{dgemm.origin} at {dgemm.address:#x}"
    yield Finding(section, "dgemm", dgemm.origin, shown=shown)
    yield Finding(section, "library", library, shown=library or "unknown")
    threads = blas_threads(library)
    yield Finding(section, "threads", threads, shown="unknown" if threads is None else str(threads))


def _settings(section: str) -> Iterator[Finding]:
    for name in _ENVIRONMENT:
        yield Finding(section, name, os.environ.get(name), shown=os.environ.get(name, "(not set)"))
    try:
        for flag in FLAGS:
            value = config.value(flag.name)
            if not flag.inert:
                yield Finding(section, flag.name, value)
    except ConfigError as error:
        hint = f"set {ENVIRONMENT} to name=value pairs with commas between them"
        yield Finding(section, "flags", str(error), BROKEN, hint)


def _cache(section: str) -> Iterator[Finding]:
    status = object_cache().status()
    if status.folder is None:
        hint = "every process compiles anew"
        yield Finding(section, "folder", None, NOTE, hint, status.reason)
        return
    state, hint = (OK, "") if status.is_usable else (BROKEN, status.reason)
    yield Finding(section, "folder", str(status.folder), state, hint)
    yield Finding(section, "entries", status.entries)
    shown = f"{status.entry_bytes / 2**20:.1f} MiB"
    yield Finding(section, "bytes", status.entry_bytes, shown=shown)
    used = status.statistics
    shown = (
        f"{used.hits} hits, {used.misses} misses ({used.rejected} damaged), {used.stores} stored"
    )
    yield Finding(section, "trial", dataclasses.asdict(used), shown=shown)


def _run_time(section: str) -> Iterator[Finding]:
    native = native_code()
    boxes = native.boxes_natively
    hint = "" if boxes else "NumPy's arrays have another layout here: calls take a slower way"
    shown = "yes" if boxes else "no"
    yield Finding(section, "native call entry", boxes, OK if boxes else NOTE, hint, shown)
    statistics = pool.statistics()
    yield Finding(
        section, "pool limit", statistics.limit, shown=f"{statistics.limit / 2**20:.0f} MiB"
    )
    yield Finding(section, "pool in use", statistics.in_use, shown=f"{statistics.in_use} bytes")


def _trial(section: str) -> Iterator[Finding]:
    """Compile and call: a state that adds up, and a product of matrices."""
    start = time.perf_counter()
    state, x = shared(0.0), T.dmatrix("x")
    step = function([x], T.dot(x, x), updates=[(state, state + T.sum(x))])
    compiled = time.perf_counter() - start
    yield Finding(section, "compile", compiled, shown=f"{1e3 * compiled:.1f} ms")
    given = np.array([[1.0, 2.0], [3.0, 4.0]])
    right = bool((step(given) == given @ given).all()) and float(state.get_value()) == 10.0
    shown = "right" if right else "wrong: compiled code and NumPy differ"
    yield Finding(section, "results", right, OK if right else BROKEN, shown=shown)
    call = _fastest(lambda: step(given))
    yield Finding(section, "call", call, shown=f"{1e6 * call:.2f} us")


def _fastest(call: Callable[[], object], times: int = 200) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


SECTIONS: Final[dict[str, Callable[[str], Iterator[Finding]]]] = {
    "versions": _versions,
    "machine": _machine,
    "BLAS": _libraries,
    "settings": _settings,
    "run time": _run_time,
    "trial": _trial,
    "cache": _cache,
}
"""What looks at each section."""
