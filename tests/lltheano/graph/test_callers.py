"""Which packages build graphs, so that the line that counts is the one that called them."""

import pkgutil
from pathlib import Path

import lltheano
from lltheano.graph.provenance import OURS

PROGRAMS = {"__main__", "cli", "config", "data", "demo", "errors", "interfaces", "lazy"}
"""Parts that build no graphs, or that are programs like any other."""

PRINTERS = {"printing", "serialization"}
"""Parts that read graphs alone."""


def test_every_part_that_builds_graphs_is_known() -> None:
    root = Path(lltheano.__file__).parent
    parts = {one.name: one.ispkg for one in pkgutil.iter_modules(lltheano.__path__)}
    files = {
        name: str(root / name / "x.py" if is_package else root / f"{name}.py")
        for name, is_package in parts.items()
    }
    unknown = {name for name, file in files.items() if not OURS[file]}
    assert unknown == PROGRAMS | PRINTERS
