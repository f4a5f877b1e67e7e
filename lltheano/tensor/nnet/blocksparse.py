"""Products with a matrix of blocks of which each example uses a few."""

from typing import Any

from lltheano.tensor.indexing.functions import inc_subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["SparseBlockGemv", "SparseBlockOuter", "sparse_block_dot"]


def _ranks(name: str, operands: list[TensorVariable], ranks: tuple[int, ...]) -> None:
    for operand, rank in zip(operands, ranks, strict=True):
        if operand.ndim != rank:
            raise TypeError(f"{name} takes an operand of {rank} axes, got {operand.describe()}")


class SparseBlockGemv(ComposedOp):
    """``o[b, j] + sum over i of h[b, i] W[inputIdx[b, i], outputIdx[b, j]]``.

    Operands: `o` (batch, output blocks used, output size), `W` (input blocks, output blocks, input
    size, output size), `h` (batch, input blocks used, input size), and the numbers of the blocks
    used, `inputIdx` and `outputIdx`.

    Parameters
    ----------
    inplace
        Theano's; the compiler decides it.

    Examples
    --------
    >>> SparseBlockGemv()([[[1.0]]], [[[[2.0]]]], [[[3.0]]], [[0]], [[0]]).eval()
    array([[[7.]]])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """TypeError for operands of other numbers of axes."""
        operands = [as_tensor_variable(one) for one in inputs]
        _ranks(str(self), operands, (3, 4, 3, 2, 2))
        return operands

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The blocks that are used, and a sum of products."""
        o, W, h, input_blocks, output_blocks = operands  # noqa: N806
        used = W[input_blocks.dimshuffle(0, 1, "x"), output_blocks.dimshuffle(0, "x", 1)]
        products = h.dimshuffle(0, 1, "x", 2, "x") * used
        return o + products.sum(axis=(1, 3))

    def __str__(self) -> str:
        return "SparseBlockGemv"


class SparseBlockOuter(ComposedOp):
    """``o[xIdx[b, i], yIdx[b, j]] + alpha x[b, i] y[b, j]'``, summed over examples.

    Operands: `o` (blocks, blocks, size of x, size of y), `x` (batch, blocks used, size), `y`
    likewise, the numbers of the blocks used, `xIdx` and `yIdx`, and `alpha`, 1 if it is left out.

    Parameters
    ----------
    inplace
        Theano's; the compiler decides it.

    Examples
    --------
    >>> SparseBlockOuter()([[[[1.0]]]], [[[2.0]]], [[[3.0]]], [[0]], [[0]]).eval()
    array([[[[7.]]]])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """TypeError for operands of other numbers of axes."""
        given = inputs if len(inputs) == 6 else (*inputs, 1.0)
        operands = [as_tensor_variable(one) for one in given]
        _ranks(str(self), operands, (4, 3, 3, 2, 2, 0))
        return operands

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Products, added to their blocks."""
        o, x, y, x_blocks, y_blocks, alpha = operands
        products = x.dimshuffle(0, 1, "x", 2, "x") * y.dimshuffle(0, "x", 1, "x", 2)
        where = o[x_blocks.dimshuffle(0, 1, "x"), y_blocks.dimshuffle(0, "x", 1)]
        return inc_subtensor(where, (products * alpha).astype(o.dtype))

    def __str__(self) -> str:
        return "SparseBlockOuter"


def sparse_block_dot(
    W: Any,  # noqa: N803
    h: Any,
    inputIdx: Any,  # noqa: N803
    b: Any,
    outputIdx: Any,  # noqa: N803
) -> TensorVariable:
    """Return the product of the blocks that examples use, with a bias for each output block.

    Parameters
    ----------
    W
        Blocks: input blocks, output blocks, input size, output size.
    h
        Examples, input blocks used, input size; or without examples.
    inputIdx, outputIdx
        The numbers of the blocks that each example uses; or without examples.
    b
        Output blocks, output size.

    Returns
    -------
    TensorVariable
        Examples, output blocks used, output size; or without examples.

    Examples
    --------
    >>> import numpy as np
    >>> W, b = np.ones((2, 3, 2, 1)), np.zeros((3, 1))
    >>> sparse_block_dot(W, [[1.0, 2.0]], [1], b, [0, 2]).eval()
    array([[3.],
           [3.]])
    """
    weights, x, inputs, bias, outputs = map(as_tensor_variable, (W, h, inputIdx, b, outputIdx))
    single = x.ndim == 2
    if single:
        x, inputs, outputs = (
            x.dimshuffle("x", 0, 1),
            inputs.dimshuffle("x", 0),
            outputs.dimshuffle("x", 0),
        )
    result: TensorVariable = SparseBlockGemv()(bias[outputs], weights, x, inputs, outputs)
    return result[0] if single else result
