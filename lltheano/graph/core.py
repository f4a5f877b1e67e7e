"""The symbolic graph: `Variable`s, each the result of an `Apply` of an `Op` to other variables, or
a leaf.

Invariants:

- An `Apply` never changes once made, nor does a variable's `type`, `owner` or `index`; `name` may
  be set at any time. Graphs are therefore free of cycles, and may be shared between threads.
- `variable.owner.outputs[variable.index] is variable` for every variable that is not a leaf.
- Ops compare by what they compute: two equal ops applied to the same inputs give the same results.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lltheano import dispatch
from lltheano.errors import LoweringError, MethodNotDefined
from lltheano.graph.provenance import SourceLine, caller

if TYPE_CHECKING:
    from lltheano_ir.builder import Builder
    from lltheano_ir.nodes import Value

__all__ = ["Apply", "Constant", "Generic", "Op", "Type", "Variable"]


class Type(ABC):
    """What values a variable may take."""

    @abstractmethod
    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, converted where that is allowed, as a value of this type; TypeError
        otherwise.

        With `strict` nothing is converted. `allow_downcast` may be True (conversions may lose
        precision), False (they may not) or None (a Python float may still become a lesser
        `floatX`).
        """

    def make_variable(self, name: str | None = None) -> "Variable":
        """Return a new leaf of this type."""
        return Variable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> "Constant":
        """Return a constant of this type; TypeError when `data` is not a value of it."""
        return Constant(self, data, name)

    def __call__(self, name: str | None = None) -> "Variable":
        """Return a new leaf of this type."""
        return self.make_variable(name)

    def is_valid_value(self, data: Any) -> bool:
        """Whether `data` is a value of this type as it stands."""
        try:
            self.filter(data, strict=True)
        except (TypeError, ValueError):
            return False
        return True


class Generic(Type):
    """Any Python object; such values can be held and passed on, not computed with."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` itself."""
        return data

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return "Generic()"


class Variable:
    """A node of the graph that stands for a value.

    Attributes
    ----------
    type
        What values it may take.
    owner, index
        The application that computes it, and which of its outputs it is; None for a leaf.
    name
        What messages and listings call it.
    source
        The line of the user's program that made it, or None.
    """

    def __init__(
        self,
        type: Type,  # noqa: A002 - Theano's parameter
        owner: "Apply | None" = None,
        index: int | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of a variable must be a string, got {name!r}")
        self.type = type
        self.owner = owner
        self.index = index
        self.name = name
        self.source: SourceLine | None = caller() if owner is None else owner.source

    @property
    def tag(self) -> SimpleNamespace:
        """A place for the user's own notes about the variable."""
        notes: SimpleNamespace = self.__dict__.setdefault("_tag", SimpleNamespace())
        return notes

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_compiled"}

    def clone(self) -> "Variable":
        """Return a new leaf of the same type and name."""
        copy = self.type.make_variable(self.name)
        copy.source = self.source
        return copy

    def eval(self, inputs_to_values: Mapping[Any, Any] | None = None) -> Any:
        """Compile the variable and return its value for the given values of its inputs.

        The inputs are variables that it depends on, or the names of such leaves. The compiled
        function is kept for the next call with the same inputs.

        Raises ValueError when a name is that of no leaf, or of several; and what `function` raises.

        >>> import lltheano.tensor as T
        >>> x, y = T.dscalars("x", "y")
        >>> float((x * y).eval({x: 3.0, "y": 2.0}))
        6.0
        """
        return dispatch.call("evaluate", self, inputs_to_values)

    def describe(self) -> str:
        """Say which variable this is, for an error message: name, type and source line."""
        place = f", made at {self.source}" if self.source else ""
        return f"{self} ({self.type!r}{place})"

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is None:
            return f"<{self.type!r}>"
        suffix = f".{self.index}" if len(self.owner.outputs) > 1 else ""
        return f"{self.owner.op}{suffix}"

    def __repr__(self) -> str:
        return str(self)


class Constant(Variable):
    """A leaf whose value `data` never changes.

    `signature()` is a hashable key under which equal constants agree.
    """

    def __init__(self, type: Type, data: Any, name: str | None = None) -> None:  # noqa: A002
        super().__init__(type, name=name)
        self.data = type.filter(data)

    def signature(self) -> tuple[Any, ...]:
        """Return a key that two constants share exactly when they hold the same value."""
        return (self.type, id(self.data))

    def clone(self) -> "Constant":
        """Return the constant itself: it cannot change."""
        return self

    def __str__(self) -> str:
        return self.name if self.name is not None else repr(self.data)


class Apply:
    """An op applied to inputs; it owns the variables in `outputs`."""

    def __init__(self, op: "Op", inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        for variable in (*inputs, *outputs):
            if not isinstance(variable, Variable):
                raise TypeError(f"{op} was applied to {variable!r}, which is not a Variable")
        self.op = op
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.source = outputs[0].source if outputs else caller()
        for index, output in enumerate(outputs):
            if output.owner is not None:
                raise ValueError(f"{output.describe()} is already computed by {output.owner.op}")
            output.owner, output.index, output.source = self, index, self.source

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @property
    def nout(self) -> int:
        """The number of outputs."""
        return len(self.outputs)

    @property
    def out(self) -> Variable:
        """The only output; ValueError when there are several."""
        if len(self.outputs) != 1:
            raise ValueError(f"{self.op} has {len(self.outputs)} outputs: take one from .outputs")
        return self.outputs[0]

    def clone_with_new_inputs(self, inputs: Sequence[Variable]) -> "Apply":
        """Apply the op to other inputs.

        The types of the outputs follow those of the inputs; names are kept.
        """
        fresh = self.op.make_node(*inputs)
        fresh.source = self.source
        for old, new in zip(self.outputs, fresh.outputs, strict=True):
            new.name, new.source = old.name, old.source
        return fresh

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.inputs))})"


