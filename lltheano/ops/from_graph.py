"""Ops made of graphs: `OpFromGraph`.

Such an op is a graph of its own where it is looked at, applied and differentiated; compiled, it is
its graph, built into the program that uses it, without a call of any kind.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lltheano.config import config
from lltheano.errors import MissingInputError, MissingTestValueError
from lltheano.gradient.barriers import passed_on
from lltheano.gradient.engine import grad
from lltheano.gradient.products import Rop
from lltheano.graph import Apply, Constant, DisconnectedType, NullType, Op, Variable
from lltheano.graph.clone import clone_replace
from lltheano.graph.gradient_types import ZeroType, disconnected
from lltheano.graph.walk import ancestors, inputs as leaves_of, io_connection_pattern
from lltheano.interfaces.layers import test_values
from lltheano.shared import SharedVariable
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["OpFromGraph"]

Variables = Sequence[Variable]

_WITHOUT_MEANING = ("allow_input_downcast", "mode", "on_unused_input", "profile")


def _inner(variable: Variable) -> Variable:
    """A leaf of the same type and name, with the same test value."""
    leaf = variable.type.make_variable(variable.name)
    if config.compute_test_value != "off":
        # Where there is none, what is made of the leaf says so, as the flag wants it.
        with suppress(MissingTestValueError):
            leaf.tag.test_value = test_values.get_test_value(variable)
    return leaf


class OpFromGraph(Op):
    """An op that computes what a graph computes.

    Raises TypeError for inputs and outputs that are no variables, or for options that it does not
    know; MissingInputError for a graph that needs another variable; ValueError when both
    `lop_overrides` and `grad_overrides` are given.

    Parameters
    ----------
    inputs
        The variables that stand for the op's inputs; no constants and no shared variables.
    outputs
        What is computed of them. Shared variables in the graph are inputs by themselves.
    inline
        Kept for Theano's signature; the graph is always built into the program.
    lop_overrides
        The gradient instead of that of the graph. A function of (inputs, outputs, output gradients)
        that returns the gradient by each input; or an `OpFromGraph` of all of these; or a list with
        an entry for each input, which may also be "default", a variable of `DisconnectedType` or
        `NullType`, or None for zero.
    grad_overrides
        As `lop_overrides`, for functions that do without the outputs.
    rop_overrides
        The right product likewise: a function of (inputs, points), or an `OpFromGraph` of both, or
        a list with an entry for each output.
    connection_pattern
        For each input whether each output varies with it; found from the graph by default.
    name
        What listings call it.
    kwargs
        Options of Theano's that have no meaning here: `mode`, `on_unused_input`, `profile` and
        `allow_input_downcast`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, y = T.dvectors("x", "y")
    >>> dot_exp = OpFromGraph([x, y], [T.exp(x) * y])
    >>> z = dot_exp(x, y).sum()
    >>> T.grad(z, y).eval({x: [0.0, 0.0], y: [1.0, 2.0]})
    array([1., 1.])
    """

    def __init__(
        self,
        inputs: Variables,
        outputs: Variables,
        inline: bool = False,
        lop_overrides: Any = "default",
        grad_overrides: Any = "default",
        rop_overrides: Any = "default",
        connection_pattern: list[list[bool]] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        _check_options(kwargs)
        _check_inputs(inputs)
        _check_variables(outputs, "outputs")
        if not _is_default(lop_overrides) and not _is_default(grad_overrides):
            raise ValueError("OpFromGraph: lop_overrides and grad_overrides exclude each other")
        shared = [one for one in leaves_of(outputs) if isinstance(one, SharedVariable)]
        self.shared_inputs = [
            variable for variable in dict.fromkeys(shared) if variable not in inputs
        ]
        variables = [*inputs, *self.shared_inputs]
        self.local_inputs = [_inner(variable) for variable in variables]
        table = dict(zip(variables, self.local_inputs, strict=True))
        self.local_outputs = clone_replace(outputs, table)
        _check_complete(self.local_inputs, self.local_outputs)
        self.is_inline = inline
        self.name = name
        self.input_types = [operand.type for operand in inputs]
        self.output_types = [output.type for output in outputs]
        self._overrides = (lop_overrides, grad_overrides, rop_overrides)
        self._pattern = connection_pattern

    def make_node(self, *inputs: Any) -> Apply:
        """One variable for each input, of its type, but that an axis may broadcast in addition.

        What stands for the graph's shared variables may follow.
        """
        variables = list(inputs)
        if len(variables) == len(self.input_types):
            variables += self.shared_inputs
        if len(variables) != len(self.local_inputs):
            raise ValueError(f"{self} takes {len(self.input_types)} inputs, got {len(inputs)}")
        pairs = zip(variables, self.local_inputs, strict=True)
        operands = [_as_type(self, one, leaf.type) for one, leaf in pairs]
        return Apply(self, operands, [kind.make_variable() for kind in self.output_types])

    def L_op(  # noqa: N802
        self, inputs: Variables, outputs: Variables, output_gradients: Variables
    ) -> list[Variable]:
        """That of the graph, unless it is overridden."""
        lop, plain, _ = self._overrides
        override = lop if not _is_default(lop) else plain
        middle = (outputs,) if override is lop else ()
        passed = (inputs, *middle, output_gradients)
        count = len(inputs)
        if _is_default(override):
            return self._default_gradients(inputs, output_gradients)
        if not isinstance(override, list | tuple):
            result = _overriding(override, passed)
            return _completed(self, result, count, "lop_overrides or grad_overrides")
        if len(override) > count:
            raise ValueError(f"{self}: {len(override)} overrides for {count} inputs")
        entries = [*override, *["default"] * (count - len(override))]
        defaults: list[Any] = [None] * count
        if any(_is_default(one) for one in entries):
            defaults = self._default_gradients(inputs, output_gradients)
        pairs = zip(entries, defaults, strict=True)
        return [
            default if _is_default(entry) else _single(_overriding(entry, passed))
            for entry, default in pairs
        ]

    def _default_gradients(self, inputs: Variables, output_gradients: Variables) -> list[Variable]:
        seeds = [gradient.type.make_variable() for gradient in output_gradients]
        with config.change_flags(compute_test_value="off"):  # the seeds have no test values
            known = {
                passed_on(output): seed
                for output, seed in zip(self.local_outputs, seeds, strict=True)
                if _is_continuous(output)
            }
            if not known:
                return [ZeroType()() for _ in inputs]
            slopes = grad(
                None,
                list(self.local_inputs),
                disconnected_inputs="ignore",
                add_names=False,
                known_grads=known,
                return_disconnected="disconnected",
                null_gradients="return",
            )
        table = dict(zip(self.local_inputs, inputs, strict=True))
        table.update(zip(seeds, output_gradients, strict=True))
        return _replaced(slopes, table)

    def R_op(  # noqa: N802
        self, inputs: Variables, eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        """That of the graph, unless it is overridden."""
        override = self._overrides[2]
        if _is_default(override):
            return self._default_tangents(inputs, eval_points)
        count = len(self.output_types)
        if not isinstance(override, list | tuple):
            result = _overriding(override, (inputs, eval_points))
            return [*_completed(self, result, count, "rop_overrides")]
        if len(override) != count:
            raise ValueError(f"{self}: {len(override)} overrides for {count} outputs")
        defaults: list[Any] = [None] * count
        if any(_is_default(one) for one in override):
            defaults = self._default_tangents(inputs, eval_points)
        return [
            default if _is_default(entry) else _single(_overriding(entry, (inputs, eval_points)))
            for entry, default in zip(override, defaults, strict=True)
        ]

    def _default_tangents(
        self, inputs: Variables, eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        pairs = [
            (leaf, point.type.make_variable(), point)
            for leaf, point in zip(self.local_inputs, eval_points, strict=True)
            if point is not None
        ]
        if not pairs:
            return [None for _ in self.output_types]
        with config.change_flags(compute_test_value="off"):
            tangents = Rop(
                list(self.local_outputs),
                [leaf for leaf, _, _ in pairs],
                [seed for _, seed, _ in pairs],
                disconnected_outputs="ignore",
                return_disconnected="none",
            )
        table = dict(zip(self.local_inputs, inputs, strict=True))
        table.update((seed, point) for _, seed, point in pairs)
        return _replaced(tangents, table)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """As it was given, or else as the graph has it."""
        if self._pattern is None:
            self._pattern = io_connection_pattern(self.local_inputs, self.local_outputs)
        return self._pattern

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The graph."""
        given = dict(zip(self.local_inputs, inputs, strict=True))
        return lower_inside(builder, given, self.local_outputs)

    def __str__(self) -> str:
        return f"OpFromGraph{{inline={self.is_inline}}}" if self.name is None else self.name


