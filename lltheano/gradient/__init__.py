"""Symbolic differentiation."""

from typing import TYPE_CHECKING

from lltheano import lazy
from lltheano.errors import DisconnectedInputError, GradientError, NullTypeGradError
from lltheano.gradient.barriers import (
    ConsiderConstant,
    DisconnectedGrad,
    GradClip,
    GradScale,
    UndefinedGrad,
    ZeroGrad,
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
from lltheano.graph.gradient_types import DisconnectedType, NullType

if TYPE_CHECKING:
    from lltheano.gradient.jacobians import (
        format_as,
        hessian,
        hessian_vector_product,
        jacobian,
    )
    from lltheano.gradient.subgraphs import subgraph_grad
    from lltheano.gradient.verify import numeric_grad, verify_grad

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "DisconnectedInputError",
    "DisconnectedType",
    "GradClip",
    "GradScale",
    "GradientError",
    "Lop",
    "NullType",
    "NullTypeGradError",
    "Rop",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "disconnected_grad",
    "format_as",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "numeric_grad",
    "subgraph_grad",
    "undefined_grad",
    "verify_grad",
    "zero_grad",
]

LAZY: dict[str, str] = {
    "format_as": "lltheano.gradient.jacobians",
    "hessian": "lltheano.gradient.jacobians",
    "hessian_vector_product": "lltheano.gradient.jacobians",
    "jacobian": "lltheano.gradient.jacobians",
    "numeric_grad": "lltheano.gradient.verify",
    "subgraph_grad": "lltheano.gradient.subgraphs",
    "verify_grad": "lltheano.gradient.verify",
}
"""Names of this package that few programs use, each with the module that has it."""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
