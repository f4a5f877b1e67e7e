"""A vector of scalars, as an op of its own; `stack` is what programs use."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.shapes.sizes import vector_of
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype, is_discrete, upcast
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value

__all__ = ["MakeVector", "make_vector"]


class MakeVector(Op):
    """The vector of some scalars.

    Parameters
    ----------
    dtype
        Of the vector; scalars of lesser dtypes are converted. TypeError for others.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> MakeVector("float64")(x, y, x + y).eval({x: 1.0, y: 2.0})
    array([1., 2., 3.])
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any = "int64") -> None:
        self.dtype = canonical_dtype(dtype)

    def make_node(self, *inputs: Any) -> Apply:
        """Any number of scalars."""
        operands = [as_tensor_variable(operand) for operand in inputs]
        for variable in operands:
            if variable.ndim or upcast(variable.dtype, self.dtype) != self.dtype:
                raise TypeError(f"a vector of {self.dtype} is not made of {variable.describe()}")
        scalars = [variable.astype(self.dtype) for variable in operands]
        return Apply(self, scalars, [TensorType(self.dtype, (len(scalars) == 1,))()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The scalars, joined."""
        if inputs:
            return [builder.rebroadcast(vector_of(builder, list(inputs)), (len(inputs) == 1,))]
        empty = builder.cast(vector_of(builder, []), dtype_of(self.dtype))
        return [empty]

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Each scalar gets its element; integers get zero."""
        if is_discrete(self.dtype):
            return [zero() for _ in inputs]
        gradient = as_tensor_variable(output_gradients[0])
        return [gradient[position] for position in range(len(inputs))]

    def infer_shape(self, node: Apply, ishapes: Sequence[Any]) -> list[Any]:
        """The number of scalars."""
        return [(len(ishapes),)]


make_vector = MakeVector()
"""The int64 vector of some integers."""
