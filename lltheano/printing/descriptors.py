"""Texts that say how a variable is computed: for people, with labels, and for comparison."""

from collections.abc import Iterator
from typing import Any

from lltheano.graph import Constant, Variable
from lltheano.printing.graphs import letters, shown_leaf

__all__ = ["min_informative_str", "var_descriptor"]


def _checked(obj: Any, what: str) -> Variable:
    if not isinstance(obj, Variable):
        raise TypeError(f"{what} takes a symbolic variable, got {obj!r:.80}")
    return obj


def min_informative_str(
    obj: Any,
    indent_level: int = 0,
    _prev_obs: dict[Any, str] | None = None,
    _tag_generator: Iterator[str] | None = None,
) -> str:
    """Return a text that tells a person which variable this is: its tree, without types.

    Each variable has a letter and a line of its own, deeper the farther from `obj`; one that is
    shown already is its letter in angle brackets. A named variable is its name. `indent_level` is
    how deep the first line is; the last two parameters are the letters given so far, and where
    further ones come from.

    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> total = x + y
    >>> print(min_informative_str(total * total))
    A. mul
     B. add
      C. x
      D. y
     <B>
    """
    seen = {} if _prev_obs is None else _prev_obs
    tags = letters() if _tag_generator is None else _tag_generator
    lines = []
    pending = [(_checked(obj, "min_informative_str"), indent_level)]
    while pending:
        variable, level = pending.pop()
        if variable in seen:
            lines.append(f"{' ' * level}<{seen[variable]}>")
            continue
        seen[variable] = next(tags)
        node = variable.owner
        if node is None or variable.name is not None:
            shown = shown_leaf(variable) if node is None else variable.name
        else:
            index = f".{variable.index}" if node.nout > 1 else ""
            shown = f"{node.op}{index}"
            pending.extend((operand, level + 1) for operand in reversed(node.inputs))
        lines.append(f"{' ' * level}{seen[variable]}. {shown}")
    return "\n".join(lines)


def var_descriptor(
    obj: Any,
    _prev_obs: dict[Any, str] | None = None,
    _tag_generator: Iterator[str] | None = None,
) -> str:
    """Return a text on one line that says fully how a variable is computed.

    Two variables of the same text are computed alike. It holds nothing of this process, such as
    addresses, so it can be compared between runs. Each variable has a letter before it, and is that
    letter where it occurs again; a leaf is shown with its type, a constant with its value.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> var_descriptor(x * x + 1.5)
    'A=add(B=mul(C=x:TensorType(float64, scalar),C),D=1.5:TensorType(float32, scalar))'
    """
    root = _checked(obj, "var_descriptor")
    seen = {} if _prev_obs is None else _prev_obs
    tags = letters() if _tag_generator is None else _tag_generator
    if root in seen:
        return seen[root]
    # Letters are given from the root down, in the order in which the text is read.
    parts: list[str] = []
    pending: list[Variable | str] = [root]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            parts.append(one)
        elif one in seen:
            parts.append(seen[one])
        else:
            seen[one] = next(tags)
            parts.append(f"{seen[one]}=")
            pending.extend(reversed(_spelling(one)))
    return "".join(parts)


def _spelling(variable: Variable) -> list[Variable | str]:
    """The pieces of a variable's text: strings, and the variables between them."""
    node = variable.owner
    if node is None:
        if isinstance(variable, Constant):
            value = getattr(variable.data, "tolist", lambda: variable.data)()
            return [f"{value!r}:{variable.type!r}"]
        return [f"{shown_leaf(variable)}:{variable.type!r}"]
    pieces: list[Variable | str] = [f"{node.op}("]
    for position, operand in enumerate(node.inputs):
        pieces += [",", operand] if position else [operand]
    return [*pieces, f").{variable.index}" if node.nout > 1 else ")"]
