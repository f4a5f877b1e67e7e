"""`lltheano demo`: softmax regression on real digits, from the graph to the picture."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lltheano.cli.errors import CommandError, file_error
from lltheano.cli.terminal import console, has_colour, is_terminal, print_json, warn
from lltheano.data import DamagedDataError
from lltheano.demo.digits import TEST, TRAIN, VALIDATE
from lltheano.demo.drawing import can_draw, check_path, draw
from lltheano.demo.sketch import colour_weights, plot_costs, shade_weights
from lltheano.demo.training import Epoch, Outcome, Setup, learn, set_up

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano demo                      learn, and draw in the terminal
  lltheano demo --plot digits.png    draw a picture instead (needs matplotlib)
  lltheano demo --json --no-plot     numbers for programs

The program itself is lltheano/demo/digits.py, which is meant to be read.
"""

_WIDEST = 110
"""Columns that a drawing takes at most."""


@click.command(epilog=EPILOG)
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the split; 0 by default.")
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=1000,
    help="The most passes over the training rows; 1000 by default.",
)
@click.option(
    "-o",
    "--plot",
    "--output",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png",
    help="Draw there instead of in the terminal.",
)
@click.option("--no-plot", is_flag=True, help="Do not draw.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def command(seed: int, epochs: int, picture: Path | None, no_plot: bool, as_json: bool) -> None:
    """Learn to read 1,797 handwritten digits by softmax regression.

    Learning stops when the cost in rows set apart for that stops falling. The test rows are looked
    at once, after that.
    """
    if no_plot and picture is not None:
        raise click.UsageError("--no-plot and --plot contradict each other")
    if picture is not None and not can_draw():
        warn("matplotlib is not installed (pip install 'lltheano[plot]'); drawing as text instead")
        picture = None
    if picture is not None:
        with _picture_errors(picture):
            check_path(picture)
    say = _silent if as_json else click.echo
    try:
        setup = set_up(seed)
    except DamagedDataError as error:
        raise CommandError(str(error)) from None
    _tell_setup(setup, say)
    with _progress(epochs, wanted=not as_json) as report:
        outcome = learn(setup, epochs, report)
    _tell_outcome(outcome, say)
    if picture is not None:
        with _picture_errors(picture):
            draw(outcome, picture)
        say(f"\nloss curve and weights: {picture}")
    elif not no_plot and not as_json:
        _sketch(outcome)
    if as_json:
        print_json(_record(seed, setup, outcome, picture))


def _silent(_: str) -> None:
    """Say nothing."""


def _tell_setup(setup: Setup, say: Callable[[str], object]) -> None:
    rows = sum(map(len, (TRAIN, VALIDATE, TEST)))
    say(
        f"{rows:,} digits of 8 by 8 pixels: {len(TRAIN):,} to learn from, {len(VALIDATE)} to know"
        f" when to stop, {len(TEST)} to test"
    )
    notes = {"start-up": "LLVM and the run time, once in a process", "train": "", "evaluate": ""}
    for name, seconds in setup.compile_seconds.items():
        what = name if name == "start-up" else f"compile {name}"
        say(f"  {what:<18}{1e3 * seconds:8.1f} ms  {notes[name]}".rstrip())


def _tell_outcome(outcome: Outcome, say: Callable[[str], object]) -> None:
    best = outcome.best
    misread = round(outcome.test_error * len(TEST))
    say(
        f"{len(outcome.epochs)} epochs, {1e3 * outcome.seconds_per_epoch:.2f} ms each;"
        f" weights kept: those of epoch {best.number}"
    )
    say(f"  {'training cost':<18}{best.train_cost:8.4f}")
    say(f"  {'validation cost':<18}{best.validation_cost:8.4f}")
    say(f"  {'validation error':<18}{100 * best.validation_error:8.1f} %")
    say(f"  {'test error':<18}{100 * outcome.test_error:8.1f} %  {misread} of {len(TEST)} misread")


@contextmanager
def _progress(epochs: int, *, wanted: bool) -> Iterator[Callable[[Epoch], object]]:
    """A progress bar on standard error, if that is a terminal."""
    if not wanted or not is_terminal(sys.stderr):
        yield lambda epoch: None
        return
    # Slow to import, and not needed for plain output.
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("epoch {task.completed}"),
        BarColumn(bar_width=None),
        TextColumn("cost {task.fields[cost]:.4f}  validation error {task.fields[error]:.1f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("learning", total=epochs, cost=float("nan"), error=float("nan"))
        yield lambda epoch: bar.update(
            task,
            completed=epoch.number,
            cost=epoch.validation_cost,
            error=100 * epoch.validation_error,
        )


@contextmanager
def _picture_errors(picture: Path) -> Iterator[None]:
    """Tell what is wrong with the file of a picture."""
    try:
        yield
    except OSError as error:
        raise file_error("write", str(picture), error) from None
    except ValueError as error:
        raise CommandError(f"cannot draw {picture}: {error}") from None


def _sketch(outcome: Outcome) -> None:
    width = min(_WIDEST, shutil.get_terminal_size().columns)
    click.echo("\ncost by epoch: ● training, ○ validation")
    click.echo("\n".join(plot_costs(outcome, width)))
    if has_colour():
        click.echo("\nweights: red pixels speak for the digit, blue ones against it")
        console().print(colour_weights(outcome.W, width), soft_wrap=True, end="")
    else:
        click.echo("\nweights: dark pixels speak for the digit")
        click.echo("\n".join(shade_weights(outcome.W, width)))


def _record(seed: int, setup: Setup, outcome: Outcome, picture: Path | None) -> dict[str, Any]:
    return {
        "seed": seed,
        "rows": {"train": len(TRAIN), "validate": len(VALIDATE), "test": len(TEST)},
        "compile_seconds": setup.compile_seconds,
        "seconds_per_epoch": outcome.seconds_per_epoch,
        "epochs": [asdict(epoch) for epoch in outcome.epochs],
        "best_epoch": outcome.best.number,
        "validation_error": outcome.best.validation_error,
        "test_cost": outcome.test_cost,
        "test_error": outcome.test_error,
        "picture": str(picture) if picture is not None else None,
    }
