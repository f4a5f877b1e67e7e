"""`scan_checkpoints`: a scan that keeps the values of every N-th step only.

It is a scan over scans of N steps. The outer one keeps what each of the inner ones ends with; the
gradient runs an inner one again when it comes to it, and keeps the values of its N steps meanwhile.
With N about the square root of the number of steps T, memory grows with the square root of T for
twice the work of going forward (T. Chen, B. Xu, C. Zhang and C. Guestrin, Training deep nets with
sublinear memory cost, 2016).
"""

from collections.abc import Callable, Sequence
from typing import Any

import lltheano.tensor as T
from lltheano.graph.boundary import boundary
from lltheano.loops.given import listed
from lltheano.loops.returned import read_returned
from lltheano.loops.scanning import scan
from lltheano.shared.updates import OrderedUpdates
from lltheano.tensor.assertion import Assert
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["scan_checkpoints"]


@boundary
def scan_checkpoints(
    fn: Callable[..., Any],
    sequences: Any = [],  # noqa: B006 - Theano's default; it is not changed
    outputs_info: Any = None,
    non_sequences: Any = [],  # noqa: B006
    name: str = "checkpointscan_fn",
    n_steps: Any = None,
    save_every_N: Any = 10,  # noqa: N803 - Theano's name
    padding: bool = True,
) -> tuple[Any, OrderedUpdates]:
    """Apply `fn` step by step as `scan` does, and keep the values of every N-th step only.

    The gradient computes the steps between again when it comes to them: it takes less memory, and
    more time. There are no taps, and no `until`.

    Parameters
    ----------
    fn
        Called once, with variables: those of `sequences`, the values of the step before, and
        `non_sequences`.
    sequences
        Variables, whose rows the steps go along, or a list of them.
    outputs_info
        The first value of each output; every output is read again by the next step.
    non_sequences
        What is the same in all steps.
    name
        What listings call the loops.
    n_steps
        How many steps; by default as many as the first sequence has rows.
    save_every_N
        How many steps there are from one value that is kept to the next.
    padding
        Whether sequences are filled up with zeros so that their length is a multiple of
        `save_every_N`; no step reads these. False promises that they are of such a length: a
        ValueError when the function runs if they are not.

    Returns
    -------
    tuple
        For each output the stack of its values after N steps, 2 N, ... and after the last one; and
        the updates of shared variables.

    Raises
    ------
    RuntimeError
        A sequence or an output has taps, an output has no first value, or a step returns `until`.
    TypeError
        `n_steps` or `save_every_N` is no integer.
    ValueError
        Nothing says how many steps there are; or `save_every_N` is less than 1.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> A = T.dscalar("A")
    >>> powers, _ = scan_checkpoints(
    ...     lambda before, A: before * A,
    ...     outputs_info=T.ones_like(A),
    ...     non_sequences=A,
    ...     n_steps=10,
    ...     save_every_N=4,
    ... )
    >>> powers.eval({A: 2.0}).tolist()
    [16.0, 256.0, 1024.0]
    >>> float(T.grad(powers[-1], A).eval({A: 2.0}))
    5120.0
    """
    rows = [as_tensor_variable(one) for one in _without_taps(sequences, "sequences")]
    firsts = _without_taps(outputs_info, "outputs_info")
    others = listed(non_sequences)
    count, size = _steps(n_steps, rows), _block_size(save_every_N)
    blocks = (count + size - 1) // size
    lengths = T.minimum(size, count - size * T.arange(blocks))
    cut = [_blocks(one, count, blocks, size, padding) for one in rows]

    def step(*given: Any) -> Any:
        result = fn(*given)
        if read_returned(result).condition is not None:
            raise RuntimeError("scan_checkpoints does not support until; use scan")
        return result

    def block(*given: Any) -> tuple[list[Any], OrderedUpdates]:
        length, *rest = given
        found, updates = scan(
            step,
            sequences=[one[:length] for one in rest[: len(rows)]],
            outputs_info=rest[len(rows) : len(rows) + len(firsts)],
            non_sequences=rest[len(rows) + len(firsts) :],
            n_steps=length,
            name=f"{name}_inner",
            return_list=True,
        )
        return [one[-1] for one in found], updates

    return scan(
        block,
        sequences=[lengths, *cut],
        outputs_info=firsts,
        non_sequences=others,
        name=f"{name}_outer",
    )


def _without_taps(given: Any, what: str) -> list[Any]:
    found = listed(given)
    for index, one in enumerate(found):
        if isinstance(one, dict):
            raise RuntimeError(
                f"scan_checkpoints does not support taps: {what}[{index}] is a dict; give the"
                " variable itself, or use scan"
            )
        if one is None:
            raise RuntimeError(
                f"scan_checkpoints: {what}[{index}] is None; every output is read again by the next"
                " step and needs a first value: an output that is not read is a sequence of values"
                " to be kept, for which scan is there"
            )
    return found


def _steps(n_steps: Any, rows: Sequence[TensorVariable]) -> TensorVariable:
    if n_steps is not None:
        return _integer(n_steps, "n_steps")
    if not rows:
        raise ValueError(
            "scan_checkpoints: the number of steps is not known; give n_steps, or a sequence"
        )
    return rows[0].shape[0]


def _integer(given: Any, what: str) -> TensorVariable:
    number = as_tensor_variable(given)
    if number.ndim or not is_discrete(number.dtype):
        raise TypeError(f"scan_checkpoints: {what} is an integer scalar, got {number.describe()}")
    return number if number.dtype == "int64" else _wide(number)


def _wide(number: TensorVariable) -> TensorVariable:
    if isinstance(number, TensorConstant):
        return constant(int(number.data), dtype="int64")
    return number.astype("int64")


def _block_size(given: Any) -> TensorVariable:
    size = _integer(given, "save_every_N")
    if isinstance(size, TensorConstant) and int(size.data) < 1:
        raise ValueError(f"scan_checkpoints: save_every_N is at least 1, got {int(size.data)}")
    checked = Assert("scan_checkpoints: save_every_N is at least 1")(size, T.ge(size, 1))
    return size if isinstance(size, TensorConstant) else as_tensor_variable(checked)


def _blocks(
    rows: TensorVariable,
    count: TensorVariable,
    blocks: TensorVariable,
    size: TensorVariable,
    padding: bool,
) -> TensorVariable:
    """A sequence as a stack of blocks of so many rows; the last one filled up with zeros."""
    whole = rows[:count]
    if padding:
        missing = T.zeros((blocks * size - count, *(rows.shape[k] for k in range(1, rows.ndim))))
        pattern = (False, *rows.broadcastable[1:])
        filler = T.patternbroadcast(missing.astype(rows.dtype), pattern)
        whole = T.concatenate([T.patternbroadcast(whole, pattern), filler], axis=0)
    sizes = [blocks, size, *(rows.shape[k] for k in range(1, rows.ndim))]
    found = whole.reshape(sizes, ndim=rows.ndim + 1)
    return T.patternbroadcast(found, (False, False, *rows.broadcastable[1:]))
