"""How graphs are pickled and deep-copied, however deep they are.

Python's pickler walks from a variable to its owner, to that one's inputs, and so on, and gives up
some hundred ops down. So each computed variable is written as an output of its application, after
all applications that it depends on, operands first: when the pickler comes to one, its inputs are
written already. `_Ancestors` is that list. While the pickler goes through it, variables are written
short; `_written` holds what has been written, for the thread.

Invariants: what is shared in the original is shared in the copy; leaves are written before what is
made of them, and the notes of a variable after the variable itself, so that they may point
anywhere; nothing of a compiled function is written. What is written short although the pickler has
not met it, as when one pickler is at work inside another, is written all the same, in full.
"""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lltheano.graph.core import Apply, Variable

__all__ = ["NOT_WRITTEN", "WrittenTogether", "reduce_application", "reduce_variable"]

_Reduced = tuple[Any, ...]

NOT_WRITTEN = ("owner", "index", "_auto_name", "_compiled", "_fgraph")
"""Attributes of a variable that are not written: its place in the graph, what is unique to it,
and compiled functions.
"""


class _Written(threading.local):
    """The applications that the thread's picklers have written so far, by their ids."""

    def __init__(self) -> None:
        self.scopes: list[set[int]] = []

    def has(self, node: "Apply") -> bool:
        return any(id(node) in scope for scope in self.scopes)


_written = _Written()


def reduce_variable(variable: "Variable") -> _Reduced:
    """What `__reduce_ex__` of a variable returns."""
    node = variable.owner
    if node is None:
        return (_new, (type(variable),), variable.__getstate__())
    if _written.has(node):
        return (_output, (node, variable.index))
    return (_output_after, (_Ancestors([variable]), node, variable.index))


def reduce_application(node: "Apply") -> _Reduced:
    """What `__reduce__` of an application returns."""
    outputs = [(type(output), output.type) for output in node.outputs]
    states = [output.__getstate__() for output in node.outputs]
    return (_apply, (type(node), node.op, node.inputs, outputs), (node.source, states))


class WrittenTogether:
    """An object that is pickled as the list of `parts`, among them graphs that hang together.

    `_Ancestors` of all variables in `roots` come first, and the parts are then written short.

    >>> import pickle
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> y, found = pickle.loads(pickle.dumps(WrittenTogether([y := x + 1, [y, x]], [y])))
    >>> found[0] is y, y.owner.inputs[0] is found[1]
    (True, True)
    """

    def __init__(self, parts: list[Any], roots: "list[Variable]") -> None:
        self._parts = parts
        self._roots = roots

    def __reduce__(self) -> _Reduced:
        return (_Unwrapped, (), None, self._items())

    def _items(self) -> Iterator[Any]:
        with _Scope() as scope:
            yield from _in_order(self._roots, scope)
            yield from (_Part(part) for part in self._parts)


class _Ancestors:
    """Everything that variables depend on, operands first, as a list that is thrown away."""

    def __init__(self, roots: "list[Variable]") -> None:
        self._roots = roots

    def __reduce__(self) -> _Reduced:
        return (_Discarded, (), None, self._items())

    def _items(self) -> "Iterator[Variable | Apply]":
        with _Scope() as scope:
            yield from _in_order(self._roots, scope)


class _Scope:
    """Variables of what is put into the set are written short while the block runs."""

    def __enter__(self) -> set[int]:
        self._scope: set[int] = set()
        _written.scopes.append(self._scope)
        return self._scope

    def __exit__(self, *error: object) -> None:
        _written.scopes = [scope for scope in _written.scopes if scope is not self._scope]


def _in_order(roots: "list[Variable]", scope: set[int]) -> "Iterator[Variable | Apply]":
    """Yield the leaves that `roots` depend on, then the applications, operands first.

    Each is noted in `scope` when the pickler asks for the next, that is, when it has written it.
    """
    order = _operands_first(roots)
    leaves = {
        id(operand): operand for node in order for operand in node.inputs if operand.owner is None
    }
    yield from leaves.values()
    for node in order:
        yield node
        scope.add(id(node))


def _operands_first(roots: "list[Variable]") -> "list[Apply]":
    """The applications that `roots` depend on, except those that are written already."""
    order: list[Apply] = []
    seen: set[int] = set()
    pending = [(root.owner, False) for root in reversed(roots)]
    while pending:
        node, operands_done = pending.pop()
        if node is None:
            continue
        if operands_done:
            order.append(node)
        elif id(node) not in seen and not _written.has(node):
            seen.add(id(node))
            pending.append((node, True))
            pending.extend((operand.owner, False) for operand in reversed(node.inputs))
    return order


class _Part:
    """Wraps a part, so that it is told from what goes before it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __reduce__(self) -> _Reduced:
        return (_Part, (self.value,))


class _Discarded:
    """Takes the place of a list that is not needed any more."""

    def append(self, item: object) -> None:
        """Take an item."""

    def extend(self, items: object) -> None:
        """Take some items."""


class _Unwrapped(list[Any]):
    """A list of the parts alone."""

    def append(self, item: Any) -> None:
        if isinstance(item, _Part):
            super().append(item.value)

    def extend(self, items: Any) -> None:
        for item in items:
            self.append(item)


def _new(kind: "type[Variable]") -> "Variable":
    """A leaf without attributes; its state follows."""
    leaf = kind.__new__(kind)
    leaf.owner = leaf.index = None
    return leaf


def _output(node: "Apply", index: int) -> "Variable":
    """An output of an application."""
    return node.outputs[index]


def _output_after(ancestors: object, node: "Apply", index: int) -> "Variable":
    """An output of an application; what it depends on was made before."""
    return node.outputs[index]


def _apply(
    kind: "type[Apply]",
    op: Any,
    inputs: "list[Variable]",
    outputs: "list[tuple[type[Variable], Any]]",
) -> "Apply":
    """An application; the names and notes of its outputs follow."""
    node = kind.__new__(kind)
    results = []
    for index, (variable_kind, type_) in enumerate(outputs):
        variable = variable_kind.__new__(variable_kind)
        variable.type, variable.owner, variable.index = type_, node, index
        variable.name = variable.source = None
        results.append(variable)
    node.fgraph = None
    node.op, node.inputs, node.outputs, node.source = op, list(inputs), results, None
    return node
