"""Graphs that can be edited: `FunctionGraph`.

Everywhere else a graph never changes. A `FunctionGraph` has applications of its own, whose inputs
it may exchange; it knows what uses each variable, and tells its features of every change. What has
been edited is compiled as any graph is, from `inputs` and `outputs`.

Invariants, checked by `check_integrity`: every variable that an output needs is in `variables`,
every application in `apply_nodes`, and nothing else is; leaves are inputs or constants; the clients
of a variable are the places where it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from lltheano.errors import AlreadyThere, CyclicGraphError, InconsistencyError, MissingInputError
from lltheano.graph.clone import clone_get_equiv
from lltheano.graph.core import Apply, Constant, Variable
from lltheano.graph.search import stack_search
from lltheano.graph.text import as_string
from lltheano.graph.walk import io_toposort

__all__ = ["FunctionGraph"]

Client = tuple[Any, int]
"""An application and the position of an input, or "output" and the position of an output."""

_OUTPUT: Final = "output"


class FunctionGraph:
    """The graph between some inputs and outputs, in which variables can be replaced.

    Raises ValueError for an input that is computed, MissingInputError for another leaf that is no
    constant.

    Parameters
    ----------
    inputs
        leaves.
    outputs
        What is computed from them, and from constants.
    features
        Attached at once; see `attach_feature`.
    clone
        Edit a copy, as is usual. False takes the applications over: nobody else may then rely on
        them.
    update_mapping
        For some outputs the position of the input that they update; it is only kept.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dscalar("x")
    >>> graph = FunctionGraph([x], [T.exp(x) * 2])
    >>> (exp,) = [node for node in graph.toposort() if node.op == T.exp]
    >>> graph.replace(exp.out, T.log(exp.inputs[0]))
    >>> graph
    [mul(log(x), TensorConstant{2})]
    >>> function(graph.inputs, graph.outputs[0])(1.0)
    array(0.)
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        features: Iterable[Any] | None = None,
        clone: bool = True,
        update_mapping: dict[int, int] | None = None,
    ) -> None:
        self.inputs: list[Variable] = list(inputs)
        self.outputs: list[Variable] = list(outputs)
        if clone:
            copies = clone_get_equiv(self.inputs, self.outputs)
            self.inputs = [copies[operand] for operand in self.inputs]
            self.outputs = [copies[output] for output in self.outputs]
        self.update_mapping = update_mapping
        self._has_leaves = clone
        self.apply_nodes: set[Apply] = set()
        self.variables: set[Variable] = set()
        self._features: list[Any] = []
        self._clients: dict[Variable, list[Client]] = {}
        for operand in self.inputs:
            _require_leaf(operand)
            self._add(operand)
        for position, output in enumerate(self.outputs):
            self._take_in(output, "init")
            self._clients[output].append((_OUTPUT, position))
        for feature in features or ():
            self.attach_feature(feature)

    def add_input(self, input: Variable) -> None:  # noqa: A002 - Theano's parameter
        """Add a leaf to the inputs, if it is not one already."""
        if input not in self.inputs:
            _require_leaf(input)
            self.inputs.append(input)
            self._add(input)

    def clients(self, r: Variable) -> list[Client]:
        """Return the places where a variable stands: (application, position of the input), or
        ("output", position of the output).
        """
        return list(self._clients.get(r, ()))

    def __contains__(self, item: object) -> bool:
        return item in self.variables or item in self.apply_nodes

    # --- what belongs to the graph

    def _add(self, variable: Variable) -> None:
        self.variables.add(variable)
        self._clients.setdefault(variable, [])
        if self._has_leaves and variable.owner is None:
            vars(variable)["_fgraph"] = self

    def _take_leaves(self) -> None:
        """Let the leaves say that they are of this graph: they are nobody else's."""
        self._has_leaves = True
        for variable in self.variables:
            if variable.owner is None:
                vars(variable)["_fgraph"] = self

    def _take_in(self, variable: Variable, reason: Any) -> None:
        """Add a variable and all that it is computed from; MissingInputError, and nothing is added,
        when that needs a leaf that is neither an input nor a constant.
        """
        fresh = [
            node for node in io_toposort(self.variables, [variable]) if node not in self.apply_nodes
        ]
        for one in (variable, *(operand for node in fresh for operand in node.inputs)):
            if one.owner is None and one not in self.variables and not isinstance(one, Constant):
                raise MissingInputError(
                    f"the graph needs {one.describe()}, which is not among its inputs; add it with"
                    " add_input"
                )
        self._add(variable)
        for node in fresh:
            self.apply_nodes.add(node)
            node.fgraph = self
            for operand in (*node.inputs, *node.outputs):
                self._add(operand)
            for position, operand in enumerate(node.inputs):
                self._clients[operand].append((node, position))
            self.execute_callbacks("on_import", node, reason)

    def _leave_out(self, variable: Variable, client: Client, reason: Any) -> None:
        """Forget that a client uses a variable, and all that nothing uses any more."""
        pending = [(variable, client)]
        while pending:
            one, user = pending.pop()
            self._clients[one].remove(user)
            if self._clients[one]:
                continue
            node = one.owner
            if node is None or node not in self.apply_nodes:
                if one not in self.inputs:
                    self.variables.discard(one)
                    del self._clients[one]
            elif not any(self._clients.get(each) for each in node.outputs):
                self.apply_nodes.discard(node)
                for each in node.outputs:
                    self.variables.discard(each)
                    self._clients.pop(each, None)
                self.execute_callbacks("on_prune", node, reason)
                pending += [(each, (node, index)) for index, each in enumerate(node.inputs)]

    # --- changes

    def change_input(self, node: Any, i: int, new_r: Variable, reason: Any = None) -> None:
        """Let `new_r` be input `i` of an application, or output `i` of the graph for "output".

        TypeError when it is of another type than what it replaces.
        """
        old = self.outputs[i] if node == _OUTPUT else node.inputs[i]
        if old is new_r:
            return
        if old.type != new_r.type:
            raise TypeError(f"{new_r.describe()} cannot replace {old.describe()}: the types differ")
        self._take_in(new_r, reason)
        if node == _OUTPUT:
            self.outputs[i] = new_r
        else:
            node.inputs[i] = new_r
        self._clients[new_r].append((node, i))
        self._leave_out(old, (node, i), reason)
        self.execute_callbacks("on_change_input", node, i, old, new_r, reason=reason)

    def replace(
        self, r: Variable, new_r: Variable, reason: Any = None, verbose: bool | None = None
    ) -> None:
        """Let `new_r` stand wherever `r` stands; `new_r` may be computed from `r`.

        `reason` is passed on to the features; `verbose` is there for Theano's signature, and
        `PrintListener` is what shows changes.

        TypeError when the types differ, CyclicGraphError when something would be computed from
        itself; the graph is then unchanged.
        """
        if r not in self.variables or r is new_r:
            return
        if r.type != new_r.type:
            raise TypeError(f"{new_r.describe()} cannot replace {r.describe()}: the types differ")
        clients = self.clients(r)
        self._require_no_cycle(r, new_r, clients)
        for node, position in clients:
            # The first change may have made the others unneeded.
            if (node, position) in self._clients.get(r, ()):
                self.change_input(node, position, new_r, reason)

    def _require_no_cycle(self, r: Variable, new_r: Variable, clients: Sequence[Client]) -> None:
        users = {node for node, _ in clients if node != _OUTPUT}
        if not users or new_r.owner is None:
            return
        needed = stack_search([new_r.owner], _earlier)
        if any(node in users for node in needed):
            raise CyclicGraphError(
                f"{r.describe()} cannot be replaced by {new_r.describe()}, which is computed from"
                " what would then be computed from it"
            )

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], reason: Any = None) -> None:
        """Do several replacements, one after the other."""
        for old, new in pairs:
            self.replace(old, new, reason)

    # --- features

    def attach_feature(self, feature: Any) -> None:
        """Tell a feature of every change from now on.

        Its method `on_attach` is called with the graph; it may add methods to the graph. A feature
        that finds its work done already raises AlreadyThere there, and is not attached.
        """
        if any(one is feature for one in self._features):
            return
        attach = getattr(feature, "on_attach", None)
        if attach is not None:
            try:
                attach(self)
            except AlreadyThere:
                return
        self._features.append(feature)

    def remove_feature(self, feature: Any) -> None:
        """Tell a feature nothing more; its `on_detach` is called. Others are not affected."""
        kept = [one for one in self._features if one is not feature]
        if len(kept) == len(self._features):
            return
        self._features = kept
        detach = getattr(feature, "on_detach", None)
        if detach is not None:
            detach(self)

    def execute_callbacks(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Call the method `name` of each feature that has one, with the graph and the arguments."""
        for feature in list(self._features):
            method = getattr(feature, name, None)
            if method is not None:
                method(self, *args, **kwargs)

    def collect_callbacks(self, name: str, *args: Any) -> dict[Any, Any]:
        """Call the method `name` of each feature that has one; return what each gives."""
        results = {}
        for feature in self._features:
            method = getattr(feature, name, None)
            if method is not None:
                results[feature] = method(self, *args)
        return results

    # --- looking

    def orderings(self) -> dict[Apply, list[Apply]]:
        """Return for some applications those that features want before them."""
        wanted: dict[Apply, list[Apply]] = {}
        for given in self.collect_callbacks("orderings").values():
            for node, before in (given or {}).items():
                wanted.setdefault(node, []).extend(before)
        return wanted

    def toposort(self) -> list[Apply]:
        """Return the applications, each after those that it needs, by inputs and `orderings`."""
        return io_toposort(self.inputs, self.outputs, self.orderings() or None)

    def clone(self, check_integrity: bool = True, attach_feature: bool = True) -> "FunctionGraph":
        """Return a copy; see `clone_get_equiv`."""
        return self.clone_get_equiv(check_integrity, attach_feature)[0]

    def clone_get_equiv(
        self, check_integrity: bool = True, attach_feature: bool = True
    ) -> tuple["FunctionGraph", dict[Any, Any]]:
        """Return a copy, and the copy of each variable and application.

        Parameters
        ----------
        check_integrity
            Check this graph first.
        attach_feature
            Attach the features to the copy too, those excepted that say by an attribute `clone` how
            they are copied.
        """
        if check_integrity:
            self.check_integrity()
        copies = clone_get_equiv(self.inputs, self.outputs)
        copy = FunctionGraph(
            [copies[operand] for operand in self.inputs],
            [copies[output] for output in self.outputs],
            clone=False,
            update_mapping=self.update_mapping,
        )
        copy._take_leaves()
        for feature in self._features if attach_feature else ():
            duplicate = getattr(feature, "clone", None)
            copy.attach_feature(feature if duplicate is None else duplicate())
        return copy, copies

    def check_integrity(self) -> None:
        """Raise InconsistencyError unless the graph is what it says it is; see the module."""
        nodes = io_toposort(self.inputs, self.outputs)
        if set(nodes) != self.apply_nodes:
            raise InconsistencyError("the applications are not those that the outputs need")
        reached = {*self.inputs, *self.outputs}
        for node in nodes:
            reached.update(node.inputs, node.outputs)
        if reached != self.variables:
            raise InconsistencyError("the variables are not those that the outputs need")
        uses: dict[Variable, set[tuple[Any, int]]] = {one: set() for one in reached}
        for node, position, one in _uses(nodes, self.outputs):
            uses[one].add((node, position))
        for one, found in uses.items():
            if set(self._clients[one]) != found:
                raise InconsistencyError(f"the clients of {one.describe()} are not its uses")

    def disown(self) -> None:
        """Detach the features and give up the graph, which is empty afterwards."""
        for feature in list(self._features):
            self.remove_feature(feature)
        self.inputs, self.outputs = [], []
        self.apply_nodes, self.variables, self._clients = set(), set(), {}

    def __str__(self) -> str:
        return f"[{', '.join(as_string(self.inputs, self.outputs))}]"

    def __repr__(self) -> str:
        return str(self)


def _require_leaf(variable: Variable) -> None:
    if variable.owner is not None:
        raise ValueError(
            f"an input of a FunctionGraph must be a leaf, but {variable.describe()} is computed by"
            f" {variable.owner.op}"
        )


def _earlier(node: Apply) -> list[Apply]:
    return [operand.owner for operand in node.inputs if operand.owner is not None]


def _uses(
    nodes: Iterable[Apply], outputs: Iterable[Variable]
) -> Iterator[tuple[Any, int, Variable]]:
    for node in nodes:
        for position, operand in enumerate(node.inputs):
            yield node, position, operand
    for position, output in enumerate(outputs):
        yield _OUTPUT, position, output
