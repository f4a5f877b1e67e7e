"""What an elementwise op is: one record with its operand rule, its gradient and its semantics in
the IR.

Operands are brought to one rank by axes of size 1 in front. Along an axis an operand is
broadcastable, and repeated, or not; the sizes of those that are not must agree when the function
runs.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, reduce
from operator import attrgetter
from typing import Any

from lltheano.errors import MethodNotDefined
from lltheano.gradient.relative import Facts, Part
from lltheano.graph.boundary import boundary
from lltheano.graph.core import Apply, Op, Variable, applied
from lltheano.graph.gradient_types import zero
from lltheano.interfaces.layers import language, scalar_ops
from lltheano.tensor.elementwise.logarithmic import Relative, of_selection
from lltheano.tensor.elementwise.rules import Rule, bits, shift
from lltheano.tensor.reducers.ops import sum_to_pattern
from lltheano.tensor.shapes.dimshuffle import padded
from lltheano.tensor.shapes.sizes import check_agreement
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete, is_float, real_dtype
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.traits import Sign
from lltheano_ir.records import record
from lltheano_ir.signs import sign_of
from lltheano_ir.types import parse_type

__all__ = ["Elementwise", "Emit", "Gradient", "Judgement", "number_like", "op_of_name", "surely"]

Gradient = Callable[
    [Sequence[TensorVariable], TensorVariable, TensorVariable], Sequence[Variable | None]
]
"""From operands, result and gradient of the result to that of each operand; None where it is
zero, and a variable without value (`gradient_types`) where there is none.

The operands come in the dtypes in which the op computes, so that no formula meets an integer where
the result is a float.
"""

Judgement = Callable[[Sequence[bool]], bool]
"""From what is known of each operand to what is known of the result: `any`, `all`, or `surely`."""


def surely(known: Sequence[bool]) -> bool:
    """Whatever the operands are."""
    return True


Emit = Callable[[Builder, Sequence[Value]], Value]


class _CallSignature:
    """What `inspect` finds: an op's operands; of the class nothing but how it is made."""

    def __get__(self, op: "Elementwise | None", owner: type) -> inspect.Signature:
        if op is None:
            raise AttributeError("the class has the signature of its constructor")
        return op.operands


