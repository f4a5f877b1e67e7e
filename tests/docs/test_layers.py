"""The layers that the documentation shows are those that the linter holds modules to."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def enforced() -> dict[str, list[set[str]]]:
    """By package its layers from the top, as the contracts of the import linter list them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        contract["containers"][0]: [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    }


@pytest.mark.parametrize("package", ["lltheano_ir", "lltheano"])
def test_the_layers_shown_are_the_layers_enforced(package: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    row = re.search(rf"^{package} +(\w.*(?:\n +>.*)*)", page, re.MULTILINE)
    assert row is not None
    shown = [set(re.findall(r"\w+", layer)) for layer in row[1].split(">")]
    assert shown == enforced()[package]
