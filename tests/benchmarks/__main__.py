"""Run every case, print the table, and keep it in docs/benchmarks/results.md."""

import platform
import tempfile
from datetime import date
from pathlib import Path

import llvmlite
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lltheano_ir.loops.traffic import Traffic, memory_traffic
from lltheano_ir.native.target import host_target
from tests.benchmarks.cases import CASES, chain, multiply_add
from tests.benchmarks.latency import compile_milliseconds, import_milliseconds
from tests.benchmarks.measure import Comparison, compare

RESULTS = Path(__file__).parents[2] / "docs" / "benchmarks" / "results.md"


def _rows() -> list[tuple[str, Comparison]]:
    rows = []
    for case in track(CASES, description="timing"):
        trial = case.make()
        rows.append((case.name, compare(trial.ours, trial.peer)))
    return rows


def _latencies() -> list[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        cold = compile_milliseconds(Path(folder), cached=False)
        cached = compile_milliseconds(Path(folder), cached=True)
    return [
        ("compile the accumulator, cold, first in the process", cold),
        ("compile the accumulator, from the cache, first in the process", cached),
        ("import lltheano over import numpy", import_milliseconds()),
    ]


def _passes() -> list[tuple[str, Traffic]]:
    """What the fused expressions move, for arrays of a million doubles."""
    shapes = {f"x{number}": (1_000_000,) for number in range(4)}
    found = []
    for name, case in (("a*b+c", multiply_add), ("tanh-exp-sin", chain)):
        module = case(1, "float64").function.compiled.loops
        found.append((name, memory_traffic(module, shapes)))
    return found


def _markdown(rows: list[tuple[str, Comparison]], latencies: list[tuple[str, float]]) -> str:
    machine = f"{platform.machine()}, {host_target().cpu}, {platform.python_version()}"
    versions = f"NumPy {np.__version__}, llvmlite {llvmlite.__version__}"
    lines = [
        "# Results",
        "",
        f"Made by `python -m tests.benchmarks` on {date.today()} ({machine}; {versions}).",
        "Microseconds a call, the median of 15 interleaved repeats; the ratio is NumPy over",
        "LLTheano, repeat by repeat, with its quartiles. On another day, or another machine,",
        "only the ratios within a row mean anything.",
        "",
        "| case | LLTheano | NumPy | ratio | quartiles |",
        "|---|---:|---:|---:|---|",
    ]
    for name, one in rows:
        figures = (
            f"{one.ours:.2f} | {one.peer:.2f} | {one.ratio:.2f} | {one.low:.2f}-{one.high:.2f}"
        )
        lines.append(f"| {name} | {figures} |")
    lines += ["", "| latency, the least of 5 processes | milliseconds |", "|---|---:|"]
    lines += [f"| {name} | {value:.1f} |" for name, value in latencies]
    lines += [
        "",
        "Bytes that a fused expression moves for each element of its arrays of doubles, counted",
        "in its loops: one pass over memory, with no temporary.",
        "",
        "| expression | read | written |",
        "|---|---:|---:|",
    ]
    lines += [
        f"| {name} | {one.read // 1_000_000} | {one.written // 1_000_000} |"
        for name, one in _passes()
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    """Time everything; a few minutes."""
    rows, latencies = _rows(), _latencies()
    table = Table("case", "LLTheano us", "NumPy us", "ratio", "quartiles")
    for name, one in rows:
        spread = f"{one.low:.2f}-{one.high:.2f}"
        table.add_row(name, f"{one.ours:.2f}", f"{one.peer:.2f}", f"{one.ratio:.2f}", spread)
    for name, value in latencies:
        table.add_row(name, f"{value:.1f} ms", "", "", "")
    Console().print(table)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(_markdown(rows, latencies), encoding="utf-8")


if __name__ == "__main__":
    main()
