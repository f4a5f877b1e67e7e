"""What an entry, or native code that calls one, returns."""

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """The outcome of a native call. On any but `DONE` nothing has changed.

    A compiled program returns those below 16, and tells more in its report. The others are the
    caller's: the call did not take place.
    """

    DONE = 0
    CHECK_FAILED = 1
    """Report: the number of the check's site, then the values that the site reports."""
    NO_MEMORY = 2
    """Report: the number of bytes that were asked for."""
    CALLBACK_FAILED = 3
    """A host function failed. Report: the ticket that it left, then its number."""
    INTERRUPTED = 4
    """The program was told to stop. Report: nothing."""
    BUSY = 16
    """A lock could not be had in time. Report: its number among the locks of the call."""
    OWN_LEASE = 17
    """This thread itself holds what it wants to lock for writing. Report: as of `BUSY`."""
    UNPREPARED = 18
    """An argument is not in the expected form. Report: its number, -1 for too many or too few."""
    DAMAGED = 19
    """The pool has found memory damaged."""
    TORN = 20
    """Another thread was writing when this process was forked. Report: as of `BUSY`."""
