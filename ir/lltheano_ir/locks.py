"""Locks that a forked child finds free.

A child has none of the threads that held locks when it was forked, so nobody would ever release
those. What these locks guard is complete after every single step that is taken under them.
"""

import os
import threading
import weakref
from types import TracebackType
from typing import TYPE_CHECKING

__all__ = ["ProcessLock"]


class ProcessLock:
    """A reentrant lock for `with`, which in a forked child is held by the forking thread or free.

    >>> lock = ProcessLock()
    >>> with lock, lock:
    ...     print("held")
    held
    """

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        number = id(self)
        _made[number] = weakref.ref(self, lambda _: _made.pop(number, None))
        mine = object()
        if hasattr(os, "register_at_fork") and _hooks.setdefault("set by", mine) is mine:
            os.register_at_fork(after_in_child=_renew)

    if TYPE_CHECKING:

        def __enter__(self) -> bool: ...

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    else:
        # `with` asks for both before it calls the first: built-ins, between which and the block no
        # signal handler is run.
        __enter__ = property(lambda self: self._lock.__enter__)
        __exit__ = property(lambda self: self._lock.__exit__)


_made: dict[int, "weakref.ref[ProcessLock]"] = {}
_hooks: dict[str, object] = {}


def _renew() -> None:
    """In a forked child, before it can have new threads, which may bear the names of old ones."""
    for reference in list(_made.values()):
        lock = reference()
        if lock is None:
            continue
        if lock._lock.acquire(blocking=False):
            lock._lock.release()
        else:
            lock._lock = threading.RLock()
