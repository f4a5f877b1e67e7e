"""Softmax and its logarithm: distributions from scores.

`Softmax` is an op whose gradient is written so that the compiler can see p * (g / p) in that of its
logarithm.
"""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.gradient.relative import Facts, Part
from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.elementwise.transcendental import exp, log
from lltheano.tensor.nnet.floats import of_floats
from lltheano.tensor.reducers.ops import Supremum, keep_axes
from lltheano.tensor.reductions.functions import sum  # noqa: A004 - the tensor function
from lltheano.tensor.shapes.dimshuffle import shape_padleft
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_float
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Softmax", "logsoftmax", "softmax", "softmax_with_bias"]


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
    c = of_floats(c)
    c = shape_padleft(c) if c.ndim == 1 else c
    last = c.ndim - 1
    shifted = c - keep_axes(Supremum(last)(c), [last])
    return shifted - log(sum(exp(shifted), axis=-1, keepdims=True))
