"""What has been counted by a moment: plain data, which tables, JSON and pictures are made of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lltheano_ir.profiling.regions import Region, RegionKind
from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["Row", "Snapshot", "Total", "by_line", "by_op", "rows_of"]


@record(frozen=True, slots=True)
class Row:
    """What a region did.

    Attributes
    ----------
    region
        What it is. Its parent is a place among the rows of the snapshot.
    calls
        How often it ran.
    seconds, own_seconds
        The time that it took, and without the regions inside it.
    bytes, flops
        What it moved and computed; None where that is not known.
    allocated
        Bytes of temporaries and results that were made in it.
    """

    region: Region
    calls: int
    seconds: float
    own_seconds: float
    bytes: int | None
    flops: int | None
    allocated: int


@record(frozen=True, slots=True)
class Snapshot:
    """What the calls of a function, or of several with one profile, have counted.

    Attributes
    ----------
    name
        What the profile is called.
    calls, failures
        The calls that ended, and those of them that raised.
    seconds
        The time of all calls, from arguments to results.
    waiting_seconds
        What of that was spent on waiting for locks.
    cpu_seconds
        The processor time of the whole process during calls.
    threads
        From how many threads it was called.
    compile_seconds
        By step, in order.
    rows
        Regions, each after the one that it is inside.
    """

    name: str
    calls: int
    failures: int
    seconds: float
    waiting_seconds: float
    cpu_seconds: float
    threads: int
    compile_seconds: Mapping[str, float]
    rows: tuple[Row, ...]

    @property
    def native_seconds(self) -> float:
        """The time in compiled programs."""
        return sum(row.seconds for row in self.rows if row.region.kind is RegionKind.PROGRAM)

    @property
    def other_seconds(self) -> float:
        """The time outside: arguments checked and converted, results made into arrays."""
        return max(0.0, self.seconds - self.native_seconds - self.waiting_seconds)

    @property
    def regions(self) -> list[Row]:
        """The rows that time is spent in, those with most time of their own first."""
        rows = [row for row in self.rows if row.region.kind is not RegionKind.PROGRAM]
        return sorted(rows, key=lambda row: -row.own_seconds)

    def as_record(self) -> dict[str, Any]:
        """What can be written as JSON."""
        return {
            "name": self.name,
            "calls": self.calls,
            "failures": self.failures,
            "threads": self.threads,
            "seconds": {
                "total": self.seconds,
                "native": self.native_seconds,
                "waiting_for_locks": self.waiting_seconds,
                "arguments_and_results": self.other_seconds,
                "processor": self.cpu_seconds,
            },
            "compile_seconds": dict(self.compile_seconds),
            "regions": [_row_as_record(number, row) for number, row in enumerate(self.rows)],
            "ops": [_total_as_record("op", one) for one in by_op(self)],
            "lines": [_total_as_record("line", one) for one in by_line(self)],
        }


def rows_of(regions: Sequence[Region], counted: Sequence[Sequence[int]], first: int) -> list[Row]:
    """The rows of a program, whose first has the number `first` among all rows."""
    inside: defaultdict[int | None, int] = defaultdict(int)
    for region, (_, nanoseconds, *_) in zip(regions, counted, strict=True):
        inside[region.parent] += nanoseconds
    rows = []
    for number, (region, counters) in enumerate(zip(regions, counted, strict=True)):
        calls, nanoseconds, moved, flops, allocated = counters
        parent = None if region.parent is None else region.parent + first
        rows.append(
            Row(
                replace(region, parent=parent),
                calls,
                nanoseconds / 1e9,
                max(0, nanoseconds - inside[number]) / 1e9,
                moved if region.has_bytes else None,
                flops if region.has_flops else None,
                allocated,
            )
        )
    return rows


@record(frozen=True, slots=True)
class Total:
    """The time of all that has one key, an op or a place in the source."""

    key: str
    seconds: float
    calls: int
    location: Location | None = None


def by_op(snapshot: Snapshot) -> list[Total]:
    """The time of each op; the time of a fused loop is shared out by what its ops cost."""
    return _totals(snapshot, lambda op, location: (op, None))


def by_line(snapshot: Snapshot) -> list[Total]:
    """The time of each line of the user's source, shared out in the same way."""

    def key(op: str, location: Location | None) -> tuple[str, Location | None]:
        if location is None:
            return "", None
        return f"{location.file}:{location.line}", Location(location.file, location.line)

    return [one for one in _totals(snapshot, key) if one.location is not None]


def _totals(snapshot: Snapshot, key: Any) -> list[Total]:
    seconds: defaultdict[Any, float] = defaultdict(float)
    calls: defaultdict[Any, int] = defaultdict(int)
    for row in snapshot.rows:
        for found in dict.fromkeys(key(one.op, one.location) for one in row.region.shares):
            calls[found] += row.calls
        for share in row.region.shares:
            seconds[key(share.op, share.location)] += row.own_seconds * share.part
    found = (Total(name, seconds[name, at], calls[name, at], at) for name, at in seconds)
    return sorted(found, key=lambda one: -one.seconds)


def _row_as_record(number: int, row: Row) -> dict[str, Any]:
    region = row.region
    return {
        "number": number,
        "parent": region.parent,
        "kind": region.kind.value,
        "title": region.title,
        "calls": row.calls,
        "seconds": row.seconds,
        "own_seconds": row.own_seconds,
        "bytes": row.bytes,
        "flops": row.flops,
        "allocated": row.allocated,
        "dtype": region.number,
        "shares": list(_shares_as_records(region)),
    }


def _shares_as_records(region: Region) -> Iterator[dict[str, Any]]:
    for one in region.shares:
        where = None if one.location is None else f"{one.location.file}:{one.location.line}"
        yield {"op": one.op, "line": where, "part": one.part}


def _total_as_record(kind: str, total: Total) -> dict[str, Any]:
    return {kind: total.key, "seconds": total.seconds, "calls": total.calls}
