"""The sizes of everything in a graph, from those of its inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lltheano.function.build import function
from lltheano.tensor.variables.variable import TensorType

__all__ = ["shape_of_variables"]


def shape_of_variables(
    fgraph: Any, input_shapes: Mapping[Any, Sequence[int]]
) -> dict[Any, tuple[int, ...]]:
    """Return the shape of every tensor of a graph, for inputs of some shapes.

    A size that depends on elements is that for inputs of zeros. ValueError for an input without a
    shape; what does not fit together raises what a function raises.

    Parameters
    ----------
    fgraph
        A `FunctionGraph`, or anything with `inputs` and `variables`.
    input_shapes
        The shape of each input that is a tensor, by the graph's own variable.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dmatrix("x")
    >>> graph = FunctionGraph([x], [x.sum(axis=0)])
    >>> shapes = shape_of_variables(graph, {graph.inputs[0]: (1024, 1024)})
    >>> shapes[graph.outputs[0]]
    (1024,)
    """
    inputs = [operand for operand in fgraph.inputs if isinstance(operand.type, TensorType)]
    missing = [operand for operand in inputs if operand not in input_shapes]
    if missing:
        raise ValueError(f"there is no shape for {missing[0].describe()}")
    tensors: list[Any] = [
        variable for variable in fgraph.variables if isinstance(variable.type, TensorType)
    ]
    measure = function(inputs, [tensor.shape for tensor in tensors], on_unused_input="ignore")
    zeros = [np.zeros(tuple(input_shapes[operand]), operand.type.numpy_dtype) for operand in inputs]
    result = measure(*zeros)
    return {
        tensor: tuple(int(size) for size in shape)
        for tensor, shape in zip(tensors, result, strict=True)
    }
