"""Signal handlers that raise while LLVM works."""

import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lltheano_ir.native.shield import shielded

ROOT = Path(__file__).parents[3]


class StopError(Exception):
    pass


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    """Raises `StopError` in the main thread after so many seconds."""

    def raise_stop(*_: object) -> None:
        raise StopError

    before = signal.signal(signal.SIGALRM, raise_stop)
    yield lambda seconds: [signal.setitimer(signal.ITIMER_REAL, seconds)].clear()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_handler_raises_at_once_and_the_work_goes_on(alarm: Callable[[float], None]) -> None:
    released, finished = threading.Event(), threading.Event()

    @shielded
    def work() -> None:
        released.wait()
        finished.set()

    alarm(0.02)
    with pytest.raises(StopError):
        work()
    assert not finished.is_set()
    released.set()
    assert finished.wait(60)


def test_what_the_work_raises_is_raised_and_what_it_returns_is_returned() -> None:
    @shielded
    def halved(x: int) -> int:
        if x % 2:
            raise ValueError(f"{x} is odd")
        return x // 2

    assert halved(4) == 2
    with pytest.raises(ValueError, match="3 is odd"):
        halved(3)


def test_other_threads_run_the_work_themselves() -> None:
    """They run no signal handlers."""
    threads: list[int] = []
    caller = threading.Thread(target=lambda: threads.append(shielded(threading.get_ident)()))
    caller.start()
    ident = caller.ident
    caller.join()
    assert threads == [ident]


INTERRUPTED = """
    import random, signal, sys, time
    import numpy as np
    import lltheano.tensor as T
    from lltheano import function, shared

    class Stop(Exception):
        pass

    def handler(*_):
        global armed
        if armed:
            armed = False
            raise Stop

    signal.signal(signal.SIGALRM, handler)
    chance, armed, hits, end = random.Random(sys.argv[1]), False, 0, time.monotonic() + 4
    sys.unraisablehook = lambda unraisable: None  # a handler may raise in a finalizer, too
    while time.monotonic() < end:
        try:
            y, s = T.dvector(), shared(np.zeros(3))
            armed = True
            signal.setitimer(signal.ITIMER_REAL, 1e-4 + chance.random() * 0.03)
            f = function([y], T.exp(y) * chance.random(), updates=[(s, s + y)])
            armed = False
        except Stop:
            hits += 1
        armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    y = T.dvector()
    assert function([y], y + 1)([1.0]) == 2
    print(hits)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1"])
def test_a_process_that_is_interrupted_while_it_compiles_goes_on(seed: str, tmp_path: Path) -> None:
    """Without the shield most such processes died of a double free within seconds."""
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), seed]
    environment = {"LLTHEANO_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'ir'}"
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
    assert not list((tmp_path / "cache").glob("*.tmp"))
