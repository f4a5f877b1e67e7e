"""`python -m fuzz`: look for faults for some minutes, or try a saved case again.

    python -m fuzz --minutes 5
    python -m fuzz --minutes 1 --target native --target passes --seed 7
    python -m fuzz --replay fuzz/corpus/native-1a2b3c4d.ir

The last line sums up. The exit status is 0 when nothing was found, 1 when something was (each case
is then in fuzz/corpus, as small as it could be made), 2 for a wrong command line.
"""

import secrets
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fuzz.campaign import CORPUS, Finding, campaign, replay
from fuzz.targets import TARGETS

__all__ = ["main"]


@click.command(help=(__doc__ or "").partition("\n\n")[0])
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True
)
@click.option("--seed", type=click.IntRange(min=0), help="Where to begin; by default by chance.")
@click.option(
    "--target",
    "names",
    multiple=True,
    type=click.Choice(list(TARGETS)),
    help="What to fuzz, several times for several; by default everything.",
)
@click.option(
    "--replay",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try one saved case again instead.",
)
@click.option(
    "--corpus",
    type=click.Path(file_okay=False, path_type=Path),
    default=CORPUS,
    help="Where failing cases are kept.",
)
def main(
    minutes: float, seed: int | None, names: tuple[str, ...], path: Path | None, corpus: Path
) -> None:
    if path is not None:
        replay(path)
        print(f"{path}: no fault")
        return
    start = secrets.randbelow(2**32) if seed is None else seed
    begun = time.monotonic()
    cases, findings = _watched(names or tuple(TARGETS), start, 60 * minutes, corpus)
    for one in findings:
        print(f"\n{one.target}: {one.path}\n{one.message}")
    spent = (time.monotonic() - begun) / 60
    targets = len(names or TARGETS)
    print(
        f"fuzz: {targets} target{'s'[: targets != 1]}, {cases:,} cases in {spent:.1f} min, "
        f"{len(findings)} failure{'s'[: len(findings) != 1]} (seed {start})"
    )
    raise SystemExit(bool(findings))


def _watched(
    names: tuple[str, ...], seed: int, seconds: float, corpus: Path
) -> tuple[int, list[Finding]]:
    """Run a campaign under a line that shows how far it is."""
    columns = (
        TextColumn("{task.fields[target]:<12}"),
        BarColumn(),
        TextColumn("{task.fields[cases]:>8,} cases, {task.fields[failures]} failures"),
        TimeRemainingColumn(),
    )
    total, findings = 0, []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=seconds, target="", cases=0, failures=0)
        begun = time.monotonic()
        for news in campaign(names, seed, seconds, corpus):
            if news.finding is not None:
                findings.append(news.finding)
            total = news.cases
            progress.update(
                task,
                completed=time.monotonic() - begun,
                target=news.target,
                cases=total,
                failures=len(findings),
            )
    return total, findings


if __name__ == "__main__":
    main()