def _check_options(options: dict[str, Any]) -> None:
    unknown = sorted(set(options) - set(_WITHOUT_MEANING))
    if unknown:
        raise TypeError(f"OpFromGraph does not take {', '.join(unknown)}")


def _check_variables(value: Any, what: str) -> None:
    if not isinstance(value, list | tuple):
        raise TypeError(f"OpFromGraph: {what} must be a list of variables, got {value!r:.80}")
    for one in value:
        if not isinstance(one, Variable):
            raise TypeError(f"OpFromGraph: {what} must be variables, got {one!r:.80}")


def _check_inputs(value: Any) -> None:
    _check_variables(value, "inputs")
    for one in value:
        if isinstance(one, Constant | SharedVariable):
            raise TypeError(
                f"OpFromGraph: {one.describe()} cannot be an input; leave constants and shared"
                " variables out, the graph finds them"
            )


def _check_complete(inputs: Variables, outputs: Variables) -> None:
    for ancestor in ancestors(outputs, inputs):
        if ancestor.owner is None and ancestor not in inputs and not isinstance(ancestor, Constant):
            raise MissingInputError(
                f"OpFromGraph: the graph needs {ancestor.describe()}; add it to the inputs"
            )


def _as_type(op: OpFromGraph, value: Any, wanted: Any) -> Variable:
    """An input as a variable of the type of the graph's own."""
    if not isinstance(wanted, TensorType):
        variable: Variable = value if isinstance(value, Variable) else wanted.make_constant(value)
    else:
        tensor = as_tensor_variable(value)
        fits = tensor.dtype == wanted.dtype and tensor.ndim == wanted.ndim
        variable = patternbroadcast(tensor, wanted.broadcastable) if fits else tensor
    if variable.type != wanted:
        raise TypeError(f"{op} takes {wanted!r}, got {variable.describe()}")
    return variable


