"""From a symbolic graph to a program of the compiler's tensor IR.

Each application's op builds its own results; every value carries the source line of the
application. Parameters are named after the user's variables: the inputs in order, then the shared
variables in order.
"""

import heapq
import re
from collections.abc import Sequence

from lltheano.config import config
from lltheano.errors import LoweringError, MissingInputError
from lltheano.graph import (
    Apply,
    CompoundType,
    Constant,
    DisconnectedType,
    NullType,
    Type,
    Variable,
    grouped,
    io_toposort,
)
from lltheano.tensor.inner_graphs.closing import constant_values, is_constant_object
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.types import ValueType

__all__ = ["lower", "no_gradient"]


def public_name(node: Apply) -> str | None:
    """What an op is called that a program applied itself, if it has a name."""
    name = getattr(node.op, "name", None)
    return name if isinstance(name, str) else None


_NO_WORD = re.compile(r"\W+", re.ASCII)


def lower(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    updates: Sequence[tuple[Variable, Variable]] = (),
    name: str = "function",
    shared: Sequence[Variable] = (),
    objects: Sequence[Variable] = (),
) -> Program:
    """Return the program that computes `outputs` and the new values of `updates`.

    `shared` are the variables that hold state, in the order in which they become parameters; each
    first part of an update is one of them, and its second part has its type. `inputs` and `shared`
    are where the walk over the graph ends, so they need not be leaves. `objects` are the leaves
    that hold Python objects, in the order in which calls hold these (`lltheano.graph.objects`).

    MissingInputError when the graph has another leaf that is no constant; LoweringError when an op
    has no meaning in the IR or a variable is no tensor.

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> [one.name for one in lower([x], [x + 1]).parameters]
    ['x']
    """
    with config.change_flags(compute_test_value="off"):  # ops may write out graphs for this
        return _Lowering(name, [*inputs], [*shared], objects, outputs, updates).program()


class _Lowering:
    def __init__(
        self,
        name: str,
        inputs: list[Variable],
        shared: list[Variable],
        objects: Sequence[Variable],
        outputs: Sequence[Variable],
        updates: Sequence[tuple[Variable, Variable]],
    ) -> None:
        self._builder = Builder(_identifier(name, "function"))
        self._outputs = outputs
        self._updates = updates
        self._values: dict[Variable, tuple[Value, ...]] = {}
        self._names: set[str] = set()
        for position, variable in enumerate(inputs):
            self._parameter(variable, f"input{position}", shared=False)
        for position, variable in enumerate(shared):
            self._parameter(variable, f"shared{position}", shared=True)
        for handle, variable in enumerate(objects):
            self._values[variable] = (self._builder.integer(handle),)

    def program(self) -> Program:
        roots = [*self._outputs, *(value for _, value in self._updates)]
        for node in scheduled(io_toposort(list(self._values), roots)):
            self._apply(node, roots)
        for position, output in enumerate(self._outputs):
            name = self._unique(_identifier(output.name, f"out{position}"))
            self._builder.output(self._value(output, roots), name)
        for variable, value in self._updates:
            self._update(variable, value, roots)
        return self._builder.program()

    def _parameter(self, variable: Variable, default: str, *, shared: bool) -> None:
        name = self._unique(_identifier(variable.name, default))
        with self._builder.at(_location(variable)):
            value = self._builder.parameter(name, _value_type(variable), shared=shared)
        self._values[variable] = (value,)

    def _unique(self, name: str) -> str:
        unique, number = name, 1
        while unique in self._names:
            number += 1
            unique = f"{name}_{number}"
        self._names.add(unique)
        return unique

    def _apply(self, node: Apply, roots: Sequence[Variable]) -> None:
        inputs = [value for operand in node.inputs for value in self._operand(node, operand, roots)]
        with self._builder.at(_location(node.outputs[0])):
            try:
                values = node.op.lower(self._builder, node, inputs)
            except TypeRuleError as error:
                raise LoweringError(f"{node.outputs[0].describe()}, {node}: {error}") from error
        for variable, components in grouped(node.outputs, values):
            for kind, value in zip(_component_types(variable), components, strict=True):
                if isinstance(kind, TensorType) and value.type != _type_of_values(kind):
                    raise LoweringError(
                        f"{node.op} lowered {variable.describe()} to {value.type}; the op's type"
                        " rule and its meaning disagree"
                    )
            self._values.setdefault(variable, components)

    def _operand(
        self, node: Apply, variable: Variable, roots: Sequence[Variable]
    ) -> tuple[Value, ...]:
        """The values of an input. A constant object goes to an op in Python without any."""
        if node.op.calls_python and is_constant_object(variable):
            return (self._builder.integer(0),)
        return self._components(variable, roots)

    def _value(self, variable: Variable, roots: Sequence[Variable]) -> Value:
        """The value of a variable that is one tensor, or stands for an object."""
        (value,) = self._components(variable, roots)
        return value

    def _components(self, variable: Variable, roots: Sequence[Variable]) -> tuple[Value, ...]:
        if variable not in self._values:
            if isinstance(variable.type, DisconnectedType | NullType):
                raise LoweringError(no_gradient(variable))
            if not isinstance(variable, Constant):
                raise MissingInputError(_missing(variable, roots))
            self._values[variable] = constant_values(self._builder, variable)
        return self._values[variable]

    def _update(self, variable: Variable, value: Variable, roots: Sequence[Variable]) -> None:
        if value.type != variable.type:
            raise TypeError(
                f"the update of {variable.describe()} is {value.describe()}, which is of another"
                " type; convert it with .astype(...) or T.patternbroadcast"
            )
        (old,) = self._values[variable]
        self._builder.update(old, self._value(value, roots))


