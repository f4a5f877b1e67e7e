"""The memory passes: loop IR in, the decisions and the loop IR out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.memory.assign import assign_buffers
from lltheano_ir.memory.carried import carry_in_place
from lltheano_ir.memory.copies import remove_copies
from lltheano_ir.memory.dead import remove_dead_stores
from lltheano_ir.memory.inplace import update_in_place
from tests.ir.goldens import check_golden

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.ir"))
PASSES: dict[str, Callable[[LoopFunction, list[Decision]], LoopFunction]] = {
    "dse": lambda function, decisions: remove_dead_stores(function),
    "copies": remove_copies,
    "carry": carry_in_place,
    "inplace": update_in_place,
    "assign": assign_buffers,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(path: Path, update_goldens: bool) -> None:
    def transformed(text: str) -> str:
        before = parse_module(text)
        verify_loops(before)
        decisions: list[Decision] = []
        run = PASSES[path.parent.name]
        after = before.mapped(lambda function: run(function, decisions))
        verify_loops(after)
        assert parse_module(format_loops(after)) == after
        return "".join(f"; {one}\n" for one in decisions) + format_loops(after)

    check_golden(path, transformed, update=update_goldens)
