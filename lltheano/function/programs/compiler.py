"""This process's way into the compiler: what compiled code may call, and where objects are kept."""

from functools import cache
from pathlib import Path

from lltheano.config import config
from lltheano.function.modes.mode import FAST_RUN, Mode
from lltheano.function.programs.perf_map import name_code
from lltheano.runtime.calls.callbacks import callback_callee
from lltheano.runtime.native_code import pool_callees
from lltheano_ir.compile import Compiled, compile_program
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.libraries import standard_callees
from lltheano_ir.native.object_cache import ObjectCache, cache_folder
from lltheano_ir.program import Program
from lltheano_ir.stopwatch import Stopwatch

__all__ = ["callees", "compile_lowered", "object_cache"]


def compile_lowered(
    program: Program,
    mode: Mode = FAST_RUN,
    profile: Stopwatch | None = None,
) -> Compiled:
    """Compile a program for this machine as a mode wants it, or fetch its object from the cache on
    disk; one that is profiled (see `compile_program`) is another.
    """
    compiled = compile_program(
        mode.prepare(program),
        callees(),
        cache=object_cache(),
        without=mode.left_out,
        verify_each=mode.checks_calls or config.verify_passes,
        profile=profile,
    )
    if config.perf_map:
        name_code(compiled.code, program.name)
    return compiled


@cache
def callees() -> CalleeTable:
    """Return the table of all that compiled code may call: libraries, and the run time's pool."""
    table = standard_callees()
    for callee in (*pool_callees(), callback_callee()):
        table.register(callee)
    return table


def object_cache() -> ObjectCache:
    """Return the cache in the folder that the environment names at present."""
    return _cache_in(cache_folder())


@cache
def _cache_in(folder: Path | None) -> ObjectCache:
    return ObjectCache(folder)
