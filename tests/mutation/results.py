"""What became of each mutant, kept as a line of JSON as soon as it is known.

A campaign that is begun again goes on where the file ends. A mutant whose key is there is not tried
again, unless nothing found it: then its tests may have become better since. The file is part of the
repository, so that whoever changes a test or a source tries only what that is about.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Result", "keep", "load", "tidy"]


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    Attributes
    ----------
    key, path, line, area, fault, change, drawn
        The mutant: see `tests.mutation.mutants.Mutant`.
    how
        "failed", "import", "crashed", "hung" when a test found it; "golden" when only an exact
        text did, "survived" when nothing did.
    test
        The test that found it.
    seconds
        How long that took.
    """

    key: str
    path: str
    line: int
    area: str
    fault: str
    change: str
    drawn: bool
    how: str
    test: str
    seconds: float

    @property
    def is_found(self) -> bool:
        """Whether a test found it that is no comparison of whole texts."""
        return self.how not in ("golden", "survived")


def keep(path: Path, result: Result) -> None:
    """Add a result to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(result))


def tidy(path: Path, results: Iterable[Result]) -> None:
    """Let the file hold these results and no others, each once."""
    path.write_text("".join(map(_line, results)), encoding="utf-8")


def _line(result: Result) -> str:
    return json.dumps(asdict(result)) + "\n"


def load(path: Path) -> dict[str, Result]:
    """The last result of each mutant by its key; none when there is no file."""
    if not path.exists():
        return {}
    lines: Iterable[str] = path.read_text(encoding="utf-8").splitlines()
    results = [Result(**json.loads(line)) for line in lines]
    return {result.key: result for result in results}
