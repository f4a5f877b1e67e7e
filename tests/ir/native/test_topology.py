"""Cores and caches as a system tells of them, which is a folder of the test's own."""

import os
from pathlib import Path

import pytest

from lltheano_ir.native.topology import data_caches, usable_cores
from lltheano_ir.target import Cache


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="ascii")


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(3, 11)), raising=False)


V1 = "3:memory:/box\n2:cpu,cpuacct:/box"


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 8),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, 8),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "300000 100000"}, 3),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "250000 100000"}, 2),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000"}, 1),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "nonsense"}, 8),
        ({"proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/b/cpu.max": "200000 100000"}, 2),
        ({"proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/cpu.max": "400000 100000"}, 4),
        (
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "500000",
                "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000",
            },
            5,
        ),
        (
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000",
            },
            8,
        ),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "9900000 100000"}, 8),
    ],
)
def test_cores_are_what_affinity_and_quotas_leave(
    tmp_path: Path, files: dict[str, str], cores: int
) -> None:
    write(tmp_path, files)
    assert usable_cores(tmp_path) == cores


def cache(number: int, level: int, kind: str, size: str, line: str = "64") -> dict[str, str]:
    folder = f"sys/devices/system/cpu/cpu3/cache/index{number}"
    return {
        f"{folder}/level": str(level),
        f"{folder}/type": kind,
        f"{folder}/size": size,
        f"{folder}/coherency_line_size": line,
    }


def test_caches_are_those_for_data_from_the_core_outwards(tmp_path: Path) -> None:
    write(tmp_path, cache(0, 3, "Unified", "32M") | cache(1, 1, "Instruction", "32K"))
    write(tmp_path, cache(2, 1, "Data", "48K", "128") | cache(3, 2, "Unified", "1024K"))
    assert data_caches(tmp_path) == (
        Cache(1, 48 << 10, 128),
        Cache(2, 1 << 20, 64),
        Cache(3, 32 << 20, 64),
    )


@pytest.mark.parametrize(
    "files", [{}, cache(0, 1, "Data", ""), cache(0, 1, "Data", "K"), cache(0, 1, "Data", "4K", "?")]
)
def test_what_the_system_does_not_tell_is_left_out(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    assert data_caches(tmp_path) == ()
