"""`lltheano profile`: where the time of a script's compiled functions goes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lltheano.cli.errors import FAILED, CommandError, file_error
from lltheano.cli.programs.script import Found, run_script, split_target
from lltheano.cli.terminal import print_json
from lltheano.compat import install_as_theano, uninstall_as_theano
from lltheano.config import config
from lltheano.function.profiling.limits import limits, measure_again
from lltheano.function.profiling.page import page
from lltheano.function.profiling.snapshot import Snapshot
from lltheano.function.profiling.terminal import print_overview, print_snapshot

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano profile train.py                       every function that the script calls
  lltheano profile train.py:step                  one of them
  lltheano profile train.py --html train.html     a flame graph, to be opened in a browser
  lltheano profile train.py --json > train.json   all figures, for programs
  lltheano profile train.py --also passes         compile time by pass, too
  lltheano profile --theano old.py -- --epochs 1  a program for Theano, with its arguments
"""


@click.command(epilog=EPILOG)
@click.argument("target", metavar="FILE.py[:NAME]")
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENT...]")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a flame graph, with all figures, as one HTML file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=15,
    show_default=True,
    help="How many rows each table has at most.",
)
@click.option(
    "--also",
    type=click.Choice(["passes", "memory"]),
    multiple=True,
    help="List each step of compiling too, or what memory is taken.",
)
@click.option("--theano", is_flag=True, help="Run the script under Theano's own names.")
@click.option("--measure", is_flag=True, help="Measure this machine's limits again.")
def command(
    target: str,
    arguments: tuple[str, ...],
    html: Path | None,
    as_json: bool,
    top: int,
    also: tuple[str, ...],
    theano: bool,
    measure: bool,
) -> None:
    """Show where the time of a script's compiled functions goes.

    The script is run as `python FILE.py` would run it; what it prints goes to standard error. Each
    function that it makes is compiled with clocks between its loops and calls, and counts what it
    does. NAME is a variable of the script that holds a function, or a function's own name=.
    """
    path, name = split_target(target)
    with config.change_flags(profile=True), _names(theano):
        run = run_script(path, arguments)
    for made in run.functions:
        if made.function.profile is not None:
            made.function.profile.atexit_print = False
    found = _profiles(run.select(name))
    called = [one for one in found if one.calls]
    if measure:
        measure_again()
    if as_json:
        records = [one.as_record() for one in found]
        print_json({"file": path, "limits": limits().as_record(), "functions": records})
    elif called:
        shown = {"profile_optimizer": "passes" in also, "profile_memory": "memory" in also}
        with config.change_flags(**shown):
            _print(called, top)
    else:
        raise CommandError(f"{path} called none of its compiled functions")
    if html is not None:
        _write(html, called)
    if run.failed:
        sys.exit(FAILED)


@contextmanager
def _names(theano: bool) -> Iterator[None]:
    """While a script runs, let `import theano` find this package, if that is wanted."""
    if theano:
        install_as_theano()
    try:
        yield
    finally:
        if theano:
            uninstall_as_theano()


def _profiles(functions: tuple[Found, ...]) -> list[Snapshot]:
    """The profiles of functions, each once, those that took longest first."""
    profiles = dict.fromkeys(one.function.profile for one in functions)
    found = (one.snapshot() for one in profiles if one is not None)
    return sorted(found, key=lambda one: -one.seconds)


def _print(called: list[Snapshot], top: int) -> None:
    if len(called) > 1:
        print_overview(called, sys.stdout)
    for one in called:
        print_snapshot(one, limits(), sys.stdout, ops=top, regions=top)


def _write(path: Path, called: list[Snapshot]) -> None:
    try:
        path.write_text(page(called, limits()), encoding="utf-8")
    except OSError as error:
        raise file_error("write", str(path), error) from None
    sys.stderr.write(f"lltheano: wrote {path}\n")
