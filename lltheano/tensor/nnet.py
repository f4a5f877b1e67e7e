"""What neural networks are built of: activations and losses.

They are compositions of the tensor language, except `Softmax`, whose gradient is written so that
the compiler can see p * (g / p) in the gradient of its logarithm.
"""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.gradient.relative import Facts, Part
from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import sgn
from lltheano.tensor.elementwise.comparison import gt, le, lt, switch
from lltheano.tensor.elementwise.transcendental import exp, expm1, log, sigmoid, softplus
from lltheano.tensor.reducers.ops import Supremum, keep_axes
from lltheano.tensor.reductions.functions import sum  # noqa: A004 - the tensor function
from lltheano.tensor.shapes.dimshuffle import shape_padleft
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete, is_float, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "Softmax",
    "binary_crossentropy",
    "categorical_crossentropy",
    "elu",
    "hard_sigmoid",
    "logsoftmax",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softmax_with_bias",
    "softplus",
    "softsign",
    "ultra_fast_sigmoid",
]


@record(frozen=True)
class Softmax(Op):
    """exp(x) divided by its sum along the last axis; the maximum is taken off first."""

    def make_node(self, x: Any) -> Apply:
        """A float tensor with at least one axis; a vector counts as a matrix of one row."""
        x = as_tensor_variable(x)
        if not x.ndim or not is_float(x.dtype):
            raise TypeError(f"softmax takes a vector or matrix of floats, got {x.describe()}")
        x = shape_padleft(x) if x.ndim == 1 else x
        return Apply(self, [x], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Return p g - p sum(p g)."""
        p, g = as_tensor_variable(outputs[0]), as_tensor_variable(output_gradients[0])
        return [p * g - p * sum(p * g, axis=-1, keepdims=True)]

    def is_positive(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """It is, whatever `x` is."""
        return True

    def has_exponential(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """It is made of them."""
        return True

    def relative(
        self, node: Apply, facts: Facts, plain: Any, relative: Any
    ) -> Sequence[Part] | None:
        """U - p sum(u), with u = p g for a plain gradient."""
        p, u = as_tensor_variable(node.out), relative
        if plain is not None:
            u = p * plain if u is None else u + p * plain
        return [Part(node.inputs[0], u - p * sum(u, axis=-1, keepdims=True))]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Two reductions and three elementwise ops, which the compiler fuses."""
        (x,) = inputs
        top = _kept(builder, builder.reduce("sup", x, (x.rank - 1,)))
        powers = builder.elementwise("exp", builder.elementwise("sub", x, top))
        total = _kept(builder, builder.reduce("add", powers, (x.rank - 1,)))
        return [builder.elementwise("div", powers, total)]

    def __str__(self) -> str:
        return "Softmax"


def _kept(builder: Builder, x: Value) -> Value:
    return builder.dimshuffle(x, [*range(x.rank), None])


def softmax(c: object) -> TensorVariable:
    """Return exp(c) divided by its sum along each row of the matrix `c`, in its dtype.

    A vector is taken as a matrix of one row, and gives one, as in Theano.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> softmax(TensorType("float32", (False,))("v")).type
    TensorType(float32, row)
    """
    result: TensorVariable = Softmax()(c)
    return result


def softmax_with_bias(x: object, b: object) -> TensorVariable:
    """Return softmax(x + b).

    >>> softmax_with_bias([[1.0, 0.0]], [0.0, 1.0]).eval()
    array([[0.5, 0.5]])
    """
    return softmax(as_tensor_variable(x) + b)


def logsoftmax(c: object) -> TensorVariable:
    """Return the logarithm of softmax(c), accurate where that is tiny.

    >>> logsoftmax([[0.0, 1000.0]]).eval()
    array([[-1000.,     0.]])
    """
    c = _of_floats(c)
    c = shape_padleft(c) if c.ndim == 1 else c
    last = c.ndim - 1
    shifted = c - keep_axes(Supremum(last)(c), [last])
    return shifted - log(sum(exp(shifted), axis=-1, keepdims=True))


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
    output = _of_floats(output)
    # 0, 1/2 or 1: with the half the gradient is right at 0, where that of |x| is 0.
    side = (sgn(output) + 1) / 2
    return softplus(-abs(output)) + output * (side - as_tensor_variable(target))


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
    x = _of_floats(x)
    half = constant(0.5, dtype=x.dtype)
    below, between = constant(0, dtype=x.dtype), x * half
    if not plain:
        below, between = x * alpha, x * (half + half * alpha)
    return switch(gt(x, 0), x, switch(lt(x, 0), below, between))


def _of_floats(x: object) -> TensorVariable:
    """A tensor of floats: of integers no derivative passes through what is still an integer."""
    x = as_tensor_variable(x)
    return x.astype(upgrade_to_float(x.dtype)) if is_discrete(x.dtype) else x


def elu(x: object, alpha: Any = 1) -> TensorVariable:
    """Return x where it is positive, else alpha * (exp(x) - 1).

    >>> elu([-1.0, 2.0]).eval().round(4)
    array([-0.6321,  2.    ])
    """
    x = _of_floats(x)
    return switch(gt(x, 0), x, alpha * expm1(switch(gt(x, 0), 0, x)))


def selu(x: object) -> TensorVariable:
    """Return the scaled `elu` of Klambauer et al., Self-Normalizing Neural Networks (2017).

    >>> selu([-1.0, 2.0]).eval().round(4)
    array([-1.1113,  2.1014])
    """
    x = _of_floats(x)
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return constant(scale, dtype=x.dtype) * elu(x, constant(alpha, dtype=x.dtype))


def softsign(x: object) -> TensorVariable:
    """Return x / (1 + |x|).

    >>> softsign([-1.0, 3.0]).eval()
    array([-0.5 ,  0.75])
    """
    x = _of_floats(x)
    return x / (1 + abs(x))


def hard_sigmoid(x: object) -> TensorVariable:
    """Return 0.2 x + 0.5 limited to 0 ... 1, a rough sigmoid.

    >>> hard_sigmoid([-9.0, 1.0]).eval()
    array([0. , 0.7])
    """
    x = _of_floats(x)
    return (x * constant(0.2, dtype=x.dtype) + constant(0.5, dtype=x.dtype)).clip(0, 1)


ultra_fast_sigmoid = sigmoid
"""Theano's approximation; here the exact function, which is fast enough."""
