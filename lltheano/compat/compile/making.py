"""The parts of which Theano makes a function: for programs that call them one by one."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lltheano.function import Function, In, Out, function
from lltheano.function.callables.function_maker import FunctionMaker as MadeOf
from lltheano.function.profiling.stats import ProfileStats
from lltheano.graph import FunctionGraph, Optimizer, Variable
from lltheano.graph.clone import clone_replace
from lltheano.graph.editing.memory import DestroyHandler, Supervisor
from lltheano.graph.optimisers.rewriting import local_optimizer
from lltheano.ops import OpFromGraph, deep_copy_op, view_op
from lltheano.shared import SharedVariable

__all__ = [
    "AddDestroyHandler",
    "AddFeatureOptimizer",
    "AliasedMemoryError",
    "FunctionMaker",
    "PrintCurrentFunctionGraph",
    "check_equal",
    "convert_function_input",
    "fgraph_updated_vars",
    "get_info_on_inputs",
    "inline_ofg_expansion",
    "insert_deepcopy",
    "orig_function",
    "pfunc",
    "std_fgraph",
]


class AliasedMemoryError(Exception):
    """Two arguments of a call show the same memory, one of which would be overwritten.

    Compiled functions copy such an argument and never raise it.
    """


def pfunc(  # noqa: PLR0913, PLR0917 - Theano's signature
    params: Any,
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: bool | Sequence[SharedVariable] = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: bool | str | ProfileStats | None = None,
    on_unused_input: str | None = None,
    output_keys: Sequence[str] | None = None,
) -> Function:
    """Return what `function` makes; `params` are its inputs.

    With `output_keys`, one for each output, a call returns a dict.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> pfunc(params=[x], outputs=[x + 1], output_keys=["next"])(1.0)
    {'next': array(2.)}
    """
    if output_keys is not None:
        listed = outputs if isinstance(outputs, list | tuple) else [outputs]
        outputs = dict(zip(output_keys, listed, strict=True))
    result: Function = function(
        params,
        outputs,
        mode,
        updates,
        givens,
        no_default_updates=no_default_updates,
        accept_inplace=accept_inplace,
        name=name,
        rebuild_strict=rebuild_strict,
        allow_input_downcast=allow_input_downcast,
        profile=profile,
        on_unused_input=on_unused_input,
    )
    return result


def orig_function(
    inputs: Any,
    outputs: Any,
    mode: Any = None,
    accept_inplace: bool = False,
    name: str | None = None,
    profile: bool | str | ProfileStats | None = None,
    on_unused_input: str | None = None,
    output_keys: Sequence[str] | None = None,
) -> Function:
    """Return the function of some `In`s or variables and `Out`s or variables.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> float(orig_function([In(x, value=2.0)], x * 3)())
    6.0
    """
    return pfunc(
        [convert_function_input(operand) for operand in inputs],
        outputs,
        mode,
        accept_inplace=accept_inplace,
        name=name,
        profile=profile,
        on_unused_input=on_unused_input,
        output_keys=output_keys,
    )


class FunctionMaker(MadeOf):
    """Makes a function in two steps: `FunctionMaker(inputs, outputs, mode).create()`.

    It is the class of `f.maker` too. `function_builder` and `fgraph` are taken for Theano's
    sake; a `fgraph` other than None is a TypeError: its graph is `fgraph.outputs`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> float(FunctionMaker([x], x + 1).create()(1.0))
    2.0
    """

    def __init__(  # noqa: PLR0913, PLR0917 - Theano's signature
        self,
        inputs: Any,
        outputs: Any,
        mode: Any = None,
        accept_inplace: bool = False,
        function_builder: Any = Function,
        profile: bool | str | ProfileStats | None = None,
        on_unused_input: str | None = None,
        fgraph: Any = None,
        output_keys: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        if fgraph is not None:
            raise TypeError("pass the outputs of the graph, fgraph.outputs, as outputs")
        self._made = orig_function(
            inputs, outputs, mode, accept_inplace, name, profile, on_unused_input, output_keys
        )
        vars(self).update(vars(self._made.maker))

    def create(
        self, input_storage: Any = None, trustme: bool = False, storage_map: Any = None
    ) -> Any:
        """Return the function.

        `input_storage` are first values, for inputs that keep one; the others are there for
        Theano's signature.
        """
        for index, value in enumerate(input_storage or ()):
            if value is not None:
                self._made[index] = value
        return self._made


def convert_function_input(input: Any) -> In:  # noqa: A002 - Theano's parameter
    """Return an `In` for what Theano's programs pass as an input: a variable, an `In`, or a list of
    a name, a variable, a value and an update, in this order, as far as they are given.

    TypeError for anything else.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> convert_function_input(("a", x, 1.0)).name
    'a'
    """
    if isinstance(input, In):
        return input
    if isinstance(input, Variable):
        return In(input)
    if not isinstance(input, list | tuple) or not input:
        raise TypeError(f"an input is a variable, an In or a list; got {type(input).__name__}")
    rest = list(input)
    name = rest.pop(0) if isinstance(rest[0], str) else None
    if not rest:
        raise TypeError(f"an input needs a variable; got {input!r}")
    head = rest.pop(0)
    if isinstance(head, In):
        return head
    if isinstance(head, list | tuple):
        variable, update = head
        return In(variable, name=name, value=rest[0] if rest else None, update=update)
    return In(head, name=name, value=rest[0] if rest else None)


def std_fgraph(
    input_specs: Sequence[Any], output_specs: Sequence[Any], accept_inplace: bool = False
) -> tuple[FunctionGraph, list[Out]]:
    """Return the graph of inputs and outputs, and an `Out` for each update in it.

    Without `accept_inplace` a graph with an op that overwrites an operand is a TypeError.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> std_fgraph([In(x, value=0.0, update=x + 1)], [Out(x * 2)])
    ([mul(x, TensorConstant{2}), add(x, TensorConstant{1})], [Out(add)])
    """
    specs = [convert_function_input(one) for one in input_specs]
    wanted = [one.variable if isinstance(one, Out) else one for one in output_specs]
    updates = [one.update for one in specs if one.update is not None]
    indices = [index for index, one in enumerate(specs) if one.update is not None]
    mapping = {len(wanted) + number: index for number, index in enumerate(indices)}
    graph = FunctionGraph(
        [one.variable for one in specs], [*wanted, *updates], update_mapping=mapping
    )
    for node in graph.apply_nodes:
        if getattr(node.op, "destroy_map", None) and not accept_inplace:
            raise TypeError(
                f"the graph has {node}, which overwrites an operand; accept_inplace=True"
            )
    graph.attach_feature(DestroyHandler())
    graph.attach_feature(
        Supervisor(
            operand
            for operand, spec in zip(graph.inputs, specs, strict=True)
            if not (spec.mutable or spec.update is not None)
        )
    )
    return graph, [Out(update) for update in updates]


def fgraph_updated_vars(
    fgraph: FunctionGraph, expanded_inputs: Sequence[In]
) -> dict[Variable, Variable]:
    """Return for each input of a graph that is updated its new value, among the outputs.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> given = [In(x, value=0.0, update=x + 1)]
    >>> graph, _ = std_fgraph(given, [])
    >>> fgraph_updated_vars(graph, given)
    {x: add}
    """
    mapping = fgraph.update_mapping or {}
    return {fgraph.inputs[index]: fgraph.outputs[number] for number, index in mapping.items()}


def get_info_on_inputs(named_inputs: Sequence[str], n_unnamed_inputs: int) -> str:
    """Return a sentence about the inputs of a function, for messages.

    >>> get_info_on_inputs(["x"], 1)
    'The function has 1 named input (x), and 1 unnamed input.'
    """

    def counted(count: int, kind: str) -> str:
        return f"{count} {kind} input{'' if count == 1 else 's'}"

    if not named_inputs:
        return f"The function has {counted(n_unnamed_inputs, 'unnamed')}."
    named = f"{counted(len(named_inputs), 'named')} ({', '.join(named_inputs)})"
    others = f", and {counted(n_unnamed_inputs, 'unnamed')}" if n_unnamed_inputs else ""
    return f"The function has {named}{others}."


def insert_deepcopy(
    fgraph: FunctionGraph, wrapped_inputs: Sequence[In], wrapped_outputs: Sequence[Out]
) -> None:
    """Let each output of a graph that is an input, or another output, be a copy of it; a view where
    both may be borrowed.

    Compiled functions see to that themselves.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [x])
    >>> insert_deepcopy(graph, [In(x)], [Out(x)])
    >>> graph.outputs[0].owner.op
    DeepCopyOp
    """
    for index, spec in enumerate(wrapped_outputs):
        out = fgraph.outputs[index]
        borrowed = spec.borrow
        if out in fgraph.inputs:
            borrowed = borrowed and wrapped_inputs[fgraph.inputs.index(out)].borrow
        elif out not in fgraph.outputs[:index]:
            continue
        fresh = view_op(out) if borrowed else deep_copy_op(out)
        fgraph.change_input("output", index, fresh, reason="insert_deepcopy")


def check_equal(x: Sequence[Any], y: Sequence[Any]) -> None:
    """Raise an AssertionError unless the values in two storages are equal.

    >>> check_equal([1], [1])
    """
    one, other = x[0], y[0]
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        if same and np.allclose(one, other, rtol=0, atol=1e-10, equal_nan=True):
            return
    elif one == other:
        return
    raise AssertionError(f"the values differ: {one!r} and {other!r}")


class AddFeatureOptimizer(Optimizer):
    """Attaches a feature to a graph, and changes nothing itself.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import PrintListener
    >>> x = T.dscalar("x")
    >>> AddFeatureOptimizer(PrintListener()).optimize(FunctionGraph([x], [x]))
    -- attaching
    """

    def __init__(self, feature: Any) -> None:
        self.feature = feature

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach the feature."""
        super().add_requirements(fgraph)
        fgraph.attach_feature(self.feature)

    def apply(self, fgraph: FunctionGraph) -> None:
        """Change nothing."""


