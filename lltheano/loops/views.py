"""What `scan` is used for most: `map`, `reduce`, `foldl` and `foldr`."""

from typing import Any

from lltheano.graph.boundary import boundary
from lltheano.loops.scanning import scan
from lltheano.shared.updates import OrderedUpdates

__all__ = ["foldl", "foldr", "map", "reduce"]


@boundary
def map(  # noqa: A001 - Theano's name
    fn: Any,
    sequences: Any,
    non_sequences: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Apply `fn` to each row of the sequences; the parameters are those of `scan`.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> squares, _ = map(lambda one: one**2, x)
    >>> squares.eval({x: [1.0, 2.0, 3.0]})
    array([1., 4., 9.])
    """
    return scan(
        fn,
        sequences=sequences,
        outputs_info=[],
        non_sequences=non_sequences,
        truncate_gradient=truncate_gradient,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )


@boundary
def reduce(
    fn: Any,
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Return the last of the values that `scan` gives for the same parameters.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> total, _ = reduce(lambda one, total: one + total, x, 0.0)
    >>> float(total.eval({x: [1.0, 2.0, 3.0]}))
    6.0
    """
    outputs, updates = scan(
        fn,
        sequences=sequences,
        outputs_info=outputs_info,
        non_sequences=non_sequences,
        go_backwards=go_backwards,
        truncate_gradient=-1,
        mode=mode,
        name=name,
    )
    if isinstance(outputs, list):
        return [output[-1] for output in outputs], updates
    return outputs[-1], updates


@boundary
def foldl(
    fn: Any,
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Reduce the sequences from the first row to the last.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> digits, _ = foldl(lambda one, number: 10 * number + one, x, 0.0)
    >>> float(digits.eval({x: [1.0, 2.0, 3.0]}))
    123.0
    """
    return reduce(fn, sequences, outputs_info, non_sequences, False, mode, name)


@boundary
def foldr(
    fn: Any,
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Reduce the sequences from the last row to the first.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> digits, _ = foldr(lambda one, number: 10 * number + one, x, 0.0)
    >>> float(digits.eval({x: [1.0, 2.0, 3.0]}))
    321.0
    """
    return reduce(fn, sequences, outputs_info, non_sequences, True, mode, name)
