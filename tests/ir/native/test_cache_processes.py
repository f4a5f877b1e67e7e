"""Many processes on one cache folder, one of which damages it as it goes."""

import subprocess
import sys
from pathlib import Path

import pytest

import lltheano_ir
from lltheano_ir.native.object_cache import CacheEntry, ObjectCache, content_key

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the cache is off there")

KEYS = 6

USER = """
import random, sys, time
from pathlib import Path
from lltheano_ir.native.object_cache import CacheEntry, ObjectCache, content_key

cache = ObjectCache(Path(sys.argv[1]), limit_bytes=60_000)
choice = random.Random(int(sys.argv[2]))
end = time.monotonic() + 1.0
while time.monotonic() < end:
    key = content_key(str(choice.randrange(int(sys.argv[3]))))
    version = str(choice.randrange(1000))
    if choice.random() < 0.5:
        cache.store(key, CacheEntry(f"{key} {version} ".encode() * 200, {"version": version}))
    else:
        entry = cache.load(key)
        if entry is not None:
            expected = f"{key} {entry.metadata['version']} ".encode() * 200
            assert entry.object_code == expected, "a wrong entry was taken for a right one"
    if choice.random() < 0.02:
        cache.prune()
statistics = cache.status().statistics
print(statistics.hits, statistics.stores, statistics.rejected, statistics.failures)
"""

VANDAL = """
import os, random, sys, time
from pathlib import Path

choice = random.Random(0)
end = time.monotonic() + 1.0
while time.monotonic() < end:
    for path in Path(sys.argv[1]).glob("*.llo"):
        try:
            with path.open("r+b") as file:
                if choice.random() < 0.5:
                    file.seek(choice.randrange(100))
                    file.write(b"?" * choice.randrange(1, 50))
                else:
                    file.truncate(choice.randrange(5000))
            if choice.random() < 0.1:
                path.unlink()
        except OSError:
            pass
    time.sleep(0.002)
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(str(lltheano_ir.__file__)).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env={"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_many_processes_and_a_vandal(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    # There before the vandal looks for the folder, and sound for a user that comes to it first.
    key = content_key("0")
    entry = CacheEntry(f"{key} 0 ".encode() * 200, {"version": "0"})
    ObjectCache(folder).store(key, entry)
    users = [start(USER, str(folder), str(seed), str(KEYS)) for seed in range(4)]
    vandal = start(VANDAL, str(folder))
    outputs = [user.communicate(timeout=60) for user in users]
    vandal.communicate(timeout=60)
    assert [error for _, error in outputs if error] == []
    totals = [
        sum(column) for column in zip(*(map(int, o.split()) for o, _ in outputs), strict=True)
    ]
    hits, stores, rejected, failures = totals
    assert hits > 0
    assert stores > 0
    assert rejected > 0
    assert failures == 0
    assert not list(folder.glob("*.tmp"))
