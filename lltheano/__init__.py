"""Symbolic array programs in Theano's model, compiled to machine code through LLVM.

import lltheano.tensor as T
from lltheano import function, shared

state = shared(0)
inc = T.iscalar("inc")
accumulator = function([inc], state, updates=[(state, state + inc)])
"""

from lltheano import gradient, tensor
from lltheano.config import config
from lltheano.errors import LLTheanoError, MissingInputError, UnusedInputError
from lltheano.gradient import Lop, Rop, grad
from lltheano.graph import Apply, Constant, Generic, Op, Type, Variable
from lltheano.graph.clone import clone
from lltheano.shared import shared
from lltheano.tensor import dot

__all__ = [
    "Apply",
    "Constant",
    "Generic",
    "LLTheanoError",
    "Lop",
    "MissingInputError",
    "Op",
    "Rop",
    "Type",
    "UnusedInputError",
    "Variable",
    "clone",
    "config",
    "dot",
    "grad",
    "gradient",
    "shared",
    "tensor",
]
