"""The page about the architecture speaks of what is there: names, passes in order, folders."""

import pkgutil
import re
from pathlib import Path

import pytest

from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import LOOP_PASSES
from lltheano_ir.text import parse_program

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(lltheano(?:_ir)?(?:\.\w+)+)`", PAGE)))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_names_is_there(name: str) -> None:
    assert pkgutil.resolve_name(name) is not None


def shown(stage: str) -> list[str]:
    """The passes after a stage in the picture."""
    picture = PAGE.partition(stage)[2].partition("passes  ")[2]
    lines = re.split(r"\n +v\n|\n +\|  lower ", picture)[0].splitlines()
    return re.findall(r"\w+", " ".join(line.strip(" |").partition("  ")[0] for line in lines))


def test_the_passes_over_the_tensor_ir_stand_in_their_order() -> None:
    ran: list[str] = []
    text = 'program @f(%x: f64[?]) { %0: f64[?] = exp %x %1: f64[?] = log %0 output "y" = %1 }'
    optimise(parse_program(text), trace=lambda name, _: ran.append(name))
    assert shown("tensor IR  ") == ran


def test_the_passes_over_the_loop_ir_stand_in_their_order() -> None:
    assert shown("loop IR  ") == list(LOOP_PASSES)


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
