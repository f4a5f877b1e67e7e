"""Run cases, print the table, and keep it: all of them in docs/benchmarks/results.md."""

import tempfile
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lltheano_ir.loops.traffic import Traffic, memory_traffic
from tests.benchmarks.cases import CASES, Case, chain, multiply_add
from tests.benchmarks.latency import compile_milliseconds, import_milliseconds
from tests.benchmarks.measure import Comparison, compare
from tests.benchmarks.results import Results, machine

RESULTS = Path(__file__).parents[2] / "docs" / "benchmarks" / "results.md"


def _chosen(patterns: tuple[str, ...]) -> list[Case]:
    return [case for case in CASES if any(fnmatchcase(case.name, one) for one in patterns)]


def _rows(cases: list[Case]) -> list[tuple[str, Comparison]]:
    rows = []
    for case in track(cases, description="timing"):
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
    known = ", ".join(f"{name} {value}" for name, value in machine().items())
    lines = [
        "# Results",
        "",
        f"Made by `python -m tests.benchmarks` on {date.today()} ({known}).",
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


def _table(rows: list[tuple[str, Comparison]]) -> Table:
    table = Table("case", "LLTheano us", "NumPy us", "ratio", "quartiles")
    for name, one in rows:
        spread = f"{one.low:.2f}-{one.high:.2f}"
        table.add_row(name, f"{one.ours:.2f}", f"{one.peer:.2f}", f"{one.ratio:.2f}", spread)
    return table


@click.command()
@click.option(
    "--cases", "patterns", multiple=True, help="Names of cases, with * and ?; more than once too."
)
@click.option(
    "--json",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the figures in this file, for tests.benchmarks.compare.",
)
def main(patterns: tuple[str, ...], path: Path | None) -> None:
    """Time cases beside NumPy: every one, with latencies and the page of the docs, or the chosen.

    Everything takes a few minutes.
    """
    cases = _chosen(patterns or ("*",))
    if not cases:
        raise click.BadParameter("No case has such a name.", param_hint="--cases")
    rows = _rows(cases)
    table = _table(rows)
    if not patterns:
        latencies = _latencies()
        for name, value in latencies:
            table.add_row(name, f"{value:.1f} ms", "", "", "")
        RESULTS.write_text(_markdown(rows, latencies), encoding="utf-8")
    Console().print(table)
    if path is not None:
        Results(machine(), dict(rows)).write(path)


if __name__ == "__main__":
    main()
