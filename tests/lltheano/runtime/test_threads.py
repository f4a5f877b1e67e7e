"""The threads of the run time: each iteration is done once, by whoever comes, and none is lost."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from lltheano.runtime.native_code import native_code
from lltheano.runtime.structures import JOB, MAX_THREADS, WORKER
from lltheano.runtime.threads import VARIABLE, thread_count

_BODY = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


@pytest.fixture(autouse=True)
def _as_many_as_before() -> Iterator[None]:
    native = native_code()
    count = native.threads_count()
    yield
    native.threads_configure(count, signal.SIG_SETMASK)


def use(count: int) -> None:
    native_code().threads_configure(count, signal.SIG_SETMASK)


class Loop:
    """A loop whose chunks are noted: bounds, and the thread. It fails where `fails` begins."""

    def __init__(self, fails: int | None = None, pause: float = 0.0) -> None:
        self.chunks: list[tuple[int, int, int]] = []
        self._fails = fails
        self._pause = pause
        self._body = _BODY(self._run)

    def _run(self, _: int | None, begin: int, end: int) -> int:
        self.chunks.append((begin, end, threading.get_ident()))
        if self._pause:
            time.sleep(self._pause)
        return 7 if self._fails is not None and begin <= self._fails < end else 0

    def __call__(self, extent: int, grain: int, unit: int = 1) -> int:
        function = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *(3 * [ctypes.c_int64])
        )(native_code().address("parallel"))
        self.chunks.clear()
        return int(function(ctypes.cast(self._body, ctypes.c_void_p), None, extent, grain, unit))

    def covers(self, extent: int) -> bool:
        """Whether the chunks, put in order, are the range."""
        bounds = sorted(chunk[:2] for chunk in self.chunks)
        ends = [0, *(end for _, end in bounds)]
        return [begin for begin, _ in bounds] == ends[:-1] and ends[-1] == extent


@pytest.mark.parametrize("count", [1, 2, 3, 8, 64])
@pytest.mark.parametrize("unit", [1, 64])
def test_all_iterations_are_done_once(count: int, unit: int) -> None:
    use(count)
    loop = Loop()
    for extent in (1, 2, 3, 63, 64, 65, 129, 1000, 12_345):
        for grain in (1, 5, 64, 1000):
            assert loop(extent, grain, unit) == 0
            assert loop.covers(extent)
            assert all(begin % unit == 0 for begin, _, _ in loop.chunks)


def test_chunks_are_worth_a_thread_and_no_more_than_each_can_take() -> None:
    use(4)
    loop = Loop()
    loop(1000, 400)
    assert min(end - begin for begin, end, _ in loop.chunks) >= 400
    loop(100_000, 100)
    assert len(loop.chunks) == 16
    loop(10_000_000, 100)
    assert max(end - begin for begin, end, _ in loop.chunks) <= 100 * 513


def test_several_threads_take_part() -> None:
    use(3)
    loop = Loop(pause=0.02)
    loop(12, 1)
    assert loop.covers(12)
    assert len({thread for _, _, thread in loop.chunks}) > 1


def test_one_thread_does_all_where_there_is_but_one() -> None:
    use(1)
    loop = Loop()
    loop(1000, 1)
    assert loop.chunks == [(0, 1000, threading.get_ident())]


@pytest.mark.parametrize("count", [1, 2, 8])
def test_the_status_of_a_chunk_that_fails_is_that_of_the_loop(count: int) -> None:
    use(count)
    loop = Loop(fails=500)
    assert loop(1000, 1) == 7
    assert Loop()(1000, 1) == 0


def test_callers_in_many_threads_share_the_threads() -> None:
    use(4)
    broken: list[int] = []

    def call() -> None:
        loop = Loop()
        extents = range(20, 120)
        broken.extend(one for one in extents if loop(one, 1) or not loop.covers(one))

    # More than there are jobs.
    callers = [threading.Thread(target=call) for _ in range(24)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    assert broken == []


def test_fewer_and_more_threads_are_used_from_the_next_loop_on() -> None:
    loop = Loop(pause=0.002)
    for count in (8, 2, 1, 3, 64, 2):
        use(count)
        loop(40, 1)
        assert loop.covers(40)
        assert len({thread for _, _, thread in loop.chunks}) <= count


def test_threads_that_have_nothing_to_do_sleep() -> None:
    use(4)
    Loop()(100, 1)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.1


IN_A_CHILD = """
import os, sys
from tests.lltheano.runtime.test_threads import Loop, use
use(4)
loop = Loop(pause=0.001)
loop(40, 1)
child = os.fork()
if not child:
    done = loop(40, 1) == 0 and loop.covers(40)
    others = len({thread for _, _, thread in loop.chunks})
    os._exit(0 if done and others > 1 else 1)
_, status = os.waitpid(child, 0)
assert loop(40, 1) == 0 and loop.covers(40)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_child_has_threads_of_its_own() -> None:
    ran = subprocess.run([sys.executable, "-c", IN_A_CHILD], timeout=60, check=False)
    assert ran.returncode == 0


SIGNAL = """
import os, signal, threading, time
from tests.lltheano.runtime.test_threads import Loop, use
use(4)
Loop(pause=0.001)(40, 1)
# Only threads of Python's may take it: its handler wakes this one from its sleep.
signal.signal(signal.SIGUSR1, lambda *_: None)
threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
masks = [open(f"/proc/self/task/{one}/status").read() for one in os.listdir("/proc/self/task")]
blocked = [int(one.partition("SigBlk:")[2].split()[0], 16) for one in masks]
assert sum(bool(one >> (signal.SIGUSR1 - 1) & 1) for one in blocked) >= 3, blocked
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of masks")
def test_threads_take_no_signals() -> None:
    subprocess.run([sys.executable, "-c", SIGNAL], timeout=60, check=True)


def test_how_many_threads_there_are() -> None:
    assert thread_count({VARIABLE: " 5 "}) == 5
    assert 1 <= thread_count({}) <= (os.cpu_count() or 1)
    for wrong in ("0", "-2", "two", "1.5"):
        with pytest.raises(ValueError, match=f"{VARIABLE} should be a number of threads.*{wrong}"):
            thread_count({VARIABLE: wrong})


def test_what_several_threads_write_lies_on_lines_of_its_own() -> None:
    assert JOB.bytes % 64 == 0
    assert WORKER.bytes == 64
    assert JOB.ctype.counters.offset == 128
    use(10 * MAX_THREADS)
    assert native_code().threads_count() == MAX_THREADS
