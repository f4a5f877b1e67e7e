"""Mutants that mean the same as the original, each with the reason, by their keys.

`python -m tests.mutation --show` prints the key of each mutant that nothing found. No test can find
one of these, so they do not count.
"""

__all__ = ["EQUIVALENT"]

EQUIVALENT: dict[str, str] = {}
