"""IR and a script for the tests of the command line, and what a command line came to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["ACCUMULATOR", "SCRIPT", "TWICE", "Command", "Result"]


@dataclass(frozen=True)
class Result:
    """What a command line came to."""

    code: int
    out: str
    err: str


Command: TypeAlias = Callable[..., Result]

ACCUMULATOR: Final = """\
program @accumulator(%state: i64[] shared, %inc: i32[]) {
  %0: i64[] = cast %inc, dtype=i64
  %1: i64[] = add %state, %0
  output "before" = %state
  update %state = %1
}
"""

TWICE: Final = """\
program @twice(%x: f64[?]) {
  %0: f64[1] = constant [1.0]
  %1: f64[?] = mul %0, %x
  %2: f64[?] = add %1, %1
  output "y" = %2
}
"""

SCRIPT: Final = """\
import sys

import lltheano.tensor as T
from lltheano import function, shared

print("arguments", sys.argv[1:])
state = shared(0, name="state")
inc = T.iscalar("inc")
accumulator = function([inc], state, updates=[(state, state + inc)])


def main():
    decrementor = function([inc], state, updates=[(state, state - inc)], name="minus")
    decrementor(2)


if __name__ == "__main__":
    main()
"""
"""Makes two functions, one of which is gone when the script ends."""
