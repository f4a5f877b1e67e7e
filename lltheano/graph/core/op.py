"""Ops: what can be applied to variables."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lltheano.errors import LoweringError, MethodNotDefined
from lltheano.graph.boundary import boundary
from lltheano.graph.core.application import Apply, applied, is_foreign
from lltheano.graph.core.types import Type
from lltheano.graph.core.variables import Variable
from lltheano.graph.provenance import caller
from lltheano.interfaces.layers import python_ops, test_values

if TYPE_CHECKING:
    from lltheano.gradient.relative import Facts, Part
    from lltheano_ir.builder import Builder
    from lltheano_ir.nodes import Value

__all__ = ["Op"]


class Op:
    """An operation on variables: type rule, gradient and semantics.

    A subclass defines `make_node` (or `itypes` and `otypes`), its semantics, and `L_op` or the
    simpler `grad` where there is a gradient. The semantics are `lower`, which builds it of the
    compiler's ops, or `perform`, which computes it in Python.

    Attributes
    ----------
    itypes, otypes
        The types of inputs and outputs, for an op that takes no others.
    __props__
        The names of the attributes that tell ops of the class apart: two ops whose attributes agree
        are equal, and compute the same. Without it an op is equal to itself only.
    default_output
        The output that applying the op returns, where it is not all of them.
    ordered
        Whether `perform` does more than compute (it prints, or sends): it is then called once for
        each application, and ordered ops in the order of their applications. Others may be called
        less often, or in another order.
    schedule
        Where several ops may come next, those of a lower number come first.
    view_map, destroy_map
        For some outputs, the inputs that they show, or whose memory they take. `perform` gets
        arrays of its own, so it may always return or overwrite them; the maps only inform others.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> class Flip(Op):
    ...     __props__ = ()
    ...     itypes = otypes = [T.dvector]
    ...     def perform(self, node, inputs, output_storage):
    ...         output_storage[0][0] = inputs[0][::-1]
    >>> x = T.dvector("x")
    >>> Flip()(x).eval({x: [1.0, 2.0, 3.0]})
    array([3., 2., 1.])
    >>> Flip() == Flip()
    True
    """

    itypes: Sequence[Type]
    otypes: Sequence[Type]
    default_output: int | None = None
    ordered: bool = False
    schedule: int = 0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__props__" in vars(cls):
            for name, method in _BY_PROPS.items():
                if name not in vars(cls):
                    setattr(cls, name, method)

    def make_node(self, *inputs: Any) -> Apply:
        """Check the inputs, convert them to variables and return the application.

        Unless a subclass says otherwise, there is an input of each of `itypes` and an output of
        each of `otypes`. TypeError or ValueError, in the user's terms, when the op is not defined
        on such inputs.
        """
        if not (hasattr(self, "itypes") and hasattr(self, "otypes")):
            raise MethodNotDefined(f"{self} must define make_node, or itypes and otypes")
        if len(inputs) != len(self.itypes):
            raise ValueError(f"{self} takes {len(self.itypes)} inputs, got {len(inputs)}")
        given = [
            _as_input(self, index, operand, type_)
            for index, (operand, type_) in enumerate(zip(inputs, self.itypes, strict=True))
        ]
        return Apply(self, given, [kind.make_variable() for kind in self.otypes])

    @boundary
    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Apply the op; return its output, or the list of its outputs when there are several.

        `options` are those of `make_node`. With `return_list=True` it is a list in any case.
        """
        as_list = bool(options.pop("return_list", False))
        node = self.make_node(*inputs, **options)
        if is_foreign(self):
            _note_application(node)
        applied(node)
        if self.default_output is not None and not as_list:
            return node.outputs[self.default_output]
        return list(node.outputs) if as_list or len(node.outputs) != 1 else node.outputs[0]

    @classmethod
    def _get_test_value(cls, v: Any) -> Any:
        """Return the test value of a variable; see `theano.gof.op.get_test_value`."""
        return test_values.get_test_value(v)

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Compute the outputs in Python: put each into its storage, as `output_storage[i][0]`.

        The inputs are arrays that are the call's own. What is put there must be a value of
        the output's type. Any exception leaves the function's caller as it is, and all shared
        variables as they were.
        """
        raise MethodNotDefined(f"{self} has no perform")

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

    moves: ClassVar[bool] = False
    """Whether each element of the one result is an element of an input that connects."""

    omits: ClassVar[bool] = False
    """Whether an op that moves elements may leave some of them out."""

    def relative(
        self, node: Apply, facts: "Facts", plain: Any, relative: Any
    ) -> "Sequence[Part] | None":
        """What the inputs get of a plain gradient of the one result and of a relative one, either
        of which may be None; None where `L_op` is all that is known.

        See `lltheano.gradient.relative`.
        """
        return None

    def is_positive(self, node: Apply, known: "Callable[[Variable], bool]") -> bool:
        """Whether the one result is greater than 0 where the inputs that are known to be are."""
        return self.moves and all(known(x) for x in self._moved(node))

    def logarithm(self, node: Apply) -> Variable | None:
        """The logarithm of the one result, where it is known to be no quotient or sum."""
        return None

    def has_exponential(self, node: Apply, known: "Callable[[Variable], bool]") -> bool:
        """Whether the one result is a product or sum with an exponential."""
        return self.moves and any(known(x) for x in self._moved(node))

    def _moved(self, node: Apply) -> list[Variable]:
        pattern = self.connection_pattern(node)
        return [x for x, row in zip(node.inputs, pattern, strict=True) if row[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Say for each input and each output whether the elements of the output vary with the
        input's.
        """
        return [[True] * len(node.outputs) for _ in node.inputs]

    def lower(self, builder: "Builder", node: Apply, inputs: "Sequence[Value]") -> "list[Value]":
        """Build the op's results in the compiler's IR from those of its inputs.

        Unless a subclass says otherwise, compiled code calls `perform` (or what `make_thunk`
        returns).
        """
        if not self.calls_python:
            raise LoweringError(
                f"{self} has no meaning: it defines neither lower nor perform, so it cannot be"
                " compiled"
            )
        result: list[Value] = python_ops.call_perform(self, builder, node, inputs)
        return result

    @property
    def calls_python(self) -> bool:
        """Whether compiled code calls Python for this op."""
        kind = type(self)
        defined = kind.perform is not Op.perform or hasattr(kind, "make_thunk")
        return defined and kind.lower is Op.lower

    def __str__(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return str(self)


def _note_application(node: Apply) -> None:
    """Say that an op of the user's was applied where it was called, not inside its `make_node`."""
    node.source = caller()
    for output in node.outputs:
        output.source = node.source


def _as_input(op: Op, index: int, value: Any, wanted: Type) -> Variable:
    """An input as a variable of the type that the op takes."""
    variable = value if isinstance(value, Variable) else wanted.make_constant(value)
    if variable.type != wanted:
        raise TypeError(f"{op}: input {index} must be {wanted!r}, got {variable.describe()}")
    return variable


def _props(op: Any) -> Iterator[Any]:
    return (getattr(op, name) for name in op.__props__)


def _equal_by_props(self: Any, other: object) -> bool:
    return type(self) is type(other) and all(
        prop == another for prop, another in zip(_props(self), _props(other), strict=True)
    )


def _hash_by_props(self: Any) -> int:
    return hash((type(self), *_props(self)))


def _name_by_props(self: Any) -> str:
    pairs = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__props__)
    return f"{type(self).__name__}{{{pairs}}}" if pairs else type(self).__name__


_BY_PROPS = {"__eq__": _equal_by_props, "__hash__": _hash_by_props, "__str__": _name_by_props}
"""The methods of ops that say which of their attributes tell them apart."""
