"""Operands as floats."""

from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["of_floats"]


def of_floats(x: object) -> TensorVariable:
    """A tensor of floats: of integers no derivative passes through what is still an integer."""
    x = as_tensor_variable(x)
    return x.astype(upgrade_to_float(x.dtype)) if is_discrete(x.dtype) else x
