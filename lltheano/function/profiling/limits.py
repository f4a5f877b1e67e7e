"""What this machine can do at most, measured once: to what figures of a profile are compared.

A few loops and products of matrices are compiled, by this compiler, and timed by their own
counters, in about a second. Of many runs the best one counts, since others may use the machine too.
What was found is kept beside compiled code, under everything that it depends on.
"""

import json
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.function.profiling.snapshot import Row
from lltheano.function.programs.compiler import callees, object_cache
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output
from lltheano_ir.abi import Counter
from lltheano_ir.compile import compile_program
from lltheano_ir.native.mcjit import toolchain
from lltheano_ir.native.object_cache import CacheEntry, content_key
from lltheano_ir.native.target import host_target
from lltheano_ir.profiling.regions import RegionKind
from lltheano_ir.records import record
from lltheano_ir.stopwatch import Stopwatch
from lltheano_ir.target import Target
from lltheano_ir.text import parse_program

__all__ = ["Limits", "Reached", "limits", "measure_again"]

_POLYNOMIAL_TERMS = 60

_SUM = """program @sum(%x: f64[?], %y: f64[?]) {
  %0: f64[?] = add %x, %y
  output "sum" = %0
}"""
_PRODUCT = """program @product(%x: {0}[?,?], %y: {0}[?,?]) {{
  %0: {0}[?,?] = dot %x, %y
  output "product" = %0
}}"""


def _polynomial(dtype: str) -> str:
    """A program that does much with each element: x to 1 + x to 1 + x times ..."""
    lines = ["%0: {0}[1] = constant [0.5]", "%1: {0}[?] = mul %x, %0"]
    for number in range(2, 2 * _POLYNOMIAL_TERMS, 2):
        lines.append(f"%{number}: {{0}}[?] = add %{number - 1}, %0")
        lines.append(f"%{number + 1}: {{0}}[?] = mul %{number}, %x")
    lines.append(f'output "value" = %{2 * _POLYNOMIAL_TERMS - 1}')
    body = "\n".join(lines).format(dtype)
    return f"program @polynomial(%x: {dtype}[?]) {{\n{body}\n}}"


_SIDE = 512
"""Of the matrices that are multiplied."""

_LEAST, _MOST = 1 << 25, 1 << 27
"""Bytes of what is to lie in memory: more than caches hold, and not too much."""

_SECONDS = 0.1
"""How long one thing is measured."""

_RUNS = 5
"""How often at least."""

_VERSION = "3"


@record(frozen=True, slots=True)
class Reached:
    """What part of a limit was reached, and which."""

    part: float
    limit: str


@record(frozen=True, slots=True)
class Limits:
    """Bytes and flops in a second, of one loop that has the machine to itself.

    Attributes
    ----------
    levels
        For each cache from the second on, and then memory: its name, how many bytes it holds, and
        how many a loop moves there in a second.
    loop_flops, call_flops
        By the name of the dtype, what a loop, which runs on one core, and a product of matrices,
        which BLAS may share out among cores, do in a second.
    """

    levels: tuple[tuple[str, int, float], ...]
    loop_flops: dict[str, float]
    call_flops: dict[str, float]

    def reached(self, row: Row) -> Reached | None:
        """Which limit a region came nearest to; None where nothing is known of it."""
        if not row.calls or row.seconds <= 0:
            return None
        found = []
        if row.bytes:
            name, _, most = next(
                (one for one in self.levels if row.bytes / row.calls <= one[1]), self.levels[-1]
            )
            found.append(Reached(row.bytes / row.seconds / most, name))
        is_loop = row.region.kind is RegionKind.LOOPS
        peak = (self.loop_flops if is_loop else self.call_flops).get(row.region.number)
        if row.flops and peak:
            found.append(Reached(row.flops / row.seconds / peak, "flops"))
        return max(found, key=lambda one: one.part, default=None)

    def as_record(self) -> dict[str, Any]:
        """What can be written as JSON."""
        return {
            "levels": [list(one) for one in self.levels],
            "loop_flops": dict(self.loop_flops),
            "call_flops": dict(self.call_flops),
        }

    def __str__(self) -> str:
        moved = ", ".join(f"{name} {most / 1e9:.0f} GB/s" for name, _, most in self.levels)
        loops, calls = (
            " and ".join(f"{flops / 1e9:.0f} in {name}" for name, flops in sorted(one.items()))
            for one in (self.loop_flops, self.call_flops)
        )
        return f"{moved}; loops {loops} Gflop/s, products {calls} Gflop/s"


