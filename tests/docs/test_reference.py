"""Every public name is documented, shows a call that runs, and is on a page of the reference."""

import doctest
import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np

import lltheano.tensor as T
from docs.extensions.catalogue import (
    Entry,
    documentation,
    entries,
    needs_example,
    other_names,
    public_names,
)
from lltheano.tensor.elementwise.op import Elementwise

PAGES = Path(__file__).parents[2] / "docs" / "reference"
DIRECTIVE = re.compile(r"^\.\. reference:: (\S+)\n   :from: (\S+)\n", re.MULTILINE)
WITHOUT_EXAMPLE = Path(__file__).with_name("without_example.txt")


def listed() -> list[Entry]:
    """What the pages list."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md")))
    return [one for module, package in DIRECTIVE.findall(text) for one in entries(module, package)]


def distinct() -> dict[str, Any]:
    """Each thing that a public name stands for, under the first of its names."""
    found: dict[int, str] = {}
    for name, value in public_names().items():
        found.setdefault(id(value), name)
    return {name: public_names()[name] for name in found.values()}


def test_every_public_name_has_a_docstring() -> None:
    assert [name for name, value in distinct().items() if not documentation(value)] == []


def test_every_public_name_shows_a_call() -> None:
    """The names that do not yet are in a list, which must shrink."""
    lacking = [
        name
        for name, value in distinct().items()
        if needs_example(value) and ">>>" not in documentation(value)
    ]
    assert sorted(lacking) == WITHOUT_EXAMPLE.read_text(encoding="utf-8").split()


def test_every_public_name_is_on_a_page_once() -> None:
    documented = [id(one.value) for one in listed()]
    assert [one.full_name for one in listed() if documented.count(id(one.value)) > 1] == []
    assert [name for name, value in distinct().items() if id(value) not in documented] == []


def test_the_examples_of_instances_run() -> None:
    """Pytest collects those of functions and classes; the test of elementwise ops runs theirs."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for name, value in distinct().items():
        if isinstance(value, type | Elementwise) or inspect.isroutine(value):
            continue
        examples = doctest.DocTestParser().get_doctest(
            vars(value).get("__doc__") or "", {"T": T, "np": np}, name, None, None
        )
        report: list[str] = []
        doctest.DocTestRunner(optionflags=flags).run(examples, out=report.append)
        assert not report, "".join(report)


def test_other_names_of_a_thing_are_found() -> None:
    (jacobian,) = (one for one in listed() if one.name == "jacobian")
    assert jacobian.full_name == "lltheano.gradient.jacobian"
    assert other_names(jacobian) == ["lltheano.jacobian", "lltheano.tensor.jacobian"]
