"""The ops with regions that are not fused: `if` and `loop`."""

from lltheano_ir.lowering.state import Lowering
from lltheano_ir.nodes import Value

__all__ = ["lower_control"]


def lower_control(state: Lowering, value: Value) -> None:
    raise NotImplementedError
