"""Losses of integer targets, in all the forms that Theano has them."""

from typing import Any

from lltheano.tensor.creation.filled import ones_like
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import eq, neq
from lltheano.tensor.nnet.crossentropies import categorical_crossentropy
from lltheano.tensor.nnet.softmax import logsoftmax, softmax
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.extrema import max_and_argmax
from lltheano.tensor.shapes.dimshuffle import shape_padright
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "confusion_matrix",
    "crossentropy_categorical_1hot",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
]

Pair = tuple[TensorVariable, TensorVariable]


def crossentropy_categorical_1hot(coding_dist: Any, true_one_of_n: Any) -> TensorVariable:
    """Return -log(coding_dist[i, true_one_of_n[i]]) for each row i.

    >>> crossentropy_categorical_1hot([[0.5, 0.5]], [1]).eval().round(4)
    array([0.6931])
    """
    return categorical_crossentropy(coding_dist, true_one_of_n)


def crossentropy_softmax_argmax_1hot_with_bias(
    x: Any, b: Any, y_idx: Any
) -> tuple[TensorVariable, TensorVariable, TensorVariable]:
    """Return the loss of each row, softmax(x + b), and the most probable column of each row.

    >>> loss, p, best = crossentropy_softmax_argmax_1hot_with_bias([[0.0, 9.0]], [0.0, 0.0], [1])
    >>> best.eval(), bool((loss < 0.001).eval().all())
    (array([1]), True)
    """
    scores = as_tensor_variable(x) + b
    targets = as_tensor_variable(y_idx)
    loss: TensorVariable = -logsoftmax(scores)[arange(targets.shape[0]), targets]
    return loss, softmax(scores), scores.argmax(axis=-1)


def crossentropy_softmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> Pair:
    """Return the loss of each row, and softmax(x + b).

    >>> loss, p = crossentropy_softmax_1hot_with_bias([[0.0, 0.0]], [0.0, 0.0], [1])
    >>> p.eval()
    array([[0.5, 0.5]])
    """
    loss, p, _ = crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx, **kwargs)
    return loss, p


def crossentropy_softmax_1hot(x: Any, y_idx: Any, **kwargs: Any) -> Pair:
    """Return the loss of each row, and softmax(x).

    >>> loss, p = crossentropy_softmax_1hot([[0.0, 0.0]], [1])
    >>> loss.eval().round(4)
    array([0.6931])
    """
    return crossentropy_softmax_1hot_with_bias(x, 0, y_idx, **kwargs)


def crossentropy_softmax_max_and_argmax_1hot_with_bias(
    x: Any, b: Any, y_idx: Any, **kwargs: Any
) -> tuple[TensorVariable, TensorVariable, TensorVariable, TensorVariable]:
    """Return the loss of each row, softmax(x + b), its greatest element in each row, and where.

    >>> found = crossentropy_softmax_max_and_argmax_1hot_with_bias([[0.0, 0.0]], [0.0, 9.0], [1])
    >>> found[3].eval()
    array([1])
    """
    loss, p = crossentropy_softmax_1hot_with_bias(x, b, y_idx, **kwargs)
    greatest, where = max_and_argmax(p, axis=-1)
    return loss, p, greatest, where


def crossentropy_softmax_max_and_argmax_1hot(
    x: Any, y_idx: Any, **kwargs: Any
) -> tuple[TensorVariable, TensorVariable, TensorVariable, TensorVariable]:
    """Return the loss of each row, softmax(x), its greatest element in each row, and where.

    >>> crossentropy_softmax_max_and_argmax_1hot([[0.0, 0.0]], [1])[2].eval()
    array([0.5])
    """
    return crossentropy_softmax_max_and_argmax_1hot_with_bias(x, 0, y_idx, **kwargs)


def prepend_scalar_to_each_row(val: Any, mat: Any) -> TensorVariable:
    """Return a matrix with a first column of a number; TypeError for other numbers of axes.

    >>> prepend_scalar_to_each_row(7.0, [[1.0], [2.0]]).eval()
    array([[7., 1.],
           [7., 2.]])
    """
    number, matrix = as_tensor_variable(val), as_tensor_variable(mat)
    if matrix.ndim != 2 or number.ndim:
        raise TypeError(f"prepending takes a scalar and a matrix, got {matrix.describe()}")
    column = matrix[:, :1].zeros_like()[:, :0].sum(axis=1, keepdims=True) + number
    return concatenate([column.astype(matrix.dtype), matrix], axis=1)


def prepend_0_to_each_row(mat: Any) -> TensorVariable:
    """Return a matrix with a first column of zeros.

    >>> prepend_0_to_each_row([[1.0]]).eval()
    array([[0., 1.]])
    """
    return prepend_scalar_to_each_row(0.0, mat)


def prepend_1_to_each_row(mat: Any) -> TensorVariable:
    """Return a matrix with a first column of ones.

    >>> prepend_1_to_each_row([[2.0]]).eval()
    array([[1., 2.]])
    """
    return prepend_scalar_to_each_row(1.0, mat)


def confusion_matrix(actual: Any, pred: Any) -> list[TensorVariable]:
    """Return how often each class was taken for each, and the classes in order.

    ValueError unless both are vectors.

    >>> counts, order = confusion_matrix([0, 1, 1], [0, 1, 0])
    >>> counts.eval().tolist(), order.eval().tolist()
    ([[1, 0], [1, 1]], [0, 1])
    """
    truth, guess = as_tensor_variable(actual), as_tensor_variable(pred)
    for one in (truth, guess):
        if one.ndim != 1:
            raise ValueError(f"confusion_matrix takes vectors, got {one.describe()}")
    ordered = concatenate([truth, guess]).sort()
    is_new = concatenate([ones_like(ordered[:1]), neq(ordered[1:], ordered[:-1])])
    order = ordered[is_new.nonzero()]
    first, second = (eq(shape_padright(one), order).astype("int64") for one in (truth, guess))
    return [dot(first.T, second), order]
