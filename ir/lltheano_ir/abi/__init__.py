"""The binary interface: what compiled programs, their caller and native code in text agree on.

Everything that two of them must know alike is written down once, here, and both sides are made of
it: the status that an entry returns (`status`), the words of its frame and of a call back
(`words`), what a profiled one counts (`counters`), and structures in memory (`structures`), of
which the LLVM types, their accessors and the ctypes classes come.
"""

from lltheano_ir.abi.counters import COUNTERS, MAX_ROWS, Counter
from lltheano_ir.abi.status import STATUSES, Status
from lltheano_ir.abi.structures import Member, Structure
from lltheano_ir.abi.words import (
    REPORT_WORDS,
    UNKNOWN,
    ArrayWords,
    CallWords,
    FrameWords,
    array_words,
    call_words,
    frame_words,
)

__all__ = [
    "COUNTERS",
    "MAX_ROWS",
    "REPORT_WORDS",
    "STATUSES",
    "UNKNOWN",
    "ArrayWords",
    "CallWords",
    "Counter",
    "FrameWords",
    "Member",
    "Status",
    "Structure",
    "array_words",
    "call_words",
    "frame_words",
]
