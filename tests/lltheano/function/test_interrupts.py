"""Interrupts at any moment: tensors and objects stay at one state, and no lock is left behind."""

import subprocess
import sys

import pytest

_STORM = """
import random, signal, threading, time
import lltheano.tensor as T
from lltheano import Generic, function, shared

item, x = Generic()("item"), T.dscalar("x")
first, second, steps = shared([0.0], "first"), shared([0.0], "second"), shared(0.0, "steps")
step = function([item, x], updates=[(first, item), (second, item), (steps, x)])

class Interrupt(BaseException):
    pass

def interrupt(number, frame):
    raise Interrupt

signal.signal(signal.SIGALRM, interrupt)
end, interrupts, number = time.monotonic() + 2, 0, 0
while time.monotonic() < end or interrupts < 100:
    number += 1
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-6, 1e-4))
            for _ in range(3):
                step([float(number)], float(number))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupt:
        interrupts += 1
    state = first.get_value(), second.get_value(), [float(steps.get_value())]
    assert state[0] == state[1] == state[2], state

other = threading.Thread(target=step, args=([-1.0], -1.0), daemon=True)
other.start()
other.join(20)
assert not other.is_alive(), "a lock was left behind"
print(first.get_value())
"""


@pytest.mark.slow
def test_a_storm_of_interrupts() -> None:
    command = [sys.executable, "-W", "error", "-c", _STORM]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (run.stdout, run.stderr) == ("[-1.0]\n", "")
