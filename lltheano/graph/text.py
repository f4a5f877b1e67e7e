"""Graphs as one line of text, in which what is used again is named."""

from collections import Counter
from collections.abc import Callable, Sequence

from lltheano.graph.core import Apply, Variable
from lltheano.graph.walk import io_toposort

__all__ = [
    "as_string",
    "default_leaf_formatter",
    "default_node_formatter",
    "escaped",
    "op_as_string",
]

LeafFormatter = Callable[[Variable], str]
NodeFormatter = Callable[[Apply, Sequence[str]], str]


def default_leaf_formatter(leaf: Variable) -> str:
    """Return the name of a leaf.

    >>> import lltheano.tensor as T
    >>> default_leaf_formatter(T.dscalar("x"))
    'x'
    """
    return str(leaf)


def default_node_formatter(op: Apply, argstrings: Sequence[str]) -> str:
    """Return an application, whose operands have these texts, as a call.

    >>> import lltheano.tensor as T
    >>> default_node_formatter(T.exp(T.dscalar()).owner, ["x"])
    'exp(x)'
    """
    return f"{op.op}({', '.join(argstrings)})"


def as_string(
    i: Sequence[Variable],
    o: Sequence[Variable],
    leaf_formatter: LeafFormatter = default_leaf_formatter,
    node_formatter: NodeFormatter = default_node_formatter,
) -> list[str]:
    """Return for each of the outputs `o` how it is computed from the inputs `i`.

    What an application gives that is used several times is written out where it is first used, as
    in `*1 -> exp(x)`, and is `*1` from then on. `leaf_formatter` writes a leaf, and
    `node_formatter` an application, with the texts of its operands.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> y = T.exp(x)
    >>> as_string([x], [y * y])
    ['mul(*1 -> exp(x), *1)']
    """
    uses = Counter(operand for node in io_toposort(i, o) for operand in node.inputs)
    uses.update(o)
    leaves = set(i)
    numbers: dict[Variable, int] = {}
    named: set[Variable] = set()

    def leaf(one: Variable) -> str | None:
        """The text of what needs no operands, None for what does."""
        if one.owner is None or one in leaves:
            return leaf_formatter(one)
        return f"*{numbers[one]}" if one in named else None

    def compound(one: Variable, parts: Sequence[str]) -> str:
        assert one.owner is not None
        several = len(one.owner.outputs) > 1
        text = node_formatter(one.owner, parts) + (f"::{one.index}" if several else "")
        if uses[one] == 1:
            return text
        numbers[one] = len(numbers) + 1
        named.add(one)
        return f"*{numbers[one]} -> {text}"

    return [_written(one, leaf, compound) for one in o]


def _written(
    root: Variable,
    leaf: Callable[[Variable], str | None],
    compound: Callable[[Variable, Sequence[str]], str],
) -> str:
    """Write a variable after its operands, left to right; no recursion, for graphs are deep."""
    results: list[str] = []
    stack: list[tuple[Variable, int | None]] = [(root, None)]
    while stack:
        one, count = stack.pop()
        if count is not None:
            parts = results[len(results) - count :]
            del results[len(results) - count :]
            results.append(compound(one, parts))
            continue
        text = leaf(one)
        if text is not None:
            results.append(text)
            continue
        assert one.owner is not None
        stack.append((one, len(one.owner.inputs)))
        stack.extend((operand, None) for operand in reversed(one.owner.inputs))
    return results[0]


def op_as_string(
    i: Sequence[Variable],
    op: Apply,
    leaf_formatter: LeafFormatter = default_leaf_formatter,
    node_formatter: NodeFormatter = default_node_formatter,
) -> str:
    """Return an application as text, computed from the inputs `i`; see `as_string`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> op_as_string([x], T.exp(T.log(x)).owner)
    'exp(log(x))'
    """
    operands = as_string(i, list(op.inputs), leaf_formatter, node_formatter)
    return node_formatter(op, operands)


def escaped(text: str) -> str:
    """Return a text for a message in which numbers are put in: its braces written twice.

    >>> escaped("TensorConstant{[0 1]}").format()
    'TensorConstant{[0 1]}'
    """
    return text.replace("{", "{{").replace("}", "}}")
