"""`pydotprint`: a graph as a Graphviz diagram.

The text is written here; pictures are made by Graphviz's own program `dot`, where it is installed.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lltheano.printing.drawing import COLOURS, Box, Drawing, draw

__all__ = ["dot_text", "pydotprint"]

_TEXT_FORMATS = ("dot", "gv")


def pydotprint(  # noqa: PLR0913, PLR0917 - Theano's signature
    fct: Any,
    outfile: Any = None,
    compact: bool = True,
    format: str = "png",  # noqa: A002 - Theano's parameter
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: Any = None,
    colorCodes: Mapping[str, str] | None = None,  # noqa: N803 - Theano's parameter
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> Any:
    """Draw the graph of a variable, a function or a list of such things.

    Returns None, or the picture. RuntimeError when the program `dot` is needed and not installed,
    or does not know the format.

    Parameters
    ----------
    fct
        What to draw, as it was written, not as it was compiled.
    outfile
        The file to write; "lltheano.<format>" in the working folder when it is None.
    compact
        Leave out variables between ops, unless they have names.
    format
        "dot" writes Graphviz's text, and needs nothing; "png", "svg", "pdf" and whatever else
        Graphviz's program `dot` makes need that to be installed.
    with_ids
        Number the boxes.
    high_contrast
        Fill the boxes; else draw only their outlines in colour.
    cond_highlight
        Kept for Theano's signature; branches are not highlighted.
    colorCodes
        Colours for ops, by name or by the start of it.
    max_label_size
        The length at which labels are cut.
    scan_graphs
        Draw the graphs inside ops too, each in a frame.
    var_with_name_simple
        Show a named variable without its type.
    print_output_file
        Say where the file is.
    return_image
        Return the picture as bytes, and write no file.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> text = pydotprint(x**2, format="dot", return_image=True).decode()
    >>> text.splitlines()[0], text.count("[label=")
    ('digraph {', 6)
    """
    drawing = draw(
        fct,
        compact=compact,
        with_ids=with_ids,
        max_label=max_label_size,
        inner=scan_graphs,
        simple_names=var_with_name_simple,
    )
    text = dot_text(drawing, filled=high_contrast, colours=colorCodes or {})
    picture = text.encode() if format in _TEXT_FORMATS else _rendered(text, format)
    if return_image:
        return picture
    path = Path(f"lltheano.{format}" if outfile is None else outfile)
    path.write_bytes(picture)
    if print_output_file:
        print(f"The diagram is in {path}")  # noqa: T201 - what the parameter asks for
    return None


def _rendered(text: str, picture_format: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise RuntimeError(
            f"a diagram of format {picture_format!r} needs Graphviz's program `dot`, which is not"
            " on the path: install Graphviz, pass format='dot' for the text, or use d3viz"
        )
    done = subprocess.run(
        [program, f"-T{picture_format}"], input=text.encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"Graphviz: {done.stderr.decode().strip()}")
    return done.stdout


def dot_text(
    drawing: Drawing, *, filled: bool = True, colours: Mapping[str, str] | None = None
) -> str:
    """Return a drawing in Graphviz's language.

    `colours` are for ops, by name or the start of it; boxes are `filled` or outlined in colour.
    """
    lines = ["digraph {", '  node [shape=box, fontname="sans-serif", fontsize=11];']
    lines += ['  edge [fontname="sans-serif", fontsize=9, color="#555555"];']
    lines += _statements(drawing, filled, colours or {}, "  ")
    return "\n".join([*lines, "}", ""])


def _statements(
    drawing: Drawing, filled: bool, colours: Mapping[str, str], margin: str
) -> Iterator[str]:
    for box in drawing.boxes:
        yield f"{margin}{box.key} [{_attributes(box, filled, colours)}];"
    for arrow in drawing.arrows:
        label = f" [label={_quoted(arrow.label)}]" if arrow.label else ""
        yield f"{margin}{arrow.tail} -> {arrow.head}{label};"
    labels = {box.key: box.label for box in drawing.boxes}
    for key, inner in drawing.inside.items():
        yield f"{margin}subgraph cluster_{key} {{"
        yield f"{margin}  label={_quoted(f'inside {labels[key]}')};"
        yield from _statements(inner, filled, colours, margin + "  ")
        yield f"{margin}}}"


def _attributes(box: Box, filled: bool, colours: Mapping[str, str]) -> str:
    colour = COLOURS[box.kind]
    is_op = box.kind in ("op", "inner")
    if is_op:
        chosen = (code for name, code in colours.items() if box.label.startswith(name))
        colour = next(chosen, colour)
    rounded = "rounded," if is_op else ""
    style = f'style="{rounded}filled", fillcolor' if filled else f'style="{rounded}bold", color'
    return f"label={_quoted(box.label)}, tooltip={_quoted(box.detail)}, {style}={_quoted(colour)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
