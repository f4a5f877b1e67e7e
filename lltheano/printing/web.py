"""`d3viz`: a graph as one HTML file, to be looked at in a browser.

The file holds all that it needs and fetches nothing: the diagram is SVG, and a small script moves
and magnifies it and marks what a box depends on. Theano's version drew with the library d3; its
name is kept for the programs that call it.
"""

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lltheano.printing.dot import dot_text
from lltheano.printing.drawing import COLOURS, Box, Drawing, draw
from lltheano.printing.layout import Placed, place

__all__ = ["PyDotFormatter", "d3viz", "d3write", "replace_patterns", "safe_json"]

_KINDS = {
    "input": "input",
    "shared": "shared variable",
    "constant": "constant",
    "op": "op",
    "inner": "op with a graph inside",
    "result": "result",
}


def d3viz(fct: Any, outfile: Any, copy_deps: bool = True, *args: Any, **kwargs: Any) -> None:
    """Write the graph of a variable, a function or a list of such things to an HTML file.

    Drag to move, turn the wheel to magnify, point at a box for its type and the line that made it,
    click on it to mark all that it depends on. Graphs inside ops are drawn below.

    Parameters
    ----------
    fct
        What to draw, as it was written, not as it was compiled.
    outfile
        The file to write.
    copy_deps
        Kept for Theano's signature; the file needs no others.
    args, kwargs
        `compact`, which leaves variables between ops out, True unless given.

    Examples
    --------
    >>> import tempfile, pathlib, lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     d3viz(T.exp(x) + 1, f"{folder}/graph.html")
    ...     pathlib.Path(f"{folder}/graph.html").read_text().splitlines()[0]
    '<!doctype html>'
    """
    drawing = draw(fct, inner=True, **_options(args, kwargs))
    Path(outfile).write_text(_page(drawing), encoding="utf-8")


def d3write(fct: Any, path: Any, *args: Any, **kwargs: Any) -> None:
    """Write what `d3viz` draws to a file in Graphviz's language.

    >>> import tempfile, pathlib, lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     d3write(T.exp(x), f"{folder}/graph.dot")
    ...     pathlib.Path(f"{folder}/graph.dot").read_text().splitlines()[0]
    'digraph {'
    """
    drawing = draw(fct, inner=True, **_options(args, kwargs))
    Path(path).write_text(dot_text(drawing), encoding="utf-8")


