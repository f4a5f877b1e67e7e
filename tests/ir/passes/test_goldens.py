"""Text in, exact text out: `cases/PASS/NAME.ir`, or passes separated by `+`.

A file holds cases divided by lines of `; ====`; a case is a comment that says what is shown, a
program, a line of `; ----`, and the program after the pass. Run with `--update-goldens` to write
what is found as what is expected.
"""

from pathlib import Path

import pytest

from lltheano_ir.passes.pipeline import run_passes
from lltheano_ir.text import format_program, parse_program

HERE = Path(__file__).parent / "cases"
FILES = sorted(HERE.glob("*/*.ir"))
CASE, ARROW = "\n; ====\n", "; ----\n"


def transformed(passes: list[str], case: str) -> str:
    """A case with what the passes make of its program now."""
    before = case.split(ARROW, 1)[0]
    after = format_program(run_passes(parse_program(before), passes))
    return f"{before.rstrip()}\n{ARROW}{after}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(path: Path, update_goldens: bool) -> None:
    passes = path.parent.name.split("+")
    expected = path.read_text()
    found = CASE.join(transformed(passes, case) for case in expected.split(CASE))
    if update_goldens:
        path.write_text(found)
    else:
        assert found == expected
