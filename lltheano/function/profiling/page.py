"""A profile as a picture: a flame graph, and the figures beside it, in one HTML file.

The file needs nothing beside itself. Bars are buttons in boxes inside each other, each as wide as
the part of its box that it took, so that the picture fits any window, can be read with a keyboard
or a screen reader, and is a plain page where scripts do not run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from string import Template

from lltheano.function.profiling.limits import Limits
from lltheano.function.profiling.snapshot import Row, Snapshot, by_line, by_op
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
from lltheano_ir.profiling.regions import RegionKind, Share
from lltheano_ir.records import record

__all__ = ["page"]

_STYLES = {
    RegionKind.PROGRAM: "program",
    RegionKind.LOOPS: "loops",
    RegionKind.CALL: "call",
    RegionKind.FUNCTION: "function",
    RegionKind.PYTHON: "python",
    RegionKind.SCAN: "scan",
    RegionKind.BRANCH: "branch",
    RegionKind.SETUP: "setup",
}

_LEGEND = (
    ("program", "compiled code"),
    ("loops", "fused loop"),
    ("op", "op of a fused loop, estimated"),
    ("call", "library call"),
    ("scan", "scan"),
    ("branch", "branch"),
    ("function", "function of the program"),
    ("python", "Python call"),
    ("setup", "sizes, checks, memory"),
    ("outside", "arguments and results"),
    ("waiting", "waiting for locks"),
)

_PART = "of it"
"""The heading of a column of parts in percent, which are drawn too."""

_LEAST = 5e-4
"""The least part of the whole that is drawn."""

_NARROW = 0.012
"""Bars that have a smaller part of the whole have no room for words."""


@record(frozen=True, slots=True)
class _Frame:
    """A bar, and what is under it."""

    label: str
    style: str
    seconds: float
    details: str = ""
    inside: "tuple[_Frame, ...]" = ()


def page(snapshots: Sequence[Snapshot], limits: Limits) -> str:
    """The text of the page for the profiles of some functions."""
    called = sorted((one for one in snapshots if one.calls), key=lambda one: -one.seconds)
    frames = [_function(one, limits) for one in called]
    total = sum(one.seconds for one in frames)
    root = (
        frames[0] if len(frames) == 1 else _Frame("all functions", "program", total, "", (*frames,))
    )
    title = f"Profile of {called[0].name if len(called) == 1 else f'{len(called)} functions'}"
    calls = sum(one.calls for one in called)
    template = resources.files("lltheano.function.profiling") / "page.html"
    return Template(template.read_text(encoding="utf-8")).substitute(
        title=escape(title),
        subtitle=escape(f"{calls} calls in {duration(total)}"),
        flame="\n".join(_drawn(root, 1.0, 1.0)) if called else "Nothing has been called.",
        legend=_legend(root),
        sections="\n".join(_section(one, limits) for one in called),
        footnote=escape(footnote([row for one in called for row in one.rows], limits)),
    )


def _function(snapshot: Snapshot, limits: Limits) -> _Frame:
    below: defaultdict[int | None, list[int]] = defaultdict(list)
    for number, row in enumerate(snapshot.rows):
        below[row.region.parent].append(number)

    def frame(number: int) -> _Frame:
        row = snapshot.rows[number]
        inside = [frame(one) for one in below[number] if snapshot.rows[one].calls]
        inside = inside or list(_ops(row))
        style = _STYLES[row.region.kind]
        is_program = row.region.kind is RegionKind.PROGRAM
        label = "compiled code" if is_program else f"{region_title(row)}{_at(row)}"
        return _Frame(label, style, row.seconds, _details(row, limits), tuple(inside))

    parts = [frame(number) for number in below[None]]
    parts.append(_Frame("arguments and results", "outside", snapshot.other_seconds))
    parts.append(_Frame("waiting for locks", "waiting", snapshot.waiting_seconds))
    details = f"{snapshot.calls} calls, {duration(snapshot.seconds / snapshot.calls)} each"
    return _Frame(snapshot.name, "program", snapshot.seconds, details, tuple(parts))


def _at(row: Row) -> str:
    """The line that a region comes from, where that is one."""
    places = {place(share.location) for share in row.region.shares} - {""}
    return f" · {places.pop()}" if len(places) == 1 else ""


def _ops(row: Row) -> Iterator[_Frame]:
    """What a fused loop does, where that is more than one thing."""
    if row.region.kind is not RegionKind.LOOPS or len(row.region.shares) < 2:
        return
    for share in row.region.shares:
        yield _Frame(share.op, "op", row.seconds * share.part, _origin(share))


def _origin(share: Share) -> str:
    if share.location is None:
        return ""
    return f"{place(share.location)}  {source_text(share.location)}"


def _details(row: Row, limits: Limits) -> str:
    lines = [f"{row.calls} times, {duration(row.seconds / row.calls)} each"]
    if row.bytes:
        lines.append(
            f"{amount(row.bytes / row.calls, 'B')} moved, {rate(row.bytes, row.seconds)} GB/s"
        )
    if row.flops:
        flops = amount(row.flops / row.calls, "flop")
        lines.append(f"{flops}, {rate(row.flops, row.seconds)} Gflop/s")
    found = limits.reached(row)
    if found is not None:
        lines.append(f"{found.part:.0%} of the limit that {found.limit} sets")
    lines += dict.fromkeys(filter(None, map(_origin, row.region.shares)))
    return "\n".join(lines)


def _drawn(frame: _Frame, width: float, of_whole: float) -> Iterator[str]:
    """The boxes of a frame, which has a part of the box around it, and a part of the whole."""
    words = f"{frame.label} · {duration(frame.seconds)} · {of_whole:.1%}"
    tip = escape("\n".join(filter(None, (words, frame.details))), quote=True)
    narrow = of_whole < _NARROW
    yield f'<div class="frame" style="flex:0 0 {100 * width:.4f}%">'
    yield (
        f'<button type="button" class="bar {frame.style}{" narrow" if narrow else ""}"'
        f' title="{tip}" aria-label="{tip}">{"" if narrow else escape(words)}</button>'
    )
    if frame.inside and frame.seconds > 0:
        yield '<div class="inside">'
        for one in frame.inside:
            share = one.seconds / frame.seconds
            if share * of_whole >= _LEAST:
                yield from _drawn(one, min(1.0, share), share * of_whole)
        yield '<div class="rest"></div></div>'
    yield "</div>"


def _legend(root: _Frame) -> str:
    """What the colours mean that occur."""
    used: set[str] = set()
    stack = [root]
    while stack:
        frame = stack.pop()
        if frame.seconds > 0:
            used.add(frame.style)
        stack.extend(frame.inside)
    return "".join(
        f'<span style="--swatch: var(--{style})">{escape(words)}</span>'
        for style, words in _LEGEND
        if style in used
    )


def _section(snapshot: Snapshot, limits: Limits) -> str:
    seconds, whole = snapshot.seconds, snapshot.native_seconds
    failed = f", {snapshot.failures} failed" if snapshot.failures else ""
    about = (
        f"{snapshot.calls} calls{failed}, {duration(seconds / snapshot.calls)} each, from"
        f" {snapshot.threads} thread{'s' if snapshot.threads != 1 else ''};"
        f" compiled code {part(whole, seconds)},"
        f" arguments and results {part(snapshot.other_seconds, seconds)},"
        f" waiting for locks {part(snapshot.waiting_seconds, seconds)}"
    )
    regions = _table(
        ("time", _PART, "runs", "each", "GB/s", "Gflop/s", "of limit", "what", "where"),
        (_region(row, whole, limits) for row in snapshot.regions if row.calls),
        text=2,
    )
    ops = _table(
        ("time", _PART, "runs", "op"),
        (
            (duration(one.seconds), part(one.seconds, whole), str(one.calls), one.key)
            for one in by_op(snapshot)
        ),
    )
    lines = _table(
        ("time", _PART, "line", "source"),
        (
            (
                duration(one.seconds),
                part(one.seconds, whole),
                place(one.location),
                source_text(one.location) if one.location else "",
            )
            for one in by_line(snapshot)
        ),
        text=2,
    )
    steps = _table(
        ("time", "step"),
        ((duration(time), step) for step, time in snapshot.compile_seconds.items()),
    )
    return (
        f"<section><h2>{escape(snapshot.name)}</h2><p>{escape(about)}</p>"
        f"<h3>By source line</h3>{lines}<h3>Where compiled code spends it</h3>{regions}"
        f"<h3>By op</h3>{ops}<h3>Compiling</h3>{steps}</section>"
    )


def _region(row: Row, whole: float, limits: Limits) -> tuple[str, ...]:
    found = limits.reached(row)
    places = dict.fromkeys(filter(None, (place(one.location) for one in row.region.shares)))
    return (
        duration(row.own_seconds),
        part(row.own_seconds, whole),
        str(row.calls),
        duration(row.own_seconds / row.calls),
        rate(row.bytes, row.seconds),
        rate(row.flops, row.seconds),
        f"{found.part:.0%} {found.limit}" if found else "–",
        region_title(row),
        ", ".join(places),
    )


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], *, text: int = 1) -> str:
    """A table whose last columns are text."""
    first = len(names) - text

    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{styled(tag, position, value)}>{escape(value)}</{tag}>"
            for position, value in enumerate(values)
        )

    def styled(tag: str, position: int, value: str) -> str:
        if tag == "td" and names[position] == _PART:
            return f' class="part" style="--part:{value}"'
        return ' class="text"' if position >= first else ""

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{cells("th", names)}</tr>{body}</table></div>'
