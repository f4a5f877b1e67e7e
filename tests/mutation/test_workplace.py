"""A small tree with a compiler of one function: what a campaign says of mutants of it."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutation import campaign as campaigns
from tests.mutation.campaign import campaign
from tests.mutation.drawing import mutants_of
from tests.mutation.faults import Fault
from tests.mutation.mutants import Mutant, MutantError, sources
from tests.mutation.report import markdown, score
from tests.mutation.results import Result, keep, load, tidy
from tests.mutation.workplace import Limits, Workplace

SOURCE = """def clip(x, low, high):
    while x > high:
        x -= 1
    return max(x, low)
"""
TESTS = """import os
from passes import clip
def test_above(): assert clip(5, 0, 3) == 3
def test_twice(): assert clip(2, 0, 3) == 2
"""
GOLDENS = """from passes import clip
def test_golden(): assert clip(-1, 0, 3) == 0
"""
PYTEST = """[pytest]
pythonpath = . ir/lltheano_ir
addopts = --import-mode=importlib
"""
PATH = "ir/lltheano_ir/passes.py"
PLUGIN = Path(__file__).parent / "witness.py"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a source file, a test file, and the plugin that the workplace uses."""
    root = tmp_path / "checkout"
    files = {
        PATH: SOURCE,
        "tests/test_clip.py": TESTS,
        "tests/test_goldens.py": GOLDENS,
        "tests/mutation/witness.py": PLUGIN.read_text(encoding="utf-8"),
        "pytest.ini": PYTEST,
        ".gitignore": "*.tmp\n",
        "left.tmp": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    monkeypatch.setitem(campaigns._TESTS, "passes", ("tests",))
    return root


def fault(before: str, after: str) -> Fault:
    return Fault("passes", f"{before} reads {after}", before, after)


def results(tree: Path, *faults: Fault, known: Sequence[Result] = ()) -> list[Result]:
    workplace = Workplace(tree, tree.parent / "place")
    mutants = [each.located(sources(tree)) for each in faults]
    limits = Limits(test_seconds=1.5, total_seconds=30, clock_seconds=40)
    return list(campaign(mutants, workplace, {each.key: each for each in known}, limits))


@pytest.mark.slow
def test_each_mutant_is_found_by_what_it_breaks(tree: Path) -> None:
    found = results(
        tree,
        fault("x > high", "x >= high"),
        fault("x -= 1", "pass"),
        fault("max(x, low)", "x"),
        fault("max(x, low)", "max(low, x)"),
        fault("def clip", "def clap"),
    )
    assert [(each.how, each.test) for each in found] == [
        ("failed", "tests/test_clip.py::test_above"),
        ("hung", "tests/test_clip.py::test_above"),
        ("golden", "tests/test_goldens.py::test_golden"),
        ("survived", ""),
        ("import", "tests/test_clip.py"),
    ]
    assert score(found) == (3, 5)
    page = markdown(found, "# Head")
    assert "| passes | 5 | 3 | 1 | 1 | 0 |" in page
    assert (tree / PATH).read_text(encoding="utf-8") == SOURCE


@pytest.mark.slow
def test_a_fault_whose_test_is_gone_is_looked_for_again(tree: Path) -> None:
    same = fault("max(x, low)", "max(low, x)")
    (once,) = results(tree, same)
    known = replace(once, how="failed", test="tests/test_clip.py::test_that_was_there")
    (again,) = results(tree, same, known=[known])
    assert (again.how, again.test) == ("survived", "")


@pytest.mark.slow
def test_a_fault_that_no_test_can_be_begun_with_is_found(tree: Path) -> None:
    (tree / "tests/conftest.py").write_text("import passes\n", encoding="utf-8")
    (found,) = results(tree, fault("def clip", "def clip(:\ndef clap"))
    assert (found.how, found.test) == ("import", "")
    assert found.is_found


@pytest.mark.slow
def test_a_process_that_ends_is_found_at_its_test(tree: Path) -> None:
    (tree / "tests/test_goldens.py").unlink()
    ends = ("os.abort()", "os._exit(0)")
    faults = [fault("return", f"import os; {end}\n    return") for end in ends]
    for found in results(tree, *faults):
        assert (found.how, found.test) == ("crashed", "tests/test_clip.py::test_above")


def test_a_fault_whose_text_is_not_there_once_says_so(tree: Path) -> None:
    with pytest.raises(MutantError, match="expected its text once, got none"):
        fault("y", "z").located(sources(tree))
    with pytest.raises(MutantError, match=r"expected its text once, got .*passes.py': 2"):
        fault("high", "low").located(sources(tree))


def test_the_copy_has_what_git_knows_and_is_mended(tree: Path) -> None:
    workplace = Workplace(tree, tree.parent / "place")
    copy = tree.parent / "place" / "tree"
    assert not (copy / "left.tmp").exists()
    before = (copy / PATH).stat().st_mtime_ns
    mutant = next(mutants_of(PATH, SOURCE, "passes"))
    with workplace.planted(mutant):
        assert (copy / PATH).read_text(encoding="utf-8") == mutant.mutated(SOURCE)
    assert (copy / PATH).read_text(encoding="utf-8") == SOURCE
    assert (copy / PATH).stat().st_mtime_ns == before


def test_results_are_kept_line_by_line_and_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "results" / "all.jsonl"
    assert load(path) == {}
    first = Result("k", PATH, 1, "passes", "f", "a -> b", True, "survived", "", 1.0)
    second = Result("k", PATH, 1, "passes", "f", "a -> b", True, "failed", "t::u", 2.0)
    keep(path, first)
    assert load(path) == {"k": first}
    keep(path, second)
    assert load(path) == {"k": second}
    tidy(path, load(path).values())
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    assert load(path) == {"k": second}
    assert [first.is_found, second.is_found] == [False, True]


def test_a_key_tells_mutants_apart() -> None:
    mutants: list[Mutant] = list(mutants_of(PATH, SOURCE + SOURCE, "passes"))
    assert len({mutant.key for mutant in mutants}) == len(mutants)


def test_a_test_that_fails_without_a_mutant_is_an_error(tree: Path) -> None:
    (tree / "tests/test_clip.py").write_text("def test_wrong(): assert False\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="test_wrong has failed without a mutant"):
        results(tree, fault("x > high", "x >= high"))