def _is_default(override: Any) -> bool:
    return isinstance(override, str) and override == "default"


def _is_continuous(variable: Any) -> bool:
    return isinstance(variable.type, TensorType) and variable.type.numpy_dtype.kind in "fc"


def _overriding(override: Any, passed: Sequence[Sequence[Any]]) -> Any:
    """What an override gives for the inputs and gradients that it is a function of."""
    if override is None:
        return ZeroType()()
    if isinstance(override, Variable):
        if isinstance(override.type, DisconnectedType | NullType):
            return override.type()
        raise TypeError(
            f"OpFromGraph: an override that is a variable says that there is no gradient, with"
            f" DisconnectedType()() or NullType()(); got {override.describe()}"
        )
    if isinstance(override, OpFromGraph):
        flat = [one if one is not None else disconnected() for group in passed for one in group]
        return override(*flat)
    if callable(override):
        return override(*(list(group) for group in passed))
    raise TypeError(
        "OpFromGraph: an override is 'default', a function, an OpFromGraph, a variable without a"
        f" gradient, None, or a list of these; got {override!r:.80}"
    )


def _single(found: Any) -> Variable:
    only: Any = found[0] if isinstance(found, list | tuple) and len(found) == 1 else found
    if not isinstance(only, Variable):
        raise TypeError(f"OpFromGraph: an override gave {only!r:.80}, not a variable")
    return only


def _completed(op: Op, found: Any, count: int, what: str) -> list[Variable]:
    """What an override of everything gives, one for each; one that has no gradient is for all."""
    absent = isinstance(found, Variable) and isinstance(found.type, DisconnectedType | NullType)
    if absent or (isinstance(found, Variable) and isinstance(found.type, ZeroType)):
        return [found.type() for _ in range(count)]
    results = list(found) if isinstance(found, list | tuple) else [found]
    if len(results) != count:
        raise ValueError(f"{op}: {what} gave {len(results)} terms, wanted {count}")
    return results


def _replaced(variables: Sequence[Any], table: dict[Variable, Any]) -> list[Any]:
    """Variables of the inner graph in terms of the outer one; what stands for none as it is."""
    absent = DisconnectedType | NullType | ZeroType
    indices = [
        index
        for index, variable in enumerate(variables)
        if variable is not None and not isinstance(variable.type, absent)
    ]
    replaced = clone_replace([variables[index] for index in indices], table)
    result = list(variables)
    for index, one in zip(indices, replaced, strict=True):
        result[index] = one
    return result
