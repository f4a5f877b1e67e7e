"""Diagrams: Graphviz's text and pictures, and the page for a browser."""

import html.parser
import itertools
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.printing import d3viz, d3write, pydotprint
from lltheano.printing.drawing import draw
from lltheano.printing.layout import place
from lltheano.printing.web import PyDotFormatter, replace_patterns, safe_json


def model() -> Any:
    x, state = T.dvector("x"), shared(np.zeros(2), "state")
    y = T.tanh(x + state)
    y.name = "y"
    return function([x], (y * y).sum(), updates=[(state, state - y)])


def text_of(obj: Any, **options: Any) -> str:
    found = pydotprint(obj, format="dot", return_image=True, **options)
    assert isinstance(found, bytes)
    return found.decode()


def test_boxes_and_arrows() -> None:
    drawing = draw(model())
    kinds = {box.label: box.kind for box in drawing.boxes}
    assert kinds["x float64 vector"] == "input"
    assert kinds["state float64 vector"] == "shared"
    assert kinds["update of state : float64 vector"] == "result"
    assert kinds["tanh"] == "op"
    keys = {box.key: box.label for box in drawing.boxes}
    pairs = [(keys[one.tail], keys[one.head]) for one in drawing.arrows]
    assert ("tanh", "y float64 vector") in pairs
    assert pairs.count(("y float64 vector", "mul")) == 2


def test_variables_between_ops_are_drawn_on_request() -> None:
    x = T.dvector("x")
    expression = T.exp(T.sin(x))
    assert len(draw(expression).boxes) == 4
    assert len(draw(expression, compact=False).boxes) == 5


def test_the_text_is_that_of_graphviz() -> None:
    text = text_of(model(), with_ids=True, var_with_name_simple=True, max_label_size=12)
    assert text.startswith("digraph {\n")
    assert text.endswith("}\n")
    assert re.search(r'label="\d+: tanh"', text)
    assert re.search(r'label="\d+: x"', text)
    assert all(len(label) <= 12 for label in re.findall(r'\[label="([^"]*)"', text))


def test_colours() -> None:
    x = T.dvector("x")
    assert 'fillcolor="#123456"' in text_of(T.sigmoid(x), colorCodes={"sig": "#123456"})
    assert 'fillcolor="' not in text_of(T.sigmoid(x), high_contrast=False)


def test_quotes_and_line_ends_are_escaped() -> None:
    text = text_of(T.exp(T.dvector('a "b"\\')))
    assert 'label="a \\"b\\"\\\\ float64 vector"' in text


def test_graphs_inside_ops_are_framed() -> None:
    x = T.dvector("x")
    text = text_of(T.jacobian(x**2, x), scan_graphs=True)
    assert "subgraph cluster_" in text
    assert "inside Mapping" in text


def test_the_file_is_written_and_named(tmp_path: Path, capsys: Any) -> None:
    target = tmp_path / "graph.dot"
    assert pydotprint(model(), target, format="dot") is None
    assert target.read_text(encoding="utf-8").startswith("digraph {")
    assert capsys.readouterr().out == f"The diagram is in {target}\n"
    pydotprint(model(), target, format="dot", print_output_file=False)
    assert not capsys.readouterr().out


def test_pictures_are_graphvizs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in program shows how it is called; the real one is not needed."""
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\ncat > "$0.in"; [ $1 = -Tpng ] && echo picture || exit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    assert pydotprint(model(), return_image=True) == b"picture\n"
    assert (tmp_path / "dot.in").read_text(encoding="utf-8").startswith("digraph {")
    with pytest.raises(RuntimeError, match="Graphviz"):
        pydotprint(model(), format="bmp", return_image=True)


def test_a_missing_program_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match=r"needs Graphviz's program `dot`.*use d3viz"):
        pydotprint(model(), return_image=True)


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append(tag)
        if tag not in ("meta", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag


def test_a_page_is_whole_and_fetches_nothing(tmp_path: Path) -> None:
    x = T.dvector("x <b>")
    page = tmp_path / "graph.html"
    d3viz(T.jacobian(T.exp(x) * x, x), page)
    text = page.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert tags.found.count("script") == 1
    assert "x &lt;b&gt;" in text
    assert "inside Mapping" in text
    assert not re.search(r"https?://|src=|@import", text)


def test_layers_go_down_and_boxes_do_not_overlap() -> None:
    drawing = draw(model())
    placed = place(drawing)
    for arrow in drawing.arrows:
        assert placed.boxes[arrow.tail][1] < placed.boxes[arrow.head][1]
    rows: dict[float, list[tuple[float, float]]] = {}
    for x, y, width in placed.boxes.values():
        rows.setdefault(y, []).append((x - width / 2, x + width / 2))
        assert x - width / 2 >= 0
        assert x + width / 2 <= placed.width
    for row in rows.values():
        row.sort()
        assert all(left[1] < right[0] for left, right in itertools.pairwise(row))


def test_options_and_helpers(tmp_path: Path) -> None:
    x = T.dscalar("x")
    d3write(T.exp(T.sin(x)), tmp_path / "a.dot", compact=False)
    assert (tmp_path / "a.dot").read_text(encoding="utf-8").count("->") == 4
    with pytest.raises(TypeError, match="the only option is compact"):
        d3viz(x, tmp_path / "a.html", colour="red")
    assert PyDotFormatter(compact=False)(T.exp(x)).startswith("digraph {")
    not_made_here: Any = object()
    with pytest.raises(TypeError, match="graphs of pydot are not added to"):
        PyDotFormatter()(x, not_made_here)
    assert safe_json("</script>") == '"\\u003c/script>"'
    assert replace_patterns("a b", {"a": "b", "b": 1}) == "1 1"
