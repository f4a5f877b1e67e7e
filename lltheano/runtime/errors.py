"""The errors of the run time, each of which names what was got and what to do."""

from lltheano.errors import LLTheanoError

__all__ = [
    "DeadlockError",
    "ExecutionFailed",
    "MemoryDamagedError",
    "TornStorageError",
    "UnreachableStorageError",
]


class ExecutionFailed(LLTheanoError, RuntimeError):  # noqa: N818 - it reports, the caller judges
    """A compiled program stopped at one of its checks; nothing was committed.

    Attributes
    ----------
    status
        What the entry returned, 1 for a failed check.
    site
        The number that the compiler gave to the check.
    values
        The seven report words behind the site, such as the two sizes that differ.
    """

    def __init__(self, status: int, site: int, values: tuple[int, ...]) -> None:
        super().__init__(status, site, values)
        self.status = status
        self.site = site
        self.values = values

    def __str__(self) -> str:
        return f"compiled code stopped with status {self.status} at site {self.site}: {self.values}"


class DeadlockError(LLTheanoError, RuntimeError):
    """Waiting for a shared variable could never end, so the call was refused."""


class UnreachableStorageError(LLTheanoError, TypeError):
    """A shared variable lives where the compiled program does not compute."""


class MemoryDamagedError(LLTheanoError, RuntimeError):
    """The pool found that memory was written outside its bounds, after its end, or freed twice."""


class TornStorageError(LLTheanoError, RuntimeError):
    """Another thread was writing the shared variable when this process was forked."""
