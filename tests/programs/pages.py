"""What the page of a program shows that it prints; tests/docs runs it, and compares."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "programs"


def page(name: str) -> str:
    """The text of a program's page."""
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def shown(name: str) -> list[str]:
    """The lines that the page shows the program to print."""
    block = re.search(
        rf"```console\n\$ python -m tests.programs.{name}\n(.*?)```", page(name), re.DOTALL
    )
    assert block is not None, f"the page does not run {name}"
    return block[1].splitlines()
