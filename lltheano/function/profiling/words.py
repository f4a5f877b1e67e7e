"""Figures in words: times, bytes, rates, parts of a whole, places in the source."""

import linecache
import os
from collections.abc import Iterable
from pathlib import Path

from lltheano.function.profiling.limits import Limits
from lltheano.function.profiling.snapshot import Row
from lltheano_ir.profiling.regions import RegionKind
from lltheano_ir.provenance import Location

__all__ = ["amount", "duration", "footnote", "part", "place", "rate", "region_title", "source_text"]

_SURE = 1.15
"""A limit that is passed by more was measured while the machine did other work."""

_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns"))
_AMOUNTS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def duration(seconds: float) -> str:
    """A time with three digits.

    >>> duration(0.0123), duration(7.5), duration(0)
    ('12.3 ms', '7.5 s', '0 ns')
    """
    least, unit = next(one for one in _TIMES if seconds >= one[0])
    return f"{_three_digits(seconds / (least or 1e-9))} {unit}"


def amount(count: float, unit: str) -> str:
    """A number with three digits and its unit.

    >>> amount(1234567, "B"), amount(12, "B")
    ('1.23 MB', '12 B')
    """
    least, prefix = next((one for one in _AMOUNTS if count >= one[0]), (1.0, ""))
    return f"{_three_digits(count / least)} {prefix}{unit}"


def _three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def part(value: float, whole: float) -> str:
    """A part of a whole in percent.

    >>> part(1, 8), part(1, 0)
    ('12.5%', '–')
    """
    return f"{100 * value / whole:.1f}%" if whole else "–"


def rate(count: int | None, seconds: float) -> str:
    """Thousands of millions in a second; a dash where there is nothing to say."""
    return _three_digits(count / seconds / 1e9) if count and seconds else "–"


def place(location: Location | None) -> str:
    """A file and line, as short as the current folder allows; nothing where it is not known."""
    if location is None:
        return ""
    path = location.file
    if Path(path).is_absolute():
        near = os.path.relpath(path)
        path = near if not near.startswith("..") else Path(path).name
    return f"{path}:{location.line}"


def source_text(location: Location) -> str:
    """The line itself; empty where its file cannot be read."""
    return linecache.getline(location.file, location.line).strip()


def region_title(row: Row) -> str:
    """What a region is, in words: a loop by its ops, a call by what is called."""
    title = row.region.title
    match row.region.kind:
        case RegionKind.CALL:
            return f"{title}()"
        case RegionKind.FUNCTION:
            return f"@{title}()"
        case RegionKind.PYTHON:
            return f"Python: {title}"
        case _:
            return title


def footnote(rows: Iterable[Row], limits: Limits) -> str:
    """What has to be known of the figures."""
    beyond = any(found.part > _SURE for found in map(limits.reached, rows) if found)
    again = " Some loops did better: measure again with `lltheano profile --measure`."
    return (
        "The time of a fused loop is shared out among its ops by what they declare to cost."
        f" Limits of this machine, as measured: {limits}.{again if beyond else ''}"
    )
