"""A graph computed for each index 0, 1, ..., n - 1: the op `Mapping`, a native loop.

The results are rows, stacked along a new first axis, and sums over the index. That is what
Jacobians are made of: the gradient of a row with respect to what all rows share is a sum over the
rows, so the gradient of a mapping is a mapping, of any order.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from lltheano.config import config
from lltheano.gradient.barriers import passed_on
from lltheano.gradient.engine import grad
from lltheano.graph.core import Apply, Op, Variable, applied
from lltheano.graph.gradient_types import DisconnectedType, NullType, ZeroType, disconnected, zero
from lltheano.graph.walk import ancestors, io_toposort
from lltheano.tensor.inner_graphs.closing import close_over, lower_inside
from lltheano.tensor.inner_graphs.loop_sums import add_over_index
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Mapping", "map_index"]

Variables = Sequence[Variable]


@record(frozen=True, eq=False)
class Mapping(Op):
    """An inner graph run for each index below a count, which adds to some sums and gives rows.

    Operands: the count, the first value of each sum, and the captured values, which are the same
    for all indices. Results: the sums, each with one term added for every index (floats in blocks,
    see `lltheano.tensor.inner_graphs.loop_sums`); then the stacks of rows.

    Attributes
    ----------
    index
        The int64 scalar that stands for the index in the inner graph.
    captured
        A leaf of the inner graph for each captured operand.
    terms, rows
        What each index adds to the sums, of the types of the sums; and the rows.
    """

    index: Variable
    captured: tuple[Variable, ...]
    terms: tuple[Variable, ...]
    rows: tuple[Variable, ...]

    def make_node(self, count: Any, *operands: Any) -> Apply:
        """The count is an integer scalar; the others have the types that the inner graph gives."""
        count = as_tensor_variable(count)
        if count.ndim or not is_discrete(count.dtype):
            raise TypeError(f"the count of a mapping is an integer, got {count.describe()}")
        wanted = [term.type for term in (*self.terms, *self.captured)]
        if len(operands) != len(wanted):
            raise ValueError(f"{self} takes {len(wanted)} operands, got {len(operands)}")
        given = [_as_type(operand, kind) for operand, kind in zip(operands, wanted, strict=True)]
        sums = [term.type() for term in self.terms]
        stacks = [_stack_type(row)() for row in self.rows]
        return Apply(self, [count.astype("int64"), *given], [*sums, *stacks])

    def L_op(  # noqa: N802
        self,
        inputs: Variables,
        outputs: Variables,
        output_gradients: Variables,
    ) -> list[Variable]:
        """A sum passes its gradient to its first value, and to each of its terms; a row gets its
        row of the stack's. What they give to a captured value is summed over the index.
        """
        sums = len(self.terms)
        leaves = [gradient.type.make_variable() for gradient in output_gradients]
        with config.change_flags(compute_test_value="off"):  # no index has a value of its own
            slopes = self._slopes(leaves)
        variables = [*inputs[1 + sums :], *output_gradients]
        first = [
            zero() if is_discrete(_dtype(gradient)) else gradient
            for gradient in output_gradients[:sums]
        ]
        return [disconnected(), *first, *self._summed(inputs[0], variables, leaves, slopes)]

    def _slopes(self, leaves: Variables) -> list[Variable]:
        """The gradient with respect to each captured value at one index, an inner graph; `leaves`
        stand in it for the gradients of the results.
        """
        known: dict[Variable, Variable] = {}
        for index, (result, leaf) in enumerate(zip((*self.terms, *self.rows), leaves, strict=True)):
            if not is_discrete(_dtype(result)):
                whole = index < len(self.terms)
                known[passed_on(result)] = leaf if whole else as_tensor_variable(leaf)[self.index]
        if not known:
            return [zero() for _ in self.captured]
        found: list[Variable] = grad(
            None,
            list(self.captured),
            disconnected_inputs="ignore",
            add_names=False,
            known_grads=known,
            return_disconnected="disconnected",
            null_gradients="return",
        )
        return found

    def _summed(
        self, count: Variable, given: Variables, leaves: Variables, slopes: Variables
    ) -> list[Variable]:
        """The slopes summed over the index, beginning with zeros; those that are absent as they
        are. `given` are the values of the captured leaves and of `leaves`.
        """
        absent = ZeroType | DisconnectedType | NullType
        indices = [
            index for index, slope in enumerate(slopes) if not isinstance(slope.type, absent)
        ]
        if not indices:
            return list(slopes)
        captured = [as_tensor_variable(given[index]) for index in indices]
        terms = [
            patternbroadcast(slopes[index], variable.broadcastable)
            for index, variable in zip(indices, captured, strict=True)
        ]
        pairs = zip(captured, terms, strict=True)
        zeros = [one.zeros_like(dtype=term.dtype) for one, term in pairs]
        needed = set(ancestors(terms))
        table = {
            leaf: value
            for leaf, value in zip((*self.captured, *leaves), given, strict=True)
            if leaf in needed
        }
        op = Mapping(self.index, tuple(table), tuple(terms), ())
        node = op.make_node(count, *zeros, *table.values())
        applied(node)
        totals = iter(node.outputs)
        return [next(totals) if index in indices else slope for index, slope in enumerate(slopes)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The count does not connect; a first value does with its sum alone."""
        results = (*self.terms, *self.rows)
        firsts = [
            [index == position for position in range(len(results))]
            for index in range(len(self.terms))
        ]
        inner = [_reached(variable, results) for variable in self.captured]
        return [[False] * len(results), *firsts, *inner]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Ops `loop`: one that stacks the rows, and one, in blocks, that carries the sums."""
        count, *outer = inputs
        firsts, captured = outer[: len(self.terms)], outer[len(self.terms) :]

        def inside(results: Variables, index: Value, arguments: Sequence[Value]) -> list[Value]:
            inner = dict(zip(self.captured, arguments, strict=True))
            return lower_inside(builder, {self.index: index, **inner}, results)

        def row(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
            return [], inside(self.rows, arguments[0], arguments[1:])

        terms = partial(inside, self.terms)
        sums = add_over_index(builder, count, firsts, captured, terms) if firsts else []
        return [*sums, *(builder.loop_over(count, [], captured, row) if self.rows else ())]

    @property
    def inner_outputs(self) -> tuple[Variable, ...]:
        """The results of the inner graph, for listings."""
        return (*self.terms, *self.rows)

    @property
    def inner_inputs(self) -> tuple[Variable | None, ...]:
        """What stands in the inner graph for each operand; None where nothing does."""
        return (None, *(None for _ in self.terms), *self.captured)

    def __str__(self) -> str:
        return "Mapping"


def map_index(index: TensorVariable, rows: Sequence[object], count: object) -> list[TensorVariable]:
    """Return for each of `rows` the stack of its values for `index` = 0, 1, ..., `count` - 1.

    `rows` are expressions in `index`, an int64 scalar variable without an owner. What they use
    that does not depend on it is computed once. The stack has a new first axis. All the rows of a
    stack must have the same shape: ValueError when the function runs and they do not.

    The gradient with respect to what the rows use is the sum of that of the rows.

    >>> import lltheano.tensor as T
    >>> i, x = T.lscalar("i"), T.dvector("x")
    >>> (powers,) = map_index(i, [x**i], 3)
    >>> powers.eval({x: [2.0, 3.0]}).tolist()
    [[1.0, 1.0], [2.0, 3.0], [4.0, 9.0]]
    """
    if index.owner is not None or index.type != TensorType("int64", ()):
        raise TypeError(f"the index must be an int64 scalar leaf, got {index.describe()}")
    operands = [as_tensor_variable(row) for row in rows]
    captured, leaves, inside = close_over([index], operands)
    op = Mapping(index, tuple(leaves), (), tuple(inside))
    node = op.make_node(count, *captured)
    applied(node)
    return [as_tensor_variable(output) for output in node.outputs]


def _dtype(variable: Variable) -> str:
    return as_tensor_variable(variable).dtype


def _stack_type(row: Variable) -> TensorType:
    x = as_tensor_variable(row)
    return TensorType(x.dtype, (False, *x.broadcastable))


def _as_type(value: Any, kind: Any) -> TensorVariable:
    """Declare the broadcast pattern that the inner graph was made for."""
    x = patternbroadcast(value, kind.broadcastable)
    if x.type != kind:
        raise TypeError(f"a mapping made for {kind!r} was given {x.describe()}")
    return x


def _reached(leaf: Variable, results: Variables) -> list[bool]:
    """Whether the elements of each result vary with those of a leaf."""
    active = {leaf}
    for node in io_toposort([leaf], results):
        pattern = node.op.connection_pattern(node)
        for j, output in enumerate(node.outputs):
            if any(pattern[i][j] and operand in active for i, operand in enumerate(node.inputs)):
                active.add(output)
    return [result in active for result in results]
