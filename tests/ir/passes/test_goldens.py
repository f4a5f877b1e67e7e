"""Text in, exact text out: `cases/PASS/NAME.ir`, or passes separated by `+`."""

from pathlib import Path

import pytest

from lltheano_ir.passes.pipeline import run_passes
from lltheano_ir.text import format_program, parse_program
from tests.ir.goldens import check_golden

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.ir"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(path: Path, update_goldens: bool) -> None:
    passes = path.parent.name.split("+")

    def transformed(text: str) -> str:
        return format_program(run_passes(parse_program(text), passes))

    check_golden(path, transformed, update=update_goldens)
