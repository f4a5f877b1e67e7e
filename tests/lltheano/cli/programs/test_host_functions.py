"""Programs that call Python, on the command line: shown and transformed, but not run from text."""

from pathlib import Path

import pytest

from tests.lltheano.cli.scripts import Command

SCRIPT = """\
import lltheano.tensor as T
from lltheano import as_op, function


@as_op([T.dvector], [T.dvector])
def flip(x):
    return x[::-1]


x = T.dvector("x")
flipped = function([x], flip(x) * 2)
"""

PROGRAM = """\
program @logged(%x: f64[?]) {
  %0: i64[] = constant 0
  %1: i64[] = callback %0, %x, function=0, name="log", results=(), sized=[], effect=ordered
  output "x" = %x
  effect %1
}
"""


def test_every_stage_of_such_a_function_is_printed_and_read_back(
    lltheano: Command, tmp_path: Path
) -> None:
    script = tmp_path / "flipped.py"
    script.write_text(SCRIPT, encoding="utf-8")
    for stage in ("source", "tensor", "loops"):
        text = lltheano("dump", str(script), "--stage", stage).out
        assert "FromFunctionOp{flip}" in text
        result = lltheano("run", stdin=text)
        assert (result.code, result.out) == (1, "")
    assert "lltheano_callback" in lltheano("dump", str(script), "--stage", "llvm").out


@pytest.mark.parametrize("how", [[], ["--interpret"], ["--check"]])
def test_a_file_of_text_cannot_call_functions(lltheano: Command, how: list[str]) -> None:
    result = lltheano("run", *how, stdin=PROGRAM)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("lltheano: error: logged")


def test_passes_keep_calls(lltheano: Command) -> None:
    assert lltheano("opt", stdin=PROGRAM).out == PROGRAM
    loops = lltheano("opt", "-p", "lower", stdin=PROGRAM).out
    assert 'callback 0 "log" measures [] gives () from (%b0), ordered' in loops
    result = lltheano("run", "--trust", stdin=loops)
    assert (result.code, result.out) == (1, "")
    assert "can supply" in result.err
