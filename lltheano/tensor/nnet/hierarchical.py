"""Softmax in two steps, for many outputs: first a class, then an output in it."""

from typing import Any

from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.nnet.softmax import softmax
from lltheano.tensor.reductions.contraction import batched_dot, dot, tensordot
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["h_softmax"]


def h_softmax(  # noqa: PLR0913, PLR0917 - Theano's parameters
    x: Any,
    batch_size: Any,
    n_outputs: Any,
    n_classes: Any,
    n_outputs_per_class: Any,
    W1: Any,  # noqa: N803
    b1: Any,
    W2: Any,  # noqa: N803
    b2: Any,
    target: Any = None,
) -> TensorVariable:
    """Return the probabilities of a softmax in two steps (J. Goodman, Classes for fast maximum
    entropy training, ICASSP 2001).

    With `target` only these outputs are computed, in a time that grows with the square root of
    their number.

    Parameters
    ----------
    x
        A matrix, an example a row.
    batch_size
        How many examples there are.
    n_outputs, n_classes, n_outputs_per_class
        How many outputs there are, in how many classes, and how many in a class at most.
    W1, b1
        Scores of classes: a matrix of features by classes, and a vector.
    W2, b2
        Scores of outputs: classes by features by outputs, and classes by outputs.
    target
        The output that is asked for, for each example; None for all.

    Returns
    -------
    TensorVariable
        A vector, the probability of each target; or a matrix, examples by outputs.

    Examples
    --------
    >>> import numpy as np
    >>> zeros = (np.zeros((3, 2)), np.zeros(2), np.zeros((2, 3, 2)), np.zeros((2, 2)))
    >>> h_softmax(np.ones((1, 3)), 1, 4, 2, 2, *zeros).eval()
    array([[0.25, 0.25, 0.25, 0.25]])
    >>> h_softmax(np.ones((1, 3)), 1, 4, 2, 2, *zeros, target=[3]).eval()
    array([0.25])
    """
    features = as_tensor_variable(x)
    classes = softmax(dot(features, W1) + b1)
    if target is None:
        scores = tensordot(features, as_tensor_variable(W2), (1, 1)) + b2
        rows = scores.reshape((batch_size * n_classes, n_outputs_per_class), ndim=2)
        inside = softmax(rows).reshape((batch_size, n_classes, n_outputs_per_class), ndim=3)
        joint = inside * classes.dimshuffle(0, 1, "x")
        flat = joint.reshape((batch_size, n_classes * n_outputs_per_class), ndim=2)
        result: TensorVariable = flat[:, :n_outputs]
        return result
    wanted = as_tensor_variable(target).flatten()
    which, place = wanted // n_outputs_per_class, wanted % n_outputs_per_class
    examples = arange(batch_size)
    weights, biases = as_tensor_variable(W2), as_tensor_variable(b2)
    scores = batched_dot(features.dimshuffle(0, "x", 1), weights[which])[:, 0] + biases[which]
    chosen: TensorVariable = classes[examples, which] * softmax(scores)[examples, place]
    return chosen
