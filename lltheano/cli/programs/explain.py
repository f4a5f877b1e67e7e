"""The compiler's decisions, for people and for programs."""

import sys
from collections.abc import Sequence
from typing import Any

from lltheano.cli.terminal import console, has_colour
from lltheano_ir.decisions import Decision

__all__ = ["as_records", "print_decisions"]


def as_records(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The decisions as JSON's kinds of value."""
    return [
        {
            "stage": decision.stage,
            "subject": decision.subject,
            "taken": decision.taken,
            "reason": decision.reason,
            "location": str(decision.location) if decision.location is not None else None,
        }
        for decision in decisions
    ]


def print_decisions(decisions: Sequence[Decision]) -> None:
    """Print one decision a line in aligned columns; on a terminal as a table that folds reasons."""
    if not decisions:
        sys.stdout.write("nothing to decide\n")
    elif has_colour():
        _print_table(decisions)
    else:
        sys.stdout.write("".join(_aligned([_cells(decision) for decision in decisions])))


def _cells(decision: Decision) -> tuple[str, str, str, str]:
    location = f"  [{decision.location}]" if decision.location is not None else ""
    verdict = "yes" if decision.taken else "no"
    return decision.stage, decision.subject, verdict, f"{decision.reason}{location}"


def _aligned(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:3]
    return ["  ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() + "\n" for row in rows]


def _print_table(decisions: Sequence[Decision]) -> None:
    # Slow to import, and not needed for plain output.
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table("decision", "about", "", "reason", box=None, pad_edge=False, header_style="bold")
    for decision in decisions:
        stage, subject, verdict, reason = _cells(decision)
        colour = "green" if decision.taken else "yellow"
        table.add_row(stage, Text(subject, "cyan"), Text(verdict, colour), reason)
    console().print(table)