@record(frozen=True, eq=False)
class Elementwise(Op):
    """An op that acts on each element alone.

    Attributes
    ----------
    name
        What listings and messages call it.
    summary
        One line of documentation.
    arity
        The number of operands, or the least number when `variadic`.
    rule
        From the operands' dtypes to those in which they are computed, and that of the result.
    emit
        The name of the IR's op, or a function that builds the result in the IR.
    gradient
        See `Gradient`; None for an op without one. An integer result has gradient zero.
    example
        A call and what it gives, as a doctest. The op's `__doc__` is its summary and this.
    parameters
        What the operands are called, when they are given by name; a, b, ... unless named.
    relative_rule
        How relative gradients are passed on, see `lltheano.tensor.elementwise.logarithmic`; None
        when only the plain formula is known.
    log
        The logarithm of the result, of the operands, where it is no quotient or sum.
    exponential
        From whether each operand is made of exponentials to whether the result is.
    holomorphic
        Whether `gradient` is the formula of a function with a complex derivative, written as for
        real numbers: with complex ones the derivative is conjugated. If not, the formula is used as
        it is.

    Examples
    --------
    >>> from lltheano.tensor import clip
    >>> clip.arity, clip.summary
    (3, 'x limited to min ... max; where min is above max it is max')
    >>> inspect.signature(clip)
    <Signature (x, min, max)>
    """

    name: str
    summary: str
    arity: int
    rule: Rule
    emit: str | Emit
    gradient: Gradient | None = None
    variadic: bool = False
    example: str = ""
    parameters: tuple[str, ...] = ()
    holomorphic: bool = True
    relative_rule: Relative | None = None
    exponential: Judgement | None = None
    log: Callable[..., TensorVariable] | None = None

    __signature__ = _CallSignature()

    def __post_init__(self) -> None:
        documented = f"{self.summary}\n\n{self.example}" if self.example else self.summary
        object.__setattr__(self, "__doc__", documented)
        names = self.parameters or tuple("abcd"[: self.arity])
        object.__setattr__(self, "parameters", names)

    @property
    def operands(self) -> inspect.Signature:
        """The operands by name, as a signature of the call."""
        kinds = inspect.Parameter
        named = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in self.parameters]
        others = [kinds("other_terms", kinds.VAR_POSITIONAL)] if self.variadic else []
        return inspect.Signature([*named, *others])

    @property
    def scalar_op(self) -> Any:
        """What the op does to one element, as an op of `lltheano.scalar`."""
        return scalar_ops.scalar_op_of(self)

    def make_node(self, *inputs: Any) -> Apply:
        """Bring the operands to one rank and find the result's type."""
        if len(inputs) < self.arity or (len(inputs) > self.arity and not self.variadic):
            raise TypeError(f"{self.name} takes {self.arity} operands, got {len(inputs)}")
        variables = [as_tensor_variable(operand) for operand in inputs]
        if self.rule in (bits, shift):
            variables = _numbers_as_unsigned(variables)
        operands = padded(variables)
        dtype = self.rule(self.name, operands)[1]
        check_agreement(self.name, operands)
        pattern = [
            all(axis) for axis in zip(*(operand.broadcastable for operand in operands), strict=True)
        ]
        return Apply(self, operands, [TensorType(dtype, pattern)()])

    @boundary
    def __call__(self, *inputs: Any, **named: Any) -> TensorVariable:
        """Return the result of applying the op; operands may be given by name.

        With `return_list=True` it is a list of one.
        """
        as_list = bool(named.pop("return_list", False))
        if named:
            try:
                bound = self.operands.bind(*inputs, **named)
            except TypeError as error:
                raise TypeError(f"{self.name}{self.operands}: {error}") from None
            inputs = bound.args
        node = self.make_node(*inputs)
        applied(node)
        result = node.out
        assert is_tensor(result)
        results: Any = [result] if as_list else result
        return results  # type: ignore[no-any-return] # a list where one is asked for

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The op's own formula, summed over the axes along which an operand was repeated.

        The gradient with respect to a complex number x + iy is the derivative by x and i times that
        by y; through a function with a complex derivative d it is g times the conjugate of d. See
        `lltheano.gradient.grad`.

        The formula gets the operands as the op computes with them: one written for real numbers
        would wrap round, or not be defined, in the dtype of an integer or bool.
        """
        variables = [as_tensor_variable(variable) for variable in inputs]
        result, g = as_tensor_variable(outputs[0]), as_tensor_variable(output_gradients[0])
        if is_discrete(result.dtype):
            return [zero() for _ in variables]
        if self.gradient is None:
            raise MethodNotDefined(f"{self.name} has no gradient, asked for at {result.describe()}")
        operands = self._converted(variables)
        if self.holomorphic and is_complex(result.dtype):
            terms = self.gradient(operands, result, language.conj(g))
            terms = [None if term is None else language.conj(term) for term in terms]
        else:
            terms = self.gradient(operands, result, g)
        return [
            zero() if term is None else _reduced(term, operand)
            for term, operand in zip(terms, variables, strict=True)
        ]

    def is_positive(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """What the IR's ops that it is made of say of real numbers."""
        if is_complex(as_tensor_variable(node.out).dtype):
            return False
        return _gives_positive(self, tuple(known(x) for x in node.inputs))

    def logarithm(self, node: Apply) -> Variable | None:
        """What `log` says."""
        return None if self.log is None else self.log(*node.inputs)

    def has_exponential(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """What `exponential` says."""
        return self.exponential is not None and self.exponential([known(x) for x in node.inputs])

    def relative(
        self, node: Apply, facts: Facts, plain: Any, relative: Any
    ) -> Sequence[Part] | None:
        """What the op's rule says, summed over the axes along which an operand was repeated."""
        if self.relative_rule is None or not is_float(as_tensor_variable(node.out).dtype):
            return None
        variables = [as_tensor_variable(operand) for operand in node.inputs]
        operands = self._converted(variables)
        for operand, original in zip(operands, variables, strict=True):
            facts.note_converted(operand, original)
        found = self.relative_rule(self, operands, node.out, plain, relative, facts)
        if found is None:
            return None
        parts = [one for one in found if isinstance(one, Part)]
        pairs = [one for one in found if not isinstance(one, Part)]
        for x, (in_x, in_log) in zip(variables, pairs, strict=True):
            terms = [None if one is None else sum_to_pattern(one, x) for one in (in_x, in_log)]
            parts.append(Part(x, terms[0], terms[1], self.masks))
        return parts

    @property
    def masks(self) -> bool:
        """Whether an element of the result may depend on some of the operands alone."""
        return self.relative_rule is of_selection

    def _converted(self, operands: Sequence[TensorVariable]) -> list[TensorVariable]:
        """The operands in the dtypes of the computation; real numbers stay real."""
        wanted, _ = self.rule(self.name, operands)
        return [
            language.cast(operand, dtype if is_complex(operand.dtype) else real_dtype(dtype))
            for operand, dtype in zip(operands, wanted, strict=True)
        ]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Convert the operands to the dtype of the computation, compute, and convert the result."""
        operands = [as_tensor_variable(operand) for operand in node.inputs]
        wanted, dtype = self.rule(self.name, operands)
        values = [
            builder.cast(value, dtype_of(one)) for value, one in zip(inputs, wanted, strict=True)
        ]
        return [builder.cast(self.computed(builder, values), dtype_of(dtype))]

    def computed(self, builder: Builder, values: Sequence[Value]) -> Value:
        """The result in the IR, of operands of the dtypes of the computation."""
        if callable(self.emit):
            return self.emit(builder, values)
        if not self.variadic:
            return builder.elementwise(self.emit, *values)
        return reduce(partial(builder.elementwise, self.emit), values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by name: `lltheano.tensor` has each op under its own."""
        return op_of_name, (self.name,)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name


def op_of_name(name: str) -> Any:
    """Return the op that `lltheano.tensor` has under a name; pickles of ops hold names."""
    return attrgetter(name)(language)


@lru_cache(maxsize=1024)
def _gives_positive(op: Elementwise, positive: tuple[bool, ...]) -> bool:
    """Whether the result is greater than 0 where these operands are, in exact arithmetic."""
    builder = Builder("sign")
    operands = [builder.parameter(f"x{index}", _REAL) for index in range(len(positive))]
    signs = [Sign.POSITIVE if one else Sign.ANY for one in positive]
    try:
        result = op.computed(builder, operands)
    except TypeRuleError:
        return False  # It is for integers, or for complex numbers.
    return sign_of(result, dict(zip(operands, signs, strict=True))) is Sign.POSITIVE


_REAL = parse_type("f64[]")


def number_like(builder: Builder, x: Value, number: float) -> Value:
    """A number of the dtype and rank of `x`, each axis of size 1."""
    array = x.type.dtype.numpy.type(number)
    return builder.constant(array.reshape((1,) * x.rank))


def _reduced(term: Variable, operand: TensorVariable) -> Variable:
    return sum_to_pattern(term, operand) if is_tensor(term) else term


def _numbers_as_unsigned(operands: Sequence[TensorVariable]) -> list[TensorVariable]:
    """Beside uint64, numbers that are not negative as uint64 too: `x << 1` is defined, as in NumPy.

    They have a signed dtype only because it is the smallest.
    """
    if all(operand.dtype != "uint64" for operand in operands):
        return list(operands)
    return [
        constant(operand.data, dtype="uint64")
        if isinstance(operand, TensorConstant)
        and is_discrete(operand.dtype)
        and operand.ndim == 0
        and operand.data >= 0
        else operand
        for operand in operands
    ]
