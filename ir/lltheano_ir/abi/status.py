"""What an entry, or native code that calls one, returns."""

from collections.abc import Mapping
from typing import Final

__all__ = ["STATUSES", "Status"]


class Status:
    """The outcome of a native call. On any but `DONE` nothing has changed.

    A compiled program returns those below 16, and tells more in its report. The others are the
    caller's: the call did not take place.

    Plain numbers, not an `enum.Enum`: to look up a member of one takes longer than a call may.
    """

    DONE: Final = 0
    CHECK_FAILED: Final = 1
    """Report: the number of the check's site, then the values that the site reports."""
    NO_MEMORY: Final = 2
    """Report: the number of bytes that were asked for."""
    CALLBACK_FAILED: Final = 3
    """A host function failed. Report: the ticket that it left, then its number."""
    INTERRUPTED: Final = 4
    """The program was told to stop. Report: nothing."""
    BUSY: Final = 16
    """A lock could not be had in time. Report: its number among the locks of the call."""
    OWN_LEASE: Final = 17
    """This thread itself holds what it wants to lock for writing. Report: as of `BUSY`."""
    UNPREPARED: Final = 18
    """An argument is not in the expected form. Report: its number, -1 for too many or too few."""
    DAMAGED: Final = 19
    """The pool has found memory damaged."""
    TORN: Final = 20
    """Another thread was writing when this process was forked. Report: as of `BUSY`."""


STATUSES: Mapping[str, int] = {
    name: value for name, value in vars(Status).items() if name.isupper()
}
"""All of them, by name."""
