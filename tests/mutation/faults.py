"""A fault that a person wrote down: text for text, wherever in the sources that text stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.mutation.mutants import Mutant, MutantError

__all__ = ["Fault"]


@dataclass(frozen=True)
class Fault:
    """A change that breaks the compiler in one way that is easily overlooked.

    Attributes
    ----------
    area
        What part it breaks, a name from `tests.mutation.areas.AREAS`.
    fault
        What is wrong then.
    before, after
        Text that all sources together have exactly once, and by what it is replaced.
    near
        Tests that are likely to find it, which are asked before all others of the area.
    """

    area: str
    fault: str
    before: str
    after: str
    near: tuple[str, ...] = ()

    def located(self, sources: Mapping[str, str]) -> Mutant:
        """The mutant of these sources; MutantError when the text is not there exactly once."""
        places = {path: text.count(self.before) for path, text in sources.items()}
        found = {path: count for path, count in places.items() if count}
        if list(found.values()) != [1]:
            raise MutantError(
                f"{self.area}: {self.fault}: expected its text once, got {found or 'none'}:\n"
                f"{self.before}"
            )
        (path,) = found
        offset = sources[path].index(self.before)
        line = sources[path].count("\n", 0, offset) + 1
        return Mutant(
            path,
            self.before,
            self.after,
            offset,
            line,
            self.area,
            self.fault,
            context="",
            drawn=False,
            near=self.near,
        )
