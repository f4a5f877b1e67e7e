"""The faults that persons wrote down, by the part of the compiler that they break.

The nasty ones: what is right for ordinary numbers, in the middle of an array, in one thread, and
wrong at a border.
"""

from tests.mutation.by_hand import loops, memory, rules, runtime

__all__ = ["FAULTS"]

FAULTS = (*rules.FAULTS, *memory.FAULTS, *loops.FAULTS, *runtime.FAULTS)
