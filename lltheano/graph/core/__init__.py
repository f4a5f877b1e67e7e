"""The symbolic graph: `Variable`s, each the result of an `Apply` of an `Op` to other variables, or
a leaf.

Invariants:

- An `Apply` is not changed once made (its `inputs` and `outputs` are lists since Theano's programs
  add lists to them), nor is a variable's `type`, `owner` or `index`; `name` may be set at any time.
  Graphs are therefore free of cycles, and may be shared between threads.
- `variable.owner.outputs[variable.index] is variable` for every variable that is not a leaf.
- Ops compare by what they compute: two equal ops applied to the same inputs give the same results.
"""

from lltheano.graph.core.application import Apply, applied
from lltheano.graph.core.compound import CompoundType, grouped, number_of_components
from lltheano.graph.core.op import Op
from lltheano.graph.core.types import Generic, Type, generic
from lltheano.graph.core.variables import Constant, Node, Variable

__all__ = [
    "Apply",
    "CompoundType",
    "Constant",
    "Generic",
    "Node",
    "Op",
    "Type",
    "Variable",
    "applied",
    "generic",
    "grouped",
    "number_of_components",
]
