"""The symbolic graph: `Variable`s, each the result of an `Apply` of an `Op` to other variables, or
a leaf.

Invariants:

- An `Apply` is not changed once made (its `inputs` and `outputs` are lists since Theano's programs
  add lists to them), nor is a variable's `type`, `owner` or `index`; `name` may be set at any time.
  Graphs are therefore free of cycles, and may be shared between threads.
- `variable.owner.outputs[variable.index] is variable` for every variable that is not a leaf.
- Ops compare by what they compute: two equal ops applied to the same inputs give the same results.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lltheano import dispatch
from lltheano.config import config
from lltheano.errors import LoweringError, MethodNotDefined
from lltheano.graph.boundary import boundary, given_arguments
from lltheano.graph.notes import Notes
from lltheano.graph.pickling import NOT_WRITTEN, reduce_application, reduce_variable
from lltheano.graph.provenance import SourceLine, caller
from lltheano.graph.watching import notice

if TYPE_CHECKING:
    from lltheano.gradient.relative import Facts, Part
    from lltheano.graph.editing.function_graph import FunctionGraph
    from lltheano_ir.builder import Builder
    from lltheano_ir.nodes import Value

__all__ = [
    "Apply",
    "Constant",
    "Generic",
    "Node",
    "Op",
    "Type",
    "Variable",
    "applied",
    "generic",
]


class Type:
    """What values a variable may take.

    >>> import lltheano.tensor as T
    >>> T.dvector.is_valid_value([1, 2]), T.dvector.filter([1, 2])
    (False, array([1., 2.]))
    """

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, converted where that is allowed, as a value of this type; TypeError
        otherwise.

        With `strict` nothing is converted. `allow_downcast` may be True (conversions may lose
        precision), False (they may not) or None (a Python float may still become a lesser
        `floatX`). A type of variables that are never given a value does without.
        """
        raise MethodNotDefined(f"{self!r} has no filter, which says what its values are")

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
    """Any Python object; such values can be held and passed on, not computed with.

    >>> from lltheano import shared
    >>> shared(["any", "object"]).type
    Generic()
    """

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` itself."""
        return data

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return "Generic()"


generic = Generic()
"""The type of any Python object."""


class Node:
    """What a graph consists of: variables and applications.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> isinstance(x, Node), isinstance(T.exp(x).owner, Node)
    (True, True)
    """

    def get_parents(self) -> "list[Node]":
        """Return what it depends on directly.

        >>> import lltheano.tensor as T
        >>> x = T.dscalar("x")
        >>> T.exp(x).get_parents(), T.exp(x).owner.get_parents()
        ([exp(x)], [x])
        """
        raise MethodNotDefined(f"{type(self).__name__} does not say what it depends on")


_numbers = itertools.count()


class Variable(Node):
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

    >>> import lltheano.tensor as T
    >>> x = T.dvector("x")
    >>> y = x.sum()
    >>> x.name, x.owner, y.owner.inputs, y.type
    ('x', None, [x], TensorType(float64, scalar))
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
        notice(self)

    def get_parents(self) -> "list[Node]":
        """Return the application that computes it, if one does."""
        return [] if self.owner is None else [self.owner]

    @property
    def fgraph(self) -> "FunctionGraph":
        """The `FunctionGraph` that it is part of; AttributeError when it is of none."""
        found: FunctionGraph | None = vars(self).get("_fgraph", getattr(self.owner, "fgraph", None))
        if found is None:
            raise AttributeError(f"{self.describe()} is not part of a FunctionGraph")
        return found

    @property
    def clients(self) -> "list[tuple[Any, int]]":
        """Where it stands in its `FunctionGraph`; see `FunctionGraph.clients`."""
        return self.fgraph.clients(self)

    @property
    def tag(self) -> Notes:
        """A place for the user's own notes; `tag.trace` says where the variable was made."""
        notes: Notes | None = self.__dict__.get("_tag")
        if notes is None:
            stack = self.source.stack if self.source is not None else ()
            notes = self.__dict__["_tag"] = Notes(stack)
        return notes

    @property
    def auto_name(self) -> str:
        """A name that no other variable of the process has, from the first time it is asked for."""
        found: str = self.__dict__.setdefault("_auto_name", f"auto_{next(_numbers)}")
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in NOT_WRITTEN}

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return reduce_variable(self)

    def clone(self) -> "Variable":
        """Return a new leaf of the same type and name, with the same notes in its `tag`."""
        copy = self.type.make_variable(self.name)
        copy.source = self.source
        _copy_notes(self, copy)
        return copy

    @boundary
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
        """Say which variable this is, for an error message: name, type and source line.

        Of one that a call made on its way it says which of the variables that were passed to the
        call it was made of.
        """
        return " and ".join(one._described() for one in _users_own(self))

    def _described(self) -> str:
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
        if config.print_test_value and hasattr(self.tag, "test_value"):
            return f"{self}\nTest value: {self.tag.test_value!r}"
        return str(self)


def _users_own(variable: Variable) -> list[Variable]:
    """The variables passed to the call that runs of which a variable was made; else itself."""
    given = set(_variables(given_arguments()))
    if variable in given:
        return [variable]
    found: dict[Variable, None] = {}
    pending, seen = [variable], {variable}
    while pending and given:
        one = pending.pop()
        if one in given:
            found[one] = None
            continue
        operands = () if one.owner is None else one.owner.inputs
        fresh = [other for other in reversed(operands) if other not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    leaves = [one for one in seen if one.owner is None]
    if leaves and not found and all(isinstance(one, Constant) for one in leaves):
        return leaves
    return list(found) or [variable]


def _variables(given: Any) -> Iterator[Variable]:
    """The variables among arguments, also those in lists and slices."""
    if isinstance(given, Variable):
        yield given
    elif isinstance(given, list | tuple | set):
        for one in given:
            yield from _variables(one)
    elif isinstance(given, dict):
        yield from _variables(list(given.values()))
    elif isinstance(given, slice):
        yield from _variables((given.start, given.stop, given.step))


class Constant(Variable):
    """A leaf whose value `data` never changes.

    `signature()` is a hashable key under which equal constants agree.

    >>> import lltheano.tensor as T
    >>> T.constant(2.5).data
    array(2.5, dtype=float32)
    """

    def __init__(self, type: Type, data: Any, name: str | None = None) -> None:  # noqa: A002
        super().__init__(type, name=name)
        self.data = type.filter(data)

    def signature(self) -> tuple[Any, ...]:
        """Return a key that two constants share exactly when they hold the same value."""
        return (self.type, id(self.data))

    def clone(self) -> "Constant":
        """Return another constant of the same type, name and data, with the same notes."""
        fresh = type(self).__new__(type(self))
        Variable.__init__(fresh, self.type, name=self.name)
        fresh.data, fresh.source = self.data, self.source
        _copy_notes(self, fresh)
        return fresh

    def __str__(self) -> str:
        return self.name if self.name is not None else repr(self.data)


class Apply(Node):
    """An op applied to inputs; it owns the variables in `outputs`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> node = T.exp(x).owner
    >>> node.op, node.inputs, node.outputs
    (exp, [x], [exp])
    """

    def __init__(self, op: "Op", inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        for variable in (*inputs, *outputs):
            if not isinstance(variable, Variable):
                raise TypeError(f"{op} was applied to {variable!r}, which is not a Variable")
        self.op = op
        self.fgraph: FunctionGraph | None = None
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.source = outputs[0].source if outputs else caller()
        for index, output in enumerate(outputs):
            if output.owner is not None:
                raise ValueError(f"{output.describe()} is already computed by {output.owner.op}")
            output.owner, output.index, output.source = self, index, self.source

    def get_parents(self) -> "list[Node]":
        """Return the inputs."""
        return list(self.inputs)

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

        The types of the outputs follow those of the inputs; names and notes are kept. An op from
        outside of this package is asked for its types only when those of its inputs change, since
        its `make_node` may take something else than inputs.
        """
        pairs = zip(self.inputs, inputs, strict=True)
        if _is_foreign(self.op) and all(old.type == new.type for old, new in pairs):
            outputs = [one.type.make_variable() for one in self.outputs]
            fresh = Apply(self.op, inputs, outputs)
        else:
            fresh = self.op.make_node(*inputs)
        fresh.source = self.source
        for old, new in zip(self.outputs, fresh.outputs, strict=True):
            new.name, new.source = old.name, old.source
            _copy_notes(old, new, but="test_value")
        applied(fresh, required=False)
        return fresh

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_application(self)

    def __setstate__(self, state: tuple[SourceLine | None, Sequence[dict[str, Any]]]) -> None:
        self.source, states = state
        for output, attributes in zip(self.outputs, states, strict=True):
            vars(output).update(attributes)

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.inputs))})"


class Op:
    """An operation on variables: type rule, gradient and meaning.

    A subclass defines `make_node` (or `itypes` and `otypes`), its meaning, and `L_op` or the
    simpler `grad` where there is a gradient. The meaning is `lower`, which builds it of the
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
            _as_input(self, place, one, type_)
            for place, (one, type_) in enumerate(zip(inputs, self.itypes, strict=True))
        ]
        return Apply(self, given, [one.make_variable() for one in self.otypes])

    @boundary
    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Apply the op; return its output, or the list of its outputs when there are several.

        `options` are those of `make_node`. With `return_list=True` it is a list in any case.
        """
        as_list = bool(options.pop("return_list", False))
        node = self.make_node(*inputs, **options)
        if _is_foreign(self):
            _note_application(node)
        applied(node)
        if self.default_output is not None and not as_list:
            return node.outputs[self.default_output]
        return list(node.outputs) if as_list or len(node.outputs) != 1 else node.outputs[0]

    @classmethod
    def _get_test_value(cls, v: Any) -> Any:
        """Return the test value of a variable; see `theano.gof.op.get_test_value`."""
        return dispatch.call("get_test_value", v)

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Compute the outputs in Python: put each into the cell `output_storage[i][0]`.

        The inputs are arrays that are the call's own. What is put into a cell must be a value of
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
        found: list[Value] = dispatch.find("ops").call_perform(self, builder, node, inputs)
        return found

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


def _is_foreign(op: "Op") -> bool:
    """Whether the class of an op is not one of this package's."""
    return not type(op).__module__.startswith("lltheano.")


def applied(node: Apply, *, required: bool = True) -> None:
    """Compute the test values of an application that has been made, where that is wanted.

    Unless they are `required` nothing is said about inputs that have none.
    """
    if config.compute_test_value != "off":
        dispatch.call("compute_test_values", node, required=required)


def _copy_notes(old: Variable, new: Variable, but: str = "") -> None:
    """Copy the attributes of a variable's tag, except one."""
    if "_tag" in vars(old):
        vars(new.tag).update({name: one for name, one in vars(old.tag).items() if name != but})


def _note_application(node: Apply) -> None:
    """Say that an op of the user's was applied where it was called, not inside its `make_node`."""
    node.source = caller()
    for output in node.outputs:
        output.source = node.source


def _as_input(op: Op, place: int, given: Any, wanted: Type) -> Variable:
    """An input as a variable of the type that the op takes."""
    variable = given if isinstance(given, Variable) else wanted.make_constant(given)
    if variable.type != wanted:
        raise TypeError(f"{op}: input {place} must be {wanted!r}, got {variable.describe()}")
    return variable


def _props(op: Any) -> Iterator[Any]:
    return (getattr(op, name) for name in op.__props__)


def _equal_by_props(self: Any, other: object) -> bool:
    return type(self) is type(other) and all(
        one == another for one, another in zip(_props(self), _props(other), strict=True)
    )


def _hash_by_props(self: Any) -> int:
    return hash((type(self), *_props(self)))


def _name_by_props(self: Any) -> str:
    pairs = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__props__)
    return f"{type(self).__name__}{{{pairs}}}" if pairs else type(self).__name__


_BY_PROPS = {"__eq__": _equal_by_props, "__hash__": _hash_by_props, "__str__": _name_by_props}
"""The methods of ops that say which of their attributes tell them apart."""
