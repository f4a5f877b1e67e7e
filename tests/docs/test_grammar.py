"""The grammars of the loop IR, on its page and above its nodes, have all that the parser reads."""

import re
from pathlib import Path

import pytest

from lltheano_ir.loops import nodes
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.text import ParseError

PAGE = Path(__file__).parents[2] / "docs" / "ir.md"


def statements_read() -> set[str]:
    """The words with which a statement may begin, as the parser lists them."""
    with pytest.raises(ParseError) as caught:
        parse_loops("loops @f() { jump }")
    return set(re.findall(r"\w+", caught.value.message.partition("there are ")[2]))


def test_the_page_has_every_statement() -> None:
    loop_ir = PAGE.read_text(encoding="utf-8").partition("## Loop IR")[2]
    grammar = re.search(r"^statement = (.*?)^result ", loop_ir, re.MULTILINE | re.DOTALL)
    assert grammar is not None
    stated = re.findall(r'^(?: +\| )?"(\w+)"', grammar[1], re.MULTILINE)
    assert set(stated) == statements_read()


def test_the_head_of_the_nodes_has_every_statement() -> None:
    grammar = re.search(
        r"^ +statement = (.*?)^ +result ", nodes.__doc__ or "", re.MULTILINE | re.DOTALL
    )
    assert grammar is not None
    stated = re.findall(r"^(?: +\| )?(\w+)", grammar[1], re.MULTILINE)
    assert set(stated) == statements_read()
