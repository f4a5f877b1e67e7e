"""What the subscripts of `einsum` mean, in either of NumPy's two ways to write them.

`"ij,jk->ik"` has a letter for each axis of each operand, and after the arrow one for each axis of
the result; without an arrow these are, in alphabetical order, the letters that occur once. An
ellipsis stands for any number of axes, which broadcast. The other way has lists of integers after
each operand.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = ["Label", "Subscripts", "parse"]

Label = str | int
"""A letter, an integer, or for an axis of an ellipsis a negative integer, the last being -1."""

_ELLIPSIS = "..."


@record(frozen=True)
class Subscripts:
    """The label of each axis of the operands, and of the result."""

    operands: tuple[tuple[Label, ...], ...]
    result: tuple[Label, ...]


def parse(arguments: Sequence[Any]) -> tuple[list[TensorVariable], Subscripts]:
    """Return the operands and what is said of their axes; ValueError for what says nothing clear.

    >>> operands, subscripts = parse(["ij,j", [[1, 2]], [3, 4]])
    >>> subscripts.operands, subscripts.result
    ((('i', 'j'), ('j',)), ('i',))
    """
    if not arguments:
        raise ValueError("einsum takes subscripts and operands")
    if isinstance(arguments[0], str):
        operands, terms, result = _split(arguments[0], arguments[1:])
    else:
        operands, terms, result = _interleaved(arguments)
    labels = [_labels(term, operand) for term, operand in zip(terms, operands, strict=True)]
    wide = max((sum(_is_spread(one) for one in term) for term in labels), default=0)
    if result is None:
        return operands, Subscripts(tuple(labels), _implied(labels, wide))
    return operands, Subscripts(tuple(labels), _explicit(result, labels, wide))


def _split(
    text: str, values: Sequence[Any]
) -> tuple[list[TensorVariable], list[list[Label]], list[Label] | None]:
    left, arrow, right = text.replace(" ", "").partition("->")
    terms = [_letters(word, text) for word in left.split(",")]
    if len(terms) != len(values):
        raise ValueError(f"einsum: {text!r} is for {len(terms)} operands, got {len(values)}")
    operands = [as_tensor_variable(value) for value in values]
    return operands, terms, _letters(right, text) if arrow else None


def _letters(term: str, text: str) -> list[Label]:
    before, spread, after = term.partition(_ELLIPSIS)
    for letter in before + after:
        if not (letter.isascii() and letter.isalpha()):
            raise ValueError(f"einsum: {letter!r} in {text!r} is no letter")
    return [*before, *([_ELLIPSIS] if spread else []), *after]


def _interleaved(
    arguments: Sequence[Any],
) -> tuple[list[TensorVariable], list[list[Label]], list[Label] | None]:
    pairs = len(arguments) // 2
    operands = [as_tensor_variable(argument) for argument in arguments[: 2 * pairs : 2]]
    terms = [_integers(argument) for argument in arguments[1 : 2 * pairs : 2]]
    return operands, terms, _integers(arguments[-1]) if len(arguments) % 2 else None


def _integers(value: Any) -> list[Label]:
    if not isinstance(value, list | tuple):
        raise TypeError(
            f"einsum takes subscripts as a string before the operands, or as a list of integers"
            f" after each; got {value!r:.60}"
        )
    labels: list[Label] = []
    for one in value:
        number = None if one is Ellipsis or not hasattr(one, "__index__") else one.__index__()
        if one is not Ellipsis and (number is None or number < 0):
            raise ValueError(f"einsum: {one!r} is no label; they are integers from 0 on, and ...")
        labels.append(_ELLIPSIS if number is None else number)
    return labels


def _labels(term: Sequence[Label], x: TensorVariable) -> tuple[Label, ...]:
    """The label of each axis of an operand."""
    if _ELLIPSIS not in term:
        if len(term) != x.ndim:
            raise ValueError(f"einsum: {len(term)} subscripts for {x.describe()}")
        return tuple(term)
    count = x.ndim - (len(term) - 1)
    if count < 0:
        raise ValueError(f"einsum: {len(term) - 1} subscripts and an ellipsis for {x.describe()}")
    index = term.index(_ELLIPSIS)
    return (*term[:index], *range(-count, 0), *term[index + 1 :])


def _is_spread(label: Label) -> bool:
    return isinstance(label, int) and label < 0


def _implied(labels: Sequence[Sequence[Label]], wide: int) -> tuple[Label, ...]:
    every = [one for term in labels for one in term if not _is_spread(one)]
    once = {one for one in every if every.count(one) == 1}
    return (*range(-wide, 0), *sorted(once, key=str if _are_letters(every) else int))


def _are_letters(labels: Sequence[Label]) -> bool:
    return all(isinstance(label, str) for label in labels)


def _explicit(
    result: Sequence[Label], labels: Sequence[Sequence[Label]], wide: int
) -> tuple[Label, ...]:
    known = {one for term in labels for one in term}
    for subscript in result:
        if subscript != _ELLIPSIS and subscript not in known:
            raise ValueError(f"einsum: the subscript {subscript!r} of the result is of no operand")
        if subscript != _ELLIPSIS and list(result).count(subscript) > 1:
            raise ValueError(f"einsum: the result has the subscript {subscript!r} twice")
    if _ELLIPSIS not in result:
        if wide:
            raise ValueError("einsum: operands have axes for an ellipsis, and the result has none")
        return tuple(result)
    index = list(result).index(_ELLIPSIS)
    return (*result[:index], *range(-wide, 0), *result[index + 1 :])
