"""Mutants that mean the same as the original, each with the reason, by their keys.

`python -m tests.mutation --show` prints the key of each mutant that nothing found. No test can find
one of these, so none of them is drawn; of what persons write a fault takes their place.
"""

__all__ = ["EQUIVALENT"]

EQUIVALENT: dict[str, str] = {
    "b86e54f23f": (
        "both ways of sorting are stable and give the same; at that length neither is the faster"
    ),
    "027f83fac5": (
        "the lowering makes a number of a constant of one element, and one buffer of any other,"
        " in whichever region it stands: the loops are the same"
    ),
    "71fcbab927": "nobody reads what stands in a report behind the status that refuses arguments",
    "d9c7e1696a": "how many microseconds a call waits with locks in hand is a choice, not a rule",
    "a2a772fbc5": (
        "a value that was stored is read from there or from where it was computed, which hold the"
        " same; the passes over loops make one of both"
    ),
    "1304679dc9": (
        "the block that is made for all buffers of no slot is one for the buffer alone, and none is"
        " found there again"
    ),
    "858fb36724": "a name for types: type checkers read it, and find what is wrong with it",
    "e116f04236": "how many results one pass has at most is a choice, not a rule",
}
