"""Where the variables come from that optimisers make: the user's lines, passed on and checked."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from lltheano.config import config
from lltheano.graph.core import Apply, Variable
from lltheano.graph.editing.features import Feature
from lltheano.graph.editing.function_graph import FunctionGraph
from lltheano.graph.optimisers.rewriting import Optimizer
from lltheano.graph.watching import nodes_constructed

__all__ = [
    "CheckStackTraceFeature",
    "CheckStackTraceOptimization",
    "check_stack_trace",
    "copy_stack_trace",
    "inherit_stack_trace",
]

Some = Variable | Sequence[Variable]


def copy_stack_trace(from_var: Some, to_var: Some) -> Any:
    """Let variables come from the line that others come from; return them.

    Parameters
    ----------
    from_var
        A variable, or several: the first that knows its line counts.
    to_var
        A variable, or several.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, y = T.dscalar("x"), T.dscalar("y")
    >>> copy_stack_trace(x, y).source == x.source
    True
    """
    origins = [from_var] if isinstance(from_var, Variable) else list(from_var)
    targets = [to_var] if isinstance(to_var, Variable) else list(to_var)
    source = next((one.source for one in origins if one.source is not None), None)
    for target in targets:
        target.source = source
        trace = [line for origin in origins for line in getattr(origin.tag, "trace", ())]
        target.tag.trace = trace
        if target.owner is not None:
            target.owner.source = source
    return to_var


class inherit_stack_trace:  # noqa: N801 - Theano's name, used as a function
    """A context in which every variable that is made comes from the line of others.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> with inherit_stack_trace(x):
    ...     y = T.exp(x)
    >>> y.source == x.source
    True
    """

    def __init__(self, from_var: Some) -> None:
        self._from = from_var

    def __enter__(self) -> None:
        self._watch = nodes_constructed()
        self._made = self._watch.__enter__()

    def __exit__(self, *error: object) -> None:
        self._watch.__exit__(None, None, None)
        copy_stack_trace(self._from, [one for one in self._made if one.owner is not None])


def check_stack_trace(
    f_or_fgraph: Any, ops_to_check: Any = "last", bug_print: str = "raise"
) -> bool:
    """Whether the results of ops know the lines that they come from.

    Parameters
    ----------
    f_or_fgraph
        A compiled function, or a `FunctionGraph`.
    ops_to_check
        "all", "last" for those that compute outputs, an op, a class of ops, or a list of them.
    bug_print
        "ignore", "warn" or "raise" a ValueError, when one does not.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dscalar("x")
    >>> check_stack_trace(function([x], T.exp(x)), "all")
    True
    """
    if bug_print not in ("ignore", "warn", "raise"):
        raise ValueError(f"bug_print must be 'ignore', 'warn' or 'raise', got {bug_print!r}")
    graph = f_or_fgraph if hasattr(f_or_fgraph, "toposort") else f_or_fgraph.maker.fgraph
    lost = [
        output
        for node in _checked(graph, ops_to_check)
        for output in node.outputs
        if output.source is None and not getattr(output.tag, "trace", None)
    ]
    if lost and bug_print != "ignore":
        message = f"{lost[0].describe()} does not know the line that it comes from"
        if bug_print == "raise":
            raise ValueError(message)
        warnings.warn(message, stacklevel=2)
    return not lost


def _checked(graph: FunctionGraph, wanted: Any) -> Iterable[Apply]:
    if wanted == "last":
        return [output.owner for output in graph.outputs if output.owner is not None]
    if wanted == "all":
        return graph.apply_nodes
    ops = wanted if isinstance(wanted, list | tuple) else [wanted]
    classes = tuple(op for op in ops if isinstance(op, type))
    return [node for node in graph.apply_nodes if isinstance(node.op, classes) or node.op in ops]


class CheckStackTraceFeature(Feature):
    """Looks whether each application that comes knows its line, as `config.check_stack_trace` says.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x)], features=[CheckStackTraceFeature()])
    """

    def on_import(self, fgraph: FunctionGraph, node: Apply, reason: Any) -> None:
        """Raise ValueError, warn or write to the log for an application that knows none."""
        wanted = config.check_stack_trace
        if wanted == "off":
            return
        for output in node.outputs:
            if output.source is None:
                message = f"{output.describe()}, brought by {reason}, does not know its line"
                if wanted == "raise":
                    raise ValueError(message)
                warnings.warn(message, stacklevel=2)


class CheckStackTraceOptimization(Optimizer):
    """Attaches a `CheckStackTraceFeature`, and changes nothing itself.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> CheckStackTraceOptimization().optimize(FunctionGraph([x], [T.exp(x)]))
    """

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach the feature."""
        super().add_requirements(fgraph)
        fgraph.attach_feature(CheckStackTraceFeature())

    def apply(self, fgraph: FunctionGraph) -> None:
        """Change nothing."""
