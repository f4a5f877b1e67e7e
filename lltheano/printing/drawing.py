"""A graph as boxes and arrows: what both kinds of diagram are made from.

An op is a box, and so is each variable that is an input, a constant, a result, or, in full
drawings, any other. An arrow goes from what is used to what uses it.
"""

import re
from collections.abc import Mapping
from typing import Any

from lltheano.graph import Apply, Constant, Variable, applies
from lltheano.printing.graphs import inner_results, results_of, shown_leaf
from lltheano.shared import SharedVariable
from lltheano_ir.records import record

__all__ = ["COLOURS", "Arrow", "Box", "Drawing", "draw"]

COLOURS: Mapping[str, str] = {
    "input": "#bbe3c4",
    "shared": "#b5e4e8",
    "constant": "#e6e6e6",
    "op": "#dbe6f6",
    "inner": "#f7d9b5",
    "result": "#f4c2cb",
    "variable": "#ffffff",
}
"""The fill of each kind of box."""


@record(frozen=True, slots=True)
class Box:
    """A box: its key, its text, what kind of thing it is, and what more there is to say of it."""

    key: str
    label: str
    kind: str
    detail: str


@record(frozen=True, slots=True)
class Arrow:
    """An arrow between the boxes of two keys, and the text beside it."""

    tail: str
    head: str
    label: str


@record(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows; `inside` has for the key of an op with a graph inside the drawing of that
    graph.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    inside: Mapping[str, "Drawing"]


def draw(
    obj: Any,
    *,
    compact: bool = True,
    with_ids: bool = False,
    max_label: int = 70,
    inner: bool = False,
    simple_names: bool = False,
) -> Drawing:
    """Return the drawing of whatever `results_of` takes.

    With `compact`, variables between ops that have no name are arrows only. With `with_ids` labels
    begin with a number; longer labels than `max_label` are cut; with `inner` graphs inside ops are
    drawn too; with `simple_names` a named variable is its name without its type.
    """
    return _Artist(compact, with_ids, max_label, inner, simple_names).drawing(results_of(obj), "")


class _Artist:
    def __init__(
        self, compact: bool, with_ids: bool, max_label: int, inner: bool, simple_names: bool
    ) -> None:
        self._compact, self._with_ids, self._max_label = compact, with_ids, max_label
        self._inner, self._simple = inner, simple_names
        self._count = 0

    def drawing(self, results: list[tuple[str, Variable]], prefix: str) -> Drawing:
        boxes: dict[str, Box] = {}
        arrows: list[Arrow] = []
        inside: dict[str, Drawing] = {}
        keys: dict[Variable | Apply, str] = {}
        wanted: dict[Variable, list[str]] = {}
        for title, one in results:
            wanted.setdefault(one, []).append(title)
        nodes = applies([one for _, one in results])
        for node in nodes:
            key = keys[node] = self._key(prefix)
            for index, operand in enumerate(node.inputs):
                tail = self._source(operand, keys, boxes, prefix)
                label = str(index) if node.nin > 1 else ""
                arrows.append(Arrow(tail, key, self._cut(self._arrow_label(operand, label))))
            boxes[key] = self._op_box(key, node)
            if self._inner and inner_results(node):
                found: list[tuple[str, Variable]] = [("", result) for result in inner_results(node)]
                inside[key] = self.drawing(found, f"{prefix}{key}_")
            for output in node.outputs:
                if output in wanted or not self._compact or output.name is not None:
                    keys[output] = self._key(prefix)
                    boxes[keys[output]] = self._variable_box(
                        keys[output], output, wanted.get(output)
                    )
                    arrows.append(
                        Arrow(key, keys[output], str(output.index) if node.nout > 1 else "")
                    )
        for one in wanted:
            self._source(one, keys, boxes, prefix)
        return Drawing(tuple(boxes.values()), tuple(arrows), inside)

    def _source(
        self,
        variable: Variable,
        keys: dict[Variable | Apply, str],
        boxes: dict[str, Box],
        prefix: str,
    ) -> str:
        """The key of the box that an arrow from a variable leaves."""
        if variable in keys:
            return keys[variable]
        if variable.owner is not None:
            return keys[variable.owner]
        key = keys[variable] = self._key(prefix)
        boxes[key] = self._variable_box(key, variable, None)
        return key

    def _key(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}n{self._count}"

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._max_label else f"{text[: self._max_label - 3]}..."

    def _arrow_label(self, variable: Variable, index: str) -> str:
        if not self._compact or variable.owner is None or variable.name is not None:
            return index
        return f"{index} {short_type(variable)}".strip()

    def _numbered(self, key: str, text: str) -> str:
        return f"{key.rpartition('n')[2]}: {text}" if self._with_ids else text

    def _op_box(self, key: str, node: Apply) -> Box:
        kind = "inner" if inner_results(node) else "op"
        made = f"made at {node.source}: {node.source.text}" if node.source is not None else ""
        types = ", ".join(repr(output.type) for output in node.outputs)
        detail = "\n".join(filter(None, (f"{node.op} gives {types}", made)))
        return Box(key, self._cut(self._numbered(key, str(node.op))), kind, detail)

    def _variable_box(self, key: str, variable: Variable, titles: list[str] | None) -> Box:
        """The box of a variable; `titles` are what it is called as a result."""
        name = variable.name
        if name is None and isinstance(variable, Constant):
            name = shown_leaf(variable)
        parts = [] if name is None else [name]
        if not (self._simple and variable.name is not None):
            parts.append(short_type(variable))
        label = " : ".join([*filter(None, titles or ()), " ".join(parts)])
        kind = _kind(variable) if titles is None else "result"
        return Box(key, self._cut(self._numbered(key, label)), kind, variable.describe())


def short_type(variable: Variable) -> str:
    """The type in few words: float64 matrix."""
    result = re.fullmatch(r"TensorType\((\w+), (.*)\)", repr(variable.type))
    return " ".join(result.groups()) if result else repr(variable.type)


def _kind(variable: Variable) -> str:
    if isinstance(variable, SharedVariable):
        return "shared"
    if isinstance(variable, Constant):
        return "constant"
    return "input" if variable.owner is None else "variable"
