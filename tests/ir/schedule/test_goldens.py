"""The scheduling passes: loop IR in, loop IR out, for vectors of 32 bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.schedule import (
    collapse_loops,
    hoist_invariants,
    inline_producers,
    interchange_reductions,
    share_among_threads,
    tile_rows,
    vectorise,
)
from tests.ir.goldens import check_golden
from tests.ir.targets import AVX2

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.ir"))
PASSES: dict[str, Callable[[LoopFunction], LoopFunction]] = {
    "collapse": collapse_loops,
    "hoist": hoist_invariants,
    "inline": inline_producers,
    "interchange": lambda function: interchange_reductions(function, AVX2),
    "threads": share_among_threads,
    "tile": lambda function: tile_rows(function, AVX2),
    "vectorise": lambda function: vectorise(function, AVX2),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(path: Path, update_goldens: bool) -> None:
    def transformed(text: str) -> str:
        before = parse_loops(text)
        verify_loops(before)
        after = PASSES[path.parent.name](before)
        verify_loops(after)
        return format_loops(after)

    check_golden(path, transformed, update=update_goldens)
