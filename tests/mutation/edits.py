"""What an operator does to a text: one piece of it for another."""

from typing import NamedTuple

__all__ = ["Edit"]


class Edit(NamedTuple):
    """A change that an operator proposes.

    Attributes
    ----------
    operator
        What kind of change it is, in words.
    offset
        Where the text stands that is replaced.
    before, after
        That text, and by what.
    """

    operator: str
    offset: int
    before: str
    after: str
