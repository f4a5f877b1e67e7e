"""A child forked while another thread is in the middle of something can do all of it itself."""

import os
import subprocess
import sys

import pytest

# The child compiles, past the cache on disk and through it; compiles a kept input's other program;
# drops code; and does as much from a thread of its own.
_PROGRAM = """
import gc, os, signal, sys, threading
import numpy as np
import lltheano.tensor as T
from lltheano import Generic, In, function, shared
from lltheano_ir import nodes

def fresh(number):
    x, count = T.dvector("x"), T.lscalar("count")
    item, latest, total = Generic()("item"), shared([0], "latest"), shared(0.0)
    return function(
        [x, item, In(count, value=0, update=count + 1)],
        {"count": count, "sum": (x * number).sum()},
        updates=[(latest, item), (total, total + number)],
    )

def everything(number):
    for repeated in (number, number):
        step = fresh(repeated)
        assert step(np.ones(2), [1])["sum"] == 2 * repeated
        assert step(np.ones(2), [1], count=5)["count"] == 5
    assert old(np.ones(2), [1], count=7)["count"] == 7
    del step
    gc.collect()

def child(number):
    signal.alarm(60)
    everything(number)
    thread = threading.Thread(target=everything, args=(number + 0.5,))
    thread.start()
    thread.join()
    os._exit(0)

def fork(number):
    process = os.fork()
    if process == 0:
        try:
            child(number)
        finally:
            os._exit(1)
    assert os.waitpid(process, 0)[1] == 0

old = fresh(-1.0)
old(np.ones(2), [1])
"""

_HELD = (
    _PROGRAM
    + """
def locks():
    yield nodes._lock
    yield sys.modules["lltheano.runtime.native_code"]._lock
    yield old._lock
    gc.collect()
    kinds = ("ObjectCache", "CalleeTable", "Configuration")
    for one in gc.get_objects():
        if type(one).__name__ in kinds:
            yield vars(one)["_lock"]

def hold(lock):
    with lock:
        begun.set()
        end.wait(100)

every = list(locks())
assert len(every) >= 6
begun, end = threading.Event(), threading.Event()
threads = []
for lock in every:
    begun.clear()
    threads.append(threading.Thread(target=hold, args=(lock,)))
    threads[-1].start()
    begun.wait(10)
try:
    fork(2.0)
finally:
    end.set()
for thread in threads:
    thread.join()
everything(3.0)
"""
)

_BUSY = (
    _PROGRAM
    + """
def compile_for_ever():
    number = 100
    while not end.is_set():
        everything(number)
        number += 1

end = threading.Event()
threads = [threading.Thread(target=compile_for_ever, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
try:
    for number in range(6):
        fork(2.0 + number)
finally:
    end.set()
for thread in threads:
    thread.join()
"""
)


def _run(program: str) -> None:
    # Later versions of Python warn of forks beside threads, which is what this is about.
    command = [sys.executable, "-W", "ignore", "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def test_a_child_needs_no_lock_that_another_thread_held() -> None:
    _run(_HELD)


@pytest.mark.slow
def test_a_child_forked_while_others_compile_can_do_everything() -> None:
    _run(_BUSY)
