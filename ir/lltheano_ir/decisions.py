"""The record of what the compiler decided, and why, for `--explain`.

A pass that chooses (what to fuse, what to update in place, which memory to share) appends a
`Decision` for each choice, taken or refused, to the list that its caller hands in.
"""

from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["Decision"]


@record(frozen=True, slots=True)
class Decision:
    """`stage` decided for or against something about `subject`.

    >>> print(Decision("in place", "w", False, "it is read after its new value is made"))
    in place: w: refused: it is read after its new value is made
    """

    stage: str
    subject: str
    taken: bool
    reason: str
    location: Location | None = None

    def __str__(self) -> str:
        verdict = "taken" if self.taken else "refused"
        place = f" [{self.location}]" if self.location else ""
        return f"{self.stage}: {self.subject}: {verdict}: {self.reason}{place}"
