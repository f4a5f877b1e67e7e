"""Profiles as tables and as a page, and what machines are held to."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from lltheano import config
from lltheano.function.profiling import limits as module
from lltheano.function.profiling.limits import Limits, _bandwidth, _polynomial, limits as measured
from lltheano.function.profiling.page import page
from lltheano.function.profiling.snapshot import Row, Snapshot, by_line, by_op, rows_of
from lltheano.function.profiling.terminal import print_overview, print_snapshot
from lltheano_ir.profiling.regions import Region, RegionKind, Share
from lltheano_ir.provenance import Location
from lltheano_ir.text import parse_program

LINE = Location("net.py", 3)
FUSED = Region(
    RegionKind.LOOPS,
    "exp, add",
    0,
    (Share("exp", LINE, 0.75), Share("add", None, 0.25)),
    number="f64",
)
GEMM = Region(
    RegionKind.CALL, "gemm", 3, (Share("gemm", Location("net.py", 4), 1.0),), number="f64"
)
SCAN = Region(RegionKind.SCAN, "scan of gemm, <b>", 0, (Share("gemm", LINE, 1.0),))
SNAPSHOT = Snapshot(
    "train() of <net>",
    10,
    1,
    2.0,
    0.5,
    3.0,
    2,
    {"graph: lower": 0.25, "LLVM: optimise": 0.5},
    (
        Row(Region(RegionKind.PROGRAM, "train"), 10, 1.0, 0.0, None, None, 0),
        Row(Region(RegionKind.SETUP, "setup", 0), 10, 0.1, 0.1, None, None, 0),
        Row(FUSED, 10, 0.4, 0.4, 8 * 10**9, 10**9, 5_000_000),
        Row(SCAN, 10, 0.5, 0.2, None, None, 0),
        Row(GEMM, 1000, 0.3, 0.3, 10**8, 15 * 10**9, 0),
    ),
)

COUNTED = [[1, 9, 0, 0, 0], [1, 7, 0, 0, 0], [5, 4, 80, 10, 0]]


def test_times_are_shared_out_by_op_and_by_line() -> None:
    ops = {one.key: one.seconds for one in by_op(SNAPSHOT)}
    assert ops == pytest.approx({"gemm": 0.5, "exp": 0.3, "add": 0.1})
    lines = {one.key: one.seconds for one in by_line(SNAPSHOT)}
    assert lines == pytest.approx({"net.py:3": 0.5, "net.py:4": 0.3})


def test_a_region_has_its_own_time_without_those_inside() -> None:
    program = Region(RegionKind.PROGRAM, "f")
    rows = rows_of([program, replace(SCAN, parent=0), replace(GEMM, parent=1)], COUNTED, first=10)
    assert [one.seconds for one in rows] == [9e-9, 7e-9, 4e-9]
    assert [one.own_seconds for one in rows] == pytest.approx([2e-9, 3e-9, 4e-9])
    assert [one.region.parent for one in rows] == [None, 10, 11]


def test_the_nearest_limit_is_named(limits: Limits) -> None:
    fused, gemm = (limits.reached(SNAPSHOT.rows[number]) for number in (2, 4))
    assert fused is not None
    assert (fused.limit, fused.part) == ("memory", pytest.approx(2.0))
    assert gemm is not None
    assert (gemm.limit, gemm.part) == ("flops", pytest.approx(1 / 3))
    assert limits.reached(SNAPSHOT.rows[3]) is None


def test_limits_are_kept_on_disk_and_read_back(limits: Limits) -> None:
    assert measured() == limits
    measured.cache_clear()
    again = measured()
    assert again == limits
    assert str(again) == (
        "L2 100 GB/s, memory 10 GB/s; loops 50 in f32 and 25 in f64 Gflop/s,"
        " products 150 in f64 Gflop/s"
    )


def test_limits_are_measured_by_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0)
    assert 1e6 < _bandwidth(1 << 12) < 1e13
    assert len(list(parse_program(_polynomial("f32")).values())) > 100


def test_the_summary(limits: Limits) -> None:
    stream = io.StringIO()
    with config.change_flags(profile_memory=True, profile_optimizer=True):
        print_snapshot(SNAPSHOT, limits, stream, regions=3)
    text = stream.getvalue()
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[:4] == [
        "Profile of train() of <net>",
        "  compiled in 750 ms: graph 250 ms, LLVM 500 ms",
        "  10 calls in 2 s, 200 ms each, 1 of them failed; from 2 threads, 1.5 cores busy",
        "  compiled code 50.0%, arguments and results 25.0%, waiting for locks 25.0%",
    ]
    assert any(
        re.fullmatch(
            r"400 ms +40.0% +████ +10 +40 ms +20 +2.5 +200% memory +exp, add +net.py:3", one
        )
        for one in lines
    )
    assert any(re.search(r"33% flops +scan › gemm\(\) +net.py:4", one) for one in lines)
    assert "and 1 more, 10.0% together" in lines
    assert "  500 kB  exp, add" in text
    assert re.search(r"500 ms +66.7% +██████▋ +LLVM: optimise", text)
    assert "measure again" in text
    assert "\x1b" not in text
    tables = text[: text.index("The time of")].splitlines()[5:]
    assert max(map(len, tables)) <= 120


def test_a_summary_of_nothing(limits: Limits) -> None:
    stream = io.StringIO()
    print_snapshot(Snapshot("f", 0, 0, 0.0, 0.0, 0.0, 0, {}, ()), limits, stream)
    assert "has not been called" in stream.getvalue()
    print_overview([SNAPSHOT, SNAPSHOT], stream := io.StringIO())
    assert stream.getvalue().count("train() of <net>") == 2


class _Structure(HTMLParser):
    """Fails where tags are not closed in turn; gathers bars and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bars: list[dict[str, str | None]] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [found[one] or "" for one in ("href", "src") if one in found]
        if tag == "button":
            self.bars.append(found)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_one_whole_file(limits: Limits) -> None:
    text = page([SNAPSHOT], limits)
    structure = _Structure()
    structure.feed(text)
    assert structure.open == []
    assert structure.addresses == []
    assert not re.search(r"https?:|//|@import|url\(", text.partition("<script>")[0])
    labels = [bar["aria-label"] or "" for bar in structure.bars]
    assert labels[0].startswith("train() of <net> · 2 s · 100.0%")
    assert any(label.startswith("gemm() · net.py:4 · 300 ms · 15.0%") for label in labels)
    assert any(label.startswith("waiting for locks · 500 ms · 25.0%") for label in labels)
    assert "<net>" not in text
    assert "<b>" not in text
    widths = [float(one) for one in re.findall(r"flex:0 0 ([\d.]+)%", text)]
    assert max(widths) <= 100
    several = page([SNAPSHOT, SNAPSHOT], limits)
    assert "all functions" in several
    assert "Nothing has been called" in page([], limits)


def test_narrow_lines_leave_columns_out_and_cut_no_figure(limits: Limits) -> None:
    stream = io.StringIO()
    with config.change_flags({"profiling.output_line_width": 64}):
        print_snapshot(SNAPSHOT, limits, stream)
    text = stream.getvalue()
    table = text[text.index("Where") : text.index("By op")].splitlines()
    assert max(map(len, table)) <= 64
    assert re.search(r"time +each +of limit +what +where", table[1])
    assert any(
        re.match(r"400 ms +40.0% +40 ms +200% memory +exp, add +net.py:3", one) for one in table
    )