def scheduled(nodes: Sequence[Apply]) -> Sequence[Apply]:
    """Applications in an order that is as good, in which ops of a lower `schedule` come first."""
    if not any(node.op.schedule for node in nodes):
        return nodes
    indices = {node: index for index, node in enumerate(nodes)}
    needs = {
        node: {operand.owner for operand in node.inputs if operand.owner in indices}
        for node in nodes
    }
    users: dict[Apply, list[Apply]] = {node: [] for node in nodes}
    for node, needed in needs.items():
        for one in needed:
            if one is not None:
                users[one].append(node)
    ready = [(node.op.schedule, indices[node]) for node in nodes if not needs[node]]
    heapq.heapify(ready)
    order: list[Apply] = []
    while ready:
        node = nodes[heapq.heappop(ready)[1]]
        order.append(node)
        for user in users[node]:
            needs[user].discard(node)
            if not needs[user]:
                heapq.heappush(ready, (user.op.schedule, indices[user]))
    return order


def _value_type(variable: Variable) -> ValueType:
    kind = variable.type
    if not isinstance(kind, TensorType):
        raise LoweringError(f"{variable.describe()} is not a tensor, so it cannot be compiled")
    return _type_of_values(kind)


def _type_of_values(kind: TensorType) -> ValueType:
    return ValueType(dtype_of(kind.dtype), kind.broadcastable)


def _component_types(variable: Variable) -> tuple[Type, ...]:
    kind = variable.type
    return kind.component_types if isinstance(kind, CompoundType) else (kind,)


def _location(variable: Variable) -> Location | None:
    source = variable.source
    if source is None:
        return None
    function = source.function or (None if variable.owner is None else public_name(variable.owner))
    return Location(source.filename, source.line, variable.name, function)


def _identifier(name: str | None, default: str) -> str:
    """A name that the IR's text can hold: letters, digits and underscores."""
    cleaned = _NO_WORD.sub("_", name or "").strip("_")
    if not cleaned:
        return default
    return cleaned if not cleaned[0].isdigit() else f"_{cleaned}"


def no_gradient(variable: Variable) -> str:
    """Say why a variable that stands for a gradient has no value."""
    why = getattr(variable.type, "why", "the cost does not depend on what it is with respect to")
    return f"{variable.describe()} stands for a gradient that there is not, and has no value: {why}"


def _missing(variable: Variable, roots: Sequence[Variable]) -> str:
    users = [
        node
        for node in io_toposort((), roots)
        if any(operand is variable for operand in node.inputs)
    ]
    user = f"; it is used by {users[0].outputs[0].describe()}" if users else ""
    return (
        f"the graph needs a value for {variable.describe()}, which is not among the inputs{user}."
        " Add it to the inputs, give it a value with givens, or make it a shared variable"
    )