class Op(ABC):
    """An operation on variables: type rule, gradient and meaning in the compiler's IR.

    A subclass defines `make_node`, `lower`, and `L_op` (or the simpler `grad`) where there is a
    gradient.
    """

    @abstractmethod
    def make_node(self, *inputs: Any) -> Apply:
        """Check the inputs, convert them to variables and return the application.

        TypeError or ValueError, in the user's terms, when the op is not defined on such inputs.
        """

    def __call__(self, *inputs: Any) -> Any:
        """Apply the op; return its output, or the list of its outputs when there are several."""
        outputs = self.make_node(*inputs).outputs
        return outputs[0] if len(outputs) == 1 else list(outputs)

    def L_op(  # noqa: N802 - the field's name
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Return the gradient of a cost with respect to each input, from that to each output.

        A gradient has the input's broadcast pattern, and its dtype where that is a float.
        """
        return self.grad(inputs, output_gradients)

    def grad(
        self, inputs: Sequence[Variable], output_gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Return gradients as `L_op` does, for an op that does not need its outputs for them."""
        raise MethodNotDefined(
            f"{self} has no gradient; treat its result as a constant with"
            " lltheano.gradient.disconnected_grad, or leave it out of the cost"
        )

    def R_op(  # noqa: N802 - the field's name
        self, inputs: Sequence[Variable], eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        """Return the tangent of each output, from that of each input; None is no dependence.

        An op need not define it: `Rop` then works with its gradient.
        """
        raise MethodNotDefined(f"{self} defines no R_op")

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Say for each input and each output whether the elements of the output vary with the
        input's.
        """
        return [[True] * len(node.outputs) for _ in node.inputs]

    def lower(self, builder: "Builder", node: Apply, inputs: "Sequence[Value]") -> "list[Value]":
        """Build the op's results in the compiler's IR from those of its inputs."""
        raise LoweringError(f"{self} has no meaning in the compiler's IR, so it cannot be compiled")

    def __str__(self) -> str:
        return type(self).__name__
