"""`lltheano dump`: running scripts, finding their functions, printing stages."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lltheano.cli.commands.dump import STAGES
from lltheano.cli.programs.script import run_script, split_target
from lltheano_ir.decisions import Decision
from lltheano_ir.loops.nodes import Commit, LoopFunction
from lltheano_ir.pipeline import LOOP_PASSES
from lltheano_ir.target import Target
from tests.lltheano.cli.scripts import SCRIPT, Command


def test_one_function_by_its_variable(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:accumulator")
    assert result.code == 0
    assert result.out.startswith("program @")
    assert "add %state, %0  ; script.py:9" in result.out


def test_one_function_by_its_own_name(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:minus")
    assert result.code == 0
    assert result.out.startswith(
        "program @minus(%inc: i32[], %state: i64[] shared) {\n"
        "  %0: i64[] = cast %inc, dtype=i64  ; script.py:13\n"
        "  %1: i64[] = sub %state, %0  ; script.py:13\n"
    )


def test_all_functions_have_headings_in_the_order_of_their_making(lltheano: Command) -> None:
    lines = lltheano("dump", "script.py").out.splitlines()
    headings = [line.split(":")[0] for line in lines if line.startswith("; ")]
    assert headings == ["; accumulator", "; minus"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_printed(lltheano: Command, stage: str) -> None:
    begins = {
        "graph": "%0 = ",
        "source": "program @minus(",
        "tensor": "program @minus(",
        "loops": "loops @minus(",
        "llvm": "; ModuleID",
        "llvm-opt": "; ModuleID",
        "asm": "\t",
    }
    result = lltheano("dump", "script.py:minus", "--stage", stage)
    assert result.code == 0
    assert result.out.startswith(begins[stage])


def test_what_is_printed_can_be_read_back(lltheano: Command) -> None:
    for stage in ("source", "tensor", "loops"):
        text = lltheano("dump", "script.py:minus", "-s", stage).out
        result = lltheano("run", "-i", "state=5", "-i", "inc=2", stdin=text)
        assert result.out.endswith("update %state: i64[] = 3\n")


def test_the_scripts_own_output_goes_to_standard_error(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:minus", "--json", "--", "--rate", "3")
    assert "arguments ['--rate', '3']\n" in result.err
    assert json.loads(result.out)["file"] == "script.py"


def test_after_prints_the_ir_as_a_pass_left_it(lltheano: Command) -> None:
    lowered = lltheano("dump", "script.py:minus", "--after", "lower").out
    in_place = lltheano("dump", "script.py:minus", "--after", "inplace").out
    assert lowered.startswith("loops @minus(")
    assert "commit" not in lowered
    assert "commit" in in_place


def test_diff_of_one_pass(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:minus", "--after", "inplace", "--diff")
    assert result.out.startswith("--- before inplace\n+++ after inplace\n@@ ")
    assert "\n+  commit\n" in result.out


def test_diff_of_every_pass_of_a_stage(lltheano: Command) -> None:
    every = lltheano("dump", "script.py:minus", "--diff").out
    loops = lltheano("dump", "script.py:minus", "--diff", "--stage", "loops").out
    assert "canonicalise" in every
    assert "canonicalise" not in loops
    assert "after inplace" in loops


def test_explain(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:minus", "--explain")
    assert result.code == 0
    assert any(line.startswith("in place") and "state" in line for line in result.out.splitlines())
    found = json.loads(lltheano("dump", "script.py:minus", "--explain", "--json").out)
    decisions = found["functions"][0]["decisions"]
    assert {"stage", "subject", "taken", "reason", "location"} == set(decisions[0])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--explain", "--diff"], "--explain prints decisions"),
        (["--stage", "llvm", "--diff"], "--diff shows passes"),
        (["--stage", "loops", "--after", "cse"], "leave --stage out"),
        (["--after", "nope"], "no such pass: 'nope'; the passes are canonicalise"),
        (["--stage", "machine"], "--stage"),
    ],
)
def test_usage_errors(lltheano: Command, options: list[str], says: str) -> None:
    result = lltheano("dump", "script.py:minus", *options)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_an_unknown_name(lltheano: Command) -> None:
    result = lltheano("dump", "script.py:plus")
    assert (result.code, result.out) == (1, "")
    assert "script.py has no function 'plus'; it has accumulator, minus" in result.err


def test_a_script_without_functions(lltheano: Command) -> None:
    Path("empty.py").write_text("x = 1\n")
    result = lltheano("dump", "empty.py")
    assert result.code == 1
    assert result.err == "lltheano: error: empty.py made no compiled function\n"


def test_a_script_that_is_not_there(lltheano: Command) -> None:
    assert "cannot read none.py" in lltheano("dump", "none.py:f").err


def test_a_script_that_is_no_python(lltheano: Command) -> None:
    Path("broken.py").write_text("def f(:\n")
    result = lltheano("dump", "broken.py")
    assert result.code == 1
    assert result.err.startswith("lltheano: error: broken.py is no Python program\n")
    assert "SyntaxError" in result.err


def test_a_script_that_fails_still_shows_what_it_made(lltheano: Command) -> None:
    text = Path("script.py").read_text(encoding="utf-8")
    Path("fails.py").write_text(text + "raise RuntimeError('no luck')\n", encoding="utf-8")
    result = lltheano("dump", "fails.py:accumulator")
    assert result.code == 1
    assert result.out.startswith("program @")
    assert "RuntimeError: no luck" in result.err
    assert "lltheano/cli" not in result.err


@pytest.mark.parametrize(("status", "code"), [("", 0), ("0", 0), ("3", 1), ("'message'", 1)])
def test_a_script_that_exits(lltheano: Command, status: str, code: int) -> None:
    text = Path("script.py").read_text(encoding="utf-8")
    Path("exits.py").write_text(text + f"sys.exit({status})\n", encoding="utf-8")
    assert lltheano("dump", "exits.py:minus").code == code


def test_a_script_runs_as_python_would_run_it(lltheano: Command, tmp_path: Path) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "dump_helper.py").write_text("import lltheano.tensor as T\nx = T.dscalar('x')\n")
    (folder / "main.py").write_text(
        "import os, sys\n"
        "import dump_helper as helper\n"
        "from lltheano import function\n"
        "assert __name__ == '__main__' and sys.modules['__main__'].helper is helper\n"
        "assert sys.argv == ['sub/main.py'] and os.getcwd() == " + repr(str(tmp_path)) + "\n"
        "class Model: pass\n"
        "model = Model()\n"
        "model.step = function([helper.x], helper.x * 2)\n"
        "table = {'step': function([helper.x], helper.x * 3)}\n"
        "several = [function([helper.x], helper.x * 4)]\n"
    )
    before = sys.modules["__main__"], list(sys.argv), list(sys.path)
    run = run_script("sub/main.py")
    assert (sys.modules["__main__"], sys.argv, sys.path) == before
    assert not run.failed
    assert [one.name for one in run.functions] == ["model.step", "table['step']", "several[0]"]
    assert run.select("model.step") == run.functions[:1]


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("a.py", ("a.py", None)),
        ("a.py:f", ("a.py", "f")),
        ("a.py:m.f", ("a.py", "m.f")),
        ("a.py:", ("a.py", None)),
        (":f", (":f", None)),
    ],
)
def test_targets(target: str, parts: tuple[str, str | None]) -> None:
    assert split_target(target) == parts


def test_a_colon_in_a_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a:b.py").touch()
    assert split_target("a:b.py") == ("a:b.py", None)
    assert split_target("a:b.py:f") == ("a:b.py", "f")


def test_passes_are_verified_one_by_one_on_request(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(function: LoopFunction, _: Target, __: list[Decision]) -> LoopFunction:
        return replace(function, body=(*function.body, Commit(), Commit()))

    assert lltheano("dump", "script.py:minus", "--verify").code == 0
    monkeypatch.setitem(LOOP_PASSES, "interchange", spoil)
    result = lltheano("dump", "script.py:minus", "--verify")
    assert result.code == 1
    assert "after the pass 'interchange', which is at fault: @" in result.err
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "off")
    assert "which is at fault" not in lltheano("dump", "script.py:minus").err


def test_the_passes_of_a_mode_are_those_that_are_shown(lltheano: Command) -> None:
    text = SCRIPT.replace('name="minus"', 'name="minus", mode=lltheano.Mode().excluding("fusion")')
    Path("plain.py").write_text(f"import lltheano\n{text}", encoding="utf-8")
    assert "fused" not in lltheano("dump", "plain.py:minus", "--after", "dce").out
    result = lltheano("dump", "plain.py:minus", "--after", "fuse")
    assert result.code == 2
    assert "no such pass: 'fuse'" in result.err
