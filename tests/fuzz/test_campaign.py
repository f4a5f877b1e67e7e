"""The fuzzer itself: that it finds, makes small, keeps and replays what is wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fuzz import campaign as campaigns
from fuzz.__main__ import main
from fuzz.campaign import Finding, campaign, replay
from fuzz.case import Case
from fuzz.graphs import GraphCase, Leaf, Recipe, Step
from fuzz.hunt import Hunt
from fuzz.strategies.programs import cases
from fuzz.targets import TARGETS, Target
from lltheano_ir.text import parse_program


def has_a_product(case: Case) -> None:
    """A fault for the fuzzer to find."""
    assert not any(value.op.name == "mul" for value in case.program.values()), "a product!"


def test_a_hunt_finds_a_fault_and_makes_it_small(tmp_path: Path) -> None:
    hunt = Hunt(Target("products", cases, has_a_product), 1, 60.0, tmp_path)
    message = hunt.run()
    assert message is not None
    assert "a product!" in message
    found = Case.load(tmp_path / "failing.ir")
    assert [value.op.name for value in found.program.values() if value.operands] == ["mul"]


def test_a_hunt_ends_when_its_time_is_over(tmp_path: Path) -> None:
    hunt = Hunt(Target("nothing", cases, lambda case: None), 1, 0.5, tmp_path)
    assert hunt.run() is None
    assert hunt.cases > 0


def test_a_case_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    program = parse_program('program @f(%x: f32[?], %n: i64[] shared) { output "y" = %x }')
    case = Case(program, (np.array([1.5, np.nan], np.float32), np.asarray(3)), 7)
    case.save(tmp_path / "native-1.ir", "two\nlines")
    found = Case.load(tmp_path / "native-1.ir")
    assert (found.program, found.variant) == (program, 7)
    for one, other in zip(found.inputs, case.inputs, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_a_graph_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    recipe = Recipe(
        (Leaf("float64", (False, True), True),),
        (Step("sum", (0,), (None,)), Step("index", (0,), ([[0, None, -1], -1],))),
        (1, 2),
        ((0, 0),),
        1,
    )
    case = GraphCase(recipe, (np.zeros((2, 1)),), 3)
    case.save(tmp_path / "graphs-1.json", "about")
    found = GraphCase.load(tmp_path / "graphs-1.json")
    assert (found.recipe, found.variant) == (recipe, 3)
    np.testing.assert_array_equal(found.inputs[0], case.inputs[0], strict=True)


def test_replay_raises_what_the_oracle_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = {"product": Target("products", cases, has_a_product)}
    monkeypatch.setattr(campaigns, "TARGETS", targets)
    text = 'program @f(%x: f32[]) { %0: f32[] = mul %x, %x output "y" = %0 }'
    case = Case(parse_program(text), (np.ones((), np.float32),))
    case.save(tmp_path / "product-1.ir", "")
    with pytest.raises(AssertionError, match="a product!"):
        replay(tmp_path / "product-1.ir")


@pytest.fixture
def run() -> Callable[..., str]:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_command_sums_up(run: Callable[..., str], tmp_path: Path) -> None:
    arguments = ("--minutes", "0.02", "--seed", "5", "--target", "text", "--corpus", str(tmp_path))
    assert "0 failures (seed 5)" in run(*arguments).splitlines()[-1]


def test_a_wrong_target_is_a_wrong_command_line() -> None:
    result = CliRunner().invoke(main, ["--target", "nonsense"])
    assert result.exit_code == 2
    assert "nonsense" in result.output


def test_a_process_that_dies_has_failed_on_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hunt's module is replaced by one that dies over a case that it has written down."""
    case = Case(
        parse_program('program @f(%x: f32[]) { output "y" = %x }'), (np.ones((), np.float32),)
    )
    case.save(tmp_path / "case.ir", "")
    script = tmp_path / "dies.py"
    script.write_text(
        "import os, shutil, sys\n"
        f"for end in ('.ir', '.npz'): shutil.copy({str(tmp_path / 'case')!r} + end, "
        "os.path.join(sys.argv[4], 'trying' + end))\n"
        "print('{\"cases\": 3}', flush=True)\n"
        "os.abort()\n"
    )
    monkeypatch.setattr(campaigns, "HUNT", [str(script)])
    news = list(campaign(["native"], 1, 10.0, tmp_path / "corpus"))
    finding = news[-1].finding
    assert isinstance(finding, Finding)
    assert "killed by SIGABRT" in finding.message
    assert Case.load(finding.path).program == case.program
    assert news[-1].cases == 3
    assert set((tmp_path / "corpus").iterdir()) == {
        finding.path,
        finding.path.with_suffix(".npz"),
    }


def test_targets_are_described() -> None:
    assert all(one.what for one in TARGETS.values())
