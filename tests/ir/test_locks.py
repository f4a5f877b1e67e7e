"""Locks that a forked child finds free."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from lltheano_ir.locks import ProcessLock

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]


def _in_child(act: Callable[[], bool]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(10)
            status = 0 if act() else 2
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def _is_free(lock: ProcessLock) -> bool:
    """Whether another thread gets the lock."""

    def take() -> None:
        with lock:
            taken.set()

    taken = threading.Event()
    threading.Thread(target=take, daemon=True).start()
    return taken.wait(0.3)


def test_a_lock_keeps_other_threads_out_and_lets_its_own_in() -> None:
    lock = ProcessLock()
    with lock:
        with lock:
            assert not _is_free(lock)
        assert not _is_free(lock)
    assert _is_free(lock)


def test_a_child_finds_the_lock_of_another_thread_free() -> None:
    lock = ProcessLock()
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            begun.set()
            end.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(10)

    def take() -> bool:
        with lock:
            return not _is_free(lock)

    assert _in_child(take) == 0
    assert _in_child(lambda: _is_free(lock) and _in_child(lambda: _is_free(lock)) == 0) == 0
    assert not _is_free(lock)
    end.set()
    thread.join()


def test_a_child_keeps_the_lock_that_the_forking_thread_holds() -> None:
    lock = ProcessLock()

    def leave() -> bool:
        with lock:
            kept = not _is_free(lock)
        return kept and not _is_free(lock)

    with lock:
        assert _in_child(leave) == 0
    assert _is_free(lock)
