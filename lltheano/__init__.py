"""Symbolic array programs in Theano's model, compiled to machine code through LLVM.

import lltheano.tensor as T
from lltheano import function, shared

state = shared(0)
inc = T.iscalar("inc")
accumulator = function([inc], state, updates=[(state, state + inc)])
"""

from typing import TYPE_CHECKING

from lltheano import gradient, lazy, ops, tensor
from lltheano.config import config
from lltheano.errors import LLTheanoError, MissingInputError, UnusedInputError
from lltheano.function import Function, In, Mode, Out, Param, function
from lltheano.gradient import Lop, Rop, grad
from lltheano.graph import Apply, Constant, Generic, Op, Type, Variable
from lltheano.graph.clone import clone
from lltheano.shared import shared
from lltheano.tensor.reductions.contraction import dot_by_operands as dot

if TYPE_CHECKING:
    from lltheano import printing, scalar, serialization
    from lltheano.compat import install_as_theano
    from lltheano.function.profiling.stats import ProfileStats
    from lltheano.gradient import hessian, jacobian, subgraph_grad
    from lltheano.loops import (
        foldl,
        foldr,
        map,  # noqa: A004 - Theano's name
        reduce,
        scan,
        scan_checkpoints,
    )
    from lltheano.ops import FromFunctionOp, OpFromGraph, as_op
    from lltheano.printing import pp, pprint
    from lltheano.scalar import scalar_op_of
    from lltheano.shared.updates import OrderedUpdates
    from lltheano.tensor.indexing.sparse_gradient import sparse_grad

__version__ = "0.1.0"

__all__ = [
    "Apply",
    "Constant",
    "FromFunctionOp",
    "Function",
    "Generic",
    "In",
    "LLTheanoError",
    "Lop",
    "MissingInputError",
    "Mode",
    "Op",
    "OpFromGraph",
    "OrderedUpdates",
    "Out",
    "Param",
    "ProfileStats",
    "Rop",
    "Type",
    "UnusedInputError",
    "Variable",
    "as_op",
    "clone",
    "config",
    "dot",
    "foldl",
    "foldr",
    "function",
    "grad",
    "gradient",
    "hessian",
    "install_as_theano",
    "jacobian",
    "map",
    "ops",
    "pp",
    "pprint",
    "printing",
    "reduce",
    "scalar",
    "scalar_op_of",
    "scan",
    "scan_checkpoints",
    "serialization",
    "shared",
    "sparse_grad",
    "subgraph_grad",
    "tensor",
]

LAZY: dict[str, str] = {
    **dict.fromkeys(("FromFunctionOp", "as_op"), "lltheano.ops.from_function"),
    "OpFromGraph": "lltheano.ops.from_graph",
    **dict.fromkeys(("hessian", "jacobian"), "lltheano.gradient.jacobians"),
    "OrderedUpdates": "lltheano.shared.updates",
    "ProfileStats": "lltheano.function.profiling.stats",
    "install_as_theano": "lltheano.compat",
    **dict.fromkeys(("scalar", "scalar_op_of"), "lltheano.scalar"),
    **dict.fromkeys(("pp", "pprint"), "lltheano.printing.pretty"),
    "printing": "lltheano.printing",
    **dict.fromkeys(("foldl", "foldr", "map", "reduce"), "lltheano.loops.views"),
    "scan": "lltheano.loops.scanning",
    "scan_checkpoints": "lltheano.loops.checkpoints",
    "sparse_grad": "lltheano.tensor.indexing.sparse_gradient",
    "serialization": "lltheano.serialization",
    "subgraph_grad": "lltheano.gradient.subgraphs",
}
"""Names of this package that few programs use, each with the module that has it.

A module is imported when one of its names, or the module itself, is first asked for.
"""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
