"""Two files of results: `python -m tests.benchmarks.compare before.json after.json`.

The yardstick is NumPy, which ran beside LLTheano in both runs: what counts is how the ratio of the
two changed, so that a machine that was busier in one of the runs changes little. A case is slower,
or faster, where the quartiles of its ratio before and after lie apart. Exit status 1: some case is
slower.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Comparison
from tests.benchmarks.results import Results

__all__ = ["Change", "Verdict", "changes", "main"]


class Verdict(StrEnum):
    """What became of a case."""

    SLOWER = "slower"
    FASTER = "faster"
    WITHIN_NOISE = "within noise"


@dataclass(frozen=True)
class Change:
    """A case's figures before and after."""

    name: str
    before: Comparison
    after: Comparison

    @property
    def speedup(self) -> float:
        """How much faster than before, with NumPy's time as the unit of both."""
        return self.after.ratio / self.before.ratio

    @property
    def verdict(self) -> Verdict:
        """Whether the change is beyond the noise of both runs."""
        if self.after.high < self.before.low:
            return Verdict.SLOWER
        if self.after.low > self.before.high:
            return Verdict.FASTER
        return Verdict.WITHIN_NOISE


def changes(before: Results, after: Results) -> Iterator[Change]:
    """Of the cases that both have, the one that lost most first."""
    both = [
        Change(name, old, after.cases[name])
        for name, old in before.cases.items()
        if name in after.cases
    ]
    yield from sorted(both, key=lambda one: one.speedup)


def _table(found: list[Change]) -> Table:
    table = Table("case", "before us", "after us", "speedup", "")
    for one in found:
        figures = (f"{one.before.ours:.2f}", f"{one.after.ours:.2f}", f"{one.speedup:.2f}")
        table.add_row(one.name, *figures, one.verdict)
    return table


@click.command()
@click.argument("before", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(before: Path, after: Path) -> None:
    """Say which cases became slower or faster between two files of results."""
    old, new = Results.read(before), Results.read(after)
    console = Console()
    if old.machine != new.machine:
        console.print("measured on two machines, or with other versions of libraries")
    found = list(changes(old, new))
    if not found:
        raise click.ClickException("The two files have no case in common.")
    console.print(_table(found))
    for name in sorted(old.cases.keys() ^ new.cases.keys()):
        console.print(f"in one of the files only: {name}", markup=False)
    sys.exit(any(one.verdict is Verdict.SLOWER for one in found))


if __name__ == "__main__":
    main()
