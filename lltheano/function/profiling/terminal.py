"""A profile as text: a few lines on the whole, then tables of regions, ops and source lines."""

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from lltheano.config import config
from lltheano.function.profiling.limits import Limits
from lltheano.function.profiling.snapshot import Row, Snapshot, Total, by_line, by_op
from lltheano.function.profiling.words import (
    amount,
    duration,
    footnote,
    part,
    place,
    rate,
    region_title,
    source_text,
)

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_overview", "print_snapshot"]

_PLAIN_WIDTH = 120
"""How wide tables are where nobody says how wide the terminal is."""

_BAR = 10

_BARS = "▏"
"""What stands for the heading of a column of bars, which has none."""

_SPARED = (_BARS, "Gflop/s", "GB/s", "runs")
"""The columns that are left out where there is no room, in this order."""

_LEAST, _WANTED = 8, 20
"""The width that the widest text has at least, and that for which columns are left out."""

_GAP = 3
"""Between two columns."""


def print_snapshot(
    snapshot: Snapshot, limits: Limits, file: TextIO, *, ops: int = 20, regions: int = 20
) -> None:
    """Print a profile: so many ops and source lines, and so many regions, at most."""
    console = _console(file)
    _print_head(console, snapshot)
    if not snapshot.calls:
        console.print("  It has not been called yet.")
    else:
        _print_parts(console, snapshot)
        _print_regions(console, snapshot, limits, regions)
        _print_totals(console, "By op", by_op(snapshot), snapshot, ops)
        _print_lines(console, by_line(snapshot), snapshot, ops)
        if config.profile_memory:
            _print_memory(console, snapshot, regions)
        console.print(f"{footnote(snapshot.rows, limits)}\n", style="dim", soft_wrap=True)
    if config.profile_optimizer:
        _print_compilation(console, snapshot)


def print_overview(snapshots: Sequence[Snapshot], file: TextIO) -> None:
    """Print what several functions took, in one table."""
    total = sum(one.seconds for one in snapshots)
    columns = ("time", "", "calls", "each", "compiled in", "function")
    rows = [
        (
            duration(one.seconds),
            part(one.seconds, total),
            str(one.calls),
            duration(one.seconds / one.calls) if one.calls else "–",
            duration(sum(one.compile_seconds.values())),
            one.name,
        )
        for one in sorted(snapshots, key=lambda one: -one.seconds)
    ]
    _print_table(_console(file), "Functions", columns, rows)


def _console(file: TextIO) -> "Console":
    # Slow to import, and needed only here.
    from rich.console import Console  # noqa: PLC0415

    is_terminal = file.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _PLAIN_WIDTH
    return Console(
        file=file,
        highlight=False,
        markup=False,
        emoji=False,
        no_color=bool(os.environ.get("NO_COLOR")),
        width=min(max(width, 80), config.profiling.output_line_width),
    )


def _print_table(
    console: "Console",
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    last: int = 1,
    note: str = "",
) -> None:
    """Print a table of figures, but for the `last` columns, which are text, and a note under it.

    Figures are shown whole. Where the line is not wide enough, some columns are left out, and the
    widest text is cut.
    """
    # Slow to import, and needed only here.
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console.print(title, style="bold")
    table = Table(
        header_style="dim",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    columns, rows = _fitting(columns, rows, console.width, last)
    needed, widest, others = _widths(columns, rows, last)
    needed[widest] = min(needed[widest], max(_LEAST, console.width - others))
    first = len(columns) - last
    for position, (name, width) in enumerate(zip(columns, needed, strict=True)):
        is_text = position >= first or name == _BARS
        table.add_column(
            "" if name == _BARS else name,
            width=width,
            justify="left" if is_text else "right",
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if note:
        console.print(note)
    console.print()


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], last: int
) -> tuple[list[int], int, int]:
    """How wide columns would be, which text is the widest, and what all others take."""
    needed = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    first = len(columns) - last
    widest = needed.index(max(needed[first:]), first)
    return needed, widest, sum(needed) - needed[widest] + _GAP * (len(columns) - 1)


