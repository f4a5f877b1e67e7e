"""Folders that hold code: is this one the user's own, with nobody else able to write to it?

Invariants: `open_private` returns a descriptor of a directory that belongs to the user and that
neither group nor others can write to, checked on the descriptor itself, so nothing can be swapped
in between; `check_parents` refuses a path of which somebody else could replace a part.
"""

import os
import stat
from pathlib import Path

__all__ = ["UntrustedFolderError", "check_parents", "open_private"]

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class UntrustedFolderError(PermissionError):
    """Somebody else can write to the folder, or replace it."""


def open_private(folder: Path) -> int:
    """Open a folder for use with `dir_fd=`.

    Raises
    ------
    UntrustedFolderError
        It is not the user's own, or others may write to it.
    OSError
        It cannot be opened.
    """
    if not hasattr(os, "geteuid"):
        raise UntrustedFolderError("this system does not tell who may write to a folder")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    info = os.fstat(descriptor)
    reason = ""
    if info.st_uid != os.geteuid():
        reason = f"{folder} belongs to user {info.st_uid}, not to user {os.geteuid()}"
    elif info.st_mode & _WRITABLE_BY_OTHERS:
        reason = f"{folder} can be written to by others; run: chmod go-w {folder}"
    if reason:
        os.close(descriptor)
        raise UntrustedFolderError(reason)
    return descriptor


def check_parents(folder: Path) -> None:
    """Check the folders above, along the path as written and as it is with links followed.

    A parent that everybody can write to is fine if it is sticky, as `/tmp` is: nobody can replace
    what belongs to the user there.

    Raises
    ------
    UntrustedFolderError
        A parent, or a link on the way, belongs to neither the user nor root, or others may write
        to it.
    OSError
        A parent cannot be looked at.
    """
    trusted = {0, os.geteuid()}
    for part in {*folder.parents, *folder.resolve().parents, folder}:
        link = part.lstat()
        if link.st_uid not in trusted:
            raise UntrustedFolderError(f"{part} belongs to user {link.st_uid}")
        info = part.stat()
        if info.st_uid not in trusted:
            raise UntrustedFolderError(f"{part} leads to a folder of user {info.st_uid}")
        sticky = info.st_mode & stat.S_ISVTX and part != folder
        if info.st_mode & _WRITABLE_BY_OTHERS and not sticky:
            raise UntrustedFolderError(
                f"{part} can be written to by others; run: chmod go-w {part}"
            )