class AddDestroyHandler(Optimizer):
    """Attaches a `DestroyHandler` to a graph, and lets no output be an operand overwritten unless
    it is borrowed.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> AddDestroyHandler().optimize(graph)
    >>> graph.destroyers(graph.inputs[0])
    []
    """

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach the feature."""
        super().add_requirements(fgraph)
        fgraph.attach_feature(DestroyHandler())

    def apply(self, fgraph: FunctionGraph) -> None:
        """Change nothing."""


class PrintCurrentFunctionGraph(Optimizer):
    """Writes a graph to standard output, after a header, and changes nothing.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> PrintCurrentFunctionGraph("before:").optimize(FunctionGraph([x], [T.exp(x)]))
    PrintCurrentFunctionGraph: before:
    [exp(x)]
    """

    def __init__(self, header: str) -> None:
        self.header = header

    def apply(self, fgraph: FunctionGraph) -> None:
        """Write."""
        sys.stdout.write(f"PrintCurrentFunctionGraph: {self.header}\n{fgraph}\n")


@local_optimizer([OpFromGraph])
def inline_ofg_expansion(node: Any) -> Any:
    """Put the graph of an `OpFromGraph` that is `is_inline` in its place, as the compiler does."""
    op = node.op
    if not getattr(op, "is_inline", False):
        return False
    table: Mapping[Any, Variable] = dict(zip(op.local_inputs, node.inputs, strict=True))
    return clone_replace(list(op.local_outputs), table)
