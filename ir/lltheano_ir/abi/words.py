"""Arrays described in rows of 8-byte words: the frame of a program, and a call of a host function.

An array is described by its data pointer, its sizes in elements and, where it may have any, its
strides in bytes (multiples of the element's size). What has no strides is row-major. Elements are
aligned as NumPy aligns them; what a caller has at other addresses it must copy first.

A frame is made of the parameters in order (inputs, then shared), with strides; the results in order
(outputs, then updates), without; eight words of report; and the number of the caller's table of
host functions, a word that only programs that call such functions have.

The record of a call of a host function has a word for the ticket of what went wrong; then the
operands, with strides, and the results, without. A size of a result is what the program wants, or
`UNKNOWN` where the call tells.
"""

from collections.abc import Iterable
from functools import cached_property

from lltheano_ir.records import record

__all__ = [
    "REPORT_WORDS",
    "UNKNOWN",
    "ArrayWords",
    "CallWords",
    "FrameWords",
    "array_words",
    "call_words",
    "frame_words",
]

REPORT_WORDS = 8
"""What a report has room for: two numbers, or a site and seven values."""

UNKNOWN = -1
"""In the record of a call of a host function: a size that the call tells."""


@record(frozen=True, slots=True)
class ArrayWords:
    """Where the words of an array stand, counted from the beginning of the row.

    >>> matrix = ArrayWords(data=3, rank=2, strided=True)
    >>> matrix.sizes, matrix.strides, matrix.end
    (4, 6, 8)
    """

    data: int
    rank: int
    strided: bool

    @property
    def sizes(self) -> int:
        """The first of its sizes."""
        return self.data + 1

    @property
    def strides(self) -> int:
        """The first of its strides; only what is `strided` has any."""
        if not self.strided:
            raise ValueError("an array without strides is row-major")
        return self.sizes + self.rank

    @property
    def end(self) -> int:
        """The first word behind it."""
        return self.sizes + self.rank * (2 if self.strided else 1)


def array_words(ranks: Iterable[int], *, strided: bool, start: int = 0) -> tuple[ArrayWords, ...]:
    """Lay out arrays of these ranks one behind the other.

    >>> [one.data for one in array_words([0, 1, 2], strided=False, start=1)]
    [1, 2, 4]
    """
    laid_out = []
    for rank in ranks:
        laid_out.append(ArrayWords(start, rank, strided))
        start = laid_out[-1].end
    return tuple(laid_out)


@record(frozen=True)
class FrameWords:
    """The layout of a frame.

    >>> frame = frame_words([0, 2], [1])
    >>> [one.data for one in (*frame.parameters, *frame.results)], frame.report, frame.host
    ([0, 1, 6], 8, 16)
    """

    parameters: tuple[ArrayWords, ...]
    results: tuple[ArrayWords, ...]

    @cached_property
    def report(self) -> int:
        """The first word of the report."""
        arrays = (*self.parameters, *self.results)
        return arrays[-1].end if arrays else 0

    @property
    def host(self) -> int:
        """The number of the table of host functions, where the frame has one."""
        return self.report + REPORT_WORDS


def frame_words(parameters: Iterable[int], results: Iterable[int]) -> FrameWords:
    """Lay out the frame of a program whose parameters and results have these ranks."""
    return FrameWords(*_two_groups(parameters, results, start=0))


@record(frozen=True)
class CallWords:
    """The layout of the record of a call of a host function.

    >>> call = call_words([0, 2], [1])
    >>> [one.data for one in (*call.operands, *call.results)], call.words
    ([1, 2, 7], 9)
    """

    operands: tuple[ArrayWords, ...]
    results: tuple[ArrayWords, ...]
    ticket = 0

    @property
    def words(self) -> int:
        """The length of the record."""
        arrays = (*self.operands, *self.results)
        return arrays[-1].end if arrays else self.ticket + 1


def call_words(operands: Iterable[int], results: Iterable[int]) -> CallWords:
    """Lay out the record of a call whose operands and results have these ranks."""
    return CallWords(*_two_groups(operands, results, start=CallWords.ticket + 1))


def _two_groups(
    strided: Iterable[int], plain: Iterable[int], start: int
) -> tuple[tuple[ArrayWords, ...], tuple[ArrayWords, ...]]:
    first = array_words(strided, strided=True, start=start)
    return first, array_words(plain, strided=False, start=first[-1].end if first else start)
