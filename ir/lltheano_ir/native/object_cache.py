"""Compiled objects kept on disk, by the hash of everything that they depend on.

The folder holds code that this process will run, so it is used only if nobody else can write to
it. Invariants: no method raises for anything that a disk or another process may do, and a cache
that cannot be used says why in `status()`; an entry is written to a temporary file and renamed, so
readers see all of it or nothing; no locks are taken; what is damaged, cut short, foreign, or not a
plain file of the user's own is passed over, and replaced by the next store.

Where: `LLTHEANO_CACHE_DIR` if set and not empty, where `off` means no cache at all; else
`$XDG_CACHE_HOME/lltheano`; else `~/.cache/lltheano`.
"""

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lltheano_ir.locks import ProcessLock
from lltheano_ir.native.cache_entry import (
    CacheEntry,
    DamagedEntryError,
    content_key,
    decode_entry,
    encode_entry,
)
from lltheano_ir.native.private_folder import UntrustedFolderError, check_parents, open_private
from lltheano_ir.records import record

__all__ = [
    "CacheEntry",
    "CacheStatistics",
    "CacheStatus",
    "ObjectCache",
    "cache_folder",
    "content_key",
]

_SUFFIX = ".llo"
_MAX_ENTRY_BYTES = 256 << 20
_DEFAULT_LIMIT_BYTES = 512 << 20
# Entries used within the hour keep their old time of use: a read then writes nothing.
_TOUCH_SECONDS = 3600.0
_STALE_SECONDS = 3600.0
_PRUNE_EVERY_STORES = 64
_PRUNE_SECONDS = 86400.0
_PRUNE_STAMP = ".lltheano-pruned"
_OFF = "switched off"
_KEY = re.compile(r"[0-9a-f]{64}")
# Only names that are surely ours are ever counted or deleted: a user may point the cache at a
# folder that holds other things.
_ENTRY = re.compile(r"[0-9a-f]{64}\.llo")
_TEMPORARY = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}\.tmp")


@record(frozen=True)
class CacheStatistics:
    """What one `ObjectCache` has done.

    Attributes
    ----------
    hits, misses
        Loads that found a sound entry, and that did not.
    rejected
        Misses because of an entry that was there but could not be trusted.
    stores
        Entries written.
    failures
        Stores that the disk refused.
    """

    hits: int = 0
    misses: int = 0
    rejected: int = 0
    stores: int = 0
    failures: int = 0


@record(frozen=True)
class CacheStatus:
    """Whether a cache works, for people and for `lltheano doctor`.

    Attributes
    ----------
    folder
        Where it is, or None if it is switched off.
    reason
        Why it cannot be used; empty if it can.
    entries, entry_bytes
        What the folder holds.
    """

    folder: Path | None
    reason: str
    entries: int
    entry_bytes: int
    statistics: CacheStatistics

    @property
    def is_usable(self) -> bool:
        """Whether entries can be read and, space permitting, written."""
        return not self.reason


