"""Losses: cross-entropies of distributions."""

from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import sgn
from lltheano.tensor.elementwise.transcendental import log, softplus
from lltheano.tensor.nnet.floats import of_floats
from lltheano.tensor.reductions.functions import sum  # noqa: A004 - the tensor function
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["binary_crossentropy", "categorical_crossentropy", "sigmoid_binary_crossentropy"]


def categorical_crossentropy(coding_dist: object, true_dist: object) -> TensorVariable:
    """Return for each row the cross-entropy of the coding distribution, a matrix of probabilities.

    The true distribution is a matrix of probabilities too, or an integer vector that names the
    only possible column of each row. TypeError for other ranks.

    >>> categorical_crossentropy([[0.5, 0.5], [0.25, 0.75]], [0, 1]).eval().round(4)
    array([0.6931, 0.2877])
    """
    p, t = as_tensor_variable(coding_dist), as_tensor_variable(true_dist)
    if t.ndim == p.ndim:
        return -sum(t * log(p), axis=-1)
    if p.ndim == 2 and t.ndim == 1 and is_discrete(t.dtype):
        return -log(p[arange(t.shape[0]), t])
    raise TypeError(
        f"the true distribution must be of {p.ndim} axes or an integer vector, got {t.describe()}"
    )


def binary_crossentropy(output: object, target: object) -> TensorVariable:
    """Return -(target log(output) + (1 - target) log(1 - output)), elementwise.

    >>> binary_crossentropy([0.5, 0.9], [0, 1]).eval().round(4)
    array([0.6931, 0.1054])
    """
    output, target = as_tensor_variable(output), as_tensor_variable(target)
    return -(target * log(output) + (1 - target) * log(1 - output))


def sigmoid_binary_crossentropy(output: object, target: object) -> TensorVariable:
    """Return binary_crossentropy(sigmoid(output), target), accurate for large outputs.

    >>> sigmoid_binary_crossentropy([0.0, 1000.0], [0, 0]).eval().round(4)
    array([6.931e-01, 1.000e+03])
    """
    output = of_floats(output)
    # 0, 1/2 or 1: with the half the gradient is right at 0, where that of |x| is 0.
    side = (sgn(output) + 1) / 2
    return softplus(-abs(output)) + output * (side - as_tensor_variable(target))