def _options(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    if len(args) > 1 or set(kwargs) - {"compact"} or (args and kwargs):
        raise TypeError(f"the only option is compact, got {args!r:.60} and {sorted(kwargs)}")
    return {"compact": args[0]} if args else dict(kwargs)


class PyDotFormatter:
    """Makes Graphviz's text of graphs; `compact` leaves variables between ops out.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> PyDotFormatter()(T.exp(x)).splitlines()[0]
    'digraph {'
    """

    def __init__(self, compact: bool = True) -> None:
        self.compact = compact

    def __call__(self, fct: Any, graph: None = None) -> str:
        """Return the text for whatever `pydotprint` draws; `graph`, pydot's, must be None."""
        if graph is not None:
            raise TypeError("graphs of pydot are not added to; the text of a new one is returned")
        return dot_text(draw(fct, compact=self.compact, inner=True))


def safe_json(obj: Any) -> str:
    r"""Return `obj` as JSON that may stand inside a script of an HTML page.

    >>> safe_json({"label": "a < b"})
    '{"label": "a \\u003c b"}'
    """
    return json.dumps(obj).replace("<", "\\u003c")


def replace_patterns(x: str, replace: Mapping[Any, Any]) -> str:
    """Return `x` with each key of `replace` replaced by its value, in the order of the keys.

    >>> replace_patterns("%title by %author", {"%title": "Graph", "%author": "me"})
    'Graph by me'
    """
    for pattern, value in replace.items():
        x = x.replace(str(pattern), str(value))
    return x


def _page(drawing: Drawing) -> str:
    parts = list(_sections(drawing, "", {}))
    legend = "".join(
        f'<svg width="16" height="12"><rect width="16" height="12" fill="{COLOURS[kind]}"/></svg>'
        f"<span>{text}</span>"
        for kind, text in _KINDS.items()
    )
    return replace_patterns(
        _TEMPLATE,
        {
            "%style%": _STYLE,
            "%legend%": legend,
            "%drawings%": "\n".join(parts),
            "%script%": _SCRIPT,
        },
    )


def _sections(drawing: Drawing, key: str, labels: Mapping[str, str]) -> Iterator[str]:
    """A drawing, and below it those inside its ops."""
    if key:
        yield f'<h2 id="inside-{key}">inside {html.escape(labels[key])}</h2>'
    yield _svg(drawing)
    inner_labels = {box.key: box.label for box in drawing.boxes}
    for inner_key, inner in drawing.inside.items():
        yield from _sections(inner, inner_key, inner_labels)


def _svg(drawing: Drawing) -> str:
    placed = place(drawing)
    lines = [f'<svg class="graph" viewBox="0 0 {placed.width:.0f} {placed.height:.0f}"><g>']
    for arrow, points in zip(drawing.arrows, placed.arrows, strict=True):
        ends = f'data-tail="{arrow.tail}" data-head="{arrow.head}"'
        title = f"<title>{html.escape(arrow.label)}</title>"
        lines.append(f'<path {ends} d="{_curve(points)}">{title}</path>')
    lines += [_rectangle(box, placed) for box in drawing.boxes]
    return "\n".join([*lines, "</g></svg>"])


def _curve(points: tuple[tuple[float, float], ...]) -> str:
    """A smooth line from the lower edge of the first box to the upper edge of the last."""
    first, *rest = points
    x, y = first[0], first[1] + 14
    parts = [f"M{x:.1f},{y:.1f}"]
    for place_of, (to_x, to_y) in enumerate(rest):
        end = to_y - (18 if place_of == len(rest) - 1 else 0)
        half = (y + end) / 2
        parts.append(f"C{x:.1f},{half:.1f} {to_x:.1f},{half:.1f} {to_x:.1f},{end:.1f}")
        x, y = to_x, end
    return " ".join(parts)


def _rectangle(box: Box, placed: Placed) -> str:
    x, y, width = placed.boxes[box.key]
    rounding = 9 if box.kind in ("op", "inner") else 0
    return (
        f'<g class="box {box.kind}" data-key="{box.key}"><title>{html.escape(box.detail)}</title>'
        f'<rect x="{x - width / 2:.1f}" y="{y - 14:.1f}" width="{width:.1f}" height="28"'
        f' rx="{rounding}" fill="{COLOURS[box.kind]}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}">{html.escape(box.label)}</text></g>'
    )


_STYLE = """
body { font: 13px sans-serif; margin: 0; color: #222; }
header { padding: 8px 14px; border-bottom: 1px solid #ccc; }
header span { margin: 0 14px 0 5px; }
h2 { font-size: 15px; margin: 14px; }
svg.graph { display: block; width: 100%; height: 86vh; cursor: grab; }
svg.graph path { fill: none; stroke: #888; stroke-width: 1.2; marker-end: url(#tip); }
svg.graph text { text-anchor: middle; font: 12px monospace; pointer-events: none; }
svg.graph rect { stroke: #666; }
svg.graph.marked .box, svg.graph.marked path { opacity: 0.2; }
svg.graph.marked .on { opacity: 1; }
svg.graph path.on { stroke: #b03030; }
"""

_SCRIPT = """
for (const svg of document.querySelectorAll("svg.graph")) {
  const view = svg.viewBox.baseVal, boxes = [...svg.querySelectorAll(".box")];
  const arrows = [...svg.querySelectorAll("path")];
  let held = null, moved = false;
  svg.addEventListener("wheel", event => {
    event.preventDefault();
    const frame = svg.getBoundingClientRect(), factor = event.deltaY > 0 ? 1.15 : 1 / 1.15;
    const right = (event.clientX - frame.left) / frame.width;
    const down = (event.clientY - frame.top) / frame.height;
    view.x += view.width * (1 - factor) * right;
    view.y += view.height * (1 - factor) * down;
    view.width *= factor;
    view.height *= factor;
  }, { passive: false });
  svg.addEventListener("pointerdown", event => {
    held = [event.clientX, event.clientY, view.x, view.y];
    moved = false;
  });
  window.addEventListener("pointerup", () => { held = null; });
  window.addEventListener("pointermove", event => {
    if (!held) return;
    const frame = svg.getBoundingClientRect();
    const scale = Math.max(view.width / frame.width, view.height / frame.height);
    moved = moved || Math.hypot(event.clientX - held[0], event.clientY - held[1]) > 3;
    view.x = held[2] - (event.clientX - held[0]) * scale;
    view.y = held[3] - (event.clientY - held[1]) * scale;
  });
  svg.addEventListener("click", event => {
    if (moved) return;
    const start = event.target.closest(".box");
    svg.classList.toggle("marked", start !== null);
    const reached = new Set(start ? [start.dataset.key] : []), pending = [...reached];
    while (pending.length) {
      const key = pending.pop();
      for (const arrow of arrows) {
        if (arrow.dataset.head !== key || reached.has(arrow.dataset.tail)) continue;
        reached.add(arrow.dataset.tail);
        pending.push(arrow.dataset.tail);
      }
    }
    for (const box of boxes) box.classList.toggle("on", reached.has(box.dataset.key));
    for (const arrow of arrows) arrow.classList.toggle("on", reached.has(arrow.dataset.head));
  });
  svg.addEventListener("dblclick", event => {
    const box = event.target.closest(".box");
    const below = box && document.getElementById("inside-" + box.dataset.key);
    if (below) below.scrollIntoView({ behavior: "smooth" });
  });
}
"""

_TEMPLATE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A graph of LLTheano</title><style>%style%</style></head>
<body>
<header>%legend%</header>
<svg width="0" height="0" style="position: absolute"><defs>
<marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0,0 L8,4 L0,8 z" fill="#888"/></marker></defs></svg>
%drawings%
<script>%script%</script>
</body>
</html>
"""
