"""Each program has a test and a page; the page shows what the program prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TOP = HERE.parents[1]
PROGRAMS = sorted(
    path.stem
    for path in HERE.glob("*.py")
    if "__main__" in path.read_text() and not path.stem.startswith("test_")
)


def page(name: str) -> str:
    return (TOP / "docs" / "programs" / f"{name}.md").read_text()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_and_a_test(name: str) -> None:
    assert (HERE / f"test_{name}.py").exists()
    assert f"literalinclude}} ../../tests/programs/{name}.py" in page(name)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_shows_what_is_printed(name: str) -> None:
    """Word for word, and in its first line number for number, as far as processors agree."""
    command = [sys.executable, "-m", f"tests.programs.{name}"]
    ran = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
    shown = re.search(rf"\$ python -m tests.programs.{name}\n(.*?)```", page(name), re.DOTALL)
    assert shown is not None
    printed, written = ran.stdout.splitlines(), shown[1].splitlines()
    assert len(printed) == len(written)
    first, expected = printed[0], written[0]
    assert NUMBER.sub("", first) == NUMBER.sub("", expected)
    for one, other in zip(NUMBER.findall(first), NUMBER.findall(expected), strict=True):
        assert float(one) == pytest.approx(float(other), rel=0.2, abs=0.05)


def test_every_page_has_a_program() -> None:
    pages = {path.stem for path in (TOP / "docs" / "programs").glob("*.md")} - {"index"}
    assert pages == set(PROGRAMS)
