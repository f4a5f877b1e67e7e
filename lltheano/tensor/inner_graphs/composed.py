"""Ops that are compositions: one node in the graph that users see, an expression to the compiler.

Programs look for such an op by its class, listings show one line for it, and rewrites may replace
it as a whole. Lowering and differentiation write the composition out, so that it costs nothing and
has no formula of its own.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.config import config
from lltheano.gradient.barriers import passed_on
from lltheano.gradient.engine import grad
from lltheano.graph.clone import clone_replace
from lltheano.graph.core import Apply, Constant, Op, Variable, grouped
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.graph.walk import io_connection_pattern, io_toposort
from lltheano.tensor.assertion import unchecked
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["ComposedOp"]

_Graph = tuple[list[Variable], list[Variable]]


class ComposedOp(Op):
    """An op that is what `build` makes of its operands.

    A subclass defines `build`; its attributes tell its ops apart, or those in `__props__`. It may
    define `operands`, which converts what the op is applied to; what `build` needs to know of an
    operand beyond its type, such as the length of a vector of sizes, is found out there, since
    `build` is also called with other variables of the same types. It may define `make_node`, where
    the types of the results are known without building them, and `L_op`, where the composition
    cannot be differentiated or not well.
    """

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def operands(self, *inputs: Any) -> Sequence[Variable]:
        """Return the operands as variables; TypeError or ValueError for what cannot be one."""
        return [as_tensor_variable(operand) for operand in inputs]

    def build(self, *operands: Any) -> Variable | Sequence[Variable]:
        """Return the result in terms of the operands, or a list of several results."""
        raise NotImplementedError

    def make_node(self, *inputs: Any) -> Apply:
        """The types of the results are those of the composition."""
        given = self.operands(*inputs)
        return Apply(self, given, [one.type() for one in self._built(given)])

    def inner_graph(self, node: Apply) -> tuple[list[Variable], list[Variable]]:
        """Return leaves for the operands, constants excepted, and the results in terms of these."""
        return self._composition(node)[0]

    def _composition(self, node: Apply) -> tuple[_Graph, list[list[bool]]]:
        """The inner graph and its connection pattern, kept with the application: a gradient asks
        for them several times.
        """
        operands = tuple(map(id, node.inputs))
        kept = vars(node).get("_composition")
        if kept is None or kept[0] != operands:
            with config.change_flags(compute_test_value="off"):  # the leaves have none
                graph = self._written_out(node)
            kept = vars(node)["_composition"] = operands, (graph, io_connection_pattern(*graph))
        result: tuple[_Graph, list[list[bool]]] = kept[1]
        return result

    def _written_out(self, node: Apply) -> _Graph:
        leaves = [self.leaf(operand) for operand in node.inputs]
        built = self._built(leaves)
        results = [_like(*pair) for pair in zip(built, node.outputs, strict=True)]
        for inner in io_toposort(leaves, results):
            inner.source = node.source
            for output in inner.outputs:
                output.source = node.source
        return leaves, results

    def leaf(self, operand: Variable) -> Variable:
        """Return what stands for an operand in the inner graph: a leaf, or a constant itself."""
        if isinstance(operand, Constant):
            return operand
        said = unchecked(operand)
        leaf = operand.type.make_variable(said.name)
        leaf.source = said.source
        return leaf

    def _built(self, operands: Sequence[Variable]) -> list[Variable]:
        result = self.build(*operands)
        return [result] if isinstance(result, Variable) else list(result)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """That of the composition."""
        return self._composition(node)[1]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """That of the composition."""
        node = outputs[0].owner
        assert node is not None
        (leaves, results), connected = self._composition(node)
        found = [zero() if any(one) else disconnected() for one in connected]
        # Leaves stand for the gradients too, so that the walks below end where the op does.
        seeds = [gradient.type.make_variable() for gradient in output_gradients]
        pairs = zip(results, seeds, strict=True)
        wanted = [index for index, operand in enumerate(inputs) if _is_continuous(operand)]
        with config.change_flags(compute_test_value="off"):  # leaves have no test values
            known = {passed_on(one): seed for one, seed in pairs if _is_continuous(one)}
            slopes = _slopes(known, [leaves[index] for index in wanted])
        if known and wanted:
            for index, slope in zip(
                wanted,
                _in_terms_of((*inputs, *output_gradients), (*leaves, *seeds), slopes),
                strict=True,
            ):
                found[index] = _like(slope, inputs[index])
        return found

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The composition, built in place."""
        leaves, results = self.inner_graph(node)
        return lower_inside(builder, dict(grouped(leaves, inputs)), results)


def _slopes(known: dict[Variable, Variable], leaves: list[Variable]) -> list[Variable]:
    """The gradient by each leaf, from those that are known."""
    if not known:
        return []
    return list(
        grad(
            None,
            leaves,
            disconnected_inputs="ignore",
            add_names=False,
            known_grads=known,
            return_disconnected="disconnected",
            null_gradients="return",
        )
    )


def _in_terms_of(
    inputs: Sequence[Variable], leaves: Sequence[Variable], slopes: Sequence[Variable]
) -> list[Variable]:
    """Gradients by the leaves in terms of the operands; those that are absent as they are."""
    indices = [index for index, slope in enumerate(slopes) if hasattr(slope.type, "dtype")]
    table = {
        leaf: operand for leaf, operand in zip(leaves, inputs, strict=True) if leaf is not operand
    }
    result = list(slopes)
    replaced = clone_replace([slopes[index] for index in indices], table)
    for index, one in zip(indices, replaced, strict=True):
        result[index] = one
    return result


def _is_continuous(variable: Variable) -> bool:
    dtype = getattr(variable.type, "dtype", None)
    return dtype is not None and not is_discrete(dtype)


def _like(x: Variable, model: Variable) -> Variable:
    """A tensor under the broadcast pattern of a model; what is none, or stands for none, as it
    is.
    """
    if not is_tensor(x):
        return x
    return patternbroadcast(x, as_tensor_variable(model).broadcastable)
