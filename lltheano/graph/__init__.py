"""The symbolic graph: variables, applications of ops, types, walks over them, and edited graphs."""

from typing import TYPE_CHECKING

from lltheano import lazy
from lltheano.graph.clone import clone_get_equiv, clone_graph, clone_replace, is_same_graph
from lltheano.graph.core import (
    Apply,
    Constant,
    Generic,
    Node,
    Op,
    Type,
    Variable,
    generic as generic,
)
from lltheano.graph.gradient_types import DisconnectedType, NullType, ZeroType
from lltheano.graph.provenance import SourceLine
from lltheano.graph.search import general_toposort, stack_search
from lltheano.graph.walk import (
    ancestors,
    applies,
    inputs,
    io_connection_pattern,
    io_toposort,
    is_in_ancestors,
    list_of_nodes,
    ops,
    orphans,
    variables,
    variables_and_orphans,
    view_roots,
)
from lltheano.graph.watching import nodes_constructed

if TYPE_CHECKING:
    from lltheano.graph.editing import FunctionGraph
    from lltheano.graph.features import (
        Bookkeeper,
        Feature,
        History,
        NodeFinder,
        PrintListener,
        ReplacementDidntRemovedError,
        ReplaceValidate,
        Validator,
    )
    from lltheano.graph.registry import (
        OptimizerRegistry,
        optdb as optdb,
        register_canonicalize,
        register_specialize,
        register_stabilize,
    )
    from lltheano.graph.rewriting import (
        FromFunctionLocalOptimizer,
        LocalOptimizer,
        OpRemove,
        OpSub,
        Optimizer,
        TopoOptimizer,
        in2out,
        local_optimizer,
        out2in,
    )
    from lltheano.graph.text import as_string, op_as_string

__all__ = [
    "Apply",
    "Bookkeeper",
    "Constant",
    "DisconnectedType",
    "Feature",
    "FromFunctionLocalOptimizer",
    "FunctionGraph",
    "Generic",
    "History",
    "LocalOptimizer",
    "Node",
    "NodeFinder",
    "NullType",
    "Op",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "OptimizerRegistry",
    "PrintListener",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "SourceLine",
    "TopoOptimizer",
    "Type",
    "Validator",
    "Variable",
    "ZeroType",
    "ancestors",
    "applies",
    "as_string",
    "clone_get_equiv",
    "clone_graph",
    "clone_replace",
    "general_toposort",
    "in2out",
    "inputs",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "is_same_graph",
    "list_of_nodes",
    "local_optimizer",
    "nodes_constructed",
    "op_as_string",
    "ops",
    "orphans",
    "out2in",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "stack_search",
    "variables",
    "variables_and_orphans",
    "view_roots",
]

LAZY: dict[str, str] = {
    "FunctionGraph": "lltheano.graph.editing",
    **dict.fromkeys(
        (
            "Bookkeeper",
            "Feature",
            "History",
            "NodeFinder",
            "PrintListener",
            "ReplaceValidate",
            "ReplacementDidntRemovedError",
            "Validator",
        ),
        "lltheano.graph.features",
    ),
    **dict.fromkeys(
        (
            "FromFunctionLocalOptimizer",
            "LocalOptimizer",
            "OpRemove",
            "OpSub",
            "Optimizer",
            "TopoOptimizer",
            "in2out",
            "local_optimizer",
            "out2in",
        ),
        "lltheano.graph.rewriting",
    ),
    **dict.fromkeys(
        (
            "OptimizerRegistry",
            "optdb",
            "register_canonicalize",
            "register_specialize",
            "register_stabilize",
        ),
        "lltheano.graph.registry",
    ),
    **dict.fromkeys(("as_string", "op_as_string"), "lltheano.graph.text"),
}
"""Names of this package that few programs use, each with the module that has it."""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
