"""Every code block of the documentation runs and shows what it says it shows."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.runners import ROOT, RUNNERS, Namespace

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_blocks_of(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: Namespace = {"__name__": "__main__"}
    for block in blocks_of(page):
        assert block.language in RUNNERS, f"{page}:{block.line}: cannot run {block.language!r}"
        RUNNERS[block.language](block, page, namespace)
