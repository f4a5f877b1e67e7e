"""Mutants that mean the same as the original, each with the reason, by their keys.

`python -m tests.mutation --show` prints the key of each mutant that nothing found. No test can find
one of these, so they do not count.
"""

__all__ = ["EQUIVALENT"]

EQUIVALENT: dict[str, str] = {
    "0fc7030bc6": (
        "the inverse of a great power of two is exact as a subnormal too, and the product with it"
        " rounds as the quotient does; normal ones are asked for since subnormals are slow"
    ),
    "0430269895": (
        "a fork takes this lock before and releases it in the child, so that it is free already"
    ),
    "9ca8b271c7": (
        "of two loops that write one buffer the later follows the earlier, so that a second writer"
        " that reads the old value is among the readers that follow a writer"
    ),
    "d0584b27cb": "emission gives every result a block of its own, whatever its slot",
    "f722c03da6": (
        "the lowering gives memory to what an op needs that is not fused, in a loop of its own, as"
        " it does for a group of one value"
    ),
    "58a6af0c5b": (
        "the block of a slot has the size of its greatest buffer, so that a wider one fits as well"
    ),
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
