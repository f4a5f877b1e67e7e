"""Connectionist temporal classification: the loss of a sequence of labels without alignment.

Source: A. Graves, S. Fernández, F. Gomez and J. Schmidhuber, Connectionist temporal classification:
labelling unsegmented sequence data with recurrent neural networks, ICML 2006. The probabilities of
all alignments are added up by the forward recursion, in logarithms; the gradient is that of the
recursion.
"""

import sys
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano.graph import boundary
from lltheano.loops import scan
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["ConnectionistTemporalClassification", "ctc", "ctc_available"]

_NEVER = -1e30
"""The logarithm of a probability that is 0; an infinity would have no gradient."""


class ConnectionistTemporalClassification(ComposedOp):
    """The op of `ctc`.

    Parameters
    ----------
    compute_grad, openmp
        Theano's; they have no meaning here.

    Examples
    --------
    >>> import numpy as np
    >>> loss = ConnectionistTemporalClassification()(np.zeros((1, 1, 2)), [[1]], [1])
    >>> loss.eval().round(4)
    array([0.6931])
    """

    def __init__(self, compute_grad: bool = True, openmp: Any = None) -> None:
        self.compute_grad = bool(compute_grad)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Scores, labels and lengths; TypeError for other dtypes and numbers of axes."""
        scores, labels, lengths = map(as_tensor_variable, inputs)
        named = (("activations", scores, 3), ("labels", labels, 2), ("input_lengths", lengths, 1))
        for name, one, rank in named:
            if one.ndim != rank:
                raise ValueError(f"{name} must have {rank} axes, got {one.describe()}")
        for name, one, _ in named[1:]:
            if not is_discrete(one.dtype):
                raise TypeError(f"{name} must be integers, got {one.describe()}")
        if is_discrete(scores.dtype):
            raise TypeError(f"activations must be floats, got {scores.describe()}")
        return [scores, labels.astype("int64"), lengths.astype("int64")]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The forward recursion, a scan."""
        scores, labels, lengths = _checked(*operands)
        dtype = scores.dtype
        peak = scores.max(axis=2, keepdims=True)
        logs = scores - peak - T.log(T.exp(scores - peak).sum(axis=2, keepdims=True))
        many = labels.shape[1]
        used = T.ge(labels, 0)
        states = 2 * many + 1
        place = T.arange(states)
        # Blanks between the labels, at both ends too: label k is state 2 k + 1.
        inner = T.maximum(labels, 0)[:, T.minimum(place // 2, T.maximum(many - 1, 0))]
        symbols = T.switch(T.eq(place % 2, 1).dimshuffle("x", 0), inner, 0)
        before = T.concatenate([T.zeros_like(symbols[:, :2]), symbols[:, :-2]], axis=1)
        may_skip = T.neq(symbols, before) & T.eq(place % 2, 1).dimshuffle("x", 0)
        rows = T.arange(symbols.shape[0]).dimshuffle(0, "x")
        never = T.constant(np.array(_NEVER, dtype))
        is_first = T.lt(place, T.switch(used.any(axis=1), 2, 1).dimshuffle(0, "x"))
        first = T.switch(is_first, logs[0][rows, symbols], never)

        def step(time: Any, logs_t: Any, alpha: Any) -> Any:
            one = T.concatenate([T.zeros_like(alpha[:, :1]) + never, alpha[:, :-1]], axis=1)
            two = T.concatenate([T.zeros_like(alpha[:, :2]) + never, alpha[:, :-2]], axis=1)
            two = T.switch(may_skip, two, never)
            top = T.maximum(T.maximum(alpha, one), two)
            total = T.exp(alpha - top) + T.exp(one - top) + T.exp(two - top)
            moved = top + T.log(total) + logs_t[rows, symbols]
            goes_on = T.lt(time, lengths).dimshuffle(0, "x")
            return T.switch(goes_on, moved, alpha)

        times = T.arange(1, T.maximum(scores.shape[0], 1))
        alphas, _ = scan(step, sequences=[times, logs[1:]], outputs_info=first, name="ctc")
        whole = T.concatenate([T.shape_padleft(first), alphas], axis=0)[-1]
        count = used.sum(axis=1)
        examples = T.arange(symbols.shape[0])
        last = whole[examples, 2 * count]
        other = T.switch(T.gt(count, 0), whole[examples, T.maximum(2 * count - 1, 0)], never)
        top = T.maximum(last, other)
        return -(top + T.log(T.exp(last - top) + T.exp(other - top)))

    def __str__(self) -> str:
        return "ConnectionistTemporalClassification"


def _checked(
    scores: TensorVariable, labels: TensorVariable, lengths: TensorVariable
) -> tuple[TensorVariable, TensorVariable, TensorVariable]:
    """The operands, which must be of as many sequences, and of no more times than there are."""
    times, sequences, symbols = scores.shape
    for name, one in (("labels", labels), ("input_lengths", lengths)):
        message = f"ctc: activations are of {{0}} sequences, {name} of {{1}}"
        same = T.eq(one.shape[0], sequences)
        scores = Requirement("sizes", message)(scores, same, sequences, one.shape[0])
    some = T.concatenate([lengths, [1]])
    shortest, longest = T.min(some), T.max(some)
    message = (
        "ctc: input_lengths are from {0} to {1}, but must be from 1 to {2}, the times there are"
    )
    fits = T.ge(shortest, 1) & T.le(longest, times)
    lengths = Requirement("value", message)(lengths, fits, shortest, longest, times)
    greatest = T.max(T.concatenate([labels.flatten(), [-1]]))
    message = "ctc: there is a label {0}, and activations are of {1} symbols"
    labels = Requirement("value", message)(labels, T.lt(greatest, symbols), greatest, symbols)
    return scores, labels, lengths


def ctc(activations: Any, labels: Any, input_lengths: Any) -> TensorVariable:
    """Return for each sequence the negative logarithm of the probability of its labels.

    Raises TypeError and ValueError for other dtypes and numbers of axes; a call raises ValueError
    for lengths beyond the times that there are, and for labels that are no symbols.

    Parameters
    ----------
    activations
        Scores before the softmax: times, sequences, symbols; symbol 0 is the blank.
    labels
        Sequences by labels, from 1; what is negative is padding at the end.
    input_lengths
        How many times there are in each sequence.

    Examples
    --------
    >>> import numpy as np
    >>> ctc(np.zeros((2, 1, 2)), [[1]], [2]).eval().round(4)  # 3 of 4 ways
    array([0.2877])
    """
    result: TensorVariable = ConnectionistTemporalClassification()(
        activations, labels, input_lengths
    )
    return result


def ctc_available() -> bool:
    """Whether `ctc` can be used: it can.

    >>> ctc_available()
    True
    """
    return True


boundary.guard(sys.modules[__name__])
