"""The page about the architecture speaks of what is there: names and folders."""

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(lltheano(?:_ir)?(?:\.\w+)+)`", PAGE)))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_names_is_there(name: str) -> None:
    assert pkgutil.resolve_name(name) is not None


def test_every_part_of_the_frontend_is_told_of() -> None:
    """All packages and modules of `lltheano`, and the packages of `lltheano.tensor`."""
    parts = {path.stem for path in (ROOT / "lltheano").iterdir() if is_part(path)}
    tensor = (ROOT / "lltheano" / "tensor").iterdir()
    parts |= {path.name for path in tensor if path.is_dir() and is_part(path)}
    section = PAGE.partition("## The frontend")[2]
    assert sorted(part for part in parts if not re.search(rf"\b{part}\b", section)) == []


def is_part(path: Path) -> bool:
    if path.is_dir():
        return (path / "__init__.py").exists()
    return path.suffix == ".py" and not path.stem.startswith("_")
