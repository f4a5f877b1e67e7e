"""Locks that a forked child finds free.

A child has none of the threads that held locks when it was forked, so nobody would ever release
those. What these locks guard is complete after every single step that is taken under them.
"""

import os
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

__all__ = ["ProcessLock"]


class ProcessLock:
    """A reentrant lock for `with`, which in a forked child is held by the forking thread or free.

    >>> lock = ProcessLock()
    >>> with lock, lock:
    ...     print("held")
    held
    """

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        # By process. The last is that of this process, or that of the one that forked it.
        self._locks = {os.getpid(): threading.RLock()}

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
        __enter__ = property(lambda self: self._own().__enter__)
        __exit__ = property(lambda self: self._own().__exit__)

    def _own(self) -> Any:
        lock = self._locks.get(os.getpid())
        return self._inherited() if lock is None else lock

    def _inherited(self) -> Any:
        """In a forked child: the lock that was there if this thread holds it, or nobody does."""
        inherited = list(self._locks.values())[-1]
        if inherited.acquire(blocking=False):
            inherited.release()
        else:
            inherited = threading.RLock()
        return self._locks.setdefault(os.getpid(), inherited)
