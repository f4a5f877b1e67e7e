"""`lltheano doctor`: what this installation stands on, and what is broken."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from lltheano.cli.diagnosis.examine import BROKEN, OK, Finding, examine
from lltheano.cli.errors import FAILED
from lltheano.cli.terminal import has_colour, heading, print_json

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano doctor                        for people
  lltheano doctor --json                 for bug reports and programs
"""

_COLOURS = {OK: None, BROKEN: "red"}


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(as_json: bool) -> None:
    """Show versions, processor, BLAS, cache and settings, and try a compiled function.

    The exit code is 1 when something is broken.
    """
    findings = list(examine())
    broken = [finding for finding in findings if finding.state == BROKEN]
    if as_json:
        print_json(_record(findings))
    else:
        _print(findings)
        _print_verdict(broken)
    if broken:
        sys.exit(FAILED)


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(finding.name) for finding in findings)
    section = ""
    for finding in findings:
        if finding.section != section:
            section = finding.section
            heading(section)
        mark = "" if finding.state == OK else f"  <- {finding.state}"
        line = f"  {finding.name:<{width}}  {finding.text}{mark}"
        sys.stdout.write(_coloured(line, finding.state) + "\n")
        for hint in filter(None, [finding.hint]):
            sys.stdout.write(f"  {'':<{width}}  {hint}\n")


def _coloured(line: str, state: str) -> str:
    colour = _COLOURS.get(state, "yellow")
    return click.style(line, fg=colour) if colour and has_colour() else line


def _print_verdict(broken: Sequence[Finding]) -> None:
    if broken:
        listed = ", ".join(f"{one.section}: {one.name}" for one in broken)
        sys.stdout.write(_coloured(f"broken: {listed}", BROKEN) + "\n")
    else:
        verdict = "everything works"
        sys.stdout.write((click.style(verdict, fg="green") if has_colour() else verdict) + "\n")


def _record(findings: Sequence[Finding]) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {}
    for finding in findings:
        sections.setdefault(finding.section, {})[finding.name] = finding.value
    problems = [
        {
            "section": finding.section,
            "name": finding.name,
            "state": finding.state,
            "hint": finding.hint,
        }
        for finding in findings
        if finding.state != OK
    ]
    healthy = all(finding.state != BROKEN for finding in findings)
    return {"healthy": healthy, "problems": problems, **sections}
