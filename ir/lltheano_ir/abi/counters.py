"""The counters of a profiled program: rows of words in the memory of its code."""

from enum import IntEnum, unique

__all__ = ["COUNTERS", "MAX_ROWS", "Counter"]

COUNTERS = "lltheano_counters"
"""The symbol of the rows. They begin at 0, and whoever reads them reads each word by itself."""

MAX_ROWS = 1 << 16
"""How many rows a program may have."""


@unique
class Counter(IntEnum):
    """What the words of a row count."""

    CALLS = 0
    NANOSECONDS = 1
    BYTES = 2
    """Moved between memory and registers."""
    FLOPS = 3
    ALLOCATED = 4
    """Bytes of the temporaries and results that were made."""
