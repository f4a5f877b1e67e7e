"""What the operators change, what they leave alone, and that what is drawn stays what it is."""

import ast
from pathlib import Path

import pytest

from tests.mutation.areas import AREAS, area_of
from tests.mutation.drawing import draw, mutants_of
from tests.mutation.llvm_operators import llvm_edits
from tests.mutation.mutants import MutantError, sources
from tests.mutation.python_operators import python_edits

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "mutated"),
    [
        ("x < y", ["x <= y"]),
        ("x is not y", ["x is y"]),
        ("x not in y", ["x in y"]),
        ("a and b or c", ["a and b and c", "a or b or c"]),
        ("not x", ["(x)"]),
        ("a + b - c", ["a + b + c", "a - b - c"]),
        ("x = (1 << n)", ["x = (1 >> n)", "x = (2 << n)"]),
        ("True", ["False"]),
        ("if x: y()", ["if not (x): y()", "if x: pass"]),
        ("x += y", ["pass"]),
        ("for x in y: continue", ["for x in y: break"]),
        ("v = f(a, b)", ["v = f(b, a)"]),
        ("v = b.icmp('<', x)", ["v = b.icmp('<=', x)", "v = b.icmp(x, '<')"]),
        ("RULES = (one, two, three)", ["RULES = (one, three)", "RULES = (two, three)"]),
        ("f(é, 1)", ["f(1, é)", "f(é, 2)", "pass"]),
    ],
)
def test_python_is_changed_in_every_place(source: str, mutated: list[str]) -> None:
    found = [
        source[: edit.offset] + edit.after + source[edit.offset + len(edit.before) :]
        for edit in python_edits(source)
        if source[edit.offset :].startswith(edit.before)
    ]
    # A constant as a statement of its own is a docstring, as far as anybody can tell.
    assert sorted(found) == sorted(mutated if source != "True" else [])


@pytest.mark.parametrize(
    "source",
    [
        '"""One < two."""',
        "from a import b",
        "__all__ = ['add', 'max', 'b']",
        "x: Literal['add', 1]",
        "def f(x: tuple[1, 2]) -> list[3]: return x",
        "raise ValueError(f'{1 + 1}', 2)",
        "isinstance(x, Add | Sub)",
        "if TYPE_CHECKING: x = 1",
        "@record(frozen=True)\ndef f(): return",
    ],
)
def test_what_talks_to_people_or_checkers_is_left_alone(source: str) -> None:
    assert [edit for edit in python_edits(source) if edit.operator != "statement left out"] == []


LLVM = """; icmp eq
declare void @g(i64 1)
define i64 @f(i64 %x) {
  %c = icmp slt i64 %x, 8
  br i1 %c, label %a, label %b
a:
  store i64 %x, ptr @p
  ret i64 0
b:
  %y = add i64 %x, 1
  ret i64 %y
}
"""


def test_llvm_is_changed_in_bodies_only() -> None:
    found = {(edit.before.strip(), edit.after.strip()) for edit in llvm_edits(LLVM)}
    assert found == {
        ("icmp slt", "icmp sle"),
        ("br i1 %c, label %a, label %b", "br i1 %c, label %b, label %a"),
        ("store i64 %x, ptr @p", "; left out"),
        ("0", "1"),
        ("= add", "= sub"),
    }
    for mutant in mutants_of("f.ll", LLVM, "locks"):
        assert mutant.mutated(LLVM) != LLVM


def test_a_mutant_moves_with_its_line_and_no_further() -> None:
    source = "def f(x):\n    return x < 1\n"
    moved = "import sys\n\n\n" + source
    first, second = (list(mutants_of("f.py", text, "passes")) for text in (source, moved))
    assert [mutant.key for mutant in first] == [mutant.key for mutant in second]
    assert [mutant.line + 3 for mutant in first] == [mutant.line for mutant in second]
    with pytest.raises(MutantError, match="does not read"):
        first[0].mutated(moved)


def test_what_is_drawn_of_one_file_does_not_depend_on_another() -> None:
    texts = {"ir/a/memory/assign.py": "x < y\n" * 9, "ir/a/schedule/b.py": "a + b\n" * 9}
    counts = {"buffers": 3, "schedule": 4}
    drawn = draw(texts, 1, counts)
    assert [mutant.area for mutant in drawn] == ["buffers"] * 3 + ["schedule"] * 4
    assert draw(texts, 1, counts) == drawn
    assert draw(texts, 2, counts) != drawn
    other = {**texts, "ir/a/schedule/b.py": "a - b\n" * 9}
    assert draw(other, 1, counts)[:3] == drawn[:3]


def test_every_area_has_files_and_the_tests_that_it_names() -> None:
    paths = sources(ROOT)
    found = {area.name for path in paths if (area := area_of(path)) is not None}
    assert found == {area.name for area in AREAS}
    named = {test for area in AREAS for test in area.tests}
    assert [test for test in named if not any(ROOT.glob(test))] == []


def test_mutants_of_the_compiler_can_be_read() -> None:
    texts = sources(ROOT)
    for mutant in draw(texts, 0, dict.fromkeys((area.name for area in AREAS), 5)):
        mutated = mutant.mutated(texts[mutant.path])
        assert mutated != texts[mutant.path]
        if mutant.path.endswith(".py"):
            ast.parse(mutated)
