"""Work that no signal handler may cut short.

Python runs signal handlers in the main thread, between any two of its bytecodes, and a handler may
raise: Ctrl-C does. llvmlite hands ownership from object to object in several such steps, so that an
exception between them frees memory twice. The main thread therefore lets another one work with
LLVM, where nothing can be raised, and waits for it where an exception does no harm.
"""

import _thread
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

__all__ = ["later", "shielded"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def shielded(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function that a signal handler which raises does not interrupt.

    The exception is raised in the caller at once, as ever; the work goes on to its end, and what it
    gives is dropped. Calls from threads that run no signal handlers are plain calls. A lock that
    the caller holds is not held by the work.

    >>> @shielded
    ... def where():
    ...     return threading.get_ident() == threading.main_thread().ident
    >>> where()
    False
    """

    @wraps(work)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if threading.get_ident() != threading.main_thread().ident:
            return work(*args, **kwargs)
        results: list[_R] = []
        errors: list[BaseException] = []
        done = _thread.allocate_lock()
        done.acquire()

        def in_peace() -> None:
            try:
                results.append(work(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
                errors.append(error)
            finally:
                done.release()

        # `threading.Thread.start` is Python code, and breaks when it is interrupted itself.
        _thread.start_new_thread(in_peace, ())
        done.acquire()
        if errors:
            raise errors.pop()
        return results.pop()

    return run


def later(work: Callable[[], object]) -> None:
    """Have `work` done soon, by another thread if this is the main one; for finalizers.

    Nobody waits for it, since the code that a finalizer broke into may hold any lock. At the end
    of the process it is not done at all.
    """
    if sys.is_finalizing():
        return
    if threading.get_ident() != threading.main_thread().ident:
        work()
        return
    # One thread does all of it: each new one could take its memory from another of malloc's arenas,
    # and what they leave behind in them adds up. A forked child has no threads but its own.
    process = os.getpid()
    jobs = _jobs.get(process)
    if jobs is None:
        jobs = SimpleQueue()
        _thread.start_new_thread(_serve, (jobs,))
        _jobs[process] = jobs
    jobs.put(work)


_jobs: dict[int, SimpleQueue[Callable[[], object]]] = {}
"""By process, what is to be done later."""


def _serve(jobs: SimpleQueue[Callable[[], object]]) -> None:
    while True:
        jobs.get()()
