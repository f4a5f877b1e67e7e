"""Symbolic array programs in Theano's model, compiled to machine code through LLVM.

import lltheano.tensor as T
from lltheano import function, shared

state = shared(0)
inc = T.iscalar("inc")
accumulator = function([inc], state, updates=[(state, state + inc)])
"""

from lltheano import dispatch, gradient, tensor
from lltheano.config import config
from lltheano.errors import LLTheanoError, MissingInputError, UnusedInputError
from lltheano.function import Function, In, Out, Param, function
from lltheano.gradient import Lop, Rop, grad
from lltheano.graph import Apply, Constant, Generic, Op, Type, Variable
from lltheano.graph.clone import clone
from lltheano.shared import shared
from lltheano.tensor import dot

__all__ = [
    "Apply",
    "Constant",
    "Function",
    "Generic",
    "In",
    "LLTheanoError",
    "Lop",
    "MissingInputError",
    "Op",
    "Out",
    "Param",
    "Rop",
    "Type",
    "UnusedInputError",
    "Variable",
    "clone",
    "config",
    "dot",
    "function",
    "grad",
    "gradient",
    "shared",
    "tensor",
]

dispatch.bind({"function": function})
