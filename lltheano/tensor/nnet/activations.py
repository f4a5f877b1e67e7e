"""Activations: what a unit makes of its input."""

from typing import Any

from lltheano.tensor.elementwise.comparison import gt, le, lt, switch
from lltheano.tensor.elementwise.transcendental import expm1, sigmoid
from lltheano.tensor.nnet.floats import of_floats
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["elu", "hard_sigmoid", "relu", "selu", "softsign", "ultra_fast_sigmoid"]


def relu(x: object, alpha: Any = 0) -> TensorVariable:
    """Return x where it is positive, else alpha * x; NaN for NaN.

    The gradient at 0 is the mean of those on both sides, (1 + alpha) / 2, as in Theano.

    >>> relu([-2.0, 0.0, 3.0], 0.1).eval()
    array([-0.2,  0. ,  3. ])
    """
    x = as_tensor_variable(x)
    plain = isinstance(alpha, int | float) and alpha == 0
    if plain and is_discrete(x.dtype):
        return switch(le(x, 0), constant(0, dtype=x.dtype), x)
    x = of_floats(x)
    half = constant(0.5, dtype=x.dtype)
    below, between = constant(0, dtype=x.dtype), x * half
    if not plain:
        below, between = x * alpha, x * (half + half * alpha)
    return switch(gt(x, 0), x, switch(lt(x, 0), below, between))


def elu(x: object, alpha: Any = 1) -> TensorVariable:
    """Return x where it is positive, else alpha * (exp(x) - 1).

    >>> elu([-1.0, 2.0]).eval().round(4)
    array([-0.6321,  2.    ])
    """
    x = of_floats(x)
    return switch(gt(x, 0), x, alpha * expm1(switch(gt(x, 0), 0, x)))


def selu(x: object) -> TensorVariable:
    """Return the scaled `elu` of Klambauer et al., Self-Normalizing Neural Networks (2017).

    >>> selu([-1.0, 2.0]).eval().round(4)
    array([-1.1113,  2.1014])
    """
    x = of_floats(x)
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return constant(scale, dtype=x.dtype) * elu(x, constant(alpha, dtype=x.dtype))


def softsign(x: object) -> TensorVariable:
    """Return x / (1 + |x|).

    >>> softsign([-1.0, 3.0]).eval()
    array([-0.5 ,  0.75])
    """
    x = of_floats(x)
    return x / (1 + abs(x))


def hard_sigmoid(x: object) -> TensorVariable:
    """Return 0.2 x + 0.5 limited to 0 ... 1, a rough sigmoid.

    >>> hard_sigmoid([-9.0, 1.0]).eval()
    array([0. , 0.7])
    """
    x = of_floats(x)
    return (x * constant(0.2, dtype=x.dtype) + constant(0.5, dtype=x.dtype)).clip(0, 1)


ultra_fast_sigmoid = sigmoid
"""Theano's approximation; here the exact function, which is fast enough."""
