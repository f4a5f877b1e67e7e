"""A mutant: one small change of one source file that ought to make a test fail.

A change is text for text. What stands before is looked for in the file as it is now, so that a
mutant survives changes round it, and says so when it no longer applies.
"""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

__all__ = ["SOURCES", "Mutant", "MutantError", "sources"]

SOURCES = ("ir/lltheano_ir", "lltheano")
"""The folders whose files are changed."""


class MutantError(Exception):
    """A mutant does not apply to the sources as they are."""


@dataclass(frozen=True)
class Mutant:
    """A change of a source file.

    Attributes
    ----------
    path
        The file, from the root of the tree.
    before, after
        The text that is replaced, and by what.
    offset
        Where it stands in the file.
    line
        The number of the line in which it begins.
    area
        What part of the compiler it breaks.
    fault
        What is wrong then, in words; the operator, for one that is drawn.
    context
        The lines in which it stands, which tell it from others like it.
    drawn
        Whether an operator made it, rather than a person.
    near
        Tests that are likely to find it.
    """

    path: str
    before: str
    after: str
    offset: int
    line: int
    area: str
    fault: str
    context: str
    drawn: bool
    near: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from other mutants, wherever its line has moved to."""
        content = (Path(self.path).name, self.fault, self.before, self.after, self.context)
        return blake2b(repr(content).encode(), digest_size=5).hexdigest()

    def mutated(self, source: str) -> str:
        """The text of its file with the change; MutantError when the text is not there."""
        end = self.offset + len(self.before)
        if source[self.offset : end] != self.before:
            raise MutantError(f"{self.path}:{self.line} does not read {self.before!r}")
        return source[: self.offset] + self.after + source[end:]

    def shown(self) -> str:
        """The change in one line."""
        return f"{_folded(self.before)} -> {_folded(self.after) or '(nothing)'}"


def _folded(text: str) -> str:
    return " ".join(text.split())


def sources(root: Path) -> dict[str, str]:
    """The text of every source file under a root, by path from there."""
    files = (
        path
        for folder in SOURCES
        for suffix in ("*.py", "*.ll")
        for path in (root / folder).rglob(suffix)
    )
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(files)}
