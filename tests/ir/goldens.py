"""Golden files: cases of text in, exact text out.

A file holds cases divided by lines of `; ====`; a case is a comment that says what is shown, the
text that goes in, a line of `; ----`, and the text that comes out. With `--update-goldens` what is
found is written as what is expected.
"""

from collections.abc import Callable
from pathlib import Path

__all__ = ["cases_of", "check_golden"]

CASE, ARROW = "\n; ====\n", "; ----\n"


def check_golden(path: Path, transform: Callable[[str], str], *, update: bool) -> None:
    """Compare each case of a file with what `transform` makes of it now, or write it down."""
    expected = path.read_text()
    found = CASE.join(_shown(case, transform) for case in expected.split(CASE))
    if update:
        path.write_text(found)
    else:
        assert found == expected


def cases_of(path: Path) -> list[str]:
    """The text that goes in, of each case of a file."""
    return [case.split(ARROW, 1)[0] for case in path.read_text().split(CASE)]


def _shown(case: str, transform: Callable[[str], str]) -> str:
    before = case.split(ARROW, 1)[0]
    return f"{before.rstrip()}\n{ARROW}{transform(before)}"