def _fitting(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, last: int
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns without those that can be spared, as far as there is no room for them."""
    for name in _SPARED:
        _, _, others = _widths(columns, rows, last)
        if others + _WANTED > width and name in columns:
            place = list(columns).index(name)
            columns, *rows = (
                [*one[:place], *one[place + 1 :]] for one in (list(columns), *map(list, rows))
            )
    return columns, rows


def _print_head(console: "Console", snapshot: Snapshot) -> None:
    console.print(f"Profile of {snapshot.name}", style="bold")
    compiled = sum(snapshot.compile_seconds.values())
    steps = ", ".join(f"{name} {duration(seconds)}" for name, seconds in _stages(snapshot).items())
    console.print(f"  compiled in {duration(compiled)}: {steps}", soft_wrap=True)


def _stages(snapshot: Snapshot) -> dict[str, float]:
    """The time of compiling by stage, which the names of steps begin with."""
    stages: dict[str, float] = {}
    for step, seconds in snapshot.compile_seconds.items():
        stage = step.partition(":")[0]
        stages[stage] = stages.get(stage, 0.0) + seconds
    return stages


def _print_parts(console: "Console", snapshot: Snapshot) -> None:
    calls, seconds = snapshot.calls, snapshot.seconds
    failed = f", {snapshot.failures} of them failed" if snapshot.failures else ""
    console.print(
        f"  {calls} call{'s' if calls != 1 else ''} in {duration(seconds)},"
        f" {duration(seconds / calls)} each{failed};"
        f" from {snapshot.threads} thread{'s' if snapshot.threads != 1 else ''},"
        f" {snapshot.cpu_seconds / seconds:.1f} cores busy",
        soft_wrap=True,
    )
    parts = (
        ("compiled code", snapshot.native_seconds),
        ("arguments and results", snapshot.other_seconds),
        ("waiting for locks", snapshot.waiting_seconds),
    )
    listed = ", ".join(f"{name} {part(value, seconds)}" for name, value in parts)
    console.print(f"  {listed}\n", soft_wrap=True)


def _print_regions(console: "Console", snapshot: Snapshot, limits: Limits, most: int) -> None:
    columns = ("time", "", _BARS, "runs", "each", "GB/s", "Gflop/s", "of limit", "what", "where")
    whole = snapshot.native_seconds
    rows = [row for row in snapshot.regions if row.calls]
    table = [
        (
            *_share(row.own_seconds, whole),
            str(row.calls),
            duration(row.own_seconds / row.calls),
            rate(row.bytes, row.seconds),
            rate(row.flops, row.seconds),
            _of_limit(row, limits),
            _titled(row, snapshot),
            _places(row),
        )
        for row in rows[:most]
    ]
    note = _rest([row.own_seconds for row in rows[most:]], whole)
    _print_table(console, "Where compiled code spends it", columns, table, 2, note)


def _rest(seconds: Sequence[float], whole: float) -> str:
    """What is said of rows that are not shown."""
    return f"and {len(seconds)} more, {part(sum(seconds), whole)} together" if seconds else ""


def _share(seconds: float, whole: float) -> tuple[str, str, str]:
    """A time, its part of the whole, and that as a bar."""
    return duration(seconds), part(seconds, whole), _bar(seconds, whole)


def _bar(value: float, whole: float) -> str:
    """A bar as long as the part is large, in eighths of a character."""
    eighths = round(8 * _BAR * value / whole) if whole else 0
    full, rest = divmod(min(eighths, 8 * _BAR), 8)
    return ("█" * full + " ▏▎▍▌▋▊▉"[rest].strip()).ljust(_BAR)


def _of_limit(row: Row, limits: Limits) -> str:
    found = limits.reached(row)
    return f"{min(found.part, 9.99):.0%} {found.limit}" if found else "–"


def _titled(row: Row, snapshot: Snapshot) -> str:
    """The title, with what a region is inside."""
    parent = row.region.parent
    outer = ""
    while parent is not None and snapshot.rows[parent].region.parent is not None:
        outer = f"{snapshot.rows[parent].region.kind.value} › {outer}"
        parent = snapshot.rows[parent].region.parent
    own = " (itself)" if row.own_seconds < row.seconds else ""
    return f"{outer}{region_title(row)}{own}"


def _places(row: Row) -> str:
    """Where it comes from, what does most first."""
    shares = sorted(row.region.shares, key=lambda one: -one.part)
    places = list(dict.fromkeys(filter(None, (place(one.location) for one in shares))))
    return places[0] + (f" +{len(places) - 1}" if len(places) > 1 else "") if places else ""


def _print_totals(
    console: "Console", title: str, totals: Sequence[Total], snapshot: Snapshot, most: int
) -> None:
    whole = snapshot.native_seconds
    rows = [(*_share(one.seconds, whole), str(one.calls), one.key) for one in totals[:most]]
    note = _rest([one.seconds for one in totals[most:]], whole)
    _print_table(console, title, ("time", "", _BARS, "runs", "op"), rows, note=note)


def _print_lines(
    console: "Console", totals: Sequence[Total], snapshot: Snapshot, most: int
) -> None:
    if not totals:
        return
    whole = snapshot.native_seconds
    rows = [
        (*_share(one.seconds, whole), place(one.location), source_text(one.location))
        for one in totals[:most]
        if one.location is not None
    ]
    note = _rest([one.seconds for one in totals[most:]], whole)
    _print_table(console, "By source line", ("time", "", _BARS, "line", "source"), rows, 2, note)


def _print_memory(console: "Console", snapshot: Snapshot, most: int) -> None:
    least = config.profiling.min_memory_size
    rows = sorted(snapshot.rows, key=lambda row: -row.allocated)
    total = sum(row.allocated for row in rows)
    console.print(
        f"Temporaries and results: {amount(total / snapshot.calls, 'B')} a call", style="bold"
    )
    for row in rows[:most]:
        each = row.allocated / snapshot.calls
        if each >= max(least, 1):
            console.print(f"  {amount(each, 'B'):>9}  {region_title(row)}", soft_wrap=True)
    console.print()


def _print_compilation(console: "Console", snapshot: Snapshot) -> None:
    total = sum(snapshot.compile_seconds.values())
    rows = [(*_share(seconds, total), step) for step, seconds in snapshot.compile_seconds.items()]
    _print_table(console, "Compiling", ("time", "", _BARS, "step"), rows)
