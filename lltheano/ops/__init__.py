"""Ops whose semantics are the user's: computed in Python, or by a graph of their own; and those
that print, read files or send messages.
"""

from typing import TYPE_CHECKING

from lltheano import lazy

if TYPE_CHECKING:
    from lltheano.ops.from_function import FromFunctionOp as FromFunctionOp, as_op as as_op
    from lltheano.ops.from_graph import OpFromGraph as OpFromGraph
    from lltheano.ops.identity import (
        DeepCopyOp as DeepCopyOp,
        OutputGuard as OutputGuard,
        ViewOp as ViewOp,
        deep_copy_op as deep_copy_op,
        view_op as view_op,
    )
    from lltheano.ops.printing import Print as Print

__all__ = [
    "DeepCopyOp",
    "FromFunctionOp",
    "OpFromGraph",
    "OutputGuard",
    "Print",
    "ViewOp",
    "as_op",
    "deep_copy_op",
    "view_op",
]

LAZY: dict[str, str] = {
    **dict.fromkeys(("FromFunctionOp", "as_op"), "lltheano.ops.from_function"),
    "OpFromGraph": "lltheano.ops.from_graph",
    **dict.fromkeys(
        ("DeepCopyOp", "OutputGuard", "ViewOp", "deep_copy_op", "view_op"), "lltheano.ops.identity"
    ),
    "Print": "lltheano.ops.printing",
}
"""Names of this package, each with the module that has it."""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
