"""Cores and caches, as Linux tells of them in its file systems `/sys` and `/proc`.

What the system does not tell (another system, a container without `/sys`) is left out, and never an
error: all of it only serves to choose among programs with the same results.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from lltheano_ir.target import Cache

__all__ = ["data_caches", "usable_cores"]

_ROOT = Path("/")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def usable_cores(root: Path = _ROOT) -> int:
    """How many cores affinity and the quota of a control group leave to this process, at least 1.

    Of a quota that is no whole number the whole cores count.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *(int(quota) for quota in _quotas(root))]))


def _quotas(root: Path) -> Iterator[float]:
    """The cores that each control group round this process allows."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        groups = [path, *map(str, Path(path).parents)] if path != "/" else [path]
        if not controllers:
            for group in groups:
                yield from _quota(_text(_inside(root / "sys/fs/cgroup", group) / "cpu.max"))
        elif "cpu" in controllers.split(","):
            for group in groups:
                folder = _inside(root / "sys/fs/cgroup/cpu", group)
                numbers = [_text(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
                yield from _quota(" ".join(numbers))


def _quota(text: str) -> Iterator[float]:
    """Microseconds in a period, and the period; "max" or a negative number is no quota."""
    match text.split():
        case [quota, period] if quota.isdecimal() and period.isdecimal() and int(period):
            yield int(quota) / int(period)
        case _:
            return


def _inside(folder: Path, group: str) -> Path:
    return folder / group.lstrip("/")


def data_caches(root: Path = _ROOT) -> tuple[Cache, ...]:
    """The caches for data of the first core that this process may use; empty when unknown."""
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    folder = root / f"sys/devices/system/cpu/cpu{core}/cache"
    caches = (_cache(one) for one in sorted(folder.glob("index[0-9]*")))
    known = (one for one in caches if one is not None)
    return tuple(sorted(known, key=lambda one: one.level))


def _cache(folder: Path) -> Cache | None:
    names = ("level", "type", "size", "coherency_line_size")
    level, kind, size, line = (_text(folder / name) for name in names)
    unit = _UNITS.get(size[-1:], 0)
    if kind not in ("Data", "Unified") or not unit:
        return None
    digits = (level, size[:-1], line)
    if not all(one.isdecimal() for one in digits):
        return None
    return Cache(int(level), int(size[:-1]) * unit, int(line))


def _text(path: Path) -> str:
    """What a file holds; empty where it cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
