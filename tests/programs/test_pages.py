"""Each program has a test and a page, which shows the program and what it prints."""

from pathlib import Path

import pytest

from tests.programs.pages import PAGES, page, shown

HERE = Path(__file__).parent
PROGRAMS = sorted(
    path.stem
    for path in HERE.glob("*.py")
    if "__main__" in path.read_text() and not path.stem.startswith("test_")
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_and_a_test(name: str) -> None:
    assert (HERE / f"test_{name}.py").exists()
    assert f"literalinclude}} ../../tests/programs/{name}.py" in page(name)
    assert shown(name)


def test_every_page_has_a_program() -> None:
    pages = {path.stem for path in PAGES.glob("*.md")} - {"index"}
    assert pages == set(PROGRAMS)
