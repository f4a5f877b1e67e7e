"""How many threads work on a parallel loop."""

import os
from collections.abc import Mapping

from lltheano_ir.native.topology import usable_cores

__all__ = ["VARIABLE", "thread_count"]

VARIABLE = "LLTHEANO_NUM_THREADS"
"""The environment variable that says so; it is read when the first function is compiled."""


def thread_count(environment: Mapping[str, str] = os.environ) -> int:
    """As many as `LLTHEANO_NUM_THREADS` says, else as there are cores for this process.

    Cores are those that affinity and the quotas of control groups leave, at least 1.

    Raises
    ------
    ValueError
        The variable holds something else than a number from 1 on.

    >>> thread_count({"LLTHEANO_NUM_THREADS": "3"})
    3
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return usable_cores()
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{VARIABLE} should be a number of threads, 1 or more; got {text!r}")
    return int(text)
