"""What is timed by itself: a loop nest, a call, a loop of the program, or what lies between."""

from enum import Enum

from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["Region", "RegionKind", "Share"]


class RegionKind(Enum):
    """What sort of statements a region holds."""

    PROGRAM = "program"
    LOOPS = "fused loop"
    CALL = "library call"
    FUNCTION = "function"
    PYTHON = "Python call"
    SCAN = "scan"
    BRANCH = "branch"
    SETUP = "sizes, checks, memory"


@record(frozen=True, slots=True)
class Share:
    """What part of a region's work is an op's, from one place of the user's source.

    The parts of a region are estimates, by what the ops declare to cost; they add up to 1.
    """

    op: str
    location: Location | None
    part: float


@record(frozen=True, slots=True)
class Region:
    """A row of the counters: what is counted there.

    Attributes
    ----------
    kind, title
        What it is; the title names its ops, or what is called.
    parent
        The row of the region that it is inside; None of the whole program.
    shares
        The ops and the user's lines that it comes from.
    has_bytes, has_flops
        Whether its counters say how many bytes it moves, and how many flops it does.
    number
        The name of the dtype of the real numbers that it computes with; empty where it has none.
    """

    kind: RegionKind
    title: str
    parent: int | None = None
    shares: tuple[Share, ...] = ()
    has_bytes: bool = False
    has_flops: bool = False
    number: str = ""
