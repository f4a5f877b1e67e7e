"""The symbolic graph: variables, applications of ops, types, and walks over them."""

from lltheano.graph.clone import clone_replace, is_same_graph
from lltheano.graph.core import Apply, Constant, Generic, Op, Type, Variable
from lltheano.graph.gradient_types import DisconnectedType, NullType, ZeroType
from lltheano.graph.provenance import SourceLine
from lltheano.graph.walk import (
    ancestors,
    applies,
    inputs,
    io_toposort,
    is_in_ancestors,
    orphans,
    variables,
)

__all__ = [
    "Apply",
    "Constant",
    "DisconnectedType",
    "Generic",
    "NullType",
    "Op",
    "SourceLine",
    "Type",
    "Variable",
    "ZeroType",
    "ancestors",
    "applies",
    "clone_replace",
    "inputs",
    "io_toposort",
    "is_in_ancestors",
    "is_same_graph",
    "orphans",
    "variables",
]
