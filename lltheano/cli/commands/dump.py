"""`lltheano dump`: what the compiler made of the functions of a script, at any stage."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from lltheano.cli.errors import FAILED, CommandError
from lltheano.cli.programs.differences import unified
from lltheano.cli.programs.explain import as_records, print_decisions
from lltheano.cli.programs.passes import Step, compile_steps
from lltheano.cli.programs.script import Found, run_script, split_target
from lltheano.cli.programs.source import format_ir
from lltheano.cli.terminal import heading, print_code, print_json
from lltheano.config import config

__all__ = ["command"]

STAGES: Final = ("graph", "source", "tensor", "loops", "llvm", "llvm-opt", "asm")

EPILOG = """\b
Examples:
  lltheano dump train.py                               tensor IR of every function
  lltheano dump train.py:step --stage asm              assembly of one
  lltheano dump train.py:step --after fuse             the IR after a pass
  lltheano dump train.py:step --after inplace --diff   what that pass changed
  lltheano dump train.py --explain                     what is in place, fused, shared, and why
  lltheano dump train.py --stage llvm -- --epochs 1    arguments for the script
"""


@click.command(epilog=EPILOG)
@click.argument("target", metavar="FILE.py[:NAME]")
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENT...]")
@click.option(
    "-s",
    "--stage",
    type=click.Choice(STAGES),
    help="What to print; tensor by default. source is the tensor IR before the passes.",
)
@click.option("--after", metavar="PASS", help="Print the IR as it was after this pass.")
@click.option(
    "--diff",
    is_flag=True,
    help="Print what the pass of --after changed, or each pass (of --stage).",
)
@click.option("--explain", is_flag=True, help="Print the compiler's decisions with their reasons.")
@click.option("--verify", is_flag=True, help="Verify both IRs after each pass of the compiler.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(
    target: str,
    arguments: tuple[str, ...],
    stage: str | None,
    after: str | None,
    diff: bool,
    explain: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Print a compiler stage of the functions in a script.

    The script is run as `python FILE.py` would run it; what it prints goes to standard error. NAME
    is a variable of the script that holds a function (step, or model.step), or a function's own
    name=. Without it all functions are printed, in the order in which they were made.
    """
    show = _shower(stage, after, diff, explain)
    path, name = split_target(target)
    with config.change_flags(verify_passes=verify or config.verify_passes):
        run = run_script(path, arguments)
    selected = run.select(name)
    if as_json:
        print_json({"file": path, "functions": [_record(one, show(one)) for one in selected]})
    else:
        _print_all(selected, show)
    if run.failed:
        sys.exit(FAILED)


View = tuple[str, Any]
"""What kind of thing is shown ("diff", "decisions" or a stage) and the thing."""


def _shower(
    stage: str | None, after: str | None, diff: bool, explain: bool
) -> Callable[[Found], View]:
    """How to look at a function, by the options; UsageError when they contradict each other."""
    if explain and (stage or after or diff):
        raise click.UsageError(
            "--explain prints decisions, and goes with none of --stage, --after, --diff"
        )
    if stage and after:
        raise click.UsageError("--after chooses the IR itself: leave --stage out")
    if diff and stage not in (None, "tensor", "loops"):
        raise click.UsageError("--diff shows passes, which work on --stage tensor and loops")
    if explain:
        return lambda selected: ("decisions", selected.function.decisions)
    if diff:
        return lambda selected: ("diff", _differences(selected, stage, after))
    if after:
        return lambda selected: _after(selected, after)
    chosen = stage or "tensor"
    return lambda selected: (chosen, selected.function.stages[chosen])


def _after(function: Found, name: str) -> View:
    step = _step(_steps(function), name)
    return step.stage, format_ir(step.after)


def _differences(function: Found, stage: str | None, after: str | None) -> str:
    steps = _steps(function)
    if after:
        return unified(_step(steps, after))
    chosen = [step for step in steps if stage in (None, step.stage)]
    return "".join(unified(one) for one in chosen)


def _steps(function: Found) -> list[Step]:
    compiled = function.function.compiled
    return compile_steps(compiled.source, compiled.target, without=compiled.without)


def _step(steps: Sequence[Step], name: str) -> Step:
    """The last application of a pass."""
    for step in reversed(steps):
        if step.name == name:
            return step
    known = ", ".join(dict.fromkeys(one.name for one in steps))
    raise CommandError(f"no such pass: {name!r}; the passes are {known}", code=2)


def _print_all(functions: Sequence[Found], show: Callable[[Found], View]) -> None:
    for position, one in enumerate(functions):
        kind, content = show(one)
        if len(functions) > 1:
            comment = "#" if kind in ("graph", "asm") else ";"
            heading(f"{'' if position == 0 else chr(10)}{comment} {one.name}: {one.function!r}")
        if kind == "decisions":
            print_decisions(content)
        else:
            print_code(content, kind)


def _record(function: Found, view: View) -> dict[str, Any]:
    kind, content = view
    about = {"name": function.name, "function": repr(function.function)}
    if kind == "decisions":
        return {**about, "decisions": as_records(content)}
    return {**about, "stage": kind, "text": content}
