"""`debugprint`: a graph as an indented tree, one variable a line."""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from lltheano.graph import Apply, Constant, Variable, applies
from lltheano.printing.graphs import inner_inputs, inner_results, letters, results_of, shown_leaf
from lltheano.shared import SharedVariable

__all__ = ["debugprint"]

_ID_STYLES = ("CHAR", "int", "id", "")


def debugprint(  # noqa: PLR0913, PLR0917 - Theano's signature
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Any = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, Any] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> Any:
    """Print how something is computed, as a tree with the operands below each op.

    A variable that was shown before has its line only, with "..." in place of its operands. The
    graph is shown as it was written, not as it was compiled; graphs inside ops come at the end.
    Returns `file`, or the text.

    Parameters
    ----------
    obj
        A variable, an application, a compiled function (whose outputs are followed by the new
        values of its shared variables), or a list of such things.
    depth
        How many levels of operands to show; all when negative.
    print_type
        Show the type of each variable.
    file
        Where to write; None is the standard output, "str" returns the text.
    ids
        How variables are told apart: "CHAR" letters, "int" numbers, "id" Python's own, or an empty
        string for nothing.
    stop_on_name
        Show nothing below a variable that has a name, unless it is a result.
    done
        What was shown by earlier calls, so that it is not shown again; it is added to.
    print_storage
        Show the values of shared variables and constants, shortened.
    print_clients
        Show which ops of the graph use a variable, when there are several.
    used_ids
        The ids that earlier calls gave to variables; it is added to.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> total = x + y
    >>> debugprint(total * total)
    mul [A]
    ├─ add [B]
    │  ├─ x [C]
    │  └─ y [D]
    └─ add [B] ...
    """
    if ids not in _ID_STYLES:
        raise ValueError(f"debugprint: ids takes {', '.join(map(repr, _ID_STYLES))}, got {ids!r}")
    results = results_of(obj)
    shown = _Tree(
        depth=depth,
        types=print_type,
        ids=ids,
        stop_on_name=stop_on_name,
        values=print_storage,
        clients=_clients([one for _, one in results]) if print_clients else {},
        done={} if done is None else done,
        labels={} if used_ids is None else used_ids,
    )
    for title, variable in results:
        shown.add(variable, title)
    shown.add_inner_graphs()
    text = "\n".join(shown.lines) + "\n"
    if file == "str":
        return text
    stream = sys.stdout if file is None else file
    stream.write(text)
    stream.flush()
    return file


def _clients(results: list[Variable]) -> dict[Variable, list[Apply]]:
    """The applications that use each variable."""
    clients: dict[Variable, list[Apply]] = {}
    for node in applies(results):
        for operand in dict.fromkeys(node.inputs):
            clients.setdefault(operand, []).append(node)
    return clients


class _Tree:
    def __init__(
        self,
        *,
        depth: int,
        types: bool,
        ids: str,
        stop_on_name: bool,
        values: bool,
        clients: dict[Variable, list[Apply]],
        done: dict[Any, Any],
        labels: dict[Any, str],
    ) -> None:
        self.lines: list[str] = []
        self._depth, self._types, self._ids = depth, types, ids
        self._stop_on_name, self._values, self._clients = stop_on_name, values, clients
        self._done, self._labels = done, labels
        self._letters = letters()
        for _ in labels:
            next(self._letters)
        self._with_graphs: dict[Apply, None] = {}
        self._outside: dict[Variable, Variable] = {}

    def add(self, root: Variable, title: str = "") -> None:
        """Add the lines of a result; iteratively, since graphs are deep."""
        pending = [(root, title and f"{title}: ", "", 0)]
        while pending:
            variable, head, margin, level = pending.pop()
            node = variable.owner
            seen = node is not None and node in self._done
            self.lines.append(f"{head}{self._line(variable)}{' ...' if seen else ''}")
            if node is None or seen or self._stops(variable, level):
                continue
            self._done[node] = ""
            if inner_results(node):
                self._with_graphs[node] = None
            last = len(node.inputs) - 1
            below = [
                (operand, f"{margin}{'└─ ' if i == last else '├─ '}",
                 f"{margin}{'   ' if i == last else '│  '}", level + 1)
                for i, operand in enumerate(node.inputs)
            ]  # fmt: skip
            pending.extend(reversed(below))

    def add_inner_graphs(self) -> None:
        """Add the graphs inside the ops that were shown, and those inside these."""
        while self._with_graphs:
            node = next(iter(self._with_graphs))
            del self._with_graphs[node]
            self.lines += ["", f"inside {self._line(node.outputs[0])}:"]
            self._outside.update(inner_inputs(node))
            for result in inner_results(node):
                self.add(result)

    def _stops(self, variable: Variable, level: int) -> bool:
        named = self._stop_on_name and variable.name is not None and level > 0
        return named or level == self._depth

    def _line(self, variable: Variable) -> str:
        return "".join(self._parts(variable))

    def _parts(self, variable: Variable) -> Iterator[str]:
        yield _head(variable)
        if self._ids:
            yield f" [{self._label(variable)}]"
        if self._types:
            yield f" : {variable.type!r}"
        if self._values:
            yield _value(variable)
        if variable in self._outside:
            outside = self._outside[variable]
            label = f" [{self._label(outside)}]" if self._ids else ""
            yield f" is {_head(outside)}{label}"
        users = self._clients.get(variable, ())
        if len(users) > 1:
            yield f" <- {', '.join(f'{user.op}{self._of(user)}' for user in users)}"

    def _of(self, node: Apply) -> str:
        return f" [{self._label(node.outputs[0])}]" if self._ids else ""

    def _label(self, variable: Variable) -> str:
        if self._ids == "id":
            return str(id(variable))
        if variable not in self._labels:
            letter = next(self._letters)
            self._labels[variable] = letter if self._ids == "CHAR" else str(len(self._labels))
        return self._labels[variable]


def _head(variable: Variable) -> str:
    """What a variable is: a leaf's name or value; for others the op, and the name before it."""
    node = variable.owner
    if node is None:
        return shown_leaf(variable)
    index = f".{variable.index}" if node.nout > 1 else ""
    name = f"{variable.name} = " if variable.name is not None else ""
    return f"{name}{node.op}{index}"


def _value(variable: Variable) -> str:
    """The value of a shared variable or a constant, if the line does not show it already."""
    if isinstance(variable, SharedVariable):
        data = variable.get_value()
    elif isinstance(variable, Constant) and (variable.name or "shape" in shown_leaf(variable)):
        data = variable.data
    else:
        return ""
    if not isinstance(data, np.ndarray):
        return f" = {data!r:.60}"
    text = np.array2string(data, precision=4, threshold=6, edgeitems=2, separator=", ")
    return f" = {' '.join(text.split())}"
