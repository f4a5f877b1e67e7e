"""Symbolic differentiation."""

from lltheano.errors import DisconnectedInputError, GradientError, NullTypeGradError
from lltheano.gradient.barriers import (
    consider_constant,
    disconnected_grad,
    grad_clip,
    grad_not_implemented,
    grad_scale,
    grad_undefined,
    undefined_grad,
    zero_grad,
)
from lltheano.gradient.engine import grad
from lltheano.gradient.products import Lop, Rop
from lltheano.gradient.verify import numeric_grad, verify_grad
from lltheano.graph.gradient_types import DisconnectedType, NullType

__all__ = [
    "DisconnectedInputError",
    "DisconnectedType",
    "GradientError",
    "Lop",
    "NullType",
    "NullTypeGradError",
    "Rop",
    "consider_constant",
    "disconnected_grad",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "numeric_grad",
    "undefined_grad",
    "verify_grad",
    "zero_grad",
]
