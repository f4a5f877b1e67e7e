"""Tensor IR in, loop IR out."""

from pathlib import Path

import pytest

from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.text import parse_program
from tests.ir.goldens import check_golden

FILES = sorted((Path(__file__).parent / "cases").glob("*.ir"))


def lowered(text: str) -> str:
    function = lower(parse_program(text))
    verify_loops(function)
    return format_loops(function, locations=False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(path: Path, update_goldens: bool) -> None:
    check_golden(path, lowered, update=update_goldens)
