"""`lltheano theano`: run a program that was written for Theano, or say what it lacks."""

import re
import runpy
import sys
from pathlib import Path

import click

from lltheano.cli.errors import FAILED, CommandError, file_error
from lltheano.compat import install_as_theano
from lltheano.compat.checking import missing_names
from lltheano.compat.numpy_names import provide_removed_names

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano theano train.py --epochs 10      as `python train.py --epochs 10`
  lltheano theano --check train.py          the names of Theano's that are not here
  lltheano theano --numpy1 train.py         with np.float, np.bool, ... as NumPy 1 had them
"""

_PYTHON_2 = re.compile(
    r"^\s*print\s+[^(\s=]|^\s*print\s*$|except\s+[\w.]+\s*,\s*\w+\s*:|\bxrange\s*\(|^\s*exec\s+[\"']"
    r"|\.has_key\(|\braise\s+\w+\s*,\s",
    re.MULTILINE,
)


@click.command(
    "theano",
    epilog=EPILOG,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--check", is_flag=True, help="Say which names are not here, and do not run it.")
@click.option("--numpy1", is_flag=True, help="Provide names that NumPy 2 has no more.")
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT...]")
def command(script: Path, arguments: tuple[str, ...], check: bool, numpy1: bool) -> None:
    """Run SCRIPT, written for Theano, as `python SCRIPT ARGUMENT...` would."""
    _require_python(script)
    if check:
        _report(script)
        return
    if numpy1:
        provide_removed_names()
    install_as_theano()
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    _run(str(script))


def _run(script: str) -> None:
    """Run the program; of what it raises its own frames are shown, as Python shows them."""
    try:
        runpy.run_path(script, run_name="__main__")
    except Exception as error:  # noqa: BLE001 - whatever the program raises
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename != script:
            frames = frames.tb_next
        shown = error.with_traceback(frames or error.__traceback__)
        sys.excepthook(type(error), shown, shown.__traceback__)
        raise SystemExit(1) from None


def _require_python(script: Path) -> None:
    """CommandError for a file that cannot be read or is no Python, with a hint at Python 2."""
    try:
        source = script.read_bytes()
    except OSError as error:
        raise file_error("read", str(script), error) from None
    try:
        compile(source, str(script), "exec")
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        hint = ""
        if _PYTHON_2.search(source.decode(errors="replace")):
            hint = (
                "\nit looks like Python 2; `2to3 -w`, which comes with Python up to 3.12, rewrites"
                " such a program"
            )
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise CommandError(f"{script}{line}: {reason}{hint}") from None


def _report(script: Path) -> None:
    """Print what is missing; exit with 1 if anything is."""
    try:
        missing = missing_names(script)
    except SyntaxError as error:
        raise CommandError(f"{error.filename}, line {error.lineno}: {error.msg}") from None
    for one in missing:
        click.echo(f"{one.path}:{one.line}: {one.why}")
    if missing:
        sys.exit(FAILED)
    click.echo(f"{script}: every name of Theano's that it uses is here")