def cache_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Where the environment wants the cache: None if it says `off`, or if the user has no home.

    >>> cache_folder({"LLTHEANO_CACHE_DIR": "/var/tmp/mine"})
    PosixPath('/var/tmp/mine')
    >>> cache_folder({"XDG_CACHE_HOME": "/home/ada/.cache", "LLTHEANO_CACHE_DIR": ""})
    PosixPath('/home/ada/.cache/lltheano')
    >>> cache_folder({"LLTHEANO_CACHE_DIR": "off"}) is None
    True
    """
    environment = os.environ if environment is None else environment
    chosen = environment.get("LLTHEANO_CACHE_DIR", "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return _expanded(Path(chosen))
    # The XDG specification has relative paths ignored.
    xdg = Path(environment.get("XDG_CACHE_HOME", ""))
    folder = (xdg if xdg.is_absolute() else _expanded(Path("~/.cache"))) / "lltheano"
    return None if _is_homeless(folder) else folder


def _expanded(folder: Path) -> Path:
    """The absolute path; one that begins with ~ still does where there is no such home."""
    try:
        return folder.expanduser().absolute()
    except RuntimeError:
        return folder


def _is_homeless(folder: Path) -> bool:
    return folder.parts[:1] != () and folder.parts[0].startswith("~")


class ObjectCache:
    """A folder of entries. Safe to use from any thread and with any number of processes.

    Parameters
    ----------
    folder
        Where entries are; None keeps nothing.
    limit_bytes
        What the folder may hold before the entries used longest ago are dropped.

    >>> cache = ObjectCache(None)
    >>> cache.load(content_key("x")) is None, cache.status().reason
    (True, 'switched off')
    """

    def __init__(self, folder: Path | None, *, limit_bytes: int = _DEFAULT_LIMIT_BYTES) -> None:
        self.folder = None if folder is None else _expanded(folder)
        self._limit_bytes = limit_bytes
        self._lock = ProcessLock()
        self._statistics = CacheStatistics()
        self._parents_checked = False

    def load(self, key: str) -> CacheEntry | None:
        """The entry of that key, or None if there is none that can be trusted.

        Raises
        ------
        ValueError
            The key is not one of `content_key`.
        """
        _check_key(key)
        entry, rejected = None, False
        try:
            with self._open_folder(create=False) as folder:
                entry = _read_entry(folder, key)
        except (FileNotFoundError, UntrustedFolderError):
            pass
        except (OSError, ValueError):
            rejected = True
        self._count(hits=entry is not None, misses=entry is None, rejected=rejected)
        return entry

    def store(self, key: str, entry: CacheEntry) -> bool:
        """Keep an entry under that key, in place of what was there. Returns whether it could.

        Raises
        ------
        ValueError
            The key is not one of `content_key`.
        """
        _check_key(key)
        if self.folder is None:
            return False
        stored, data = False, encode_entry(key, entry)
        with contextlib.suppress(OSError), self._open_folder(create=True) as folder:
            _write_entry(folder, key, data)
            stored = True
            if self._should_prune(folder):
                _prune(folder, self._limit_bytes)
        self._count(stores=stored, failures=not stored)
        return stored

    def prune(self) -> None:
        """Drop the entries used longest ago, if the folder holds more than its limit."""
        with contextlib.suppress(OSError), self._open_folder(create=False) as folder:
            _prune(folder, self._limit_bytes)

    def status(self) -> CacheStatus:
        """Whether the cache works, why if it does not, and what it holds. Creates the folder."""
        if self.folder is None:
            return CacheStatus(None, _OFF, 0, 0, self._statistics)
        reason, sizes = "", []
        try:
            with self._open_folder(create=True) as folder:
                sizes = [info.st_size for _, info in _files(folder, _ENTRY)]
                if not os.access(".", os.W_OK, dir_fd=folder):
                    reason = f"{self.folder} cannot be written to"
        except OSError as error:
            reason = str(error)
        return CacheStatus(self.folder, reason, len(sizes), sum(sizes), self._statistics)

    @contextlib.contextmanager
    def _open_folder(self, *, create: bool) -> Iterator[int]:
        """A descriptor of the folder, checked; all work is relative to it.

        It is opened for each piece of work, so a folder that is deleted or replaced under a running
        process is noticed.
        """
        if self.folder is None:
            raise FileNotFoundError(_OFF)
        if _is_homeless(self.folder):
            raise UntrustedFolderError(
                f"{self.folder}: there is no such home; set LLTHEANO_CACHE_DIR to a whole path, or"
                " to off"
            )
        if create:
            _make_private(self.folder)
        if not self._parents_checked:
            check_parents(self.folder)
            self._parents_checked = True
        descriptor = open_private(self.folder)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _should_prune(self, folder: int) -> bool:
        """Seldom: each so many stores, and once a day for processes that store less than that."""
        with self._lock:
            if self._statistics.stores % _PRUNE_EVERY_STORES == _PRUNE_EVERY_STORES - 1:
                return True
            if self._statistics.stores > 0:
                return False
        try:
            stamp = os.stat(_PRUNE_STAMP, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            _create(folder, _PRUNE_STAMP, b"")
            return False
        return time.time() - stamp.st_mtime > _PRUNE_SECONDS

    def _count(self, **events: bool) -> None:
        with self._lock:
            counts = {name: getattr(self._statistics, name) + by for name, by in events.items()}
            self._statistics = replace(self._statistics, **counts)


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"a key has 64 hexadecimal digits in lower case, got {key!r}")


def _make_private(folder: Path) -> None:
    """Make the folder and those above it, all of them for the user alone whatever the umask."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)


def _read_entry(folder: int, key: str) -> CacheEntry:
    # Opening must neither follow a link nor wait for the other end of a pipe.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(key + _SUFFIX, flags, dir_fd=folder), "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
            raise DamagedEntryError("not a plain file of the user's own")
        if info.st_mode & 0o022 or info.st_size > _MAX_ENTRY_BYTES:
            raise DamagedEntryError("writable by others, or far too long")
        entry = decode_entry(key, file.read(_MAX_ENTRY_BYTES))
        if time.time() - info.st_mtime > _TOUCH_SECONDS:
            with contextlib.suppress(OSError):
                os.utime(file.fileno())
    return entry


def _write_entry(folder: int, key: str, data: bytes) -> None:
    temporary = f"{key}.{os.urandom(8).hex()}.tmp"
    try:
        _create(folder, temporary, data)
        os.replace(temporary, key + _SUFFIX, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _create(folder: int, name: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:
        file.write(data)


def _files(folder: int, names: re.Pattern[str]) -> Iterator[tuple[str, os.stat_result]]:
    for name in os.listdir(folder):
        if names.fullmatch(name):
            with contextlib.suppress(OSError):
                info = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISREG(info.st_mode):
                    yield name, info


def _prune(folder: int, limit_bytes: int) -> None:
    """Drop what writers left behind, then the oldest entries until a quarter of the limit is free.

    Readers that hold an entry open keep it; other processes that prune at the same time find some
    names gone, which is all right.
    """
    now = time.time()
    for name, info in _files(folder, _TEMPORARY):
        if now - info.st_mtime > _STALE_SECONDS:
            _unlink(folder, name)
    entries = sorted(_files(folder, _ENTRY), key=lambda entry: entry[1].st_mtime)
    total = sum(info.st_size for _, info in entries)
    if total > limit_bytes:
        for name, info in entries:
            if total <= limit_bytes * 3 // 4:
                break
            _unlink(folder, name)
            total -= info.st_size
    with contextlib.suppress(OSError):
        os.utime(_PRUNE_STAMP, dir_fd=folder, follow_symlinks=False)


def _unlink(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)
