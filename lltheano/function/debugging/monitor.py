"""`MonitorMode`: functions that call Python before and after each application of an op.

The graph is compiled with two ops of this module round each application. They hand on what goes
through them, and call the user's functions in the order of the graph; an exception that these raise
is raised by the call, which has then changed nothing.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lltheano.function.modes.mode import Mode
from lltheano.graph import Apply, Op, Variable, clone_replace, io_toposort
from lltheano.interfaces.layers import listings
from lltheano.tensor.variables.variable import TensorType

__all__ = ["MonitorMode", "Monitored", "detect_nan", "monitored"]

Watch = Callable[[int, Apply, "Monitored"], Any] | None


class Monitored:
    """What a function of `MonitorMode` is given as `fn`.

    Attributes
    ----------
    inputs, outputs
        For each input and output of the application a list of one, its value; the value of an
        output is None before it is computed. What is put there takes its place.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        self.inputs = [[operand] for operand in inputs]
        self.outputs = [[output] for output in outputs]


class MonitorMode(Mode):
    """A mode whose functions call `pre_func` before each application and `post_func` after it.

    Both are called with the number of the application in the order of the graph, the application,
    and a `Monitored` with the values. The graph is the one that the user wrote, after registered
    optimisers: the compiler's passes come later and merge nothing across a call. It is slow.

    Parameters
    ----------
    pre_func, post_func
        The functions; None calls none.
    optimizer, linker
        Those of `Mode`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> def show(i, node, fn):
    ...     print(i, node.op, [one[0] for one in fn.inputs], fn.outputs[0][0])
    >>> x = T.dscalar("x")
    >>> function([x], T.sqrt(x) + 1, mode=MonitorMode(post_func=show))(4.0)
    0 sqrt [array(4.)] 2.0
    1 add [array(2.), array(1, dtype=int8)] 3.0
    array(3.)
    """

    def __init__(
        self,
        pre_func: Watch = None,
        post_func: Watch = None,
        optimizer: Any = "default",
        linker: str | None = None,
    ) -> None:
        super().__init__(linker, optimizer)
        self.pre_func = pre_func
        self.post_func = post_func

    def watched(self, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[Variable]:
        """Return `outputs` computed with the functions called round each application."""
        return monitored(inputs, outputs, self.pre_func, self.post_func)


class _Watcher(Op):
    """Hands values on, and calls a function of the user's with them.

    Parameters
    ----------
    number, node
        The application that is watched.
    call
        The function.
    count
        How many of the operands are inputs of the application; the others are its outputs.
    """

    ordered = True

    def __init__(self, number: int, node: Apply, call: Any, count: int) -> None:
        self.number = number
        self.node = node
        self.watch = call
        self.count = count

    def make_node(self, *operands: Variable) -> Apply:
        """Return an application that gives what it is given."""
        return Apply(self, operands, [operand.type.make_variable() for operand in operands])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        """Call the function, and hand on what it leaves."""
        values = list(inputs)
        outputs = values[self.count :] or [None] * self.node.nout
        fn = Monitored(values[: self.count], outputs)
        self.watch(self.number, self.node, fn)
        given = [*fn.inputs, *(fn.outputs if len(values) > self.count else ())]
        for storage, one in zip(output_storage, given, strict=True):
            storage[0] = one[0]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        """Return the sizes of the operands."""
        return shapes

    def __str__(self) -> str:
        return f"monitor of {self.node.op}"


def monitored(
    inputs: Sequence[Variable], outputs: Sequence[Variable], before: Watch, after: Watch
) -> list[Variable]:
    """Return `outputs` with calls of `before` and `after` round each application on tensors.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> monitored([x], [T.exp(x)], None, print)[0].owner
    monitor of exp(x, exp)
    """
    table: dict[Variable, Variable] = {}
    for number, node in enumerate(io_toposort(inputs, outputs)):
        if not all(
            isinstance(operand.type, TensorType) for operand in (*node.inputs, *node.outputs)
        ):
            continue
        operands = [table.get(operand, operand) for operand in node.inputs]
        if before is not None:
            operands = _Watcher(number, node, before, len(operands))(*operands, return_list=True)
        fresh = Apply(node.op, operands, [output.type.make_variable() for output in node.outputs])
        results = fresh.outputs
        if after is not None:
            watcher = _Watcher(number, node, after, len(operands))
            results = watcher(*operands, *results, return_list=True)[len(operands) :]
        for old, new in zip(node.outputs, results, strict=True):
            new.name, new.source = old.name, old.source
            table[old] = new
    return clone_replace(outputs, table)


def detect_nan(i: int, node: Apply, fn: Monitored) -> None:
    """Write the application and its values to standard output when an output has a NaN.

    It is a `post_func` of `MonitorMode`.

    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dscalar("x")
    >>> found = function([x], T.sqrt(x), mode=MonitorMode(post_func=detect_nan))(-1.0)
    *** NaN detected ***
    sqrt [A]
    └─ x [B]
    Inputs : [array(-1.)]
    Outputs: [array(nan)]
    """
    if any(
        isinstance(output[0], np.ndarray) and np.isnan(output[0]).any() for output in fn.outputs
    ):
        text: str = listings.debugprint(node, file="str")
        sys.stdout.write(f"*** NaN detected ***\n{text.rstrip()}\n")
        sys.stdout.write(f"Inputs : {[operand[0] for operand in fn.inputs]}\n")
        sys.stdout.write(f"Outputs: {[output[0] for output in fn.outputs]}\n")
