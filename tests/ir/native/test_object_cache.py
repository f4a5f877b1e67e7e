import errno
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from lltheano_ir.native.object_cache import (
    CacheEntry,
    CacheStatistics,
    ObjectCache,
    cache_folder,
    content_key,
)
from tests.threads import run_together

KEY, OTHER = content_key("one"), content_key("two")
ENTRY = CacheEntry(b"machine code" * 10, {"note": "for later"})
STRANGER = 54321
HOUR = 3600


def folder_of(cache: ObjectCache) -> Path:
    assert cache.folder is not None
    return cache.folder


def file_of(cache: ObjectCache, key: str = KEY) -> Path:
    return folder_of(cache) / f"{key}.llo"


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def replace_by_text(path: Path) -> None:
    path.write_text("#!/bin/sh\n")


def replace_by_other_entry(path: Path) -> None:
    ObjectCache(path.parent).store(OTHER, ENTRY)
    (path.parent / f"{OTHER}.llo").rename(path)


def replace_by_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def let_others_write(path: Path) -> None:
    path.chmod(0o622)


def give_away(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(path, STRANGER, STRANGER)


DAMAGES = [
    cut,
    empty,
    flip,
    replace_by_text,
    replace_by_other_entry,
    replace_by_link,
    replace_by_pipe,
    let_others_write,
    give_away,
]


def test_what_was_stored_is_loaded(cache: ObjectCache) -> None:
    assert cache.load(KEY) is None
    assert cache.store(KEY, ENTRY)
    assert cache.load(KEY) == ENTRY
    assert cache.load(OTHER) is None
    assert cache.status().statistics == CacheStatistics(hits=1, misses=2, stores=1)


def test_another_process_finds_it(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    assert ObjectCache(cache.folder).load(KEY) == ENTRY


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_cannot_be_trusted_is_passed_over_and_replaced(
    cache: ObjectCache, damage: Callable[[Path], None]
) -> None:
    cache.store(KEY, ENTRY)
    damage(file_of(cache))
    assert cache.load(KEY) is None
    assert cache.status().statistics.rejected == 1
    assert cache.store(KEY, ENTRY)
    assert cache.load(KEY) == ENTRY
    assert stat.S_ISREG(file_of(cache).lstat().st_mode)


def test_a_folder_in_the_place_of_an_entry_does_no_harm(cache: ObjectCache) -> None:
    cache.store(OTHER, ENTRY)
    file_of(cache).mkdir()
    assert cache.load(KEY) is None
    assert not cache.store(KEY, ENTRY)
    assert cache.load(OTHER) == ENTRY
    assert not list(folder_of(cache).glob("*.tmp"))


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_the_folder_and_its_parents_are_made_for_the_user_alone(tmp_path: Path, umask: int) -> None:
    cache = ObjectCache(tmp_path / "home" / ".cache" / "lltheano")
    old = os.umask(umask)
    try:
        assert cache.store(KEY, ENTRY)
    finally:
        os.umask(old)
    for path in (folder_of(cache), folder_of(cache).parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(cache).stat().st_mode) == 0o600


def test_a_folder_that_others_can_write_to_is_not_used(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    folder_of(cache).chmod(0o777)
    assert cache.load(KEY) is None
    assert not cache.store(OTHER, ENTRY)
    status = cache.status()
    assert not status.is_usable
    assert status.reason == (
        f"{cache.folder} can be written to by others; run: chmod go-w {cache.folder}"
    )
    assert (status.statistics.rejected, status.statistics.failures) == (0, 1)
    folder_of(cache).chmod(0o700)
    assert cache.load(KEY) == ENTRY


def test_a_folder_of_another_user_is_not_used(
    cache: ObjectCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(KEY, ENTRY)
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    assert cache.load(KEY) is None
    assert not cache.store(OTHER, ENTRY)
    assert f"not to user {STRANGER}" in cache.status().reason


def test_a_folder_below_one_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    cache = ObjectCache(shared / "cache")
    assert not cache.store(KEY, ENTRY)
    assert cache.status().reason.startswith(f"{shared} can be written to by others")


def test_a_file_in_the_place_of_the_folder_is_survived(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("mine")
    cache = ObjectCache(tmp_path / "cache")
    assert not cache.store(KEY, ENTRY)
    assert cache.load(KEY) is None
    assert not cache.status().is_usable
    assert (tmp_path / "cache").read_text() == "mine"


@pytest.mark.parametrize("function", ["mkdir", "open", "fdopen", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE])
def test_a_disk_that_refuses_is_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, code: int
) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    cache = ObjectCache(tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(os, function, refuse)
        assert not cache.store(KEY, ENTRY)
    assert cache.status().statistics.failures == 1
    assert not list(tmp_path.glob("cache/*.tmp"))
    assert cache.store(KEY, ENTRY)
    assert cache.load(KEY) == ENTRY


def test_a_full_disk_leaves_no_half_entry(
    cache: ObjectCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 1 << 16
    big = CacheEntry(bytes(limit * 2))
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
    try:
        assert not cache.store(KEY, big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(folder_of(cache).iterdir()) == []


def test_a_folder_deleted_under_a_running_process_is_made_again(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    shutil.rmtree(folder_of(cache))
    assert cache.load(KEY) is None
    assert cache.store(KEY, ENTRY)
    assert cache.load(KEY) == ENTRY


def test_no_folder_means_no_cache_and_no_complaint() -> None:
    cache = ObjectCache(None)
    assert not cache.store(KEY, ENTRY)
    assert cache.load(KEY) is None
    assert cache.status().reason == "switched off"


def test_status_tells_what_is_held(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    cache.store(OTHER, ENTRY)
    status = cache.status()
    assert status.is_usable
    assert (status.folder, status.reason, status.entries) == (cache.folder, "", 2)
    assert status.entry_bytes == 2 * file_of(cache).stat().st_size


@pytest.mark.parametrize("key", ["", "abc", "../" * 16 + "x" * 16, KEY.upper(), KEY + "0"])
def test_a_key_of_another_form_is_a_mistake_of_the_caller(cache: ObjectCache, key: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        cache.load(key)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        cache.store(key, ENTRY)


def test_pruning_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    size = 10_000
    cache = ObjectCache(tmp_path / "cache", limit_bytes=10 * size)
    keys = [content_key(str(number)) for number in range(12)]
    for number, key in enumerate(keys):
        cache.store(key, CacheEntry(bytes(size)))
        age(file_of(cache, key), (20 - number) * HOUR)
    assert cache.load(keys[0]) is not None
    cache.prune()
    kept = [key for key in keys if cache.load(key) is not None]
    assert kept == [keys[0], *keys[6:]]


def test_pruning_keeps_what_fits(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    cache.prune()
    assert cache.load(KEY) == ENTRY


def test_pruning_clears_up_after_writers_that_died(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    dead, alive = (folder_of(cache) / f"{KEY}.{digit * 16}.tmp" for digit in "01")
    dead.write_bytes(b"half an ent")
    alive.write_bytes(b"half an ent")
    age(dead, 2 * HOUR)
    cache.prune()
    assert not dead.exists()
    assert alive.exists()


def test_pruning_leaves_other_files_alone(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "cache", limit_bytes=0)
    cache.store(KEY, ENTRY)
    others = [folder_of(cache) / name for name in ("thesis.tex", "thesis.tmp", "thesis.llo")]
    for path in others:
        path.write_text("mine")
        age(path, 1000 * HOUR)
    cache.prune()
    assert cache.load(KEY) is None
    assert [path.read_text() for path in others] == ["mine"] * 3


def test_stores_prune_now_and_then(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "cache", limit_bytes=5000)
    for number in range(64):
        cache.store(content_key(str(number)), ENTRY)
    assert cache.status().entry_bytes <= 5000


def test_the_first_store_of_a_day_prunes(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "cache", limit_bytes=0)
    cache.store(KEY, ENTRY)
    assert cache.load(KEY) == ENTRY
    age(folder_of(cache) / ".lltheano-pruned", 25 * HOUR)
    ObjectCache(cache.folder, limit_bytes=0).store(OTHER, ENTRY)
    assert cache.load(KEY) is None


def test_reading_marks_an_entry_as_used_but_not_each_time(cache: ObjectCache) -> None:
    cache.store(KEY, ENTRY)
    age(file_of(cache), 10 * HOUR)
    cache.load(KEY)
    first = file_of(cache).stat().st_mtime_ns
    assert first > (time.time() - HOUR) * 1e9
    cache.load(KEY)
    assert file_of(cache).stat().st_mtime_ns == first


def test_threads_share_a_cache(cache: ObjectCache) -> None:
    entries = {content_key(str(number)): CacheEntry(bytes([number]) * 5000) for number in range(8)}
    wrong: list[str] = []

    def work() -> None:
        for key, entry in list(entries.items()) * 5:
            cache.store(key, entry)
            if cache.load(key) != entry:
                wrong.append(key)

    run_together(*[work] * 4)
    assert not wrong
    assert cache.status().statistics == CacheStatistics(hits=160, stores=160)


def test_the_environment_chooses_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.delenv("LLTHEANO_CACHE_DIR", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "lltheano"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache_folder() == tmp_path / ".cache" / "lltheano"
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_folder() == Path("/xdg/lltheano")
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "~/mine")
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "OFF")
    assert cache_folder() is None


def test_a_relative_folder_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cache = ObjectCache(Path("cache"))
    monkeypatch.chdir("/")
    assert cache.store(KEY, ENTRY)
    assert (tmp_path / "cache").is_dir()


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", fail)
    assert cache_folder({}) is None


@pytest.mark.parametrize("variable", ["~nosuchuser/cache", "~nosuchuser"])
def test_a_home_that_there_is_not_is_survived_and_said(variable: str) -> None:
    cache = ObjectCache(cache_folder({"LLTHEANO_CACHE_DIR": variable}))
    key = content_key("x")
    assert not cache.store(key, CacheEntry(b"code", {}))
    assert cache.load(key) is None
    assert "no such home; set LLTHEANO_CACHE_DIR" in cache.status().reason
    assert not Path(variable).exists()
