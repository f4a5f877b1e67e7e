"""The stream of words before dieharder (R. G. Brown), where it is installed."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress

from tests.random_battery.battery import Check
from tests.random_battery.words import stream_of_bytes

__all__ = ["TESTS", "ask_dieharder", "is_installed"]

TESTS = (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 100, 101, 102, *range(204, 210), 202)
"""Numbers of dieharder's tests: those that it trusts itself, but for a few that take minutes."""

_FIELDS = ("test_name", "ntuple", "pvalues")


def is_installed() -> bool:
    """Whether there is a dieharder to ask."""
    return shutil.which("dieharder") is not None


def ask_dieharder(test: int, seed: int) -> Iterator[Check]:
    """Pipe words into one test until it has enough; it may say several things.

    Its values of p are those of a test of Kolmogorov and Smirnov over a hundred values of p, and
    are rounded: what it prints as 0 is below 5e-9.
    """
    flags = [part for field in _FIELDS for part in ("-D", field)]
    command = ["dieharder", "-g", "200", "-d", str(test), "-c", ",", *flags]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            for some in stream_of_bytes(seed):
                process.stdin.write(some)
        text = process.stdout.read().decode()
        with suppress(BrokenPipeError):
            process.stdin.close()
    for line in text.splitlines():
        name, size, probability = (field.strip() for field in line.split(",")[:3])
        what = f"{name}, {size}" if size != "0" else name
        yield Check("dieharder", what, seed, float(probability))
