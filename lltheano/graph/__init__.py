"""The symbolic graph: variables, applications of ops, types, walks over them, and edited graphs."""

from typing import TYPE_CHECKING

from lltheano import lazy
from lltheano.graph.clone import clone_get_equiv, clone_graph, clone_replace, is_same_graph
from lltheano.graph.core import (
    Apply,
    CompoundType,
    Constant,
    Generic,
    Node,
    Op,
    Type,
    Variable,
    generic as generic,
    grouped,
    number_of_components,
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
    from lltheano.graph.editing.features import (
        Bookkeeper,
        Feature,
        History,
        NodeFinder,
        PrintListener,
        ReplacementDidntRemovedError,
        ReplaceValidate,
        Validator,
    )
    from lltheano.graph.editing.function_graph import (
        FunctionGraph,
    )
    from lltheano.graph.editing.memory import (
        DestroyHandler,
        NoOutputFromInplace,
        Supervisor,
    )
    from lltheano.graph.optimisers.databases import (
        DB,
        EquilibriumDB,
        LocalGroupDB,
        ProxyDB,
        SequenceDB,
    )
    from lltheano.graph.optimisers.groups import (
        EquilibriumOptimizer,
        LocalOptGroup,
        SeqOptimizer,
    )
    from lltheano.graph.optimisers.merging import (
        MergeFeature,
        MergeOptimizer,
        is_same_graph_with_merge,
        merge_dict,
        pre_constant_merge,
    )
    from lltheano.graph.optimisers.navigate import (
        NavigatorOptimizer,
        OpKeyOptimizer,
        TopoOptimizer,
        in2out,
        out2in,
    )
    from lltheano.graph.optimisers.outside import (
        LocalMetaOptimizer,
        LocalMetaOptimizerSkipAssertionError,
        pre_greedy_local_optimizer,
    )
    from lltheano.graph.optimisers.patterns import (
        PatternSub,
        check_chain,
    )
    from lltheano.graph.optimisers.query import (
        Query,
    )
    from lltheano.graph.optimisers.registry import (
        optdb as optdb,
        register_canonicalize,
        register_specialize,
        register_stabilize,
        rewritten_by,
        rewritten_for as rewritten_for,
    )
    from lltheano.graph.optimisers.rewriting import (
        FromFunctionLocalOptimizer,
        FromFunctionOptimizer,
        LocalOptimizer,
        OpRemove,
        OpSub,
        Optimizer,
        inplace_optimizer,
        local_optimizer,
        optimizer,
    )
    from lltheano.graph.optimisers.traces import (
        CheckStackTraceFeature,
        CheckStackTraceOptimization,
        check_stack_trace,
        copy_stack_trace,
        inherit_stack_trace,
    )
    from lltheano.graph.optimisers.updating import (
        ChangeTracker,
        Updater,
    )
    from lltheano.graph.text import (
        as_string,
        op_as_string,
    )

__all__ = [
    "DB",
    "Apply",
    "Bookkeeper",
    "ChangeTracker",
    "CheckStackTraceFeature",
    "CheckStackTraceOptimization",
    "CompoundType",
    "Constant",
    "DestroyHandler",
    "DisconnectedType",
    "EquilibriumDB",
    "EquilibriumOptimizer",
    "Feature",
    "FromFunctionLocalOptimizer",
    "FromFunctionOptimizer",
    "FunctionGraph",
    "Generic",
    "History",
    "LocalGroupDB",
    "LocalMetaOptimizer",
    "LocalMetaOptimizerSkipAssertionError",
    "LocalOptGroup",
    "LocalOptimizer",
    "MergeFeature",
    "MergeOptimizer",
    "NavigatorOptimizer",
    "NoOutputFromInplace",
    "Node",
    "NodeFinder",
    "NullType",
    "Op",
    "OpKeyOptimizer",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "PatternSub",
    "PrintListener",
    "ProxyDB",
    "Query",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "SeqOptimizer",
    "SequenceDB",
    "SourceLine",
    "Supervisor",
    "TopoOptimizer",
    "Type",
    "Updater",
    "Validator",
    "Variable",
    "ZeroType",
    "ancestors",
    "applies",
    "as_string",
    "check_chain",
    "check_stack_trace",
    "clone_get_equiv",
    "clone_graph",
    "clone_replace",
    "copy_stack_trace",
    "general_toposort",
    "grouped",
    "in2out",
    "inherit_stack_trace",
    "inplace_optimizer",
    "inputs",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "is_same_graph",
    "is_same_graph_with_merge",
    "list_of_nodes",
    "local_optimizer",
    "merge_dict",
    "nodes_constructed",
    "number_of_components",
    "op_as_string",
    "ops",
    "optimizer",
    "orphans",
    "out2in",
    "pre_constant_merge",
    "pre_greedy_local_optimizer",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "rewritten_by",
    "stack_search",
    "variables",
    "variables_and_orphans",
    "view_roots",
]

LAZY: dict[str, str] = {
    **dict.fromkeys(
        ("FunctionGraph",),
        "lltheano.graph.editing.function_graph",
    ),
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
        "lltheano.graph.editing.features",
    ),
    **dict.fromkeys(
        (
            "DestroyHandler",
            "NoOutputFromInplace",
            "Supervisor",
        ),
        "lltheano.graph.editing.memory",
    ),
    **dict.fromkeys(
        (
            "DB",
            "EquilibriumDB",
            "LocalGroupDB",
            "ProxyDB",
            "SequenceDB",
        ),
        "lltheano.graph.optimisers.databases",
    ),
    **dict.fromkeys(
        (
            "EquilibriumOptimizer",
            "LocalOptGroup",
            "SeqOptimizer",
        ),
        "lltheano.graph.optimisers.groups",
    ),
    **dict.fromkeys(
        (
            "MergeFeature",
            "MergeOptimizer",
            "is_same_graph_with_merge",
            "merge_dict",
            "pre_constant_merge",
        ),
        "lltheano.graph.optimisers.merging",
    ),
    **dict.fromkeys(
        (
            "NavigatorOptimizer",
            "OpKeyOptimizer",
            "TopoOptimizer",
            "in2out",
            "out2in",
        ),
        "lltheano.graph.optimisers.navigate",
    ),
    **dict.fromkeys(
        (
            "LocalMetaOptimizer",
            "LocalMetaOptimizerSkipAssertionError",
            "pre_greedy_local_optimizer",
        ),
        "lltheano.graph.optimisers.outside",
    ),
    **dict.fromkeys(
        (
            "PatternSub",
            "check_chain",
        ),
        "lltheano.graph.optimisers.patterns",
    ),
    **dict.fromkeys(
        (
            "CheckStackTraceFeature",
            "CheckStackTraceOptimization",
            "check_stack_trace",
            "copy_stack_trace",
            "inherit_stack_trace",
        ),
        "lltheano.graph.optimisers.traces",
    ),
    **dict.fromkeys(
        (
            "ChangeTracker",
            "Updater",
        ),
        "lltheano.graph.optimisers.updating",
    ),
    **dict.fromkeys(
        ("Query",),
        "lltheano.graph.optimisers.query",
    ),
    **dict.fromkeys(
        (
            "optdb",
            "register_canonicalize",
            "register_specialize",
            "register_stabilize",
            "rewritten_by",
            "rewritten_for",
        ),
        "lltheano.graph.optimisers.registry",
    ),
    **dict.fromkeys(
        (
            "FromFunctionLocalOptimizer",
            "FromFunctionOptimizer",
            "LocalOptimizer",
            "OpRemove",
            "OpSub",
            "Optimizer",
            "inplace_optimizer",
            "local_optimizer",
            "optimizer",
        ),
        "lltheano.graph.optimisers.rewriting",
    ),
    **dict.fromkeys(
        (
            "as_string",
            "op_as_string",
        ),
        "lltheano.graph.text",
    ),
}
"""Names of this package that few programs use, each with the module that has it."""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
