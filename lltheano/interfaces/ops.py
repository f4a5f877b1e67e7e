"""What the graph and the tensor language need of `lltheano.ops`, `lltheano.scalar` and
`lltheano.printing`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lltheano.graph.core import Apply, Op
    from lltheano.scalar.ops import ScalarOp
    from lltheano_ir.builder import Builder
    from lltheano_ir.nodes import Value

__all__ = ["Listings", "PythonOps", "ScalarOps"]


class PythonOps(Protocol):
    """Ops that are computed in Python."""

    def call_perform(
        self, op: "Op", builder: "Builder", node: "Apply", inputs: "Sequence[Value]"
    ) -> "list[Value]": ...


class ScalarOps(Protocol):
    """What elementwise ops do to one number."""

    def scalar_op_of(self, op: Any) -> "ScalarOp": ...


class Listings(Protocol):
    """Graphs as text."""

    def debugprint(
        self, obj: Any, depth: int = ..., print_type: bool = ..., file: Any = ...
    ) -> Any: ...
