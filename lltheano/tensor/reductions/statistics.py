"""How variables vary together."""

from typing import Any

from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.reductions.functions import mean, sum  # noqa: A004 - the tensor language's
from lltheano.tensor.shapes.dimshuffle import shape_padleft, transpose
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete, real_dtype
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["cov"]


def cov(
    m: object,
    y: object = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: object = None,
    aweights: object = None,
) -> TensorVariable:
    """Return the covariance matrix of variables, from observations, as `numpy.cov` does.

    The result is a matrix, or without axes for variables that are known to be one alone. Integers
    give float64. ValueError for more than two axes, and for weights that are no vectors. With
    weights w, the products of both, the sum is divided by v - ddof * sum(w * aweights) / v, where v
    is sum(w), as in NumPy.

    Parameters
    ----------
    m, y
        A matrix with a variable in each row and an observation in each column, or a vector of
        observations of one variable; `y` has more variables of the same observations.
    rowvar
        False if the variables are in the columns.
    bias, ddof
        The sum is divided by n - `ddof`, which is 1 unless `bias`, then 0.
    fweights, aweights
        Vectors with a number for each observation: how often it occurred, and how much it counts.

    Examples
    --------
    >>> cov([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).eval()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    x = _variables(m, rowvar=rowvar)
    if y is not None:
        x = concatenate([x, _variables(y, rowvar=rowvar)], axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    if int(ddof) != ddof:
        raise ValueError(f"cov: ddof must be an integer, got {ddof!r}")
    weights = _weights(fweights, aweights)
    if weights is None:
        distance = x - mean(x, axis=1, keepdims=True)
        weighted, divisor = distance, dim(x, 1) - ddof
    else:
        total = sum(weights)
        distance = x - sum(x * weights, axis=1, keepdims=True) / total
        counted = weights if aweights is None else weights * as_tensor_variable(aweights)
        weighted, divisor = distance * weights, total - ddof * sum(counted) / total
    products = dot(weighted, distance.conj().T) / divisor.astype(real_dtype(x.dtype))
    return products.dimshuffle([axis for axis in (0, 1) if not products.broadcastable[axis]])


def _variables(value: object, *, rowvar: bool) -> TensorVariable:
    """A matrix with the variables in its rows, of floats."""
    x = as_tensor_variable(value)
    if x.ndim > 2:
        raise ValueError(f"cov takes vectors and matrices, got {x.describe()}")
    if is_discrete(x.dtype):
        x = x.astype("float64")
    if x.ndim < 2:
        return shape_padleft(x, 2 - x.ndim)
    return x if rowvar or x.broadcastable[0] else transpose(x)


def _weights(fweights: Any, aweights: Any) -> TensorVariable | None:
    operands = [as_tensor_variable(one) for one in (fweights, aweights) if one is not None]
    for operand in operands:
        if operand.ndim != 1:
            raise ValueError(f"cov: weights are a vector, got {operand.describe()}")
    if not operands:
        return None
    return operands[0] if len(operands) == 1 else operands[0] * operands[1]