@cache
def limits() -> Limits:
    """What this machine can do: as kept on disk, or else measured now."""
    kept = object_cache().load(_key())
    known = _read(kept.metadata.get("limits", "")) if kept is not None else None
    return _kept_anew() if known is None else known


def measure_again() -> None:
    """Forget what was measured, perhaps while the machine did other work, and measure now."""
    _kept_anew()
    limits.cache_clear()


def _kept_anew() -> Limits:
    found = _measured(host_target())
    entry = CacheEntry(b"", {"limits": json.dumps(found.as_record())})
    object_cache().store(_key(), entry)
    return found


def _key() -> str:
    target = host_target()
    return content_key("limits", _VERSION, repr(target), *toolchain(target))


def _read(text: str) -> Limits | None:
    """Limits as they were written; None where it was not by this version."""
    try:
        levels, *flops = json.loads(text).values()
        return Limits(tuple((name, size, rate) for name, size, rate in levels), *flops)
    except (TypeError, ValueError):
        return None


def _measured(target: Target) -> Limits:
    caches = [(one.level, one.size_bytes) for one in target.caches if one.level > 1]
    levels = []
    for position, (level, size) in enumerate(caches):
        # A large cache has many users: what lies just outside the one before is surely in it.
        inner = caches[position - 1][1] if position else size
        levels.append((f"L{level}", size, _bandwidth(min(size // 2, 4 * inner))))
    last = caches[-1][1] if caches else target.cache_bytes(1)
    levels.append(("memory", 1 << 62, _bandwidth(min(max(4 * last, _LEAST), _MOST))))
    kinds: dict[str, np.dtype[Any]] = {"f32": np.dtype(np.float32), "f64": np.dtype(np.float64)}
    return Limits(
        tuple(levels),
        {name: _loop_flops(name, kind) for name, kind in kinds.items()},
        {name: _call_flops(name, kind) for name, kind in kinds.items()},
    )


def _bandwidth(size: int) -> float:
    count = max(1, size // (3 * 8))
    arrays = [np.ones(count), np.ones(count)]
    return max(moved for moved, _ in _rates(_SUM, arrays))


def _loop_flops(name: str, dtype: np.dtype[Any]) -> float:
    arrays = [np.ones(1 << 11, dtype)]
    return max(flops for _, flops in _rates(_polynomial(name), arrays))


def _call_flops(name: str, dtype: np.dtype[Any]) -> float:
    arrays = [np.ones((_SIDE, _SIDE), dtype) for _ in range(2)]
    return max(flops for _, flops in _rates(_PRODUCT.format(name), arrays))


def _rates(text: str, arrays: Sequence[NDArray[Any]]) -> Iterator[tuple[float, float]]:
    """Bytes and flops in a second, of each of some calls."""
    dtype, rank = arrays[0].dtype, arrays[0].ndim
    program = parse_program(text)
    compiled = compile_program(
        program, callees(), cache=object_cache(), profile=Stopwatch(), without=("threads",)
    )
    executable = Executable(
        compiled.address,
        [Input(one.name, dtype, rank) for one in program.parameters],
        [Output(dtype, rank)],
        keep_alive=compiled,
        single=True,
    )
    kinds = [region.kind for region in compiled.regions]
    timed = next(i for i, kind in enumerate(kinds) if kind in (RegionKind.LOOPS, RegionKind.CALL))
    row = compiled.counters[timed]
    executable.run(arrays)
    began, count = time.perf_counter(), 0
    while count < _RUNS or time.perf_counter() - began < _SECONDS:
        before = row.copy()
        executable.run(arrays)
        spent, count = row - before, count + 1
        seconds = max(1, int(spent[Counter.NANOSECONDS])) / 1e9
        yield int(spent[Counter.BYTES]) / seconds, int(spent[Counter.FLOPS]) / seconds
