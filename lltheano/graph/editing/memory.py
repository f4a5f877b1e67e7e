"""What ops say of memory: which output shows an input (`view_map`), and which takes the memory of
one (`destroy_map`); and features that keep an edited graph consistent with it.

Compiled functions decide for themselves what is done in place, and copy what would be overwritten
too early. These are for programs that write in-place optimisers of their own and want to be told
when their graph has no order in which every value is read before it is overwritten.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from lltheano.errors import AlreadyThere, CyclicGraphError, InconsistencyError
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.editing.features import Feature
from lltheano.graph.walk import io_toposort, view_roots

if TYPE_CHECKING:
    from lltheano.graph.editing.function_graph import FunctionGraph

__all__ = [
    "DestroyHandler",
    "NoOutputFromInplace",
    "Supervisor",
    "alias_root",
    "destroyed_inputs",
    "infer_reuse_pattern",
    "view_tree_set",
]


def destroyed_inputs(node: Apply) -> list[Variable]:
    """Return the inputs whose memory an application takes for an output, each once.

    >>> import lltheano.tensor as T
    >>> destroyed_inputs(T.exp(T.dvector("x")).owner)
    []
    """
    indices = chain(*getattr(node.op, "destroy_map", {}).values())
    return list(dict.fromkeys(node.inputs[index] for index in indices))


def _shown(variable: Variable) -> list[Variable]:
    """The inputs whose memory a variable may have, as a view or by overwriting them."""
    node, index = variable.owner, variable.index
    if node is None or index is None:
        return []
    maps = (getattr(node.op, name, {}) for name in ("view_map", "destroy_map"))
    return [node.inputs[one] for table in maps for one in table.get(index, ())]


def alias_root(v: Variable) -> Variable:
    """Return the variable whose memory `v` has, by the maps of the ops between them.

    NotImplementedError where an op says that an output has the memory of several inputs.

    >>> import lltheano.tensor as T
    >>> from lltheano.ops import view_op
    >>> x = T.dvector("x")
    >>> alias_root(view_op(view_op(x)))
    x
    """
    while shown := _shown(v):
        if len(shown) > 1:
            raise NotImplementedError(f"{v.describe()} has the memory of several inputs")
        (v,) = shown
    return v


def view_tree_set(v: Variable, treeset: set[Variable]) -> None:
    """Add to `treeset` a variable of a `FunctionGraph`, and all that may have its memory.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> from lltheano.ops import view_op
    >>> x = T.dvector("x")
    >>> graph, found = FunctionGraph([x], [view_op(x) + 1]), set()
    >>> view_tree_set(graph.inputs[0], found)
    >>> len(found)
    2
    """
    pending = [v]
    while pending:
        one = pending.pop()
        if one in treeset:
            continue
        treeset.add(one)
        users = (node for node, _ in one.clients if node != "output")
        pending += [out for node in users for out in node.outputs if one in _shown(out)]


def infer_reuse_pattern(
    fgraph: "FunctionGraph", outputs_to_disown: Iterable[Variable]
) -> set[Variable]:
    """Return the computed variables of a graph that may have the memory of one of these.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> from lltheano.ops import view_op
    >>> x = T.dvector("x")
    >>> graph = FunctionGraph([x], [view_op(T.exp(x))])
    >>> len(infer_reuse_pattern(graph, graph.outputs))
    2
    """
    results: set[Variable] = set()
    for one in outputs_to_disown:
        view_tree_set(alias_root(one), results)
    return {result for result in results if result.owner is not None}


class DestroyHandler(Feature):
    """Keeps a graph such that every value is read before an application overwrites it.

    `fgraph.destroyers(variable)` gives the applications that overwrite it, or what it shows;
    `fgraph.has_destroyers(variables)` whether there are any. The order of the graph puts all other
    readers before them. It is inconsistent when there is no such order, when two applications
    overwrite one value, and when a constant is overwritten or a variable whose
    `tag.indestructible` is true.

    AlreadyThere where a graph has one.

    Parameters
    ----------
    do_imports_on_attach, algo
        Taken for Theano's sake: what is there is looked at when it is asked for.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import Op
    >>> from lltheano.graph import Apply, FunctionGraph
    >>> class Double(Op):
    ...     __props__ = ()
    ...     destroy_map = {0: [0]}
    ...     def make_node(self, x):
    ...         return Apply(self, [x], [x.type()])
    >>> x = T.dvector("x")
    >>> handler = DestroyHandler()
    >>> handler.validate(FunctionGraph([x], [Double()(x) + x], features=[handler]))
    Traceback (most recent call last):
    lltheano.errors.InconsistencyError: ... overwrites x (...) before it is read by ...
    """

    def __init__(self, do_imports_on_attach: bool = True, algo: str | None = None) -> None:
        self.algo = algo

    def on_attach(self, fgraph: "FunctionGraph") -> None:
        """Add the methods."""
        if hasattr(fgraph, "destroyers"):
            raise AlreadyThere("the graph has a DestroyHandler already")
        vars(fgraph).update(
            destroyers=partial(self.destroyers, fgraph),
            has_destroyers=partial(self.has_destroyers, fgraph),
            destroy_handler=self,
        )

    def on_detach(self, fgraph: "FunctionGraph") -> None:
        """Remove the methods."""
        for name in ("destroyers", "has_destroyers", "destroy_handler"):
            del vars(fgraph)[name]

    def destroyers(self, fgraph: "FunctionGraph", r: Variable) -> list[Apply]:
        """Return the applications that overwrite a variable, or what it shows."""
        roots = set(view_roots(r))
        return [
            node
            for node in fgraph.apply_nodes
            if any(roots & set(view_roots(operand)) for operand in destroyed_inputs(node))
        ]

    def has_destroyers(self, fgraph: "FunctionGraph", protected_list: Sequence[Variable]) -> bool:
        """Whether any of these is overwritten."""
        return any(self.destroyers(fgraph, one) for one in protected_list)

    def orderings(self, fgraph: "FunctionGraph") -> dict[Apply, list[Apply]]:
        """Return for each application that overwrites a value the others that read it."""
        results: dict[Apply, list[Apply]] = {}
        for node in fgraph.apply_nodes:
            roots = {root for operand in destroyed_inputs(node) for root in view_roots(operand)}
            if roots:
                results[node] = [
                    other
                    for other in fgraph.apply_nodes
                    if other is not node
                    and any(roots & set(view_roots(operand)) for operand in other.inputs)
                ]
        return results

    def validate(self, fgraph: "FunctionGraph") -> None:
        """Raise InconsistencyError unless every value is read before it is overwritten."""
        overwritten: dict[Variable, Apply] = {}
        for node in sorted(fgraph.apply_nodes, key=str):
            for root in (
                root for operand in destroyed_inputs(node) for root in view_roots(operand)
            ):
                if isinstance(root, Constant) or getattr(root.tag, "indestructible", False):
                    raise InconsistencyError(f"{node} overwrites {root.describe()}")
                if overwritten.setdefault(root, node) is not node:
                    raise InconsistencyError(
                        f"{root.describe()} is overwritten by {overwritten[root]} and {node}"
                    )
        if overwritten:
            self._require_order(fgraph)

    def _require_order(self, fgraph: "FunctionGraph") -> None:
        before = self.orderings(fgraph)
        try:
            io_toposort(fgraph.inputs, fgraph.outputs, before)
        except CyclicGraphError as error:
            node, readers = next(iter(before.items()))
            value = destroyed_inputs(node)[0]
            raise InconsistencyError(
                f"{node} overwrites {value.describe()} before it is read by"
                f" {', '.join(map(str, readers))}: {error}"
            ) from error


class Supervisor(Feature):
    """Finds a graph inconsistent in which one of some variables is overwritten.

    The graph needs a `DestroyHandler`.

    Parameters
    ----------
    protected
        The variables.

    Examples
    --------
    >>> Supervisor([]).protected
    []
    """

    def __init__(self, protected: Iterable[Variable]) -> None:
        self.protected = list(protected)

    def validate(self, fgraph: Any) -> None:
        """Raise InconsistencyError when a protected variable is overwritten."""
        if hasattr(fgraph, "destroyers"):
            for one in self.protected:
                if fgraph.destroyers(one):
                    raise InconsistencyError(f"{one.describe()} must not be overwritten")


class NoOutputFromInplace(Feature):
    """Finds a graph inconsistent in which an output is what an application has overwritten.

    Parameters
    ----------
    first_output_idx, last_output_idx
        Of which outputs it may not be so; all by default.

    Examples
    --------
    >>> NoOutputFromInplace(1).first_output_idx
    1
    """

    def __init__(self, first_output_idx: int = 0, last_output_idx: int | None = None) -> None:
        self.first_output_idx = first_output_idx
        self.last_output_idx = last_output_idx

    def validate(self, fgraph: "FunctionGraph") -> None:
        """Raise InconsistencyError for an output that has overwritten an input of its op."""
        for out in fgraph.outputs[self.first_output_idx : self.last_output_idx]:
            node = out.owner
            if node is not None and out.index in getattr(node.op, "destroy_map", {}):
                raise InconsistencyError(
                    f"{node} overwrites an operand for the output {out.describe()}"
                )
